package engine

import (
	"cmp"
	"math"
	"slices"

	"kith/pkg/text"
)

// BM25 with the constants that its authors recommend (Robertson and Zaragoza,
// "The Probabilistic Relevance Framework: BM25 and Beyond", 2009).
const (
	k1 = 1.2
	b  = 0.75
	// maxQueryTerms bounds a query. The weightiest rankTerms carry nearly all of it,
	// and are enough to find who knows about something; to tell which of many like
	// texts is the same question the others help.
	maxQueryTerms = 48
	rankTerms     = 24
)

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
	// latest is how many windows of the latest threads are searched, 0: all.
	latest int
}

type queryTerm struct {
	name       string
	posts      *postings // nil: no thread has it
	found      bool      // in another thread than that which asks
	times, idf float64
	weight     float64 // times × idf, or a share of that of a related term
}

// query weighs terms, of a text in language, by rarity among what s sees, times
// weight, and adds those that are related to them. What no other thread than
// except has cannot be searched for. Of all these it takes the weightiest, at most
// most.
func (c *corpus) query(terms []text.Term, language string, except int, s *sight, most int) query {
	asked := make([]queryTerm, len(terms))
	for i, t := range terms {
		posts := c.find(t.Text)
		n, found := s.having(posts, except)
		idf, times := s.idf(n), float64(t.Weight)
		asked[i] = queryTerm{t.Text, posts, found, times, idf, idf * times}
	}
	byWeight(asked)
	q := query{terms: append(asked, c.related(asked, language, except, s)...)}
	for _, t := range slices.Backward(asked[:min(len(asked), most)]) {
		q.whole += t.weight * (k1 + 1) / 2
	}
	q.terms = slices.DeleteFunc(q.terms, func(t queryTerm) bool { return !t.found || t.weight <= 0 })
	byWeight(q.terms)
	q.terms = q.terms[:min(len(q.terms), most)]
	return q
}

// byWeight sorts the weightiest first, by name where equal: the order of ids
// must not show.
func byWeight(terms []queryTerm) {
	slices.SortFunc(terms, func(a, b queryTerm) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.name, b.name))
	})
}

// scale is how BM25 scores what a sight sees.
type scale struct {
	flat, slope float64 // of the norm, by the average length
}

func (s *sight) scale() scale {
	return scale{k1 * (1 - b), k1 * b * float64(max(s.live, 1)) / float64(max(s.total, 1))}
}

// score is what a term adds. It is written once, and its products are rounded
// by themselves, so that every way to add up a thread's score has the same sum.
func (s scale) score(weight float64, freq uint8, length uint32) float64 {
	f := float64(freq)
	return float64(weight*f) * (k1 + 1) / (f + (s.flat + float64(s.slope*float64(length))))
}

// most is the highest score that a term adds within the bounds of a block.
func (s scale) most(weight float64, freq uint8, ratio uint16) float64 {
	return weight * (k1 + 1) / (1 + s.flat/float64(freq) + s.slope*float64(ratio))
}
