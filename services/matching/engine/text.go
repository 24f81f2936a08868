package engine

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
	"slices"
	"sync"

	"kith/pkg/text"
)

// BM25 with the constants that its authors recommend (Robertson and Zaragoza,
// "The Probabilistic Relevance Framework: BM25 and Beyond", 2009).
const (
	k1 = 1.2
	b  = 0.75
	// maxQueryTerms bounds a query: its weightiest terms carry nearly all of it.
	maxQueryTerms = 24
)

// corpus is an inverted index over threads: a thread is a question with its
// answers, and each of these is a part that comes and goes by itself.
type corpus struct {
	vocabulary *text.Vocabulary
	posts      [][]posting // by term, each in the order of threads
	parts      [][]part    // by thread
	// lengths of texts, the sum of the weights of their terms: apart from
	// them, for a search reads little else.
	lengths []uint32
	groups  []uint32 // by thread: the community's number
	sizes   []size   // by group

	scratch *sync.Pool // of *accumulator
}

// size of a group of threads.
type size struct {
	live  int    // threads with a text
	total uint64 // sum of lengths
}

// posting is a thread that has a term, and how often, at most 255: 24 and 8 bits.
type posting uint32

func post(thread uint32, freq uint8) posting { return posting(thread<<8 | uint32(freq)) }

func (p posting) thread() uint32 { return uint32(p >> 8) }
func (p posting) freq() uint8    { return uint8(p) }

// maxThreads is how many threads have their texts indexed: the first ones.
const maxThreads = 1 << 24

// part is one text of a thread, kept as terms so that it can be taken out.
type part struct {
	key uint32 // 0 for the question, else 1 + index of the answer
	bag text.Bag
}

func newCorpus() *corpus {
	return &corpus{
		vocabulary: text.NewVocabulary(text.NewAnalyser()),
		scratch:    &sync.Pool{New: func() any { return new(accumulator) }},
	}
}

// add takes in the next thread, of a group.
func (c *corpus) add(group uint32) {
	c.parts, c.lengths, c.groups = append(c.parts, nil), append(c.lengths, 0), append(c.groups, group)
	for int(group) >= len(c.sizes) {
		c.sizes = append(c.sizes, size{})
	}
}

// set replaces the part key of thread; the zero Bag takes it out.
func (c *corpus) set(thread, key uint32, bag text.Bag) {
	if thread >= maxThreads {
		return
	}
	before := c.lengths[thread]
	if i := slices.IndexFunc(c.parts[thread], func(p part) bool { return p.key == key }); i >= 0 {
		c.take(thread, i)
	}
	if !bag.IsZero() {
		c.put(thread, part{key, bag})
	}
	switch after := c.lengths[thread]; {
	case after > 0 && before == 0:
		c.sizes[c.groups[thread]].live++
	case after == 0 && before > 0:
		c.sizes[c.groups[thread]].live--
	}
}

// put adds a part.
func (c *corpus) put(thread uint32, p part) {
	c.parts[thread] = append(c.parts[thread], p)
	terms := p.bag.Terms()
	for {
		term, weight, ok := terms.Next()
		if !ok {
			return
		}
		c.lengths[thread] += uint32(weight)
		c.sizes[c.groups[thread]].total += uint64(weight)
		for int(term) >= len(c.posts) {
			c.posts = append(c.posts, nil)
		}
		posts := c.posts[term]
		if n := len(posts); n == 0 || posts[n-1].thread() < thread {
			c.posts[term] = append(posts, post(thread, weight)) // as nearly always
			continue
		}
		i, ok := find(posts, thread)
		if ok {
			posts[i] = post(thread, uint8(min(int(posts[i].freq())+int(weight), 255)))
			continue
		}
		c.posts[term] = slices.Insert(posts, i, post(thread, weight))
	}
}

// take removes the part with the index i.
func (c *corpus) take(thread uint32, i int) {
	old := c.parts[thread][i]
	c.parts[thread] = slices.Delete(c.parts[thread], i, i+1)
	rest := map[uint32]int{} // sums of which only the first 255 count cannot be taken back
	for _, p := range c.parts[thread] {
		terms := p.bag.Terms()
		for term, weight, ok := terms.Next(); ok; term, weight, ok = terms.Next() {
			rest[term] += int(weight)
		}
	}
	terms := old.bag.Terms()
	for term, weight, ok := terms.Next(); ok; term, weight, ok = terms.Next() {
		c.lengths[thread] -= uint32(weight)
		c.sizes[c.groups[thread]].total -= uint64(weight)
		i, _ := find(c.posts[term], thread)
		if rest[term] == 0 {
			c.posts[term] = slices.Delete(c.posts[term], i, i+1)
			continue
		}
		c.posts[term][i] = post(thread, uint8(min(rest[term], 255)))
	}
}

func find(posts []posting, thread uint32) (int, bool) {
	return slices.BinarySearchFunc(posts, thread, func(p posting, thread uint32) int { return cmp.Compare(p.thread(), thread) })
}

// clear takes out every part of thread.
func (c *corpus) clear(thread uint32) {
	for len(c.parts[thread]) > 0 {
		c.set(thread, c.parts[thread][0].key, text.Bag{})
	}
}

// tags are list in the vocabulary's own strings, so that no event is kept alive.
func (c *corpus) tags(list []string) []string {
	out := make([]string, len(list))
	for i, tag := range list {
		out[i] = tag
		if id, ok := c.vocabulary.Find("#" + tag); ok {
			out[i] = c.vocabulary.Name(id)[1:]
		}
	}
	return out
}

// question are the terms of the question of thread, for a query.
func (c *corpus) question(thread uint32) []text.Term {
	var out []text.Term
	for _, p := range c.parts[thread] {
		if p.key != 0 {
			continue
		}
		terms := p.bag.Terms()
		for term, weight, ok := terms.Next(); ok; term, weight, ok = terms.Next() {
			out = append(out, text.Term{Text: c.vocabulary.Name(term), Weight: weight})
		}
	}
	return out
}

// digest adds what the corpus holds to d, in no order: the numbers of terms
// depend on the order of reading.
func (c *corpus) digest(d *digest, name func(thread, key uint32) (request, response string)) {
	for i, parts := range c.parts {
		for _, p := range parts {
			request, response := name(uint32(i), p.key)
			terms := p.bag.Terms()
			for term, weight, ok := terms.Next(); ok; term, weight, ok = terms.Next() {
				d.add("text", request, response, c.vocabulary.Name(term), string(rune(weight)))
			}
		}
	}
}

// digest is a hash of a set: the order in which things are added is no matter.
type digest struct{ a, b uint64 }

func (d *digest) String() string {
	var sum [16]byte
	binary.BigEndian.PutUint64(sum[:8], d.a)
	binary.BigEndian.PutUint64(sum[8:], d.b)
	return hex.EncodeToString(sum[:])
}

func (d *digest) add(parts ...string) {
	h := fnv.New128a()
	for _, p := range parts {
		_, _ = h.Write([]byte(p))
		_, _ = h.Write([]byte{0xff})
	}
	var sum [16]byte
	h.Sum(sum[:0])
	for i := range 8 {
		d.a += uint64(sum[i]) << (8 * i)
		d.b += uint64(sum[8+i]) << (8 * i)
	}
}
