package community

import (
	"strings"
	"unicode"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// piece is a run of words that two texts share, or that only one has.
type piece struct {
	Op   string // keep, insert, delete
	Text string
}

// fieldDiff is how a field of a charter changed.
type fieldDiff struct {
	Field  string
	Pieces []piece
}

// diffCharters compares two versions, field by field; equal fields are left
// out. Lists are texts with one entry a line.
func diffCharters(from, to charterText) []fieldDiff {
	var out []fieldDiff
	for _, f := range []struct{ name, from, to string }{
		{"purpose", from.Purpose, to.Purpose},
		{"vision", from.Vision, to.Vision},
		{"objectives", strings.Join(from.Objectives, "\n"), strings.Join(to.Objectives, "\n")},
		{"norms", strings.Join(from.Norms, "\n"), strings.Join(to.Norms, "\n")},
		{"stakeholders", from.stakeholderLines(), to.stakeholderLines()},
	} {
		if f.from != f.to {
			out = append(out, fieldDiff{f.name, diffWords(f.from, f.to)})
		}
	}
	return out
}

func (t charterText) stakeholderLines() string {
	var lines []string
	for _, s := range t.Stakeholders {
		lines = append(lines, s.Name+": "+s.Interest)
	}
	return strings.Join(lines, "\n")
}

// maxWordPairs bounds the work of one comparison: two texts of 2,000 characters
// can always be compared word by word, two lists of thirty long entries cannot.
const maxWordPairs = 1 << 22

// diffWords compares by whole words and spaces, or by whole lines where that
// would be too much work: each becomes one rune, and the library, which
// compares runes, never cuts a word. Joining the kept and deleted pieces gives
// from, the kept and inserted ones to.
func diffWords(from, to string) []piece {
	old, changed := tokens(from), tokens(to)
	if len(old)*len(changed) > maxWordPairs {
		old, changed = lines(from), lines(to)
	}
	var vocabulary []string
	known := map[string]rune{}
	encode := func(tokens []string) []rune {
		var out []rune
		for _, token := range tokens {
			r, ok := known[token]
			if !ok {
				r = wordRune(len(vocabulary))
				known[token] = r
				vocabulary = append(vocabulary, token)
			}
			out = append(out, r)
		}
		return out
	}
	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = 0 // the same texts have the same answer on any machine
	var out []piece
	for _, d := range dmp.DiffMainRunes(encode(old), encode(changed), false) {
		var text strings.Builder
		for _, r := range d.Text {
			text.WriteString(vocabulary[wordIndex(r)])
		}
		out = append(out, piece{opOf(d.Type), text.String()})
	}
	return out
}

func opOf(t diffmatchpatch.Operation) string {
	switch t {
	case diffmatchpatch.DiffInsert:
		return "insert"
	case diffmatchpatch.DiffDelete:
		return "delete"
	case diffmatchpatch.DiffEqual:
	}
	return "keep"
}

// Runes that stand for words begin at the first private one: any string of
// them is valid UTF-8, and surrogates are out of the way.
const firstRune = 0xE000

func wordRune(i int) rune  { return rune(firstRune + i) }
func wordIndex(r rune) int { return int(r - firstRune) }

// lines are the lines of a text with their ends.
func lines(text string) []string {
	all := strings.SplitAfter(text, "\n")
	if all[len(all)-1] == "" {
		all = all[:len(all)-1]
	}
	return all
}

// tokens are words, single line breaks, and runs of other space, in order.
func tokens(text string) []string {
	var out []string
	start, kind := 0, 0
	for i, r := range text {
		k := 1
		switch {
		case r == '\n':
			k = 2
		case unicode.IsSpace(r):
			k = 3
		}
		if i > start && (k != kind || kind == 2) {
			out = append(out, text[start:i])
			start = i
		}
		kind = k
	}
	if start < len(text) {
		out = append(out, text[start:])
	}
	return out
}
