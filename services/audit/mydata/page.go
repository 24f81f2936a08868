package mydata

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"kith/pkg/es"
)

//go:embed page.tmpl words/*.json
var files embed.FS

const fallbackLanguage = "en"

// words are the texts of the page in one language, by key: "event.<type>",
// "field.<name>", "code.<value>", "part.<name>" and those of the page itself. Auditors
// read them in the portal too, with "stream.<aggregate>" and, where a word is only
// right for the person, "log." before its key.
type words map[string]string

// wordsIn reads the words of a language (BCP 47), English where there are none.
func wordsIn(language string) (words, error) {
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	data, err := files.ReadFile("words/" + base + ".json")
	if err != nil {
		if data, err = files.ReadFile("words/" + fallbackLanguage + ".json"); err != nil {
			return nil, err
		}
	}
	w := words{}
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, fmt.Errorf("words in %s: %w", language, err)
	}
	return w, nil
}

// of is the word for name, the name itself where there is none.
func (w words) of(kind, name string) string {
	if word, ok := w[kind+"."+name]; ok {
		return word
	}
	return name
}

// field is a line of the page: a text, or fields of its own.
type field struct {
	Label   string
	Text    string
	Written bool // by somebody: lines are kept
	Fields  []field
}

// section is a part of the archive on the page.
type section struct {
	ID, Title string
	Count     int
}

// printer writes the page.
type printer struct {
	to     io.Writer
	t      *template.Template
	words  words
	names  *names
	person string // the reader
	err    error  // the first
}

func (p *printer) print(name string, data any) {
	if p.err == nil {
		p.err = p.t.ExecuteTemplate(p.to, name, data)
	}
}

// page writes what the JSON says for reading, in the person's language.
func (a *Archive) page(ctx context.Context, to io.Writer, h head, now present) error {
	known, _ := a.w.Access.Person(a.person)
	w, err := wordsIn(known.Language)
	if err != nil {
		return err
	}
	t, err := template.ParseFS(files, "page.tmpl")
	if err != nil {
		return err
	}
	p := &printer{to: to, t: t, words: w, names: &a.names, person: a.person}
	sections := make([]section, len(parts))
	for i, part := range parts {
		sections[i] = section{ID: part, Title: w.of("part", part), Count: len(a.found[part])}
	}
	p.print("begin", map[string]any{
		"Language": w["language"], "Title": w["title"], "Intro": w["intro"], "Now": w["now"], "Parts": sections, "Present": p.present(now),
		"Facts": []field{
			{Label: w["made"], Text: p.time(h.Made)}, {Label: w["person"], Text: h.Person},
			{Label: w["through"], Text: strconv.FormatUint(h.Through, 10)}, {Label: w["events"], Text: strconv.Itoa(h.Events)},
		},
	})
	for _, s := range sections {
		p.print("part", s)
		if err := a.each(ctx, a.found[s.ID], func(r es.Recorded) error {
			e, err := a.entry(ctx, r)
			if err != nil {
				return err
			}
			p.entry(e)
			return p.err
		}); err != nil {
			return err
		}
		p.print("done", nil)
	}
	p.print("end", nil)
	return p.err
}

func (p *printer) present(now present) []field {
	fields := append(p.fields("", now.Identity), p.fields("", now.Profile)...)
	for _, role := range now.Roles {
		fields = append(fields, field{Label: p.words.of("field", "role"), Text: p.words.of("code", role)})
	}
	for _, m := range now.Memberships {
		fields = append(fields, field{Label: p.words.of("field", "membership"), Text: p.plain("", m.Community) + ": " + p.words.of("code", string(m.Role))})
	}
	return fields
}

func (p *printer) entry(e entry) {
	when := p.time(e.Time)
	if !e.Occurred.IsZero() {
		when = p.time(e.Occurred) + " (" + p.words["imported"] + " " + when + ")"
	}
	var about []field
	for _, f := range []struct{ label, value string }{{"by", e.By}, {"concerns", e.ID}, {"reason_code", e.Reason}} {
		if f.value != "" && (f.label != "concerns" || f.value != p.person) {
			about = append(about, field{Label: p.words.of("field", f.label), Text: p.plain(f.label, f.value)})
		}
	}
	var missing []string
	for _, path := range e.Erased {
		missing = append(missing, p.words.of("field", last(path))+": "+p.words["erased"])
	}
	for _, path := range e.Withheld {
		missing = append(missing, p.words.of("field", last(path))+": "+p.words["withheld"])
	}
	if e.Unreadable {
		missing = append(missing, p.words["unreadable"])
	}
	p.print("entry", map[string]any{
		"Title": p.words.of("event", e.Type), "When": when + " · " + p.words["position"] + " " + strconv.FormatUint(e.Seq, 10),
		"Fields": append(about, p.fields("", e.Data)...), "Missing": missing,
	})
}

// last is the name at the end of a path.
func last(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// fields are the lines for data, in the order of its names. Under is the name
// of what data stands under.
func (p *printer) fields(under string, data map[string]any) []field {
	var fields []field
	for _, name := range slices.Sorted(maps.Keys(data)) {
		of := name
		if coded[under] { // its names are free: fields of the profile
			of = under
		}
		f := p.field(of, data[name])
		f.Label = p.words.of("field", last(name))
		fields = append(fields, f)
	}
	return fields
}

// field is the line for what stands under a name, without its label.
func (p *printer) field(name string, v any) (f field) {
	switch v := v.(type) {
	case written:
		f.Text, f.Written = string(v), true
	case string:
		f.Text = p.plain(name, v)
	case bool:
		f.Text = p.words.of("code", strconv.FormatBool(v))
	case map[string]any:
		f.Fields = p.fields(name, v)
	case []any:
		var line []string
		for i, one := range v {
			part := p.field(name, one)
			if part.Fields == nil {
				line = append(line, part.Text)
				continue
			}
			part.Label = strconv.Itoa(i + 1)
			f.Fields = append(f.Fields, part)
		}
		f.Text = strings.Join(line, ", ")
	default:
		f.Text = fmt.Sprint(v)
	}
	return f
}

// coded are the fields whose values are codes.
var coded = map[string]bool{
	"availability": true, "cause": true, "channel": true, "code": true, "from": true, "joining": true, "kind": true,
	"language": true, "languages": true, "purpose": true, "reason_code": true, "role": true, "scope": true, "to": true,
	"via": true, "visibility": true,
}

// plain is the value of a field: what an id is called, the word for a code, a
// time to be read, or the value itself.
func (p *printer) plain(name, v string) string {
	if n, ok := p.names.People[v]; ok {
		switch {
		case v == p.person:
			return p.words["you"]
		case n.Former:
			return p.words["former"]
		}
		return n.Name
	}
	if name, ok := p.names.Communities[v]; ok {
		return name
	}
	if name, ok := p.names.Units[v]; ok {
		return name
	}
	if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
		return p.time(t)
	}
	switch {
	case byReactor(v):
		return p.words["system"]
	case coded[name]:
		return p.words.of("code", v)
	}
	return v
}

func (p *printer) time(t time.Time) string {
	return t.UTC().Format(p.words["time"]) + " UTC"
}
