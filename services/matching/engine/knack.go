package engine

import (
	"cmp"
	"math"
	"slices"
)

// knack is what somebody's part in the questions of a community says beyond the
// features that all share: a weight for each term, learned with Weights, by steps of
// AdaGrad (Duchi et al., "Adaptive Subgradient Methods", JMLR 2011). It is sorted by
// term.
type knack []hint

type hint struct {
	term   uint32
	weight float32
	square float32 // sum of the squares of gradients
}

const (
	knackRate = 0.3
	knackEase = 0.1 // added to sums of squares: first steps are small
	// knackLeast is the gradient below which somebody learns nothing: who was
	// neither expected nor came.
	knackLeast = 0.01
	// mostHints somebody has in a community; then those that say least go.
	mostHints = 512
)

// shareOf is a term's part of a question. The squares of all sum to 1.
type shareOf struct {
	term  uint32
	share float64
}

// shares are the parts of q.
func (c *corpus) shares(q query) []shareOf {
	out := make([]shareOf, 0, len(q.terms))
	var norm float64
	for _, t := range q.terms {
		if term, ok := c.vocabulary.Find(t.name); ok {
			out = append(out, shareOf{term, t.weight})
			norm += float64(t.weight * t.weight)
		}
	}
	for i := range out {
		out[i].share /= math.Sqrt(norm)
	}
	return out
}

func (k knack) find(term uint32) (int, bool) {
	return slices.BinarySearchFunc(k, term, func(h hint, term uint32) int { return cmp.Compare(h.term, term) })
}

// of is what k says to a question.
func (k knack) of(question []shareOf) (sum float64) {
	for _, s := range question {
		if i, ok := k.find(s.term); ok {
			sum += float64(float64(k[i].weight) * s.share)
		}
	}
	return sum
}

// learn is k after a question, by the gradient of its loss by the person's score.
func (k knack) learn(question []shareOf, gradient float64) knack {
	for _, s := range question {
		i, ok := k.find(s.term)
		if !ok {
			k = slices.Insert(k, i, hint{term: s.term})
		}
		h, d := &k[i], float64(gradient*s.share)
		h.square += float32(d * d)
		h.weight -= float32(knackRate * d / math.Sqrt(knackEase+float64(h.square)))
	}
	if len(k) > mostHints {
		k = k.trim()
	}
	return k
}

// trim keeps three of four hints, those that say most.
func (k knack) trim() knack {
	says := make([]float64, len(k))
	for i, h := range k {
		says[i] = math.Abs(float64(h.weight))
	}
	slices.Sort(says)
	least := says[len(says)/4]
	return slices.DeleteFunc(k, func(h hint) bool { return math.Abs(float64(h.weight)) < least })
}
