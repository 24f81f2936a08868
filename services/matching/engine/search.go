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
// the processor's nearest cache.
const windowSize = 1 << 12

// rounding is more than what sums of two dozen numbers differ by rounding.
const rounding = 1e-12

// scratch is the room in which one search is done.
type scratch struct {
	scores  [windowSize]float64
	touched [windowSize + 1]uint16 // threads with a score, from the start of the window
	left    [windowSize]uint16     // those that can still get among the best
	cursors [maxQueryTerms]cursor
}

// search returns the k best threads for q, best first, equals by thread; not
// the thread except (-1: none), and only those that keep lets through (nil:
// all that s sees), among the latest windows if q says so.
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
	end := c.windows()
	first := 0
	if q.latest > 0 {
		first = max(0, end-q.latest)
	}
	windows := end - first
	sides := max(1, min(windows/c.apart, runtime.GOMAXPROCS(0)))
	side := func(i int) int { return first + i*windows/sides }
	found := make([]topHits, sides)
	var others sync.WaitGroup
	for i := range sides - 1 {
		others.Go(func() { found[i] = x.among(side(i), side(i+1)) })
	}
	found[sides-1] = x.among(side(sides-1), end)
	others.Wait()
	best := slices.Concat(found...)
	slices.SortFunc(best, hit.compare)
	return best[:min(len(best), k)]
}

// windows is how many windows all threads fill, the last one perhaps in part.
func (c *corpus) windows() int { return (len(c.lengths) + windowSize - 1) / windowSize }

// windowsApart is how many windows one goroutine searches at least: from twice as
// many on, two do it side by side.
const windowsApart = 64

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

func (x *searching) offerAll(low uint32, threads []uint16) {
	for _, at := range threads {
		x.offer(low+uint32(at), x.scores[at])
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
