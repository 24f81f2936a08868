package text_test

import (
	"slices"
	"testing"

	"kith/pkg/text"
)

func TestAnalyser(t *testing.T) {
	a := text.NewAnalyser()
	for _, c := range []struct{ language, one, other string }{
		{"en", "printers printing", "printer print"},
		{"de", "Verträge mit Häusern", "Vertrag Haus"},
		{"da", "husene", "hus"},
	} {
		one, other := a.Terms(c.language, text.Field{Text: c.one, Weight: 1}), a.Terms(c.language, text.Field{Text: c.other, Weight: 1})
		if len(one) == 0 || !shareAll(other, one) {
			t.Errorf("%s: %q gives %v, %q gives %v", c.language, c.one, one, c.other, other)
		}
	}
	for text, want := range map[string]string{
		"Wie kann ich das nur machen?": "de", "How do I do this?": "en", "Hvordan kan jeg gøre det?": "da", "": "en", "xyzzy": "en",
	} {
		if got := a.Language("", text); got != want {
			t.Errorf("%q is taken for %s", text, got)
		}
	}
	if got := a.Terms("en", text.Field{Text: "C++ and C# in v1.2.", Weight: 1}); len(got) != 3 {
		t.Errorf("got %v", got)
	}
}

func shareAll(want, have []text.Term) bool {
	for _, w := range want {
		if !slices.ContainsFunc(have, func(h text.Term) bool { return h.Text == w.Text }) {
			return false
		}
	}
	return true
}
