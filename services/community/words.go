package community

import (
	"strings"
	"unicode"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/german"
)

// stemmers bring words of a language to their stems. A text is stemmed by each:
// organisations mix languages within a sentence.
var stemmers = []func(*snowballstem.Env) bool{english.Stem, german.Stem}

// stopWords say nothing about what a community is for.
var stopWords = []map[string]bool{
	set(`a about all also an and any are as at be been but by can do each for from get has have help how i if in into is it its
more my new no not of on one or other our out over share so some than that the their them they this to together up us use
we what when where which who why will with work you your community communities network group people practice`),
	set(`aber alle allem allen aller alles als am an auch auf aus bei beim bin bis da das dass dem den der des die dies diese dieser dieses
doch du durch ein eine einem einen einer eines er es für gegen hat haben hier ich ihr ihre im in ins ist ja jede jeder
kann können man mehr mit nach nicht noch nur ob oder ohne sich sie sind so über um und uns unser unsere unter viel vom von vor
war was weil wenn werden wer wie wir wird wo zu zum zur zwischen gemeinschaft gemeinschaften netzwerk gruppe arbeit menschen austausch`),
}

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// splitWords are the words of a text in lower case, without stop words and
// single letters.
func splitWords(text string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len([]rune(w)) > 1 && !stopWords[0][w] && !stopWords[1][w] {
			out = append(out, w)
		}
	}
	return out
}

// stem brings a word in lower case to its stem in the language of s.
func stem(s func(*snowballstem.Env) bool, word string) string {
	env := snowballstem.NewEnv(word)
	s(env)
	return env.Current()
}
