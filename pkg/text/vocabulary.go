package text

import (
	"bytes"
	"slices"
	"strings"
	"sync"
)

// Vocabulary numbers terms, from 0 in the order in which they are met, and
// reads texts into Bags of them. It finds what Analyser finds, with one look-up
// for each word. It is safe for concurrent use.
//
// A term keeps its number for good. Which number a term has depends on the
// order of reading and MUST NOT show in any result.
type Vocabulary struct {
	analyser  *Analyser
	compounds *Compounds // of all terms

	mu    sync.RWMutex
	ids   map[string]uint32
	names []string // by id
	words map[string]*word

	readings sync.Pool // of *reading
}

// word is what is known of a word in lower case.
type word struct {
	text   string
	speaks evidence
	ids    [languages]uint32 // by language: 0 not known yet, silent, or 1 + id of its stem
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
	quiet  bool // it does not say which language it is of
}

// NewVocabulary returns an empty Vocabulary of the languages that a knows.
func NewVocabulary(a *Analyser) *Vocabulary {
	return &Vocabulary{
		analyser: a, compounds: NewCompounds(a), ids: map[string]uint32{}, words: map[string]*word{},
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

// Related is Compounds.Related among all terms that were read.
func (v *Vocabulary) Related(language, term string, uses func(term string) int) []Related {
	return v.compounds.Related(language, term, uses)
}

// Read returns the language, as Analyser.Language takes it from the fields one
// below the other, and the terms of a text: exact ones as they are,
// and the stems of the fields' words, as Analyser.Terms finds them.
func (v *Vocabulary) Read(declared string, exact []Term, fields ...Field) (language string, bag Bag) {
	r := v.readings.Get().(*reading)
	defer v.readings.Put(r)
	r.words, r.counts = r.words[:0], r.counts[:0]
	v.mu.RLock()
	for _, f := range fields {
		v.split(r, f)
	}
	language, number := r.language(declared)
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
	r.lower = appendNormal(r.lower[:0], f.Text)
	n := 0
	for line := range bytes.Lines(r.lower) {
		quiet := !prose(line)
		for at := 0; ; {
			var w []byte
			if w, at = nextWord(line, at); w == nil {
				break
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
			r.words = append(r.words, weighed{known, uint32(f.Weight), quiet})
		}
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
	w := &word{text: text, speaks: v.analyser.evidenceOf(text)}
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
	v.compounds.Add(term)
	return id
}

// language is Analyser.Language of the words, with its number.
func (r *reading) language(declared string) (name string, number int) {
	var sum evidence
	for _, w := range r.words[:min(len(r.words), detectWords)] {
		if !w.quiet {
			sum.add(w.word.speaks, 1)
		}
	}
	return sum.language(declared)
}
