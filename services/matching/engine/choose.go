package engine

import (
	"math"
	"math/rand/v2"
)

// Choice is how many of the candidates are asked, and from where.
type Choice struct {
	Count   int  // at most so many people
	PerUnit int  // at most so many of one unit; 0: any number
	Spread  bool // from as many units as possible, before score counts
	Across  bool // at least one of another unit than the asker's, if there is one
	// Explore is how often, 0 to 1, the last place goes to somebody who is not known
	// yet; see Newcomer.
	Explore float64
}

// Choose takes the best candidates, in their order, for whom more speaks than
// where they work. Who works in no known unit stands for one of
// their own.
func (c Choice) Choose(ranked []Candidate) []Candidate {
	taken := make([]bool, len(ranked))
	units := map[string]int{}
	n := 0
	take := func(perUnit int) {
		for i, one := range ranked {
			if n == c.Count {
				return
			}
			if taken[i] || !one.Founded() || perUnit > 0 && one.Unit != "" && units[one.Unit] >= perUnit {
				continue
			}
			taken[i] = true
			units[one.Unit]++
			n++
		}
	}
	if c.Spread {
		take(1)
	}
	take(c.PerUnit)
	if c.Across && n > 1 {
		across(ranked, taken)
	}
	out := make([]Candidate, 0, n)
	for i, one := range ranked {
		if taken[i] {
			one.Propensity = 1
			out = append(out, one)
		}
	}
	return out
}

// across gives the last place to the best of another unit if nobody taken is of one.
func across(ranked []Candidate, taken []bool) {
	last, best := -1, -1
	for i, one := range ranked {
		switch {
		case taken[i] && one.OtherUnit:
			return
		case taken[i]:
			last = i
		case best < 0 && one.OtherUnit && one.Founded():
			best = i
		}
	}
	if best >= 0 {
		taken[last], taken[best] = false, true
	}
}

const (
	// newcomerAnswers is how many answers somebody may have given who is not known yet.
	newcomerAnswers = 3
	// relevant is the share of the chance of the last one chosen below which a
	// newcomer is not asked.
	relevant = 0.02
)

// knows reports whether something in particular says that c knows about what is
// asked.
func (c Candidate) knows() bool { return c.Similar != "" || c.Tag != "" || c.Topic >= 0 }

// Newcomer reports whether so little is known of c as helper that only asking
// them would tell.
func (c Candidate) Newcomer() bool { return c.Features[Answers] <= math.Log1p(newcomerAnswers) }

// Venture gives the last place among chosen to a newcomer, in a share Explore of
// cases, with odds by their chances; none of them much less likely to help than
// whom they replace. It sets the Propensity of those whom chance had to do with:
// the probability with which they were chosen, by which another way of choosing
// can be judged from what came of this one (Bottou et al., "Counterfactual
// Reasoning and Learning Systems", JMLR 2013).
func (c Choice) Venture(ranked, chosen []Candidate, random *rand.Rand) []Candidate {
	if len(chosen) < 2 || c.Explore <= 0 {
		return chosen
	}
	last := len(chosen) - 1
	isChosen := map[string]bool{}
	for _, one := range chosen {
		isChosen[one.Person] = true
	}
	var known []Candidate
	var sum float64
	for _, one := range ranked {
		if !isChosen[one.Person] && one.Newcomer() && one.knows() && one.Chance >= relevant*chosen[last].Chance {
			known = append(known, one)
			sum += one.Chance
		}
	}
	if len(known) == 0 {
		return chosen
	}
	chosen[last].Propensity = 1 - c.Explore
	if random.Float64() >= c.Explore {
		return chosen
	}
	at, i := random.Float64()*sum, 0
	for ; i < len(known)-1 && at >= known[i].Chance; i++ {
		at -= known[i].Chance
	}
	known[i].Propensity, known[i].Tried = c.Explore*known[i].Chance/sum, true
	chosen[last] = known[i]
	return chosen
}
