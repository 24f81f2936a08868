// Package text turns what people write into terms that can be compared: words
// without those that say nothing, brought to their stems, in English, German
// and Danish.
package text

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"sync"
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
	marks map[string]map[string]bool // words that tell the language besides

	patterns *[256][]pattern // by first byte
	stems    map[string]func(*snowballstem.Env) bool

	mu    sync.RWMutex
	known map[string]map[string]string // language → word → stem
	count int                          // of stems in known
}

// NewAnalyser returns an Analyser that knows English, German and Danish.
func NewAnalyser() *Analyser {
	return &Analyser{
		stop:     map[string]map[string]bool{English: wordSet(stopEnglish), German: wordSet(stopGerman), Danish: wordSet(stopDanish)},
		marks:    map[string]map[string]bool{English: wordSet(markEnglish), German: wordSet(markGerman), Danish: wordSet(markDanish)},
		patterns: byFirst(),
		stems:    map[string]func(*snowballstem.Env) bool{English: english.Stem, German: german.Stem, Danish: danish.Stem},
		known:    map[string]map[string]string{},
	}
}

// Language is the language of text: that of its first 200 words, as the
// declared one ("de" or "de-AT", "" for none) if no other is clearly meant,
// else English. Lines of code and of logs do not count.
func (a *Analyser) Language(declared, text string) string {
	var sum evidence
	n := 0
	for line := range bytes.Lines(appendNormal(nil, text)) {
		quiet := !prose(line)
		for at := 0; ; {
			var w []byte
			if w, at = nextWord(line, at); w == nil {
				break
			}
			if n++; n > detectWords {
				break
			}
			if !quiet {
				sum.add(a.evidenceOf(string(w)), 1)
			}
		}
	}
	name, _ := sum.language(declared)
	return name
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
	if spell := spellings[language]; spell != nil {
		word = spell(word)
	}
	env := snowballstem.NewEnv(word)
	stem(env)
	return cmp.Or(env.Current(), word)
}
