// Package text turns what people write into terms that can be compared: words
// without those that say nothing, brought to their stems, in English, German
// and Danish.
package text

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/german"
)

// Languages whose words are stemmed. Texts in others are compared word by word.
const (
	English = "en"
	German  = "de"
	Danish  = "da"
)

// Languages that are known, in the order in which a tie of detection is decided.
func Languages() []string { return []string{English, German, Danish} }

const (
	maxWord     = 40   // letters; longer ones are keys and addresses, cut to this
	maxWords    = 4000 // of one text; what comes later adds nothing to its subject
	maxStems    = 100_000
	detectWords = 200
)

// Term is a stem and how much of a text it is.
type Term struct {
	Text   string
	Weight uint8
}

// Field is one text with its weight in what it is part of.
type Field struct {
	Text   string
	Weight int // each word counts this often, from 1
}

// Analyser turns texts into terms. It remembers stems and is safe for
// concurrent use.
type Analyser struct {
	stop  map[string]map[string]bool // language → words
	stems map[string]func(*snowballstem.Env) bool

	mu    sync.RWMutex
	known map[string]map[string]string // language → word → stem
	count int                          // of stems in known
}

// NewAnalyser returns an Analyser that knows English, German and Danish.
func NewAnalyser() *Analyser {
	return &Analyser{
		stop:  map[string]map[string]bool{English: wordSet(stopEnglish), German: wordSet(stopGerman), Danish: wordSet(stopDanish)},
		stems: map[string]func(*snowballstem.Env) bool{English: english.Stem, German: german.Stem, Danish: danish.Stem},
		known: map[string]map[string]string{},
	}
}

// Language is the primary part of tag ("de" of "de-AT") if there is one, else
// the language whose stop words are the most frequent in text, else English.
func (a *Analyser) Language(tag, text string) string {
	if primary, _, _ := strings.Cut(strings.ToLower(tag), "-"); primary != "" {
		return primary
	}
	count := map[string]int{}
	n := 0
	for w := range Words(text) {
		for _, l := range Languages() {
			if a.stop[l][w] {
				count[l]++
			}
		}
		if n++; n == detectWords {
			break
		}
	}
	best := English
	for _, l := range Languages() {
		if count[l] > count[best] {
			best = l
		}
	}
	return best
}

// Terms are the stems of the fields' words without stop words, by stem. A
// weight is at most 255.
func (a *Analyser) Terms(language string, fields ...Field) []Term {
	sum := map[string]int{}
	for _, f := range fields {
		n := 0
		for w := range Words(f.Text) {
			if n++; n > maxWords {
				break
			}
			if a.Says(language, w) {
				sum[a.Stem(language, w)] += f.Weight
			}
		}
	}
	out := make([]Term, 0, len(sum))
	for t, n := range sum {
		out = append(out, Term{t, uint8(min(n, 255))})
	}
	slices.SortFunc(out, func(a, b Term) int { return cmp.Compare(a.Text, b.Text) })
	return out
}

// Says reports whether a word in lower case says something: it is no stop word
// of the language and no single sign.
func (a *Analyser) Says(language, word string) bool {
	return (utf8.RuneCountInString(word) >= 2 || word >= "0") && !a.stop[language][word]
}

// Stem is the stem of a word in lower case, the word itself in languages that
// are not known.
func (a *Analyser) Stem(language, word string) string {
	if a.stems[language] == nil {
		return word
	}
	a.mu.RLock()
	s, ok := a.known[language][word] // one key of two strings takes twice as long
	a.mu.RUnlock()
	if ok {
		return s
	}
	s = a.stem(language, word)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.count >= maxStems {
		clear(a.known)
		a.count = 0
	}
	if a.known[language] == nil {
		a.known[strings.Clone(language)] = map[string]string{}
	}
	a.known[language][strings.Clone(word)] = s // not a slice of a whole text
	a.count++
	return s
}

// stem is Stem without remembering.
func (a *Analyser) stem(language, word string) string {
	stem := a.stems[language]
	if stem == nil {
		return word
	}
	env := snowballstem.NewEnv(word)
	stem(env)
	return cmp.Or(env.Current(), word)
}

// Words yields the words of text in lower case: letters, marks and digits,
// with inner dots, plus signs and hashes kept as in c++, c#, v1.2.
func Words(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		text = strings.ToLower(text)
		start := -1
		emit := func(end int) bool {
			w := strings.TrimRight(text[start:end], ".")
			start = -1
			if utf8.RuneCountInString(w) > maxWord {
				w = string([]rune(w)[:maxWord])
			}
			return w == "" || yield(w)
		}
		for i, r := range text {
			inWord := unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
			inner := start >= 0 && (r == '.' || r == '+' || r == '#')
			switch {
			case inWord && start < 0:
				start = i
			case !inWord && !inner && start >= 0:
				if !emit(i) {
					return
				}
			}
		}
		if start >= 0 {
			emit(len(text))
		}
	}
}
