package engine

import "math"

// Feature numbers what speaks for a candidate and can be learned from what came
// of earlier requests. The order is part of what the log says: new ones come
// last, and none is taken out.
type Feature int

// Features, each from 0 but Beyond and those after it. Halves are counted in what happens in a community, not
// in time: a community that sleeps forgets nothing.
const (
	Vote       Feature = iota // votes of similar requests that they answered
	VoteLately                // the same, where an older request counts less
	Nearest                   // the most similar one, in relation to the most similar of all, 0 to 1
	Tag                       // answers to requests with the tags, rare tags more
	TagLately                 // the same, where only the latest count
	Topic                     // how well a line of their profile fits
	Sprint                    // answers in the community, half after 25
	Active                    // half after 150
	Steady                    // half after 1000
	Answers                   // all that they gave
	Accepted                  // share of their answers that were accepted, 0 to 1
	Idle                      // answers of others in the community since their latest
	Tenure                    // answers in the community since their first
	Helped                    // answers to this asker
	Quiet                     // share of proposals that they declined or let pass, 0 to 1
	Beyond                    // helped more often in the community of late than was expected of them: ln of the ratio
	Speaks                    // their profile says that they speak the language, 1; that they speak others, -1
	Hours                     // they answer in the community at this time of the week more than others do: ln of the ratio
	Knack                     // helped in the community more often than expected with questions in these words
	Learned                   // how many there are
)

// Name is the feature's name in events and explanations.
func (f Feature) Name() string {
	return [Learned]string{
		"vote", "vote_lately", "nearest", "tag", "tag_lately", "topic", "sprint", "active", "steady",
		"answers", "accepted", "idle", "tenure", "helped", "quiet", "beyond",
		"speaks", "hours", "knack",
	}[f]
}

// Features of a candidate, on the scale on which they are weighed: counts as
// ln(1 + count), shares as they are.
type Features [Learned]float64

// Weights of Features.
type Weights [Learned]float64

// score is the sum of weight × feature. The conversions keep a processor from
// fusing a product with a sum, so that every one of them gives the same bits.
func (w *Weights) score(f *Features) float64 {
	var sum float64
	for i := range w {
		sum += float64(w[i] * f[i])
	}
	return sum
}

// Policy is what an organisation wants besides the best chance of an answer. It
// is configured, never learned.
type Policy struct {
	// OtherUnit is what a helper elsewhere than the asker is worth, on the scale of
	// scores: e^OtherUnit times the chance.
	OtherUnit float64
	// Load is taken off for each doubling or so of recent and waiting proposals:
	// Load·ln(1 + proposals).
	Load float64
	// Spread moves requests from those who are asked all the time to others. It is
	// the chance of an answer that is given up to spare somebody who is asked at
	// every request; see Rank.
	Spread float64
}

// DefaultPolicy crosses units and spares who is busy, as far as measurement says
// that it costs nothing or little.
func DefaultPolicy() Policy { return Policy{OtherUnit: 0.3, Load: 0.5, Spread: 0.2} }

// DefaultWeights are where learning begins. They are near those that fit who
// answered what in technical forums, with and without tags. All answers and time
// in the community together say how steadily somebody answers. What forums know
// nothing of is set by judgement: who says that they can help with this very
// thing comes before who has merely been active.
func DefaultWeights() Weights {
	return Weights{
		Vote: 0.6, Nearest: -0.4, Tag: 0.7, TagLately: 0.1, Topic: 2.5, Sprint: 0.1, Active: 0.9, Steady: 0.3,
		Answers: -0.6, Accepted: 0.15, Idle: -0.15, Tenure: 0.1, Helped: 0.3, Quiet: -0.5, Beyond: 1.3,
		Speaks: 0.7, Hours: 0.2, Knack: 1,
	}
}

// Without makes e rank and learn as if there were no such features: for measuring
// what they bring.
func (e *Engine) Without(features ...Feature) {
	for _, f := range features {
		e.without[f] = 1
	}
}

// halves are the half-lives of Sprint, Active and Steady, in answers of the
// community.
var halves = [...]float64{25, 150, 1000}

// pace are answers that fade with those that come after them, by halves.
type pace [len(halves)]float32

// after is p when so many answers have come since.
func (p pace) after(answers uint32) (out [len(halves)]float64) {
	for i, v := range p {
		out[i] = float64(v) * math.Exp2(-float64(answers)/halves[i])
	}
	return out
}
