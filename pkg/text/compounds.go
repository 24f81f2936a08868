package text

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/tidwall/btree"
)

const (
	minPart = 4 // letters of a part of a compound
	minLast = 3 // letters of the last part: Bauamt, Elternrat
	// alone is how many letters a part has that is believed without knowing
	// the rest, of at least minPart letters.
	alone      = 8
	maxParts   = 4
	maxRelated = 8
	// kinship of a compound with all of its parts together, 0 to 1.
	kinship = 0.8
)

// Related is a term that has a part in common with another.
type Related struct {
	Term string
	// Share of the other's weight that it deserves, above 0 and below 1: of
	// the letters of the compound that the part has, times 0.8.
	Share float64
}

// Compounds finds the parts of German and Danish compounds among terms, and the
// compounds that terms are parts of. It knows no dictionary: a part is what is
// used by itself. It is safe for concurrent use.
//
// What it finds depends on which terms are in use when it is asked, and not on
// the order in which they came.
type Compounds struct {
	analyser *Analyser

	mu      sync.RWMutex
	forward *btree.BTreeG[string]
	reverse *btree.BTreeG[string] // by the letters from the last to the first
}

// NewCompounds returns Compounds without terms.
func NewCompounds(a *Analyser) *Compounds {
	return &Compounds{
		analyser: a,
		forward:  btree.NewBTreeGOptions(func(a, b string) bool { return a < b }, btree.Options{NoLocks: true}),
		reverse:  btree.NewBTreeGOptions(lessFromEnd, btree.Options{NoLocks: true}),
	}
}

func lessFromEnd(a, b string) bool {
	for i := 1; i <= len(a) && i <= len(b); i++ {
		if x, y := a[len(a)-i], b[len(b)-i]; x != y {
			return x < y
		}
	}
	return len(a) < len(b)
}

// Add takes in a term, which may be there already. Those that are too short for
// a compound, or no words, are passed over.
func (c *Compounds) Add(term string) {
	if len(term) < minPart+minLast || !letters(term) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forward.Set(term)
	c.reverse.Set(term)
}

func letters(term string) bool {
	return !strings.ContainsFunc(term, func(r rune) bool { return r < 'a' || r > 'z' && r < utf8.RuneSelf })
}

// Related returns the terms in use that share a part with term, of a text in
// language: its parts, and the compounds that begin or end with it, the nearest
// first and at most eight. uses says in how many texts a term is, 0 if in none
// that counts; it MUST NOT call c.
func (c *Compounds) Related(language, term string, uses func(term string) int) []Related {
	n := utf8.RuneCountInString(term)
	if links[language] == nil || n < minLast || n > maxWord || !letters(term) {
		return nil
	}
	s := splitter{c.analyser, language, uses}
	found := map[string]float64{}
	for _, part := range s.parts(term) {
		found[part] = kinship * float64(utf8.RuneCountInString(part)) / float64(n)
	}
	for _, compound := range c.with(term) {
		if uses(compound) > 0 && s.has(compound, term) {
			found[compound] = kinship * float64(n) / float64(utf8.RuneCountInString(compound))
		}
	}
	delete(found, term)
	out := make([]Related, 0, len(found))
	for t, share := range found {
		out = append(out, Related{t, min(share, kinship)})
	}
	slices.SortFunc(out, func(a, b Related) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Term, b.Term))
	})
	return out[:min(len(out), maxRelated)]
}

// with are the terms that begin or end with part and go on.
func (c *Compounds) with(part string) (all []string) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for tree, fits := range map[*btree.BTreeG[string]]func(s, part string) bool{c.forward: strings.HasPrefix, c.reverse: strings.HasSuffix} {
		tree.Ascend(part, func(t string) bool {
			if !fits(t, part) {
				return false
			}
			if len(t) > len(part) {
				all = append(all, t)
			}
			return true
		})
	}
	return all
}
