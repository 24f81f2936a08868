package engine

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// learner finds the weights by which those who helped come first. When a request
// is raised it notes the features of everybody who could help, and when the
// request is settled it moves the weights towards those who did: stochastic
// gradient ascent on the logarithm of their share in the softmax of scores (the
// listwise loss of Cao et al., "Learning to Rank", ICML 2007), with steps by
// Adam (Kingma and Ba, ICLR 2015), drawn to where it began. It learns from all
// communities: a weight says what kind of evidence to trust, and nothing of who
// did what where. What is trusted otherwise in one of them is its custom.
type learner struct {
	weights      Weights
	mean, square Weights // of gradients: Adam's first and second moment
	examples     int     // requests learned from

	waiting []example // requests that are not settled, in their order
}

// example is what was known of the candidates when a request was raised.
type example struct {
	thread   uint32
	people   []uint32
	features [][Learned]float32
	words    []shareOf // of the question
}

const (
	learnRate  = 0.03
	learnHalf  = 1000 // examples after which steps are smaller by the root of 2
	meanFade   = 0.9
	squareFade = 0.999
	pull       = 1e-3 // towards where learning began
	// mostWaiting requests are remembered until they are settled, the latest ones.
	mostWaiting = 512
	// mostCandidates of one are learned from, the best by the weights of the time.
	mostCandidates = 400
	// allLearned are the first requests, of which every one is learned from. Of as
	// many after them it is every second, of twice as many then every fourth, and
	// so on: enough to follow how people change, in a time that grows with the
	// logarithm of their number.
	allLearned = 2048
)

func newLearner() learner { return learner{weights: DefaultWeights()} }

// Weights are those of the organisation that have been learned so far; see WeightsFor.
func (e *Engine) Weights() Weights { return e.learner.weights }

// Examples is from how many requests they have been learned.
func (e *Engine) Examples() int { return e.learner.examples }

// observe notes who could help with a request that has just been raised, to learn
// from it when it is settled.
func (e *Engine) observe(n uint32) {
	if !learnedFrom(n) {
		return
	}
	g := e.gather(e.askedIn(n), e.sight(nil), nil)
	defer g.done()
	weights := g.ask.community.custom.on(e.learner.weights)
	g.scores = g.scores[:0]
	for i := range g.found {
		if v := &g.found[i]; int(v.person) != g.ask.asker {
			g.judge(v)
			g.scores = append(g.scores, scored{v.person, weights.score(&v.features)})
		}
	}
	all := g.top(g.scores, mostCandidates)
	x := example{thread: n, people: make([]uint32, len(all)), features: make([][Learned]float32, len(all)), words: g.words}
	for i, c := range all {
		x.people[i] = c.person
		for j, v := range g.of(c.person).features {
			x.features[i][j] = float32(v)
		}
	}
	if len(e.learner.waiting) == mostWaiting {
		e.learner.waiting = slices.Delete(e.learner.waiting, 0, 1)
	}
	e.learner.waiting = append(e.learner.waiting, x)
}

// learnedFrom reports whether a request, by its number from 0, is one of those.
func learnedFrom(n uint32) bool {
	step := uint32(1) << bits.Len32(n/allLearned)
	return n%step == 0
}

// learn learns from a thread that is settled, if it was observed.
func (e *Engine) learn(n uint32) {
	x, ok := e.learner.drop(n)
	if !ok {
		return
	}
	t := &e.threads[n]
	right := make([]float64, len(x.people))
	helpers := 0.0
	for i, who := range x.people {
		for _, a := range t.answers {
			if a.author == who && !a.retracted {
				right[i] += a.credit()
			}
		}
		if right[i] > 0 {
			helpers++
		}
	}
	if helpers == 0 {
		return
	}
	c := e.byNumber[t.community]
	chance, gradient := e.learner.step(c.custom.on(e.learner.weights), x.features, right)
	c.custom.learn(x.features, gradient)
	c.examples++
	for i, who := range x.people {
		if given := e.helper[who].gave(c.number); given != nil {
			given.record.add(c.examples, min(right[i], 1), chance[i]*helpers)
		}
		if math.Abs(gradient[i]) >= knackLeast {
			c.knack(who).learn(x.words, gradient[i])
		}
	}
}

// drop takes an example out.
func (l *learner) drop(thread uint32) (example, bool) {
	i := slices.IndexFunc(l.waiting, func(x example) bool { return x.thread == thread })
	if i < 0 {
		return example{}, false
	}
	x := l.waiting[i]
	l.waiting = slices.Delete(l.waiting, i, i+1)
	return x, true
}

// step moves the weights by one example and returns the chances of its candidates
// by the weights of its community as they were before, and the gradient of the loss
// by the score of each. Right is above 0 for those who helped, the more the better;
// at least one did.
func (l *learner) step(before Weights, features [][Learned]float32, right []float64) (chance, byScore []float64) {
	chance, byScore = make([]float64, len(features)), make([]float64, len(features))
	best := math.Inf(-1)
	for i := range features {
		for j, v := range features[i] {
			chance[i] += float64(before[j] * float64(v))
		}
		best = max(best, chance[i])
	}
	var all, ours float64
	for i := range chance {
		chance[i] = math.Exp(chance[i] - best)
		all += chance[i]
		ours += float64(chance[i] * right[i])
	}
	if ours < math.SmallestNonzeroFloat64*1e16 {
		ours = 1 // so unlikely that what it says is lost in rounding
	}
	for i := range chance {
		byScore[i] = chance[i]/all - float64(chance[i]*right[i])/ours
	}
	l.examples++
	rate := learnRate / math.Sqrt(1+float64(l.examples)/learnHalf)
	begun := DefaultWeights()
	for j := range l.weights {
		gradient := float64(pull * (l.weights[j] - begun[j]))
		for i := range chance {
			gradient += float64(byScore[i] * float64(features[i][j]))
		}
		l.mean[j] = float64(meanFade*l.mean[j]) + float64((1-meanFade)*gradient)
		l.square[j] = float64(squareFade*l.square[j]) + float64((1-squareFade)*float64(gradient*gradient))
		mean := l.mean[j] / (1 - math.Pow(meanFade, float64(l.examples)))
		square := l.square[j] / (1 - math.Pow(squareFade, float64(l.examples)))
		l.weights[j] -= float64(rate * mean / (math.Sqrt(square) + 1e-8))
	}
	for i := range chance {
		chance[i] /= all
	}
	return chance, byScore
}

// Lessons is equal for engines that have learned the same to the bit, as those do
// that were given the same in the same order.
func (e *Engine) Lessons() string {
	d, l := &digest{}, &e.learner
	d.add("learner", fmt.Sprint(l.weights, l.mean, l.square, l.examples))
	for _, x := range l.waiting {
		d.add("waiting", fmt.Sprint(x.thread, x.features))
	}
	for _, c := range e.byNumber {
		d.add("custom", c.id, fmt.Sprint(c.custom))
		for who, k := range c.knacks {
			for _, h := range k.hints {
				d.add("knack", c.id, e.names[who], fmt.Sprint(e.corpus.vocabulary.Name(h.term), h.weight, h.square))
			}
		}
	}
	for i, h := range e.helper {
		for _, g := range h.given {
			d.add("record", e.names[i], e.byNumber[g.community].id, fmt.Sprint(g.record))
		}
	}
	return d.String()
}
