package engine

import (
	"math"
	"slices"

	"kith/pkg/text"
)

const (
	neighbours    = 200  // similar requests that vote
	voters        = 256  // windows of the latest requests among which they are: some 2²⁰, see ADR 25
	fromTags      = 150  // candidates for their answers to requests with the tags
	fromTopics    = 150  // candidates for a line of their profile
	fromCommunity = 120  // candidates for being active in the community
	voteHalf      = 300  // requests of a community after which one counts half in VoteLately
	tagHalf       = 500  // and in Tag
	tagLatelyHalf = 60   // and in TagLately
	latestOfTag   = 1500 // requests with a tag that count: those before have faded
	// resembles is the share of its weight that a request must have in common
	// with a question to be called similar. Below it votes fade to nothing.
	resembles = 0.15
)

// asked is what help is asked for, in the terms of the engine.
type asked struct {
	except    int // the thread that asks; -1: none
	community *community
	asker     int // -1: nobody who is known
	language  string
	tags      []string
	terms     []text.Term // with the tags
	at        slot
}

func (e *Engine) asked(ask Ask) asked {
	if n, t := e.thread(ask.Request); t != nil {
		a := e.askedIn(n)
		a.at = slotOf(ask.At)
		return a
	}
	a := asked{except: -1, asker: -1, community: e.communities[ask.Community], language: ask.Language,
		tags: ask.Tags, terms: withTags(ask.Terms, ask.Tags), at: slotOf(ask.At)}
	if n, ok := e.people[ask.Asker]; ok {
		a.asker = int(n)
	}
	return a
}

func (e *Engine) askedIn(n uint32) asked {
	t := &e.threads[n]
	return asked{int(n), e.byNumber[t.community], int(t.asker), e.labels.names[t.language], e.tags(t), e.corpus.question(n), t.at}
}

// evidence is what speaks for one person, as it was counted.
type evidence struct {
	person uint32

	vote, voteLately, nearest float64
	tag, tagLately            float64
	similar                   int // thread that resembles what is asked most; -1: none
	like                      int // requests that they answered and that resemble it
	bestTag                   string
	topic                     topicHit // line -1: none
	tagged                    int      // requests with bestTag that they answered
	helped                    int      // requests of the asker that they answered

	// By judge.
	features Features
	active   float64 // answers in the community, by the second half-life

	// By Rank, for those who may be asked.
	load      float64 // recent and waiting proposals
	unit      string
	otherUnit bool
}

// gathering collects the evidence of all candidates for one question.
type gathering struct {
	*Engine
	*room
	ask   asked
	sight *sight
	words []shareOf // what is asked
}

// gather finds the candidates for a and what speaks for each. Topics says whose
// profile may speak; nil: everybody's. Whoever calls it MUST call done, and use
// nothing of it after that.
func (e *Engine) gather(a asked, s *sight, topics func(person string) bool) *gathering {
	g := &gathering{e, e.rooms.Get().(*room), a, s, nil}
	if g.ask.community != nil && !s.group(g.ask.community.number) {
		g.ask.community = nil
	}
	g.votes()
	g.byTags()
	g.byTopics(topics)
	g.byCommunity()
	g.byAsker()
	return g
}

// done gives back the memory of g.
func (g *gathering) done() {
	g.clear()
	g.rooms.Put(g.room)
}

// of is the evidence for a person, until that for another one is begun.
func (g *gathering) of(person uint32) *evidence {
	at := g.candidates.of(person)
	if at == len(g.found) {
		g.found = append(g.found, evidence{person: person, similar: -1, topic: topicHit{line: -1}})
	}
	return &g.found[at]
}

// age is how many requests of its community came after t: what is seen of a
// community that is hidden otherwise must not tell how much there is.
func (g *gathering) age(t *thread) uint32 {
	if !g.sight.group(t.community) {
		return tagHalf
	}
	return g.byNumber[t.community].requests - t.order
}

// votes lets similar requests speak for those who answered them.
func (g *gathering) votes() {
	query := g.corpus.query(g.ask.terms, g.ask.language, g.ask.except, g.sight, rankTerms)
	query.latest = voters
	g.words = g.corpus.shares(query)
	hits := g.corpus.search(query, neighbours, g.ask.except, g.sight, nil)
	if len(hits) == 0 {
		return
	}
	best, whole := hits[0].score, query.whole
	trust := min(1, best/whole/resembles)
	for _, h := range hits {
		t := &g.threads[h.thread]
		near := h.score / best
		weight := near * near * near * trust
		fade := g.fades.vote.left(g.age(t))
		similar := h.score >= resembles*whole
		for i := range t.answers {
			a := &t.answers[i]
			if a.retracted {
				continue
			}
			v := g.of(a.author)
			vote := weight * a.credit()
			v.vote += vote
			v.voteLately += vote * fade
			v.nearest = max(v.nearest, near*trust)
			if similar {
				v.like++
				if v.similar < 0 { // hits come best first
					v.similar = int(h.thread)
				}
			}
		}
	}
}

// byTopics finds whose profile fits.
func (g *gathering) byTopics(may func(person string) bool) {
	r := &g.matching
	g.topics.match(g.ask.terms, g.ask.language, r)
	g.scores = g.scores[:0]
	for i, n := range r.people.met {
		if may == nil || may(g.names[n]) {
			g.scores = append(g.scores, scored{n, r.best[i].score})
		}
	}
	for _, s := range g.most(g.scores, fromTopics) {
		g.of(s.person).topic = r.best[r.people.of(s.person)]
	}
}

// byCommunity finds who has answered in the community lately.
func (g *gathering) byCommunity() {
	c := g.ask.community
	if c == nil {
		return
	}
	g.others.clear()
	g.scores = g.scores[:0]
	for _, n := range c.lately {
		if seen := len(g.others.met); g.others.of(n) < seen {
			continue
		}
		given := g.helper[n].gave(c.number)
		if given == nil {
			continue
		}
		if active := g.fades.left(given.pace, 1, c.answers-given.last); active > 0 {
			g.scores = append(g.scores, scored{n, active})
		}
	}
	for _, s := range g.most(g.scores, fromCommunity) {
		g.of(s.person)
	}
}

// byAsker counts how many requests of the asker each candidate has answered.
func (g *gathering) byAsker() {
	if g.ask.asker < 0 {
		return
	}
	for _, thread := range g.helper[g.ask.asker].asked {
		if int(thread) == g.ask.except || !g.sight.sees(thread) {
			continue
		}
		all := g.threads[thread].answers
		for i, a := range all {
			if a.retracted || slices.ContainsFunc(all[:i], func(b answer) bool { return b.author == a.author && !b.retracted }) {
				continue
			}
			if at := g.candidates.find(a.author); at >= 0 {
				g.found[at].helped++
			}
		}
	}
}

// judge brings the evidence for a person onto the scale of weights.
func (g *gathering) judge(v *evidence) {
	person, f := v.person, &v.features
	f[Vote], f[VoteLately], f[Nearest] = math.Log1p(30*v.vote), math.Log1p(30*v.voteLately), v.nearest
	f[Tag], f[TagLately] = math.Log1p(v.tag), math.Log1p(v.tagLately)
	f[Topic] = math.Log1p(v.topic.score)
	h, c := &g.helper[person], g.ask.community
	answers, accepted := g.sight.given(person)
	f[Answers] = math.Log1p(float64(answers))
	f[Accepted] = (float64(accepted) + 1) / (float64(answers) + 4)
	if c != nil {
		f[Idle] = math.Log1p(float64(c.answers))
		f[Knack] = c.knacks[person].of(g.words)
		if given := h.gave(c.number); given != nil {
			since := c.answers - given.last
			v.active = g.fades.left(given.pace, 1, since)
			f[Sprint] = math.Log1p(10 * g.fades.left(given.pace, 0, since))
			f[Active] = math.Log1p(10 * v.active)
			f[Steady] = math.Log1p(10 * g.fades.left(given.pace, 2, since))
			if given.answers > 0 {
				f[Idle] = math.Log1p(float64(since))
				f[Tenure] = math.Log1p(float64(c.answers - given.first))
				f[Beyond] = given.record.beyond(c.examples)
				f[Hours] = given.rhythm.now(&c.hours, g.ask.at)
			}
		}
	}
	f[Helped] = math.Log1p(float64(v.helped))
	f[Quiet] = g.quiet(h)
	f[Speaks] = h.speaks.fits(g.ask.language)
	for i, gone := range g.without {
		f[i] *= 1 - gone
	}
}

// quiet is the share of proposals that were declined or let pass, as if there
// had been one more of each: a few of them say little.
func (g *gathering) quiet(h *helper) float64 {
	var all, quiet float64
	for _, p := range h.proposals {
		if !g.sight.sees(p.thread) || p.answer == silent && g.threads[p.thread].open {
			continue
		}
		all++
		if p.answer != yes {
			quiet++
		}
	}
	return (quiet + 0.5) / (all + 1)
}
