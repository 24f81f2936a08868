package text_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kith/pkg/text"
)

// corpus is what is used in a few texts.
type corpus struct {
	*text.Compounds
	analyser *text.Analyser
	count    map[string]int
}

func newCorpus(language string, texts ...string) corpus {
	a := text.NewAnalyser()
	c := corpus{text.NewCompounds(a), a, map[string]int{}}
	for _, words := range texts {
		for _, t := range a.Terms(language, text.Field{Text: words, Weight: 1}) {
			c.Add(t.Text)
			c.count[t.Text]++
		}
	}
	return c
}

// ask is what the words of a question are related to, in the stems of a text.
func (c corpus) ask(language, question string) map[string]float64 {
	out := map[string]float64{}
	terms := c.analyser.Terms(language, text.Field{Text: question, Weight: 1})
	asked := map[string]int{}
	for _, t := range terms {
		asked[t.Text] = 1
	}
	for _, t := range terms {
		for _, r := range c.Related(language, t.Text, func(term string) int { return max(c.count[term], asked[term]) }) {
			out[r.Term] += r.Share
		}
	}
	return out
}

func TestCompounds(t *testing.T) {
	for _, c := range []struct{ language, text, question string }{
		{"de", "Vergaberecht", "Recht der Vergabe"},
		{"de", "Recht der Vergabe", "Vergaberecht"},
		{"de", "Brandschutz", "Wer ist Brandschutzbeauftragter?"},
		{"de", "Brandschutzbeauftragter", "Brandschutz"},
		{"de", "Antrag auf eine Dienstreise", "Dienstreiseantrag"},
		{"de", "Dienstreiseantrag", "Antrag Dienstreise"},
		{"de", "Verwaltungsrecht", "Recht der Verwaltung"},
		{"de", "Gesundheitsamt", "das Amt für Gesundheit"},
		{"de", "Arbeitszeiterfassung", "Erfassung der Arbeitszeit"},
		{"de", "Zeit, Arbeit, Erfassung", "Arbeitszeiterfassung"},
		{"de", "Ärztekammer", "die Kammer der Ärzte"},
		{"de", "Straßenbau", "Bau einer Strasse"},
		{"de", "Krankenhäuser", "kranke im Haus"},
		{"de", "Büroeinrichtung", "Einrichtung eines Büros"},
		{"de", "Brandschutz-Beauftragte", "Brandschutzbeauftragte"},
		{"da", "arbejdsmiljøudvalg", "arbejdsmiljø"},
		{"da", "arbejdsmiljø", "arbejdsmiljøudvalg"},
		{"da", "udvalget for miljø", "miljøudvalg"},
		{"da", "sagsbehandling", "behandling af en sag"},
		{"da", "rejse i tjeneste", "tjenesterejse"},
		{"da", "ledelsesudvikling", "udvikling af ledelse"},
		{"da", "dataansvarlig", "ansvarlig for data"},
	} {
		got := newCorpus(c.language, c.text).ask(c.language, c.question)
		if len(got) == 0 {
			t.Errorf("%s: %q does not find %q", c.language, c.question, c.text)
		}
		for term, share := range got {
			if share <= 0 || share >= 1 {
				t.Errorf("%s: %q finds %q by %v", c.language, c.question, term, share)
			}
		}
	}
}

// What only looks like a compound is none.
func TestNoCompounds(t *testing.T) {
	for _, c := range []struct{ language, text, question string }{
		{"de", "Verein", "Vereinbarung"},
		{"de", "Handschuh Handschuh", "Schuh"},
		{"de", "Antrag", "Rag"},
		{"de", "Lage und Anlage", "Rat"},
		{"de", "Stand", "Standard"},
		{"en", "data base", "database"},
		{"en", "database", "data base"},
		{"fr", "bateau mouche", "bateaumouche"},
	} {
		if got := newCorpus(c.language, c.text).ask(c.language, c.question); len(got) > 0 {
			t.Errorf("%s: %q finds %q by %v", c.language, c.question, c.text, got)
		}
	}
}

// What is used more often than its parts is no compound any more.
func TestCompoundsByUse(t *testing.T) {
	texts := slices.Repeat([]string{"Handschuh"}, 5)
	if got := newCorpus("de", append(texts, "Hand", "Schuh")...).ask("de", "Handschuh"); len(got) > 0 {
		t.Errorf("found %v", got)
	}
	if got := newCorpus("de", "Handschuh", "Hand", "Schuh").ask("de", "Handschuh"); len(got) != 2 {
		t.Errorf("found %v", got)
	}
}

// The order in which terms come, and terms that are not in use, change nothing.
func TestCompoundsLaws(t *testing.T) {
	part := rapid.SampledFrom(strings.Fields("vergab recht dienst reis antrag brandschutz verwalt ungs s e amt ärzt miljø 7"))
	word := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(part, 1, 4).Draw(t, "parts"), "") })
	rapid.Check(t, func(t *rapid.T) {
		seen := rapid.SliceOfDistinct(word, rapid.ID).Draw(t, "seen")
		hidden := rapid.SliceOf(word).Draw(t, "hidden")
		uses := map[string]int{}
		a := text.NewAnalyser()
		one, other := text.NewCompounds(a), text.NewCompounds(a)
		for _, w := range seen {
			uses[w] = rapid.IntRange(1, 9).Draw(t, "uses")
			one.Add(w)
		}
		for _, w := range rapid.Permutation(append(slices.Clone(seen), hidden...)).Draw(t, "order") {
			other.Add(w)
		}
		language, term := rapid.SampledFrom([]string{"de", "da"}).Draw(t, "language"), word.Draw(t, "term")
		count := func(term string) int { return uses[term] }
		got, want := other.Related(language, term, count), one.Related(language, term, count)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%q is related to %v, want %v", term, got, want)
		}
		for _, r := range got {
			if r.Term == term || r.Share <= 0 || r.Share >= 1 || uses[r.Term] == 0 {
				t.Fatalf("%q is related to %v", term, r)
			}
		}
	})
}

func FuzzRelated(f *testing.F) {
	f.Add("de", "dienstreiseantrag", "dienstreise antrag")
	f.Add("da", "\xff\xfe", "ø")
	f.Fuzz(func(t *testing.T, language, term, others string) {
		c := text.NewCompounds(text.NewAnalyser())
		for w := range strings.FieldsSeq(others) {
			c.Add(w)
		}
		if got := c.Related(language, term, func(string) int { return 1 }); len(got) > 8 {
			t.Fatalf("%d are related", len(got))
		}
	})
}
