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

// Rules are the limits of ranking.
type Rules struct {
	Weights Weights
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
	// that people have and how rare a word is in profiles.
	Sees func(community, request string) bool
	// Topics says whose profile may speak for them; nil: everybody's.
	Topics func(person string) bool
}

// Candidate is somebody who could be asked, with what speaks for them.
type Candidate struct {
	Person   string
	Unit     string
	Score    float64
	Features Features

	Similar   string // the most similar request that they answered, if it resembles what is asked
	Tag       string // the tag of the request that they answered most often
	Topic     int    // line of their profile that fits, -1: none
	Active    bool   // in the community lately
	OtherUnit bool   // than the asker's
}

// Founded reports whether more speaks for c than where they work.
func (c Candidate) Founded() bool { return c.Similar != "" || c.Tag != "" || c.Topic >= 0 || c.Active }

const (
	neighbours    = 200 // similar requests that vote
	fromTags      = 150 // candidates for their answers to requests with the tags
	fromCommunity = 120 // candidates for being active in the community
	tagHalf       = 500 // requests after which an answer to one with the tag counts half
	// resembles is the share of its weight that a request must have in common
	// with a question to be called similar. Below it votes fade to nothing.
	resembles = 0.15
	// activeAtLeast is the activity that is called one: an answer of late.
	activeAtLeast = 0.25
)

// Rank lists the candidates for ask, best first, equals by id.
//
// The score is log-linear: the sum over features of weight × log(1 + scale ×
// value), see Weights. Earlier requests vote for those who answered them
// (Balog et al., "Formal models for expert finding", SIGIR 2006), the nearest
// 200 by BM25, each with (its score / the best score)³.
func (e *Engine) Rank(ask Ask, rules Rules, people People) []Candidate {
	except, asked := -1, ask
	if n, t := e.thread(ask.Request); t != nil {
		except = int(n)
		asked.Community, asked.Asker, asked.Language, asked.Tags = t.community.id, e.names[t.asker], t.language, t.tags
		asked.Terms = e.corpus.question(n)
	} else {
		asked.Terms = withTags(ask.Terms, ask.Tags)
	}
	found := map[uint32]*Candidate{}
	of := func(n uint32) *Candidate {
		c := found[n]
		if c == nil {
			c = &Candidate{Topic: -1}
			found[n] = c
		}
		return c
	}
	sight := e.sight(people.Sees)
	e.vote(asked.Terms, asked.Language, except, sight, of)
	e.byTags(asked.Tags, except, sight, of)
	for n, hit := range e.topics.match(asked.Terms, asked.Language) {
		if people.Topics == nil || people.Topics(e.names[n]) {
			c := of(n)
			c.Features.Topic, c.Topic = hit.score, hit.line
		}
	}
	asker, known := e.people[asked.Asker]
	community := e.communities[asked.Community]
	if community != nil && !sight.group(community.number) {
		community = nil
	}
	e.byCommunity(community, of)

	unit := people.Unit(asked.Asker)
	out := make([]Candidate, 0, len(found))
	for n, c := range found {
		c.Person = e.names[n]
		if known && n == asker || !people.May(c.Person) {
			continue
		}
		recent, waiting := e.load(n, ask.At.Add(-rules.Window))
		if e.full(n, recent, rules.Cap) {
			continue
		}
		c.Unit = people.Unit(c.Person)
		c.OtherUnit = unit != "" && c.Unit != "" && c.Unit != unit
		f := &c.Features
		answers, accepted := sight.given(n)
		f.Answers = float64(answers)
		f.Accepted = (float64(accepted) + 1) / (float64(answers) + 4)
		if community != nil {
			f.Active = community.active[n].now(community.answers)
		}
		c.Active = asked.Community != "" && f.Active >= activeAtLeast
		if c.OtherUnit {
			f.OtherUnit = 1
		}
		f.Load = float64(recent + waiting)
		c.Score = rules.Weights.score(f)
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Person, b.Person))
	})
	return out
}

// vote lets similar requests speak for those who answered them.
func (e *Engine) vote(terms []text.Term, language string, except int, sight *sight, of func(uint32) *Candidate) {
	query := e.corpus.query(terms, language, except, sight)
	hits := e.corpus.search(query, neighbours, except, sight, nil)
	if len(hits) == 0 {
		return
	}
	best, whole := hits[0].score, query.whole
	trust := min(1, best/whole/resembles)
	for _, h := range hits {
		t := &e.threads[h.thread]
		weight := h.score / best
		weight *= weight * weight * trust
		similar := h.score >= resembles*whole
		for _, a := range t.answers {
			if a.retracted {
				continue
			}
			c := of(a.author)
			c.Features.Vote += weight * a.credit()
			if similar && c.Similar == "" { // hits come best first
				c.Similar = t.id
			}
		}
	}
}

// byTags counts answers to requests with the same tags, rare tags more.
func (e *Engine) byTags(tags []string, except int, sight *sight, of func(uint32) *Candidate) {
	type affinity struct {
		value, best float64
		tag         string
	}
	sum := map[uint32]affinity{}
	for i, tag := range tags {
		if slices.Contains(tags[:i], tag) {
			continue
		}
		posts, newer := e.corpus.posting("#"+tag), sight.newer()
		count := map[uint32]float64{}
		for _, p := range slices.Backward(posts) {
			n := p.thread()
			if int(n) == except || !sight.sees(n) {
				continue
			}
			fade := math.Exp2(-newer(n) / tagHalf)
			for _, a := range e.threads[n].answers {
				if !a.retracted {
					count[a.author] += fade
				}
			}
		}
		having, _ := sight.count(posts, except)
		idf := sight.idf(having)
		for n, times := range count {
			v := idf * math.Log1p(times)
			a := sum[n]
			a.value += v
			if v > a.best || v == a.best && tag < a.tag {
				a.best, a.tag = v, tag
			}
			sum[n] = a
		}
	}
	best := make([]scored, 0, len(sum))
	for n, a := range sum {
		best = append(best, scored{n, a.value})
	}
	for _, s := range e.top(best, fromTags) {
		c := of(s.person)
		c.Features.Tag, c.Tag = s.value, sum[s.person].tag
	}
}

// byCommunity finds who has answered in the community lately.
func (e *Engine) byCommunity(c *community, of func(uint32) *Candidate) {
	if c == nil {
		return
	}
	best := make([]scored, 0, len(c.active))
	for n, a := range c.active {
		best = append(best, scored{n, a.now(c.answers)})
	}
	for _, s := range e.top(best, fromCommunity) {
		of(s.person)
	}
}

type scored struct {
	person uint32
	value  float64
}

// top are the k with the highest values, equals by id of the person.
func (e *Engine) top(all []scored, k int) []scored {
	slices.SortFunc(all, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(e.names[a.person], e.names[b.person]))
	})
	return all[:min(len(all), k)]
}
