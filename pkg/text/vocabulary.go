package text

import (
	"bytes"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Vocabulary numbers terms, from 0 in the order in which they are met, and
// reads texts into Bags of them. It finds what Analyser finds, with one look-up
// for each word. It is safe for concurrent use.
//
// A term keeps its number for good. Which number a term has depends on the
// order of reading and MUST NOT show in any result.
type Vocabulary struct {
	analyser *Analyser

	mu    sync.RWMutex
	ids   map[string]uint32
	names []string // by id
	words map[string]*word

	readings sync.Pool // of *reading
}

// word is what is known of a word in lower case.
type word struct {
	text string
	stop uint8             // bit l: it is a stop word of the language numbered l
	ids  [languages]uint32 // by language: 0 not known yet, silent, or 1 + id of its stem
}

const (
	languages = 4 // as Languages, then all others
	others    = languages - 1
	silent    = ^uint32(0) // a word that says nothing
)

// reading is the room in which one text is read.
type reading struct {
	lower  []byte
	words  []weighed
	counts []uint64
	packed []byte
}

type weighed struct {
	word   *word
	weight uint32
}

// NewVocabulary returns an empty Vocabulary of the languages that a knows.
func NewVocabulary(a *Analyser) *Vocabulary {
	return &Vocabulary{
		analyser: a, ids: map[string]uint32{}, words: map[string]*word{},
		readings: sync.Pool{New: func() any { return new(reading) }},
	}
}

// Find returns the number of a term; ok is false if no text had it.
func (v *Vocabulary) Find(term string) (id uint32, ok bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	id, ok = v.ids[term]
	return id, ok
}

// Name is the term with a number that v gave.
func (v *Vocabulary) Name(id uint32) string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.names[id]
}

// Read returns the language, as Analyser.Language takes it from tag or the
// first words of all fields, and the terms of a text: exact ones as they are,
// and the stems of the fields' words, as Analyser.Terms finds them.
func (v *Vocabulary) Read(tag string, exact []Term, fields ...Field) (language string, bag Bag) {
	r := v.readings.Get().(*reading)
	defer v.readings.Put(r)
	r.words, r.counts = r.words[:0], r.counts[:0]
	v.mu.RLock()
	for _, f := range fields {
		v.split(r, f)
	}
	language, number := r.language(tag)
	for _, w := range r.words {
		id := w.word.ids[number]
		if id == 0 {
			id = v.upgrade(func() uint32 { return v.stem(w.word, language, number) })
		}
		if id != silent {
			r.counts = append(r.counts, uint64(id-1)<<32|uint64(w.weight))
		}
	}
	for _, t := range exact {
		id, ok := v.ids[t.Text]
		if !ok {
			id = v.upgrade(func() uint32 { return v.number(t.Text) })
		}
		r.counts = append(r.counts, uint64(id)<<32|uint64(t.Weight))
	}
	v.mu.RUnlock()
	clear(r.words)
	slices.Sort(r.counts)
	r.packed = pack(r.packed[:0], r.counts)
	return language, Bag{string(r.packed)}
}

// split finds the words of f. Like upgrade it is called with the read lock.
func (v *Vocabulary) split(r *reading, f Field) {
	r.lower = appendLower(r.lower[:0], f.Text)
	n := 0
	for at := 0; ; {
		var w []byte
		if w, at = nextWord(r.lower, at); w == nil {
			return
		}
		if n++; n > maxWords {
			return
		}
		known := v.words[string(w)]
		if known == nil {
			v.mu.RUnlock()
			known = v.learn(string(w))
			v.mu.RLock()
		}
		r.words = append(r.words, weighed{known, uint32(f.Weight)})
	}
}

// learn takes in a word in lower case. Where too many are known all are
// forgotten; who holds one may go on using it.
func (v *Vocabulary) learn(text string) *word {
	v.mu.Lock()
	defer v.mu.Unlock()
	if w := v.words[text]; w != nil {
		return w
	}
	if len(v.words) >= maxStems {
		clear(v.words)
	}
	w := &word{text: text}
	for i, l := range Languages() {
		if v.analyser.stop[l][text] {
			w.stop |= 1 << i
		}
	}
	v.words[text] = w
	return w
}

// upgrade calls f with the write lock instead of the read lock.
func (v *Vocabulary) upgrade(f func() uint32) uint32 {
	v.mu.RUnlock()
	defer v.mu.RLock()
	v.mu.Lock()
	defer v.mu.Unlock()
	return f()
}

// stem finds what w says in a language.
func (v *Vocabulary) stem(w *word, language string, number int) uint32 {
	if w.ids[number] == 0 {
		w.ids[number] = silent
		if v.analyser.Says(language, w.text) {
			w.ids[number] = 1 + v.number(v.analyser.stem(language, w.text))
		}
	}
	return w.ids[number]
}

func (v *Vocabulary) number(term string) uint32 {
	if id, ok := v.ids[term]; ok {
		return id
	}
	id := uint32(len(v.names))
	term = strings.Clone(term) // not a slice of a whole text
	v.ids[term] = id
	v.names = append(v.names, term)
	return id
}

// language is Analyser.Language of the words, with its number.
func (r *reading) language(tag string) (name string, number int) {
	all := Languages()
	if primary, _, _ := strings.Cut(strings.ToLower(tag), "-"); primary != "" {
		if i := slices.Index(all, primary); i >= 0 {
			return all[i], i
		}
		return strings.Clone(primary), others
	}
	var count [others]int
	for _, w := range r.words[:min(len(r.words), detectWords)] {
		for stop := w.word.stop; stop != 0; stop &= stop - 1 {
			count[bits.TrailingZeros8(stop)]++
		}
	}
	for l := range count {
		if count[l] > count[number] {
			number = l
		}
	}
	return all[number], number
}

// appendLower appends text in lower case, as strings.ToLower has it.
func appendLower(to []byte, text string) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			to = append(to, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		to = utf8.AppendRune(to, unicode.ToLower(r))
		i += size
	}
	return to
}

// nextWord returns the first word of text, which is in lower case, that begins
// at from or later, and where it ends; nil if there is none. See Words.
func nextWord(text []byte, from int) (w []byte, end int) {
	start := -1
	for i := from; ; {
		var letter, inner bool
		size := 1
		if i < len(text) {
			if c := text[i]; c < utf8.RuneSelf {
				letter = 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
				inner = c == '.' || c == '+' || c == '#'
			} else {
				var r rune
				r, size = utf8.DecodeRune(text[i:])
				letter = unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
			}
		}
		switch {
		case letter && start < 0:
			start = i
		case !letter && start >= 0 && !inner:
			return cutWord(bytes.TrimRight(text[start:i], ".")), i
		}
		if i >= len(text) {
			return nil, i
		}
		i += size
	}
}

// cutWord is w up to its longest allowed length.
func cutWord(w []byte) []byte {
	if len(w) <= maxWord {
		return w
	}
	n := 0
	for i := range string(w) {
		if n++; n > maxWord {
			return w[:i]
		}
	}
	return w
}
