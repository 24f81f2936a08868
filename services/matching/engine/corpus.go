package engine

import (
	"encoding/binary"
	"sync"

	"kith/pkg/text"
)

// corpus is an inverted index over threads: a thread is a question with its
// answers, and each of these is a part that comes and goes by itself.
type corpus struct {
	vocabulary *text.Vocabulary
	posts      []postings // by term
	parts      []parts    // by thread
	// lengths of texts, the sum of the weights of their terms: apart from
	// them, for a search reads little else.
	lengths []uint32
	groups  []uint32 // by thread: the community's number
	sizes   []size   // by group

	apart   int                    // see windowsApart
	room    [blockMost + 1]posting // in which a block is changed
	scratch *sync.Pool             // of *scratch
}

// size of a group of threads.
type size struct {
	live  int    // threads with a text
	total uint64 // sum of lengths
}

// parts are the texts of a thread, kept as terms so that each can be taken
// out: its key (0 for the question, else 1 + index of the answer), the length
// of its packed Bag, and that.
type parts string

// next reads the first part; rest is what follows. p must not be empty.
func (p parts) next() (key uint32, bag text.Bag, rest parts) {
	k, n := number(p)
	size, m := number(p[n:])
	from := n + m
	return uint32(k), text.Unpack(string(p[from : from+int(size)])), p[from+int(size):]
}

// with is p with one more part.
func (p parts) with(key uint32, bag text.Bag) parts {
	packed := bag.Packed()
	var head [2 * binary.MaxVarintLen32]byte
	n := binary.PutUvarint(head[:], uint64(key))
	n += binary.PutUvarint(head[n:], uint64(len(packed)))
	return p + parts(head[:n]) + parts(packed)
}

// without is p without the part key, which is taken; the zero Bag if there is none.
func (p parts) without(key uint32) (taken text.Bag, rest parts) {
	for left := p; left != ""; {
		from := len(p) - len(left)
		k, bag, after := left.next()
		if k == key {
			return bag, p[:from] + after
		}
		left = after
	}
	return text.Bag{}, p
}

func number(p parts) (n uint64, size int) {
	for shift := 0; ; shift += 7 {
		one := p[size]
		size++
		n |= uint64(one&0x7f) << shift
		if one < 0x80 {
			return n, size
		}
	}
}

func newCorpus() *corpus {
	return &corpus{
		vocabulary: text.NewVocabulary(text.NewAnalyser()), apart: windowsApart,
		scratch: &sync.Pool{New: func() any { return new(scratch) }},
	}
}

// add takes in the next thread, of a group.
func (c *corpus) add(group uint32) {
	c.parts, c.lengths, c.groups = append(c.parts, ""), append(c.lengths, 0), append(c.groups, group)
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
	old, rest := c.parts[thread].without(key)
	if !old.IsZero() {
		c.parts[thread] = rest
		c.take(thread, old)
	}
	if !bag.IsZero() {
		c.parts[thread] = c.parts[thread].with(key, bag)
		c.put(thread, bag)
	}
	switch after := c.lengths[thread]; {
	case after > 0 && before == 0:
		c.sizes[c.groups[thread]].live++
	case after == 0 && before > 0:
		c.sizes[c.groups[thread]].live--
	}
}

// put adds what bag says to the index.
func (c *corpus) put(thread uint32, bag text.Bag) {
	length := weight(bag)
	c.lengths[thread] += length // before the postings: their bounds count on it
	c.sizes[c.groups[thread]].total += uint64(length)
	terms := bag.Terms()
	for term, weight, ok := terms.Next(); ok; term, weight, ok = terms.Next() {
		if int(term) >= len(c.posts) {
			c.posts = append(c.posts, make([]postings, int(term)+1-len(c.posts))...)
		}
		c.posts[term].add(c, thread, weight)
	}
}

// take removes what old said, which is no part any more.
func (c *corpus) take(thread uint32, old text.Bag) {
	rest := map[uint32]int{} // sums of which only the first 255 count cannot be taken back
	for left := c.parts[thread]; left != ""; {
		var bag text.Bag
		_, bag, left = left.next()
		terms := bag.Terms()
		for term, weight, ok := terms.Next(); ok; term, weight, ok = terms.Next() {
			rest[term] += int(weight)
		}
	}
	length := weight(old)
	c.lengths[thread] -= length
	c.sizes[c.groups[thread]].total -= uint64(length)
	terms := old.Terms()
	for term, _, ok := terms.Next(); ok; term, _, ok = terms.Next() {
		if rest[term] == 0 {
			c.posts[term].remove(c, thread)
		}
	}
	for term, freq := range rest { // all of them: the shorter thread scores higher
		c.posts[term].replace(c, thread, uint8(min(freq, maxFreq)))
	}
}

// weight is the length of a text.
func weight(bag text.Bag) uint32 {
	sum := uint32(0)
	terms := bag.Terms()
	for _, weight, ok := terms.Next(); ok; _, weight, ok = terms.Next() {
		sum += uint32(weight)
	}
	return sum
}

// clear takes out every part of thread, at once: one after the other each would
// have to look at all that are left.
func (c *corpus) clear(thread uint32) {
	said := map[uint32]struct{}{}
	for left := c.parts[thread]; left != ""; {
		var bag text.Bag
		_, bag, left = left.next()
		terms := bag.Terms()
		for term, _, ok := terms.Next(); ok; term, _, ok = terms.Next() {
			said[term] = struct{}{}
		}
	}
	if c.lengths[thread] > 0 {
		size := &c.sizes[c.groups[thread]]
		size.live--
		size.total -= uint64(c.lengths[thread])
	}
	c.parts[thread], c.lengths[thread] = "", 0
	for term := range said {
		c.posts[term].remove(c, thread)
	}
}

// find are the postings of a term; nil if there are none.
func (c *corpus) find(term string) *postings {
	if id, ok := c.vocabulary.Find(term); ok && int(id) < len(c.posts) {
		return &c.posts[id]
	}
	return nil
}

// posting are the threads that have the term, ascending.
func (c *corpus) posting(term string) []posting {
	p := c.find(term)
	if p == nil {
		return nil
	}
	return p.all()
}

// question are the terms of the question of thread, for a query.
func (c *corpus) question(thread uint32) []text.Term {
	bag, _ := c.parts[thread].without(0)
	var out []text.Term
	terms := bag.Terms()
	for term, weight, ok := terms.Next(); ok; term, weight, ok = terms.Next() {
		out = append(out, text.Term{Text: c.vocabulary.Name(term), Weight: weight})
	}
	return out
}

// digest adds what the corpus holds to d, in no order: the numbers of terms
// depend on the order of reading.
func (c *corpus) digest(d *digest, name func(thread, key uint32) (request, response string)) {
	for i, left := range c.parts {
		for left != "" {
			var key uint32
			var bag text.Bag
			key, bag, left = left.next()
			request, response := name(uint32(i), key)
			terms := bag.Terms()
			for term, weight, ok := terms.Next(); ok; term, weight, ok = terms.Next() {
				d.add("text", request, response, c.vocabulary.Name(term), string(rune(weight)))
			}
		}
	}
}
