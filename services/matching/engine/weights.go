package engine

import "math"

// Features are what speaks for a candidate, as plain numbers from 0.
type Features struct {
	Vote      float64 // of similar requests that they answered
	Tag       float64 // answers to requests with these tags, rare tags more
	Topic     float64 // how well a line of their profile fits
	Active    float64 // answers in the community, fading
	Answers   float64 // all that they gave, in communities that may speak
	Accepted  float64 // share of their answers that were accepted, 0 to 1
	OtherUnit float64 // 1: they work elsewhere than the asker
	Load      float64 // recent and waiting proposals
}

// Weights of the features, for which the score of a candidate is
//
//	Vote·ln(1+30v) + Tag·ln(1+t) + Topic·ln(1+p) + Active·ln(1+10a)
//	+ Answers·ln(1+n) + Accepted·s + OtherUnit·o − Load·ln(1+l)
type Weights struct {
	Vote, Tag, Topic, Active, Answers, Accepted, OtherUnit, Load float64
}

func (w Weights) score(f *Features) float64 {
	return w.Vote*math.Log1p(30*f.Vote) + w.Tag*math.Log1p(f.Tag) +
		w.Topic*math.Log1p(f.Topic) + w.Active*math.Log1p(10*f.Active) +
		w.Answers*math.Log1p(f.Answers) + w.Accepted*f.Accepted +
		w.OtherUnit*f.OtherUnit - w.Load*math.Log1p(f.Load)
}

// DefaultWeights are near those that fit best who answered what in technical
// forums, with and without tags (log-linear model, listwise softmax). All
// answers together weigh negative: next to activity and matching answers they
// only say who answers everything. What forums know nothing of is set by
// judgement: who says that they can help with this very thing comes before who
// has merely been active; crossing units and spreading the load are worth some
// precision.
func DefaultWeights() Weights {
	return Weights{
		Vote: 0.3, Tag: 1.1, Topic: 2.5, Active: 1.1, Answers: -0.35, Accepted: 0.15,
		OtherUnit: 0.3, Load: 0.5,
	}
}
