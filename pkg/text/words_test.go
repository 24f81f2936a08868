package text_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kith/pkg/text"
)

func TestWords(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"C++ and C# in v1.2.", "c++ and c# in v1.2"},
		{"Strg+C, a+b, #5, notepad++", "strg c a b 5 notepad"},
		{"node.js / Node JS", "node js node js"},
		{"§ 34 SGB VIII, §8a", "34 sgb viii 8a"},
		{"ORA-00942: table", "ora 00942 table"},
		{"bericht.xlsx fehlt.Wieso?", "bericht xlsx fehlt wieso"},
		{"1.000,50 € am 3.4.2026", "1.000,50 am 3.4.2026"},
		{"E-Mail Email e mail e‑mail E–Mail", "email email email email email"},
		{"E-Rechnung eRechnung", "erechnung erechnung"},
		{"pane e vino, dose-mail", "pane e vino dose mail"},
		{"Mitarbeiter:innen Mitarbeiter*in", "mitarbeiter innen mitarbeiter in"},
		{"A\u0308rzte U\u0308BER", "ärzte über"},
		{"Ver\u00adga\u00adbe\u200brecht", "vergaberecht"},
		{"ﬁnden Ｆｕｌｌ m² №", "finden full m2 no"},
		{strings.Repeat("ß", 50), strings.Repeat("ß", 40)},
		{"... \xff\xfe --", ""},
	} {
		if got := strings.Join(slices.Collect(text.Words(c.text)), " "); got != c.want {
			t.Errorf("%q has the words %q, want %q", c.text, got, c.want)
		}
	}
}

// Words of words are the same words, in one normal form, none of them too long.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"E-Mail e mail", "e-e-mail", "1.5.2.", "c++ g+++ c##", "Ä\u0308\u0301 \u0301x", "İI\u0307 ΌΣΟΣ ẞ", "\xff\u00ad\u0308", "Ǆ ﬀ ½ ㎏ \u1100\u1161\u11a8", strings.Repeat("1.", 30)} {
		f.Add(s)
	}
	a := text.NewAnalyser()
	v := text.NewVocabulary(a)
	f.Fuzz(func(t *testing.T, s string) {
		words := slices.Collect(text.Words(s))
		for _, w := range words {
			if w == "" || utf8.RuneCountInString(w) > 40 || !norm.NFKC.IsNormalString(w) {
				t.Fatalf("%q has the word %q", s, w)
			}
		}
		if again := slices.Collect(text.Words(strings.Join(words, "\n"))); !slices.Equal(again, words) {
			t.Fatalf("%q has the words %q, and these the words %q", s, words, again)
		}
		for _, form := range []norm.Form{norm.NFC, norm.NFD, norm.NFKC} {
			if got := slices.Collect(text.Words(form.String(s))); utf8.ValidString(s) && !slices.Equal(got, words) {
				t.Fatalf("%q has the words %q, and in form %v %q", s, words, form, got)
			}
		}
		terms := 0
		language, bag := v.Read("", nil, text.Field{Text: s, Weight: 1})
		for c := bag.Terms(); ; terms++ {
			if _, _, ok := c.Next(); !ok {
				break
			}
		}
		if want := a.Terms(language, text.Field{Text: s, Weight: 1}); language != a.Language("", s) || terms != len(want) || terms > 4000 {
			t.Fatalf("%q has %d terms in %s, and %v", s, terms, language, want)
		}
	})
}
