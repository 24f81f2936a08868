package text_test

import (
	"os"
	"strings"
	"testing"

	"kith/pkg/text"
)

// The sentences are short: half of them have no more than four words.
func TestLanguageOfSentences(t *testing.T) {
	file, err := os.ReadFile("testdata/languages.txt")
	if err != nil {
		t.Fatal(err)
	}
	a := text.NewAnalyser()
	right, all := map[string]int{}, map[string]int{}
	for line := range strings.Lines(string(file)) {
		want, sentence, _ := strings.Cut(strings.TrimSpace(line), "\t")
		all[want]++
		if got := a.Language("", sentence); got == want {
			right[want]++
		} else {
			t.Logf("%q is %s, and taken for %s", sentence, want, got)
		}
		if got := a.Language(want, sentence); got != want {
			t.Errorf("%q is %s, said to be so, and taken for %s", sentence, want, got)
		}
	}
	for _, l := range text.Languages() {
		t.Logf("%s: %d of %d", l, right[l], all[l])
		if all[l] < 60 || right[l]*100 < all[l]*93 {
			t.Errorf("%d of %d sentences are recognised as %s, want 93 %% of at least 60", right[l], all[l], l)
		}
	}
}

func TestLanguage(t *testing.T) {
	a := text.NewAnalyser()
	const log = "2026-03-02 12:00:01,123 ERROR [main] com.example.Pool - the connection was refused by the server (15/15)\n" +
		"  at com.example.Pool.get(Pool.java:42)\n  at com.example.Main.run(Main.java:17)\n" +
		"if (with == null && that != this) { return for_each(the_one, not_the_other); }\n"
	for _, c := range []struct{ declared, text, want string }{
		{"", "Wie kann ich das nur machen?", "de"},
		{"", "How do I do this?", "en"},
		{"", "Hvordan kan jeg gøre det?", "da"},
		{"", "", "en"},
		{"", "4711", "en"},
		{"de", "", "de"},
		{"da", "SAP Workflow", "da"},
		{"de-AT", "Meeting Protokolle", "de"},
		{"de", "Server restart after update", "de"}, // a guess is no reason to disbelieve
		{"de", "How do I report that this does not work and who would know about it?", "en"},
		{"en", "Wie kann ich das nur machen, wenn es nicht geht?", "de"},
		{"en", "Hvordan kan jeg gøre det, når det ikke virker?", "da"},
		{"fr", "How do I do this with that?", "fr"},
		{"", "Was heißt das hier, und was mache ich damit?\n" + log + log, "de"},
		{"", "Hvad betyder det her, og hvad gør jeg ved det?\n" + log + log, "da"},
		{"", "Unser Team hat ein Commitment für das Release im Sprint, aber die Story ist noch nicht ready", "de"},
	} {
		if got := a.Language(c.declared, c.text); got != c.want {
			t.Errorf("%q, said to be %q, is taken for %s, not %s", c.text, c.declared, got, c.want)
		}
	}
}
