package engine

import (
	"math"
	"slices"
)

// knack is what somebody's part in the questions of a community says beyond the
// features that all share: a weight for each term, learned with Weights, by steps of
// AdaGrad (Duchi et al., "Adaptive Subgradient Methods", JMLR 2011). Terms are
// looked up by hash: every candidate is asked about every term of a question, and
// has few of them.
type knack struct {
	hints []hint
	slots []uint16 // 1 + index of a hint, 0: none; a power of two, at most five of eight in use
}

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

// slot is where the hint of a term is, or would be.
func (k *knack) slot(term uint32) *uint16 {
	mask := uint32(len(k.slots) - 1)
	for at := term * golden >> 16; ; at++ {
		slot := &k.slots[at&mask]
		if *slot == 0 || k.hints[*slot-1].term == term {
			return slot
		}
	}
}

// of is what k says to a question; a nil one says nothing.
func (k *knack) of(question []shareOf) (sum float64) {
	if k == nil || len(k.hints) == 0 {
		return 0
	}
	for _, s := range question {
		if i := *k.slot(s.term); i > 0 {
			sum += float64(float64(k.hints[i-1].weight) * s.share)
		}
	}
	return sum
}

// learn learns from a question, by the gradient of its loss by the person's score.
func (k *knack) learn(question []shareOf, gradient float64) {
	for _, s := range question {
		h, d := k.hint(s.term), float64(gradient*s.share)
		h.square += float32(d * d)
		h.weight -= float32(knackRate * d / math.Sqrt(knackEase+float64(h.square)))
	}
	if len(k.hints) > mostHints {
		k.trim()
	}
}

// hint is that of a term, which gets one if it has none.
func (k *knack) hint(term uint32) *hint {
	if 8*len(k.hints) >= 5*len(k.slots) {
		k.index(max(8, 2*len(k.slots)))
	}
	slot := k.slot(term)
	if *slot == 0 {
		k.hints = append(grown(k.hints), hint{term: term})
		*slot = uint16(len(k.hints))
	}
	return &k.hints[*slot-1]
}

// index makes so many slots.
func (k *knack) index(slots int) {
	k.slots = make([]uint16, slots)
	for i, h := range k.hints {
		*k.slot(h.term) = uint16(i + 1)
	}
}

// trim keeps three of four hints, those that say most.
func (k *knack) trim() {
	says := make([]float64, len(k.hints))
	for i, h := range k.hints {
		says[i] = math.Abs(float64(h.weight))
	}
	slices.Sort(says)
	least := says[len(says)/4]
	k.hints = slices.DeleteFunc(k.hints, func(h hint) bool { return math.Abs(float64(h.weight)) < least })
	k.index(len(k.slots))
}
