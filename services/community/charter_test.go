package community

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	events "kith/api/events/community"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/es/estest"
	"kith/pkg/fault"
)

func TestCharterIsRevised(t *testing.T) {
	first := events.CharterRevised{Version: 1, Purpose: "Why we meet", Norms: []string{"we listen"}, Note: by("ada", "first")}
	revise := func(text charterText, version uint64) func(charter) (es.Event, error) {
		return func(c charter) (es.Event, error) { return c.Revise(text, version, by("ada", "first")) }
	}
	t.Run("the first version follows version 0", func(t *testing.T) {
		estest.Given(t, foldCharter).When(revise(charterText{Purpose: " Why we meet ", Norms: []string{" we listen ", " "}}, 0)).Then(first)
	})
	t.Run("an older version is stale", func(t *testing.T) {
		estest.Given(t, foldCharter, first).When(revise(charterText{Purpose: "Other"}, 0)).Fails(fault.Stale)
	})
	t.Run("a version that is not there yet is stale", func(t *testing.T) {
		estest.Given(t, foldCharter, first).When(revise(charterText{Purpose: "Other"}, 2)).Fails(fault.Stale)
	})
	t.Run("the same text is no new version", func(t *testing.T) {
		estest.Given(t, foldCharter, first).When(revise(charterText{Purpose: "Why we meet", Norms: []string{"we listen"}}, 1)).Nothing()
	})
	t.Run("a charter has a purpose", func(t *testing.T) {
		estest.Given(t, foldCharter).When(revise(charterText{Vision: "far"}, 0)).Fails(fault.Invalid)
	})
	t.Run("a stakeholder has an interest", func(t *testing.T) {
		estest.Given(t, foldCharter).When(revise(charterText{Purpose: "p", Stakeholders: []events.Stakeholder{{Name: "HR"}}}, 0)).Fails(fault.Invalid)
	})
	t.Run("the note is not needed", func(t *testing.T) {
		estest.Given(t, foldCharter, first).When(func(c charter) (es.Event, error) {
			return c.Revise(charterText{Purpose: "Other"}, 1, sealed.Text{})
		}).Then(events.CharterRevised{Version: 2, Purpose: "Other"})
	})
}

func TestDiffOfCharters(t *testing.T) {
	t.Run("words are kept, inserted and deleted whole", func(t *testing.T) {
		got := diffWords("we read contracts", "we write contracts")
		want := []piece{{"keep", "we "}, {"delete", "read"}, {"insert", "write"}, {"keep", " contracts"}}
		if len(got) != len(want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("piece %d is %v, want %v", i, got[i], want[i])
			}
		}
	})
	t.Run("equal fields are left out, and lists compare line by line", func(t *testing.T) {
		got := diffCharters(
			charterText{Purpose: "same", Norms: []string{"listen", "answer"}},
			charterText{Purpose: "same", Norms: []string{"listen", "ask", "answer"}})
		if len(got) != 1 || got[0].Field != "norms" {
			t.Fatalf("got %v, want norms alone", got)
		}
		for _, p := range got[0].Pieces {
			if p.Op == "delete" {
				t.Errorf("nothing was deleted, but %q is said to be", p.Text)
			}
		}
	})
	t.Run("long lists compare by whole entries", func(t *testing.T) {
		var from, to []string
		for i := range 30 {
			from = append(from, strings.Repeat(string(rune('a'+i%7))+" ", 249)+"x")
			to = append(to, strings.Repeat(string(rune('a'+i%5))+" ", 249)+"y")
		}
		to[9] = from[9]
		got := diffCharters(charterText{Norms: from}, charterText{Norms: to})[0].Pieces
		var before, after strings.Builder
		for _, p := range got {
			if p.Op != "insert" {
				before.WriteString(p.Text)
			}
			if p.Op != "delete" {
				after.WriteString(p.Text)
			}
			if end := p.Text[len(p.Text)-1]; end != '\n' && end != 'x' && end != 'y' {
				t.Errorf("a piece ends within an entry: %q", p.Text)
			}
		}
		if before.String() != strings.Join(from, "\n") || after.String() != strings.Join(to, "\n") {
			t.Error("the texts cannot be read from the pieces")
		}
	})
	t.Run("both texts can be read from the pieces", func(t *testing.T) {
		word := rapid.StringMatching(`[a-zäß€]{0,3}[ \n]{0,2}`)
		rapid.Check(t, func(t *rapid.T) {
			from := strings.Join(rapid.SliceOfN(word, 0, 40).Draw(t, "from"), "")
			to := strings.Join(rapid.SliceOfN(word, 0, 40).Draw(t, "to"), "")
			var before, after strings.Builder
			for _, p := range diffWords(from, to) {
				if p.Op != "insert" {
					before.WriteString(p.Text)
				}
				if p.Op != "delete" {
					after.WriteString(p.Text)
				}
			}
			if before.String() != from || after.String() != to {
				t.Fatalf("pieces give %q → %q, want %q → %q", before.String(), after.String(), from, to)
			}
		})
	})
}
