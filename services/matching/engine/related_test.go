package engine_test

import (
	"fmt"
	"slices"
	"testing"

	"kith/services/matching/engine"
)

// Parts find compounds and compounds their parts, after what is asked for itself.
func TestCompoundsAreFound(t *testing.T) {
	for _, c := range []struct{ language, question, exact, near string }{
		{"de", "Vergaberecht", "Vergaberecht", "Recht der Vergabe"},
		{"de", "Recht der Vergabe", "Recht und Vergabe", "Vergaberecht"},
		{"de", "Antrag auf eine Dienstreise", "Antrag wegen Dienstreise", "Dienstreiseantrag"},
		{"de", "Brandschutzbeauftragter", "Brandschutzbeauftragte", "Brandschutz"},
		{"da", "arbejdsmiljø", "arbejdsmiljøet", "arbejdsmiljøudvalg"},
		{"da", "arbejdsmiljøudvalg", "arbejdsmiljøudvalget", "arbejdsmiljø"},
	} {
		w := newWorld()
		raise := func(id, words string) {
			w.Raise(engine.Request{ID: id, Asker: "a1", Kind: "information", Language: c.language, Words: w.said(c.language, words)})
			w.answered(id, "for-"+id)
		}
		raise("near", c.near)
		raise("exact", c.exact)
		raise("other", "Heizung Laptop Zebra")
		terms := w.termsIn(c.language, c.question)
		if got := fmt.Sprint(requests(w.Similar(c.language, terms, nil, "", 5, nil, all))); got != "[exact near]" {
			t.Errorf("%q finds %s, not what has %q and then what has %q", c.question, got, c.exact, c.near)
		}
		ranked := w.Rank(engine.Ask{Asker: "a2", Language: c.language, Terms: terms, At: now}, rules(), people())
		if got := names(ranked)[:2]; !slices.Equal(got, []string{"for-exact", "for-near"}) {
			t.Errorf("%q finds %q", c.question, got)
		}
	}
}
