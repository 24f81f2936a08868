package engine

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"sort"
	"strings"
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
	terms map[string]uint32
	names []string   // by term
	posts []postings // by term
	texts []textOf   // by thread
	// lengths of texts, the sum of the weights of their terms: apart from
	// them, for a search reads little else.
	lengths []uint32
	total   uint64 // sum of lengths
	live    int    // threads with a text

	scratch *sync.Pool // of *accumulator
}

// postings of a term, in the order of threads: 5 bytes each.
type postings struct {
	threads []uint32
	freq    []uint8
}

type textOf struct{ parts []part }

// part is one text of a thread, kept as terms so that it can be taken out.
type part struct {
	key   string // "" for the question, else the response
	terms []uint32
	freq  []uint8
}

func newCorpus() *corpus {
	return &corpus{terms: map[string]uint32{}, scratch: &sync.Pool{New: func() any { return new(accumulator) }}}
}

// grow makes room for thread.
func (c *corpus) grow(thread uint32) {
	for int(thread) >= len(c.texts) {
		c.texts, c.lengths = append(c.texts, textOf{}), append(c.lengths, 0)
	}
}

// set replaces the part key of thread; no terms take it out.
func (c *corpus) set(thread uint32, key string, terms []text.Term) {
	c.grow(thread)
	t, length := &c.texts[thread], &c.lengths[thread]
	wasLive := *length > 0
	if i := slices.IndexFunc(t.parts, func(p part) bool { return p.key == key }); i >= 0 {
		old := t.parts[i]
		t.parts = slices.Delete(t.parts, i, i+1)
		for j, term := range old.terms {
			c.put(term, thread, t.freq(term))
			*length -= uint32(old.freq[j])
			c.total -= uint64(old.freq[j])
		}
	}
	if len(terms) > 0 {
		p := part{key: key, terms: make([]uint32, len(terms)), freq: make([]uint8, len(terms))}
		for i, term := range terms {
			p.terms[i] = c.term(term.Text)
		}
		sort.Sort(byTerm{p.terms, terms})
		for i, term := range terms {
			p.freq[i] = term.Weight
		}
		t.parts = append(t.parts, p)
		for j, term := range p.terms {
			c.put(term, thread, t.freq(term))
			*length += uint32(p.freq[j])
			c.total += uint64(p.freq[j])
		}
	}
	switch live := *length > 0; {
	case live && !wasLive:
		c.live++
	case !live && wasLive:
		c.live--
	}
}

type byTerm struct {
	ids   []uint32
	terms []text.Term
}

func (s byTerm) Len() int           { return len(s.ids) }
func (s byTerm) Less(i, j int) bool { return s.ids[i] < s.ids[j] }
func (s byTerm) Swap(i, j int) {
	s.ids[i], s.ids[j] = s.ids[j], s.ids[i]
	s.terms[i], s.terms[j] = s.terms[j], s.terms[i]
}

// clear takes out every part of thread.
func (c *corpus) clear(thread uint32) {
	if int(thread) >= len(c.texts) {
		return
	}
	for len(c.texts[thread].parts) > 0 {
		c.set(thread, c.texts[thread].parts[0].key, nil)
	}
}

func (c *corpus) term(text string) uint32 {
	if id, ok := c.terms[text]; ok {
		return id
	}
	id := uint32(len(c.names))
	text = strings.Clone(text) // not a slice of the whole text
	c.terms[text] = id
	c.names = append(c.names, text)
	c.posts = append(c.posts, postings{})
	return id
}

// freq is how often a term is in the text, at most 255.
func (t *textOf) freq(term uint32) uint8 {
	n := 0
	for _, p := range t.parts {
		if i, ok := slices.BinarySearch(p.terms, term); ok {
			n += int(p.freq[i])
		}
	}
	return uint8(min(n, 255))
}

// put sets the posting of term for thread; 0 takes it out.
func (c *corpus) put(term, thread uint32, freq uint8) {
	p := &c.posts[term]
	if n := len(p.threads); freq > 0 && (n == 0 || p.threads[n-1] < thread) {
		p.threads, p.freq = append(p.threads, thread), append(p.freq, freq) // as nearly always
		return
	}
	i, ok := slices.BinarySearch(p.threads, thread)
	switch {
	case ok && freq == 0:
		p.threads, p.freq = slices.Delete(p.threads, i, i+1), slices.Delete(p.freq, i, i+1)
	case ok:
		p.freq[i] = freq
	case freq > 0:
		p.threads, p.freq = slices.Insert(p.threads, i, thread), slices.Insert(p.freq, i, freq)
	}
}

// question are the terms of the question of thread, for a query.
func (c *corpus) question(thread uint32) []text.Term {
	if int(thread) >= len(c.texts) {
		return nil
	}
	var out []text.Term
	for _, p := range c.texts[thread].parts {
		if p.key != "" {
			continue
		}
		for i, term := range p.terms {
			out = append(out, text.Term{Text: c.names[term], Weight: p.freq[i]})
		}
	}
	return out
}

// hit is a thread that matches.
type hit struct {
	thread uint32
	score  float64
}

type accumulator struct {
	scores  []float64
	touched []uint32
}

// search returns the k best threads for the weightiest terms of query, best
// first, equals by thread; not the thread except (-1: none), and only those that keep
// lets through (nil: all). It scores term at a time.
func (c *corpus) search(query []text.Term, k int, except int, keep func(thread uint32) bool) []hit {
	acc := c.scratch.Get().(*accumulator)
	defer c.scratch.Put(acc)
	if len(acc.scores) < len(c.texts) {
		acc.scores = make([]float64, len(c.texts)+len(c.texts)/4)
	}
	slope := k1 * b * float64(max(c.live, 1)) / float64(max(c.total, 1)) // by the average length
	for _, q := range c.weightiest(query, except) {
		p := c.posts[q.term]
		for i, thread := range p.threads {
			tf := float64(p.freq[i])
			norm := k1*(1-b) + slope*float64(c.lengths[thread])
			if acc.scores[thread] == 0 {
				acc.touched = append(acc.touched, thread)
			}
			acc.scores[thread] += q.weight * tf * (k1 + 1) / (tf + norm)
		}
	}
	best := make(topHits, 0, k+1)
	for _, thread := range acc.touched {
		score := acc.scores[thread]
		acc.scores[thread] = 0
		if int(thread) != except && best.wants(hit{thread, score}, k) && (keep == nil || keep(thread)) {
			best.add(hit{thread, score}, k)
		}
	}
	acc.touched = acc.touched[:0]
	slices.SortFunc(best, func(a, b hit) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.thread, b.thread)) })
	return best
}

func (c *corpus) idf(n int) float64 {
	return math.Log(1 + (float64(c.live)-float64(n)+0.5)/(float64(n)+0.5))
}

type queryTerm struct {
	term   uint32
	weight float64
}

// weightiest are the terms of query that some other thread than except has,
// with rarity times weight in the query, the highest first.
func (c *corpus) weightiest(query []text.Term, except int) []queryTerm {
	out := make([]queryTerm, 0, len(query))
	for _, q := range query {
		id, ok := c.terms[q.Text]
		if !ok {
			continue
		}
		n := len(c.posts[id].threads)
		if n == 0 || n == 1 && int(c.posts[id].threads[0]) == except {
			continue
		}
		out = append(out, queryTerm{id, c.idf(n) * float64(q.Weight)})
	}
	// By text where equal: ids depend on what was once in the index.
	slices.SortFunc(out, func(a, b queryTerm) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(c.names[a.term], c.names[b.term]))
	})
	return out[:min(len(out), maxQueryTerms)]
}

// threads are those that have the term.
func (c *corpus) threads(term string) []uint32 {
	if id, ok := c.terms[term]; ok {
		return c.posts[id].threads
	}
	return nil
}

// weight is the score of a text that says all that the weightiest terms of
// query say, those among them that nobody has used yet.
func (c *corpus) weight(query []text.Term) float64 {
	all := make([]float64, len(query))
	for i, q := range query {
		all[i] = c.idf(len(c.threads(q.Text))) * float64(q.Weight)
	}
	slices.Sort(all)
	var sum float64
	for _, w := range all[max(0, len(all)-maxQueryTerms):] {
		sum += w * (k1 + 1) / 2
	}
	return sum
}

// topHits is a heap with the worst hit on top.
type topHits []hit

func (h topHits) less(a, b hit) bool {
	return a.score < b.score || a.score == b.score && a.thread > b.thread
}

func (h topHits) wants(x hit, k int) bool { return len(h) < k || h.less(h[0], x) }

func (h *topHits) add(x hit, k int) {
	if len(*h) == k {
		(*h)[0] = x
		h.down()
		return
	}
	*h = append(*h, x)
	for i := len(*h) - 1; i > 0; {
		up := (i - 1) / 2
		if !h.less((*h)[i], (*h)[up]) {
			return
		}
		(*h)[i], (*h)[up] = (*h)[up], (*h)[i]
		i = up
	}
}

func (h *topHits) down() {
	s := *h
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(s) {
			return
		}
		if child+1 < len(s) && s.less(s[child+1], s[child]) {
			child++
		}
		if !s.less(s[child], s[i]) {
			return
		}
		s[i], s[child] = s[child], s[i]
		i = child
	}
}

// digest adds what the corpus holds to d, in no order: the numbers of terms
// depend on what was once in it.
func (c *corpus) digest(d *digest, name func(thread uint32) string) {
	for i, t := range c.texts {
		for _, p := range t.parts {
			for j, term := range p.terms {
				d.add("text", name(uint32(i)), p.key, c.names[term], string(rune(p.freq[j])))
			}
		}
	}
}

// digest is a hash of a set: the order in which things are added is no matter.
type digest struct{ a, b uint64 }

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
