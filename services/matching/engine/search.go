package engine

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// hit is a thread that matches.
type hit struct {
	thread uint32
	score  float64
}

// compare is negative if h comes before o: the higher score, equals by thread.
func (h hit) compare(o hit) int {
	return cmp.Or(cmp.Compare(o.score, h.score), cmp.Compare(h.thread, o.thread))
}

// windowSize is how many threads are scored at a time: their scores stay in
// the processor's cache.
const windowSize = 1 << 13

// rounding is more than what sums of two dozen numbers differ by rounding.
const rounding = 1e-12

// scratch is the room in which one search is done.
type scratch struct {
	scores  [windowSize]float64
	touched [windowSize + 1]uint16 // threads with a score, from the start of the window
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
// sums in the order of q.terms, whichever way they come about. Where there are
// many windows processors share them, and what each knows to be the least.
func (c *corpus) search(q query, k int, except int, s *sight, keep func(thread uint32) bool) []hit {
	if k <= 0 || len(q.terms) == 0 {
		return nil
	}
	x := searching{corpus: c, terms: q.terms, scale: s.scale(), k: k, except: except, sight: s, keep: keep, shared: new(shared)}
	windows := (len(c.lengths) + windowSize - 1) / windowSize
	sides := max(1, min(windows/c.apart, runtime.GOMAXPROCS(0)))
	found := make([]topHits, sides)
	var others sync.WaitGroup
	for i := range sides - 1 {
		others.Go(func() { found[i] = x.among(i*windows/sides, (i+1)*windows/sides) })
	}
	found[sides-1] = x.among((sides-1)*windows/sides, windows)
	others.Wait()
	best := slices.Concat(found...)
	slices.SortFunc(best, hit.compare)
	return best[:min(len(best), k)]
}

// windowsApart is how many windows one goroutine searches at least: from twice as
// many on, two do it side by side.
const windowsApart = 32

// among returns the best of some windows, or fewer if others know better ones.
func (x searching) among(from, to int) topHits {
	room := x.corpus.scratch.Get().(*scratch)
	defer x.corpus.scratch.Put(room)
	x.scratch, x.best = room, make(topHits, 0, min(x.k, 1024)+1)
	for i, t := range x.terms {
		room.cursors[i].open(t.posts)
		room.cursors[i].skip(uint32(from * windowSize))
	}
	for n := from; n < to; n++ {
		x.window(uint32(n*windowSize), uint32(min((n+1)*windowSize, len(x.corpus.lengths))))
	}
	for i := range x.terms {
		room.cursors[i].open(nil)
	}
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
	shared *shared
	best   topHits

	rest [maxQueryTerms + 1]float64 // what the terms from one on can add
}

// shared is what goroutines that search side by side have in common.
type shared struct {
	least  atomic.Uint64 // bits of the highest score that is the worst of k
	asking sync.Mutex    // whether a thread is let through
}

// least is the score below which a thread is not among the best.
func (x *searching) least() float64 {
	least := math.Float64frombits(x.shared.least.Load())
	if len(x.best) == x.k && x.best[0].score > least {
		least = x.best[0].score
		x.shared.raise(least)
	}
	return least * (1 - rounding)
}

func (s *shared) raise(least float64) {
	for {
		old := s.least.Load()
		if least <= math.Float64frombits(old) || s.least.CompareAndSwap(old, math.Float64bits(least)) {
			return
		}
	}
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
	i, touched := 0, 0
	for ; i < n && x.rest[i] >= least; i++ {
		if x.rest[i] > x.rest[i+1] {
			touched = x.addUp(i, low, high, touched)
		}
	}
	left := x.touched[:touched]
	if i < n {
		left = x.lookUp(i, low, high, left, least)
	}
	for _, at := range left {
		x.offer(low+uint32(at), x.scores[at])
		x.scores[at] = 0
	}
}

// addUp adds the term i to all threads of the window that have it, and notes
// those that had no score after the first n touched.
func (x *searching) addUp(i int, low, high uint32, n int) int {
	c, weight, scale := &x.cursors[i], x.terms[i].weight, x.scale
	lengths := x.corpus.lengths[low:high]
	for c.load(low) {
		posts := c.posts[c.at:]
		for j, p := range posts {
			at := p.thread() - low
			if at >= uint32(len(lengths)) {
				c.at += j
				return n
			}
			score := &x.scores[at%windowSize]
			// Without a branch, which would be mispredicted too often.
			x.touched[n] = uint16(at)
			one := 0
			if math.Float64bits(*score) == 0 {
				one = 1
			}
			n += one
			*score += scale.score(weight, p.freq(), lengths[at])
		}
		c.at = len(c.posts)
	}
	return n
}

// lookUp adds the terms from i on to those threads that can still get among the
// best, and leaves these.
func (x *searching) lookUp(i int, low, high uint32, threads []uint16, least float64) []uint16 {
	left := x.able(threads, i, least)
	sorted := false
	for ; i < len(x.terms) && len(left) > 0; i++ {
		if x.rest[i] == x.rest[i+1] {
			continue
		}
		if x.cursors[i].count(low, high) <= dense*len(left) {
			x.addKnown(i, low, high)
		} else {
			if !sorted {
				slices.Sort(left) // a cursor goes forth only
				sorted = true
			}
			x.find(i, low, left)
		}
		left = x.able(left, i+1, least)
	}
	return left
}

// dense is how many postings are read in the time in which one is looked up.
const dense = 16

// able leaves those of threads that can get among the best with the terms from
// i on, and forgets the others.
func (x *searching) able(threads []uint16, i int, least float64) []uint16 {
	need := least - x.rest[i]
	n := 0
	for _, at := range threads {
		if x.scores[at] >= need {
			threads[n] = at
			n++
		} else {
			x.scores[at] = 0
		}
	}
	return threads[:n]
}

// addKnown adds the term i to those threads of the window that have a score.
func (x *searching) addKnown(i int, low, high uint32) {
	c, weight, scale := &x.cursors[i], x.terms[i].weight, x.scale
	lengths := x.corpus.lengths[low:high]
	for c.load(low) {
		posts := c.posts[c.at:]
		for j, p := range posts {
			at := p.thread() - low
			if at >= uint32(len(lengths)) {
				c.at += j
				return
			}
			if score := &x.scores[at%windowSize]; *score > 0 {
				*score += scale.score(weight, p.freq(), lengths[at])
			}
		}
		c.at = len(c.posts)
	}
}

// find adds the term i to threads, which are ascending.
func (x *searching) find(i int, low uint32, threads []uint16) {
	c, weight := &x.cursors[i], x.terms[i].weight
	for _, at := range threads {
		thread := low + uint32(at)
		if freq := c.freq(thread); freq > 0 {
			x.scores[at] += x.scale.score(weight, freq, x.corpus.lengths[thread])
		}
	}
}

// offer takes a thread among the best if it belongs there.
func (x *searching) offer(thread uint32, score float64) {
	h := hit{thread, score}
	if int(thread) != x.except && x.best.wants(h, x.k) && x.lets(thread) {
		x.best.add(h, x.k)
	}
}

// lets asks about a thread, one at a time: who answers need not be safe for
// concurrent use.
func (x *searching) lets(thread uint32) bool {
	if x.keep == nil && x.sight.group(x.corpus.groups[thread]) {
		return true
	}
	x.shared.asking.Lock()
	defer x.shared.asking.Unlock()
	return x.sight.sees(thread) && (x.keep == nil || x.keep(thread))
}
