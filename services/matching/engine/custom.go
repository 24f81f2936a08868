package engine

import "math"

// custom is what weighs otherwise in a community than in the organisation: what
// is added to the weights there. It is learned with them, from the community's own
// requests, by steps of AdaGrad like a knack, and drawn to nothing: a community with
// little past is served by what all have taught.
type custom struct {
	add    Weights
	square Weights // sums of the squares of gradients
}

const (
	customRate = 0.03
	customEase = 1    // added to sums of squares: first steps are small
	customPull = 0.01 // towards what weighs in the organisation
)

// on are the weights in the community, those of the organisation being w.
func (c *custom) on(w Weights) Weights {
	for i := range w {
		w[i] += c.add[i]
	}
	return w
}

// learn moves c by an example of the community and the gradient of its loss by the
// score of each candidate.
func (c *custom) learn(features [][Learned]float32, byScore []float64) {
	for j := range c.add {
		gradient := float64(customPull * c.add[j])
		for i := range byScore {
			gradient += float64(byScore[i] * float64(features[i][j]))
		}
		c.square[j] += float64(gradient * gradient)
		c.add[j] -= float64(customRate * gradient / math.Sqrt(customEase+c.square[j]))
	}
}

// WeightsFor are the weights that have been learned for what is asked: those of
// the organisation, with what weighs otherwise in the community if sees lets it
// through, as in People.
func (e *Engine) WeightsFor(ask Ask, sees func(community, request string) bool) Weights {
	c := e.communities[ask.Community]
	if _, t := e.thread(ask.Request); t != nil {
		c = e.byNumber[t.community]
	}
	if c == nil || sees != nil && !sees(c.id, "") {
		return e.learner.weights
	}
	return c.custom.on(e.learner.weights)
}
