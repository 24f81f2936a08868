package membership_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"kith/pkg/app/apptest"
)

const (
	units  = "id,parent_id,name,kind\n"
	people = "external_id,name,email,unit_id,site,language,active\n"
)

var csvBody = apptest.Header("Content-Type", "text/csv")

// imported sends a file and returns the last line of the answer.
func (o *organisation) imported(path, file string) map[string]any {
	o.t.Helper()
	r := o.Must(200, o.admin, "POST", base+"/imports/"+path, file, csvBody)
	lines := strings.Split(strings.TrimSpace(string(r.Body)), "\n")
	var last map[string]any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		o.t.Fatalf("%v in %s", err, r.Body)
	}
	return last
}

// counts are the given counts of an import's last line.
func counts(last map[string]any, names ...string) string {
	var out []string
	for _, n := range names {
		out = append(out, fmt.Sprint(last[n]))
	}
	return strings.Join(out, " ")
}

func TestImportUnits(t *testing.T) {
	o := start(t)
	file := units + "3,2,Team,team\n1,,House,organisation\n2,1,\"Law, and order\",department\n"
	t.Run("parents may come after children", func(t *testing.T) {
		if got := counts(o.imported("units", file), "created", "changed", "unchanged"); got != "3 0 0" {
			t.Errorf("counts are %s", got)
		}
		three, _ := o.App.Core.Access.UnitByCode("3")
		two, _ := o.App.Core.Access.Unit(three.Parent)
		if two.Name != "Law, and order" {
			t.Errorf("parent is %+v", two)
		}
	})
	t.Run("the same file again appends nothing", func(t *testing.T) {
		before := o.last()
		if got := counts(o.imported("units", "\ufeff"+strings.ReplaceAll(file, "\n", "\r\n")), "created", "changed", "unchanged"); got != "0 0 3" || o.last() != before {
			t.Errorf("counts are %s", got)
		}
	})
	t.Run("semicolons and another order of columns", func(t *testing.T) {
		if got := counts(o.imported("units", "name;kind;id;parent_id\nHaus;organisation;1;\n"), "created", "changed"); got != "0 1" {
			t.Errorf("counts are %s", got)
		}
	})
	for _, c := range []struct{ rule, file, field, words string }{
		{"cycles", units + "8,9,A,team\n9,8,B,team\n", "parent_id", "cycle"},
		{"a cycle through units that exist", units + "1,3,House,organisation\n", "parent_id", "cycle"},
		{"itself as parent", units + "8,8,A,team\n", "parent_id", "cycle"},
		{"unknown parents", units + "8,77,A,team\n", "parent_id", "no unit"},
		{"unknown kinds", units + "8,,A,fief\n", "kind", "department"},
		{"an id twice", units + "8,,A,team\n8,,B,team\n", "id", "line 2"},
		{"no id", units + ",,A,team\n", "id", "empty"},
	} {
		t.Run("refused: "+c.rule, func(t *testing.T) {
			before := o.last()
			r := o.Do(o.admin, "POST", base+"/imports/units", c.file, csvBody)
			o.refused(r, 422, c.words)
			if !strings.Contains(string(r.Body), `"field":"`+c.field+`"`) || o.last() != before {
				t.Errorf("answered %s, or something was written", r.Body)
			}
		})
	}
}

func TestImportPeople(t *testing.T) {
	o := start(t)
	o.imported("units", units+"1,,House,organisation\n2,1,Law,department\n")
	file := people + "1,Ada,ada@x.org,1,Bonn,en,true\n2,Bob,bob@x.org,2,,de,true\n3,Cid,,,,,yes\n"
	t.Run("people are created and can sign in", func(t *testing.T) {
		if got := counts(o.imported("people?dry_run=true", file), "created", "unchanged", "dry_run"); got != "3 0 true" {
			t.Errorf("the dry run counts %s", got)
		}
		if _, ok := o.logins.ByLogin("ada@x.org"); ok {
			t.Error("the dry run wrote something")
		}
		if got := counts(o.imported("people", file), "created", "unchanged"); got != "3 0" {
			t.Errorf("counts are %s", got)
		}
		if id, ok := o.logins.ByLogin("ADA@x.org"); !ok || !o.logins.Active(id) {
			t.Error("Ada cannot sign in")
		}
	})
	t.Run("the same file again appends nothing", func(t *testing.T) {
		before := o.last()
		if got := counts(o.imported("people", file), "created", "changed", "moved", "unchanged"); got != "0 0 0 3" || o.last() != before {
			t.Errorf("counts are %s", got)
		}
	})
	t.Run("what differs is changed", func(t *testing.T) {
		changed := people + "1,Ada Lovelace,countess@x.org,2,Bonn,en,true\n2,Bob,bob@x.org,2,,de,false\n"
		if got := counts(o.imported("people", changed), "created", "changed", "moved", "deactivated", "unchanged"); got != "0 1 1 1 0" {
			t.Errorf("counts are %s", got)
		}
		if _, ok := o.logins.ByLogin("ada@x.org"); ok {
			t.Error("the old address still leads to Ada")
		}
		if _, ok := o.logins.ByLogin("countess@x.org"); !ok {
			t.Error("the new address leads to nobody")
		}
		if got := counts(o.imported("people", strings.Replace(changed, "false", "true", 1)), "reactivated", "unchanged"); got != "1 1" {
			t.Errorf("counts are %s", got)
		}
	})
	t.Run("who has chosen a language keeps it, whatever the files say", func(t *testing.T) {
		bob, _ := o.logins.ByLogin("bob@x.org")
		o.Must(204, bob, "PUT", base+"/me/settings", map[string]string{"language": "en"})
		if got := counts(o.imported("people", people+"2,Bob,bob@x.org,2,,da,true\n"), "changed", "unchanged"); got != "1 0" {
			t.Errorf("counts are %s", got)
		}
		if p, _ := o.App.Core.Access.Person(bob); p.Language != "en" {
			t.Errorf("pages speak %q", p.Language)
		}
		var me struct{ Settings struct{ Language string } }
		if err := o.Must(200, bob, "GET", base+"/me", nil).JSON(&me); err != nil || me.Settings.Language != "en" {
			t.Errorf("settings are %+v, %v", me, err)
		}
		before := o.last()
		o.Must(204, bob, "PUT", base+"/me/settings", map[string]string{"language": "en"})
		if o.last() != before {
			t.Error("the same choice again is an event")
		}
		o.refused(o.Do(bob, "PUT", base+"/me/settings", map[string]string{"language": "xx"}), 422, "language")
	})
	t.Run("somebody known by address gets their number", func(t *testing.T) {
		row := people + "9,The Root,root@example.org,1,,en,true\n"
		if got := counts(o.imported("people", row), "created", "changed", "moved"); got != "0 1 1" {
			t.Errorf("counts are %s", got)
		}
		if id, _ := o.logins.ByLogin("root@example.org"); id != o.admin {
			t.Error("the administrator is somebody else now")
		}
		before := o.last()
		if got := counts(o.imported("people", row), "unchanged"); got != "1" || o.last() != before {
			t.Errorf("again: %s", got)
		}
	})
	t.Run("full deactivates who is missing, with confirmation above 5 %", func(t *testing.T) {
		part := people + "9,The Root,root@example.org,1,,en,true\n"
		before := o.last()
		r := o.Do(o.admin, "POST", base+"/imports/people?full=true", part, csvBody)
		o.refused(r, 422, "3 of 5 active people")
		if o.last() != before {
			t.Error("something was written")
		}
		if got := counts(o.imported("people?full=true&confirm=true", part), "deactivated", "unchanged"); got != "3 1" {
			t.Errorf("counts are %s", got)
		}
		if !o.logins.Active(o.auditor) {
			t.Error("somebody who never came from a file was deactivated")
		}
	})
	t.Run("auditors are deactivated by the configuration alone", func(t *testing.T) {
		part := people + "9,The Root,root@example.org,1,,en,true\n"
		eye := "10,The Eye,eye@example.org,1,,en,true\n"
		o.imported("people?full=true&confirm=true", part+eye)
		o.refused(o.Do(o.admin, "POST", base+"/imports/people", part+strings.Replace(eye, "true", "false", 1), csvBody), 422, "configuration")
		o.imported("people?full=true&confirm=true", part)
		if !o.logins.Active(o.auditor) {
			t.Error("the auditor is not active any more")
		}
	})
}

// foretold sends a file for a dry run and returns its lines, and the counts.
func (o *organisation) foretold(path, file string) (lines []map[string]any, last map[string]any) {
	o.t.Helper()
	before := o.last()
	r := o.Must(200, o.admin, "POST", base+"/imports/"+path, file, csvBody)
	for line := range strings.Lines(string(r.Body)) {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			o.t.Fatalf("%v in %s", err, line)
		}
		lines = append(lines, l)
	}
	if o.last() != before {
		o.t.Error("the dry run wrote something")
	}
	return lines[:len(lines)-1], lines[len(lines)-1]
}

// said is the lines of a dry run in short.
func said(lines []map[string]any) string {
	var out []string
	for _, l := range lines {
		one := fmt.Sprint(l["line"], " ", l["name"], " ", l["does"])
		for _, c := range asList(l["changes"]) {
			one += fmt.Sprint(" ", c["field"], ":", c["from"], ">", c["to"])
		}
		for _, p := range asList(l["problems"]) {
			one += fmt.Sprint(" ", p["field"], ":", p["code"])
			if p["number"] != nil {
				one += fmt.Sprint(":", p["number"])
			}
		}
		out = append(out, one)
	}
	return strings.Join(out, "\n")
}

func asList(v any) (out []map[string]any) {
	items, _ := v.([]any)
	for _, i := range items {
		m, _ := i.(map[string]any)
		out = append(out, m)
	}
	return out
}

func TestDryRun(t *testing.T) {
	o := start(t)
	o.imported("units", units+"1,,House,organisation\n2,1,Law,department\n")
	o.imported("people", people+"1,Ada,ada@x.org,1,Bonn,en,true\n2,Bob,bob@x.org,2,,de,true\n3,Cid,,,,,yes\n4,Dan,,1,,,no\n")
	file := people + "1,Ada L,ada@x.org,2,Bonn,en,true\n2,Bob,bob@x.org,2,,de,false\n3,Cid,,,,,yes\n5,Eve,eve@x.org,1,,en,true\n"
	check := func(t *testing.T, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("said\n%s\nnot\n%s", got, want)
		}
	}
	t.Run("each line says what would happen", func(t *testing.T) {
		lines, last := o.foretold("people?dry_run=true&show=all", file)
		check(t, said(lines), "2 Ada L [changed moved] name:Ada>Ada L unit_id:1>2\n3 Bob [deactivated]\n4 Cid [unchanged]\n5 Eve [created]")
		check(t, counts(last, "created", "changed", "moved", "deactivated", "unchanged", "wrong", "dry_run"), "1 1 1 1 1 0 true")
	})
	t.Run("units too, in the order of lines", func(t *testing.T) {
		lines, last := o.foretold("units?dry_run=true&show=all", units+"3,2,Team,team\n1,,Haus,organisation\n2,,Law,department\n")
		check(t, said(lines), "2 Team [created]\n3 Haus [changed] name:House>Haus\n4 Law [changed] parent_id:1>")
		check(t, counts(last, "created", "changed", "unchanged"), "1 2 0")
	})
	t.Run("what is left alone is shown to those who ask for all", func(t *testing.T) {
		for show, want := range map[string]int{"": 3, "&show=changes": 3, "&show=errors": 0, "&show=all": 4} {
			if lines, _ := o.foretold("people?dry_run=true"+show, file); len(lines) != want {
				t.Errorf("%q has %d lines", show, len(lines))
			}
		}
	})
	t.Run("lines come in parts", func(t *testing.T) {
		first, last := o.foretold("people?dry_run=true&show=all&lines=3", file)
		check(t, counts(last, "next", "unchanged"), "3 1")
		second, last := o.foretold("people?dry_run=true&show=all&lines=3&skip=3", file)
		if len(first) != 3 || len(second) != 1 || last["next"] != nil {
			t.Errorf("parts have %d and %d lines, then %v", len(first), len(second), last["next"])
		}
		if beyond, _ := o.foretold("people?dry_run=true&skip=900", file); len(beyond) != 0 {
			t.Errorf("there are %d lines beyond the last", len(beyond))
		}
		o.refused(o.Do(o.admin, "POST", base+"/imports/people?dry_run=true&lines=20001", file, csvBody), 422, "lines")
	})
	t.Run("wrong lines are among the others, with reasons", func(t *testing.T) {
		bad := people + "1,,ada@x.org,99,Bonn,en,true\n1,Bob,bob@x.org,2,,de,perhaps\n9\n3," + strings.Repeat("x", 201) + ",,,,,yes\n6,Fay,ada at x,,,,yes\n"
		lines, last := o.foretold("people?dry_run=true&full=true&show=errors", bad)
		check(t, said(lines[:3]), "2 <nil> [wrong] name:empty unit_id:no-unit\n3 Bob [wrong] active:active external_id:twice:2 email:other-person\n4 <nil> [wrong] line:columns:7")
		check(t, counts(last, "wrong", "problems_total", "created", "deactivated", "unchanged"), "5 8 0 0 0")
		if p := asList(lines[3]["problems"]); len(p) != 1 || p[0]["code"] != "too-long" || len([]rune(fmt.Sprint(lines[3]["name"]))) > 200 {
			t.Errorf("a long name is %v", lines[3])
		}
	})
	t.Run("wrong units", func(t *testing.T) {
		lines, _ := o.foretold("units?dry_run=true", units+"8,9,A,team\n9,8,B,team\n7,77,C,fief\n")
		check(t, said(lines), "2 A [wrong] parent_id:cycle\n3 B [wrong] parent_id:cycle\n4 C [wrong] kind:kind parent_id:no-parent")
	})
	t.Run("a full file names who is missing, and what needs confirmation", func(t *testing.T) {
		lines, last := o.foretold("people?dry_run=true&full=true", people+"1,Ada,ada@x.org,1,Bonn,en,true\n")
		check(t, said(lines), "<nil> Bob [deactivated]\n<nil> Cid [deactivated]")
		check(t, counts(last, "deactivated", "confirm_needed", "unchanged"), "2 true 1")
	})
	t.Run("files that cannot be read at all are refused", func(t *testing.T) {
		o.refused(o.Do(o.admin, "POST", base+"/imports/people?dry_run=true", "name\nx\n", csvBody), 422, "header")
	})
	t.Run("only administrators", func(t *testing.T) {
		o.refused(o.Do(o.auditor, "POST", base+"/imports/people?dry_run=true", file, csvBody), 403, "administrator")
	})
}

func TestHostileFiles(t *testing.T) {
	o := start(t)
	o.imported("units", units+"1,,House,organisation\n")
	o.person("Taken")
	o.imported("people", people+"50,Old,old@x.org,1,,en,true\n")
	row := "1,Ada,ada@x.org,1,Bonn,en,true\n"
	for _, c := range []struct {
		rule, file, field, words string
		line                     int
	}{
		{"Latin-1", people + row + "2,J\xfcrgen,j@x.org,1,,de,true\n", "encoding", "UTF-8", 3},
		{"UTF-16", "\xff\xfee\x00x\x00\n\x00", "encoding", "UTF-8", 1},
		{"an empty file", "\ufeff", "body", "empty", 0},
		{"a missing column", "external_id,name,email,unit_id,site,language\n", "active", "missing", 1},
		{"an unknown column", strings.TrimSpace(people) + ",grade\n", "grade", "no such column", 1},
		{"a column twice", strings.TrimSpace(people) + ",name\n", "name", "twice", 1},
		{"too few columns", people + row + "2,Bob\n", "line", "2 columns, not 7", 3},
		{"too many columns", people + "2,Bob,b@x.org,1,,en,true,x\n", "line", "8 columns, not 7", 2},
		{"an open quote", people + "2,\"Bob,b@x.org,1,,en,true\n", "line", "quotes", 2},
		{"a number twice", people + row + "1,Bob,b@x.org,1,,en,true\n", "external_id", "line 2", 3},
		{"an address twice, whatever the case", people + row + "2,Bob,ADA@x.org,1,,en,true\n", "email", "line 2", 3},
		{"another person's address", people + "2,Bob,old@x.org,1,,en,true\n", "email", "another person", 2},
		{"no address", people + "2,Bob,bob at home,1,,en,true\n", "email", "not an e-mail", 2},
		{"an address with a name", people + "2,Bob,Bob <b@x.org>,1,,en,true\n", "email", "not an e-mail", 2},
		{"an unknown unit", people + "2,Bob,b@x.org,99,,en,true\n", "unit_id", "no unit", 2},
		{"an unknown language", people + "2,Bob,b@x.org,1,,klingon,true\n", "language", "language tag", 2},
		{"neither active nor not", people + "2,Bob,b@x.org,1,,en,maybe\n", "active", "true or false", 2},
		{"no name", people + "2, ,b@x.org,1,,en,true\n", "name", "empty", 2},
		{"a long name", people + "2," + strings.Repeat("ä", 201) + ",b@x.org,1,,en,true\n", "name", "at most 200", 2},
		{"control characters", people + "2,\"Bob\x00\",b@x.org,1,,en,true\n", "name", "control", 2},
		{"a line break within", people + "2,\"Bob\nBad\",b@x.org,1,,en,true\n", "name", "line breaks", 2},
	} {
		t.Run("refused: "+c.rule, func(t *testing.T) {
			before := o.last()
			r := o.Do(o.admin, "POST", base+"/imports/people", c.file, csvBody)
			var p struct {
				Fields []struct {
					Field, Reason string
					Line          int
				}
			}
			o.json(r, &p)
			if r.Status != 422 || len(p.Fields) == 0 {
				t.Fatalf("answered %d %s", r.Status, r.Body)
			}
			f := p.Fields[0]
			if f.Field != c.field || !strings.Contains(f.Reason, c.words) || f.Line != c.line {
				t.Errorf("first problem is %+v", f)
			}
			if o.last() != before {
				t.Error("something was written")
			}
		})
	}
	t.Run("every bad line is reported, up to 1000, and all are counted", func(t *testing.T) {
		var b strings.Builder
		b.WriteString(people)
		for i := range 1500 {
			fmt.Fprintf(&b, "%d,P,p%d@x.org,1,,en,perhaps\n", i, i)
		}
		r := o.Do(o.admin, "POST", base+"/imports/people", b.String(), csvBody)
		o.refused(r, 422, "1500 things")
		if n := strings.Count(string(r.Body), `"line":`); n != 1000 {
			t.Errorf("%d lines are listed", n)
		}
	})
	t.Run("only administrators import", func(t *testing.T) {
		for _, path := range []string{"units", "people"} {
			o.refused(o.Do(o.auditor, "POST", base+"/imports/"+path, people, csvBody), 403, "administrator")
		}
	})
	t.Run("other media types are refused", func(t *testing.T) {
		o.refused(o.Do(o.admin, "POST", base+"/imports/people", people+row), 415, "")
	})
}

func TestImportAuthors(t *testing.T) {
	o := start(t)
	in := map[string]any{"items": []map[string]any{
		{"external_id": "a1", "name": "Ada", "email": "ada@x.org", "language": "en"}, {"external_id": "a2", "name": "Bob"},
	}}
	var first, again page
	o.json(o.Must(200, o.admin, "POST", base+"/imports/authors", in), &first)
	before := o.last()
	o.json(o.Must(200, o.admin, "POST", base+"/imports/authors", in), &again)
	if first.column("created") != "true,true" || again.column("created") != "false,false" || first.column("person") != again.column("person") || o.last() != before {
		t.Errorf("first %v, again %v", first, again)
	}
	if id, _ := o.logins.ByLogin("ada@x.org"); id != first.Items[0]["person"] || !o.logins.Active(id) {
		t.Error("the address does not lead to the author")
	}
	bad := map[string]any{"items": []map[string]any{{"external_id": "a3", "name": "X"}, {"external_id": "a2", "name": "Y", "email": "ada@x.org"}}}
	o.refused(o.Do(o.admin, "POST", base+"/imports/authors", bad), 422, "items.1.email")
	if o.last() != before {
		t.Error("something was written")
	}
	o.refused(o.Do(o.auditor, "POST", base+"/imports/authors", in), 403, "administrator")
}
