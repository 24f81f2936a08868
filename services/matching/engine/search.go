package engine

import (
	"cmp"
	"slices"
)

// hit is a thread that matches.
type hit struct {
	thread uint32
	score  float64
}

// windowSize is how many threads are scored at a time: their scores stay in
// the processor's cache.
const windowSize = 1 << 13

// rounding is more than what sums of two dozen numbers differ by rounding.
const rounding = 1e-12

// scratch is the room in which one search is done.
type scratch struct {
	scores  [windowSize]float64
	touched []uint32 // threads, from the start of the window
	cursors [maxQueryTerms]cursor
}

// search returns the k best threads for q, best first, equals by thread; not
// the thread except (-1: none), and only those that keep lets through (nil:
// all that s sees).
//
// It is MaxScore (Turtle and Flood, "Query evaluation: strategies and
// optimizations", 1995) on windows of threads, with bounds of blocks: terms
// are added up from the weightiest on, until what the rest could add at most
// brings no thread of the window among the best that has not one of these
// terms. The rest is looked up for those that can still get there. Scores are
// sums in the order of q.terms, whichever way they come about.
func (c *corpus) search(q query, k int, except int, s *sight, keep func(thread uint32) bool) []hit {
	if k <= 0 || len(q.terms) == 0 {
		return nil
	}
	room := c.scratch.Get().(*scratch)
	defer c.scratch.Put(room)
	x := searching{corpus: c, scratch: room, terms: q.terms, scale: s.scale(), k: k, except: except, sight: s, keep: keep,
		best: make(topHits, 0, min(k, 1024)+1)}
	for i, t := range q.terms {
		room.cursors[i].open(t.posts)
	}
	for low := 0; low < len(c.lengths); low += windowSize {
		x.window(uint32(low), uint32(min(low+windowSize, len(c.lengths))))
	}
	for i := range q.terms {
		room.cursors[i].open(nil)
	}
	slices.SortFunc(x.best, func(a, b hit) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.thread, b.thread)) })
	return x.best
}

// searching is a search that goes on.
type searching struct {
	*scratch
	corpus *corpus
	terms  []queryTerm
	scale  scale
	k      int
	except int
	sight  *sight
	keep   func(thread uint32) bool
	best   topHits

	rest [maxQueryTerms + 1]float64 // what the terms from one on can add
}

// least is the score below which a thread is not among the best.
func (x *searching) least() float64 {
	if len(x.best) < x.k {
		return 0
	}
	return x.best[0].score * (1 - rounding)
}

// window looks among the threads from low to high, exclusive.
func (x *searching) window(low, high uint32) {
	n := len(x.terms)
	x.rest[n] = 0
	for i := n - 1; i >= 0; i-- {
		x.rest[i] = x.rest[i+1] + x.cursors[i].bound(x.scale, x.terms[i].weight, low, high)
	}
	least := x.least()
	if x.rest[0] == 0 || x.rest[0] < least {
		return
	}
	x.touched = x.touched[:0]
	i := 0
	for ; i < n && x.rest[i] >= least; i++ {
		if x.rest[i] > x.rest[i+1] {
			x.addUp(i, low, high)
		}
	}
	if i < n {
		x.lookUp(i, low, least)
		return
	}
	for _, at := range x.touched {
		x.offer(low+at, x.scores[at])
		x.scores[at] = 0
	}
}

// addUp adds the term i to all threads of the window that have it.
func (x *searching) addUp(i int, low, high uint32) {
	c, weight, lengths, scale := &x.cursors[i], x.terms[i].weight, x.corpus.lengths, x.scale
	for c.load(low) {
		posts := c.posts[c.at:]
		for j, p := range posts {
			thread := p.thread()
			if thread >= high {
				c.at += j
				return
			}
			at := thread - low
			score := x.scores[at]
			if score == 0 {
				x.touched = append(x.touched, at)
			}
			x.scores[at] = score + scale.score(weight, p.freq(), lengths[thread])
		}
		c.at = len(c.posts)
	}
}

// lookUp adds the terms from i on to those threads that can still get among the
// best, and offers these.
func (x *searching) lookUp(i int, low uint32, least float64) {
	left := x.touched[:0]
	for _, at := range x.touched {
		if x.scores[at]+x.rest[i] >= least && x.sight.mayShow(low+at) {
			left = append(left, at)
		} else {
			x.scores[at] = 0
		}
	}
	slices.Sort(left) // a cursor goes forth only
	for ; i < len(x.terms) && len(left) > 0; i++ {
		if x.rest[i] == x.rest[i+1] {
			continue
		}
		c, weight := &x.cursors[i], x.terms[i].weight
		all := left
		left = left[:0]
		for _, at := range all {
			score := x.scores[at]
			if score+x.rest[i] < least {
				x.scores[at] = 0
				continue
			}
			if freq := c.freq(low + at); freq > 0 {
				x.scores[at] = score + x.scale.score(weight, freq, x.corpus.lengths[low+at])
			}
			left = append(left, at)
		}
	}
	for _, at := range left {
		x.offer(low+at, x.scores[at])
		x.scores[at] = 0
	}
}

// offer takes a thread among the best if it belongs there.
func (x *searching) offer(thread uint32, score float64) {
	h := hit{thread, score}
	if int(thread) != x.except && x.best.wants(h, x.k) && x.sight.sees(thread) && (x.keep == nil || x.keep(thread)) {
		x.best.add(h, x.k)
	}
}
