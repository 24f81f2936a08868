package engine

import (
	"cmp"
	"math"
	"slices"
	"time"

	"kith/pkg/text"
)

// Ask is what help is asked for.
type Ask struct {
	Request   string // one that was raised: its question is what is asked; "": what follows
	Community string
	Asker     string
	Language  string // of Terms
	Tags      []string
	Terms     []text.Term
	At        time.Time
}

// Rules are the weights and limits of ranking.
type Rules struct {
	Weights Weights // see Engine.WeightsFor
	Policy  Policy
	Cap     int           // proposals within Window, unless a person chose otherwise
	Window  time.Duration // up to 31 days
}

// People is what ranking asks about people.
type People struct {
	// May says whether somebody may be asked at all.
	May func(person string) bool
	// Unit is where somebody works, "" if that is not known.
	Unit func(person string) string
	// Sees says which earlier requests may speak for somebody, with request ""
	// whether all in the community may; nil: all. What it hides changes
	// nothing, neither who is ranked nor in which order, except by the load
	// that people have, how rare a word is in profiles, what was learned, and
	// which million requests are the latest.
	Sees func(community, request string) bool
	// Topics says whose profile may speak for them; nil: everybody's.
	Topics func(person string) bool
}

// Candidate is somebody who could be asked, with what speaks for them.
type Candidate struct {
	Person   string
	Unit     string
	Features Features
	Load     float64 // recent and waiting proposals
	Turns    float64 // how often it was their turn of late, 1: always
	Score    float64 // see Rank
	Chance   float64 // of helping, in relation to the other candidates; all of them sum to 1
	// Propensity is the probability with which they were chosen, once they are.
	Propensity float64
	Tried      bool // a newcomer who was chosen by chance

	Similar   string // the most similar request that they answered, if it resembles what is asked
	Like      int    // how many that resemble it they answered
	Tag       string // the tag of the request that they answered most often
	Tagged    int    // how many requests with it they answered lately
	Topic     int    // line of their profile that fits, -1: none
	Active    bool   // in the community lately
	Helped    int    // how many of the asker's requests they answered
	OtherUnit bool   // than the asker's
}

// Founded reports whether more speaks for c than where they work.
func (c Candidate) Founded() bool { return c.knows() || c.Active }

// mostRanked is how many candidates are ranked; those after them have next to no
// chance.
const mostRanked = 300

// activeAtLeast is the activity that is called one: an answer of late.
const activeAtLeast = 0.25

// Rank lists the candidates for ask, best first, equals by id: the best 300.
//
// The score is log-linear: the sum over features of weight × feature, see
// Features, and what the policy adds. Earlier requests vote for those who
// answered them (Balog et al., "Formal models for expert finding", SIGIR 2006),
// the nearest 200 by BM25 of the latest million, each with (its score / the best score)³.
//
// The chance is the softmax of scores. If load is to be spread, the order is by
// chance − Spread × turns: under a limit on how often each can be asked, an
// additive price for each person's turn is what gives the most chances of an
// answer in sum (linear programming duality, as in Massoulié and Xu, "On the
// Capacity of Information Processing Systems", Operations Research 2018).
func (e *Engine) Rank(ask Ask, rules Rules, people People) []Candidate {
	return e.AppendRank(nil, ask, rules, people)
}

// AppendRank appends what Rank lists to out, whose memory can so be used again: most of
// what a ranking leaves to the collector.
func (e *Engine) AppendRank(out []Candidate, ask Ask, rules Rules, people People) []Candidate {
	a := e.asked(ask)
	g := e.gather(a, e.sight(people.Sees), people.Topics)
	defer g.done()
	asker := ask.Asker
	if a.asker >= 0 {
		asker = e.names[a.asker]
	}
	unit := people.Unit(asker)
	g.scores = g.scores[:0]
	for i := range g.found {
		v := &g.found[i]
		name := e.names[v.person]
		if int(v.person) == a.asker || !people.May(name) {
			continue
		}
		recent, waiting := e.load(v.person, ask.At.Add(-rules.Window))
		if e.full(v.person, recent, rules.Cap) {
			continue
		}
		v.load = float64(recent + waiting)
		v.unit = people.Unit(name)
		v.otherUnit = unit != "" && v.unit != "" && v.unit != unit
		g.judge(v)
		score := rules.Weights.score(&v.features) - float64(rules.Policy.Load*math.Log1p(v.load))
		if v.otherUnit {
			score += rules.Policy.OtherUnit
		}
		g.scores = append(g.scores, scored{v.person, score})
	}
	ranked := g.top(g.scores, mostRanked)
	turns := slices.Grow(g.turns[:0], len(ranked))[:len(ranked)]
	g.turns = turns
	chances(ranked, turns)
	for i, s := range ranked {
		turns[i].share = e.helper[s.person].turns.share(uint32(len(e.threads)))
		turns[i].at, turns[i].value = i, turns[i].chance-float64(rules.Policy.Spread*turns[i].share)
	}
	if rules.Policy.Spread > 0 {
		slices.SortStableFunc(turns, func(a, b turn) int { return cmp.Compare(b.value, a.value) })
	}
	out = slices.Grow(out, len(turns))
	for _, t := range turns {
		out = append(out, g.candidate(ranked[t.at], t))
	}
	return out
}

// turn is the place of somebody who was ranked.
type turn struct {
	at            int     // by score
	chance, share float64 // see Candidate: Chance, Turns
	value         float64 // by which they are ordered
}

// candidate is a person who has been scored, with the evidence that people can read.
func (g *gathering) candidate(s scored, t turn) Candidate {
	v := g.of(s.person)
	c := Candidate{
		Person: g.names[s.person], Unit: v.unit, OtherUnit: v.otherUnit, Features: v.features, Score: s.value, Load: v.load,
		Turns: t.share, Chance: t.chance, Like: v.like, Tag: v.bestTag, Tagged: v.tagged, Topic: v.topic.line, Helped: v.helped,
		Active: g.ask.community != nil && g.ask.community.id != "" && v.active >= activeAtLeast,
	}
	if v.similar >= 0 {
		c.Similar = g.request(uint32(v.similar))
	}
	return c
}

// chances sets the chance of ranked, which come best first.
func chances(ranked []scored, turns []turn) {
	var sum float64
	for i, s := range ranked {
		turns[i].chance = math.Exp(s.value - ranked[0].value)
		sum += turns[i].chance
	}
	for i := range turns {
		turns[i].chance /= sum
	}
}
