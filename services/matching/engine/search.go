package engine

import (
	"cmp"
	"math"
	"slices"

	"kith/pkg/text"
)

// hit is a thread that matches.
type hit struct {
	thread uint32
	score  float64
}

type accumulator struct {
	scores  []float64
	touched []uint32
}

// search returns the k best threads for q, best first, equals by thread; not
// the thread except (-1: none), and only those that keep lets through (nil:
// all that s sees). It scores term at a time.
func (c *corpus) search(q query, k int, except int, s *sight, keep func(thread uint32) bool) []hit {
	acc := c.scratch.Get().(*accumulator)
	defer c.scratch.Put(acc)
	if len(acc.scores) < len(c.parts) {
		acc.scores = make([]float64, len(c.parts)+len(c.parts)/4)
	}
	slope := k1 * b * float64(max(s.live, 1)) / float64(max(s.total, 1)) // by the average length
	for _, t := range q.terms {
		for _, p := range t.posts {
			thread, tf := p.thread(), float64(p.freq())
			norm := k1*(1-b) + slope*float64(c.lengths[thread])
			if acc.scores[thread] == 0 {
				acc.touched = append(acc.touched, thread)
			}
			acc.scores[thread] += t.weight * tf * (k1 + 1) / (tf + norm)
		}
	}
	best := make(topHits, 0, k+1)
	for _, thread := range acc.touched {
		score := acc.scores[thread]
		acc.scores[thread] = 0
		if int(thread) != except && best.wants(hit{thread, score}, k) && s.sees(thread) && (keep == nil || keep(thread)) {
			best.add(hit{thread, score}, k)
		}
	}
	acc.touched = acc.touched[:0]
	slices.SortFunc(best, func(a, b hit) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.thread, b.thread)) })
	return best
}

// idf is how rare a term is that n threads have, of those in s.
func (s *sight) idf(n int) float64 {
	return math.Log(1 + (float64(s.live)-float64(n)+0.5)/(float64(n)+0.5))
}

// query is what is searched for.
type query struct {
	terms []queryTerm // the weightiest that some thread has, the weightiest first
	// whole is the score of a text that says all that the weightiest terms
	// say, those among them that nobody has used yet.
	whole float64
}

type queryTerm struct {
	name       string
	posts      []posting
	found      bool // in another thread than that which asks
	times, idf float64
	weight     float64 // times × idf, or a share of that of a related term
}

// query weighs terms, of a text in language, by rarity among what s sees, times
// weight, and adds those that are related to them. What no other thread than
// except has cannot be searched for.
func (c *corpus) query(terms []text.Term, language string, except int, s *sight) query {
	asked := make([]queryTerm, len(terms))
	for i, t := range terms {
		posts := c.posting(t.Text)
		n, found := s.count(posts, except)
		idf, times := s.idf(n), float64(t.Weight)
		asked[i] = queryTerm{t.Text, posts, found, times, idf, idf * times}
	}
	byWeight(asked)
	q := query{terms: append(asked, c.related(asked, language, except, s)...)}
	for _, t := range slices.Backward(asked[:min(len(asked), maxQueryTerms)]) {
		q.whole += t.weight * (k1 + 1) / 2
	}
	q.terms = slices.DeleteFunc(q.terms, func(t queryTerm) bool { return !t.found })
	byWeight(q.terms)
	q.terms = q.terms[:min(len(q.terms), maxQueryTerms)]
	return q
}

// byWeight sorts the weightiest first, by name where equal: the order of ids
// must not show.
func byWeight(terms []queryTerm) {
	slices.SortFunc(terms, func(a, b queryTerm) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.name, b.name))
	})
}

// posting are the threads that have the term.
func (c *corpus) posting(term string) []posting {
	if id, ok := c.vocabulary.Find(term); ok && int(id) < len(c.posts) {
		return c.posts[id]
	}
	return nil
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
