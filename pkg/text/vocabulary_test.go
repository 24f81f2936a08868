package text_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kith/pkg/text"
)

// A vocabulary finds in a text what an analyser finds, whatever it has read before.
func TestVocabularyLaws(t *testing.T) {
	a := text.NewAnalyser()
	v := text.NewVocabulary(a)
	word := rapid.OneOf(
		rapid.SampledFrom(strings.Fields("the und og Häuser Verträge printing PRINTERS husene c++ c# v1.2. a 7 ... the der ikke ich of İstanbul naïve "+strings.Repeat("ß", 50))),
		rapid.String(),
	)
	rapid.Check(t, func(t *rapid.T) {
		tag := rapid.SampledFrom([]string{"", "en", "de-AT", "DA", "fr"}).Draw(t, "tag")
		var fields []text.Field
		var all []string
		for range rapid.IntRange(0, 3).Draw(t, "fields") {
			s := strings.Join(rapid.SliceOfN(word, 0, 60).Draw(t, "text"), " ")
			fields = append(fields, text.Field{Text: s, Weight: rapid.IntRange(1, 200).Draw(t, "weight")})
			all = append(all, s)
		}
		var exact []text.Term
		for _, tag := range rapid.SliceOfNDistinct(word, 0, 2, rapid.ID).Draw(t, "exact") {
			exact = append(exact, text.Term{Text: "#" + tag, Weight: 3})
		}
		wantLanguage := a.Language(tag, strings.Join(all, "\n"))
		want := map[string]uint8{}
		for _, term := range append(a.Terms(wantLanguage, fields...), exact...) {
			want[term.Text] = term.Weight
		}

		language, bag := v.Read(tag, exact, fields...)
		if language != wantLanguage {
			t.Errorf("taken for %s, want %s", language, wantLanguage)
		}
		got, order := map[string]uint8{}, []uint32{}
		c := bag.Terms()
		for term, weight, ok := c.Next(); ok; term, weight, ok = c.Next() {
			got[v.Name(term)] = weight
			order = append(order, term)
		}
		if !maps.Equal(got, want) {
			t.Errorf("%q gives %v, want %v", all, got, want)
		}
		if !slices.IsSorted(order) || len(order) != len(got) || bag.IsZero() != (len(got) == 0) {
			t.Errorf("%v is not a bag", order)
		}
		for term := range got {
			if id, ok := v.Find(term); !ok || v.Name(id) != term {
				t.Errorf("%q has no number", term)
			}
		}
		if _, ok := v.Find("never read"); ok {
			t.Error("what was never read is found")
		}
	})
}
