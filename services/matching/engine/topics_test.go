package engine_test

import (
	"slices"
	"testing"

	"kith/services/matching/engine"
)

// A line is found by the parts of its compounds and by compounds of its words,
// after what is asked for itself.
func TestCompoundsInLines(t *testing.T) {
	for _, c := range []struct{ language, question, exact, near string }{
		{"de", "Vergaberecht", "Vergaberecht", "Recht der Vergabe"},
		{"de", "Recht der Vergabe", "Recht und Vergabe", "Vergaberecht"},
		{"de", "Wer ist hier Brandschutzbeauftragter?", "Brandschutzbeauftragte", "Brandschutz"},
		{"da", "arbejdsmiljø", "arbejdsmiljøet", "arbejdsmiljøudvalg"},
	} {
		w := newWorld()
		w.topics("near", c.near)
		w.topics("exact", c.exact)
		w.topics("other", "Heizung")
		ranked := w.Rank(engine.Ask{Asker: "a2", Language: c.language, Terms: w.termsIn(c.language, c.question), At: now}, rules(), people())
		if got := names(ranked); !slices.Equal(got, []string{"exact", "near"}) {
			t.Errorf("%q finds the profiles of %q", c.question, got)
		}
	}
}

// A profile that was changed is not found by the parts of what it said before.
func TestCompoundsOfOldLines(t *testing.T) {
	w := newWorld()
	w.topics("b1", "Vergaberecht")
	w.topics("b1", "Heizung")
	got := w.Rank(engine.Ask{Asker: "a2", Language: "de", Terms: w.termsIn("de", "Recht der Vergabe"), At: now}, rules(), people())
	if len(got) != 0 {
		t.Errorf("found %q", names(got))
	}
}
