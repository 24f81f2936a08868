package engine

import (
	"cmp"
	"math"
	"slices"

	"kith/pkg/text"
)

const (
	neighbours    = 200  // similar requests that vote
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
	return asked{int(n), t.community, int(t.asker), t.language, t.tags, e.corpus.question(n), t.at}
}

// evidence is what speaks for one person, as it was counted.
type evidence struct {
	vote, voteLately, nearest float64
	tag, tagLately            float64
	similar                   int // thread that resembles what is asked most; -1: none
	like                      int // requests that they answered and that resemble it
	bestTag                   string
	topic                     topicHit // line -1: none
	tagged                    int      // requests with bestTag that they answered

	// By judge.
	features Features
	active   float64 // answers in the community, by the second half-life
	helped   int     // requests of the asker that they answered

	// By Rank, for those who may be asked.
	load      float64 // recent and waiting proposals
	unit      string
	otherUnit bool
}

// gathering collects the evidence of all candidates for one question.
type gathering struct {
	*Engine
	ask    asked
	sight  *sight
	people map[uint32]*evidence
	words  []shareOf // what is asked
}

// gather finds the candidates for a and what speaks for each. Topics says whose
// profile may speak; nil: everybody's.
func (e *Engine) gather(a asked, s *sight, topics func(person string) bool) *gathering {
	g := &gathering{e, a, s, map[uint32]*evidence{}, nil}
	if g.ask.community != nil && !s.group(g.ask.community.number) {
		g.ask.community = nil
	}
	g.votes()
	g.byTags()
	g.byTopics(topics)
	g.byCommunity()
	return g
}

func (g *gathering) of(person uint32) *evidence {
	v := g.people[person]
	if v == nil {
		v = &evidence{similar: -1, topic: topicHit{line: -1}}
		g.people[person] = v
	}
	return v
}

// age is how many requests of its community came after t: what is seen of a
// community that is hidden otherwise must not tell how much there is.
func (g *gathering) age(t *thread) float64 {
	if !g.sight.group(t.community.number) {
		return tagHalf
	}
	return float64(t.community.requests - t.order)
}

// votes lets similar requests speak for those who answered them.
func (g *gathering) votes() {
	query := g.corpus.query(g.ask.terms, g.ask.language, g.ask.except, g.sight, rankTerms)
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
		fade := math.Exp2(-g.age(t) / voteHalf)
		similar := h.score >= resembles*whole
		for _, a := range t.answers {
			if a.retracted {
				continue
			}
			v := g.of(a.author)
			v.vote += weight * a.credit()
			v.voteLately += weight * a.credit() * fade
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

// byTags counts answers to requests with the same tags, rare tags more.
func (g *gathering) byTags() {
	type affinity struct {
		value, lately, best float64
		tag                 string
		times               int
	}
	type counted struct {
		fading, lately float64
		times          int
	}
	sum := map[uint32]affinity{}
	for i, tag := range g.ask.tags {
		if slices.Contains(g.ask.tags[:i], tag) {
			continue
		}
		posts := g.corpus.find("#" + tag)
		if posts == nil {
			continue
		}
		count := map[uint32]counted{}
		for _, p := range posts.latest(latestOfTag) {
			n := p.thread()
			if int(n) == g.ask.except || !g.sight.sees(n) {
				continue
			}
			t := &g.threads[n]
			age := g.age(t)
			fade, lately := math.Exp2(-age/tagHalf), math.Exp2(-age/tagLatelyHalf)
			for _, a := range t.answers {
				if !a.retracted {
					c := count[a.author]
					count[a.author] = counted{c.fading + fade, c.lately + lately, c.times + 1}
				}
			}
		}
		having, _ := g.sight.having(posts, g.ask.except)
		idf := g.sight.idf(having)
		for n, c := range count {
			v := idf * math.Log1p(c.fading)
			a := sum[n]
			a.value += v
			a.lately += idf * math.Log1p(c.lately)
			if v > a.best || v == a.best && tag < a.tag {
				a.best, a.tag, a.times = v, tag, c.times
			}
			sum[n] = a
		}
	}
	best := make([]scored, 0, len(sum))
	for n, a := range sum {
		best = append(best, scored{n, a.value})
	}
	for _, s := range g.top(best, fromTags) {
		v, a := g.of(s.person), sum[s.person]
		v.tag, v.tagLately, v.bestTag, v.tagged = a.value, a.lately, a.tag, a.times
	}
}

// byTopics finds whose profile fits.
func (g *gathering) byTopics(may func(person string) bool) {
	hits := g.topics.match(g.ask.terms, g.ask.language)
	best := make([]scored, 0, len(hits))
	for n, hit := range hits {
		if may == nil || may(g.names[n]) {
			best = append(best, scored{n, hit.score})
		}
	}
	for _, s := range g.top(best, fromTopics) {
		g.of(s.person).topic = hits[s.person]
	}
}

// byCommunity finds who has answered in the community lately.
func (g *gathering) byCommunity() {
	c := g.ask.community
	if c == nil {
		return
	}
	seen := make(map[uint32]bool, len(c.lately))
	best := make([]scored, 0, len(c.lately))
	for _, n := range c.lately {
		if seen[n] {
			continue
		}
		seen[n] = true
		if active := g.pace(n)[1]; active > 0 {
			best = append(best, scored{n, active})
		}
	}
	for _, s := range g.top(best, fromCommunity) {
		g.of(s.person)
	}
}

// pace is how much a person answers in the community now, by halves.
func (g *gathering) pace(person uint32) (out [len(halves)]float64) {
	if g.ask.community == nil {
		return out
	}
	if given := g.helper[person].gave(g.ask.community.number); given != nil {
		return given.pace.after(g.ask.community.answers - given.last)
	}
	return out
}

// judge brings the evidence for a person onto the scale of weights.
func (g *gathering) judge(person uint32, v *evidence) {
	f := &v.features
	f[Vote], f[VoteLately], f[Nearest] = math.Log1p(30*v.vote), math.Log1p(30*v.voteLately), v.nearest
	f[Tag], f[TagLately] = math.Log1p(v.tag), math.Log1p(v.tagLately)
	f[Topic] = math.Log1p(v.topic.score)
	pace := g.pace(person)
	v.active = pace[1]
	f[Sprint], f[Active], f[Steady] = math.Log1p(10*pace[0]), math.Log1p(10*pace[1]), math.Log1p(10*pace[2])
	h := &g.helper[person]
	answers, accepted := g.sight.given(person)
	f[Answers] = math.Log1p(float64(answers))
	f[Accepted] = (float64(accepted) + 1) / (float64(answers) + 4)
	if g.ask.community != nil {
		f[Idle] = math.Log1p(float64(g.ask.community.answers))
		if given := h.gave(g.ask.community.number); given != nil && given.answers > 0 {
			f[Idle] = math.Log1p(float64(g.ask.community.answers - given.last))
			f[Tenure] = math.Log1p(float64(g.ask.community.answers - given.first))
			f[Beyond] = given.record.beyond(g.ask.community.examples)
			f[Hours] = given.rhythm.now(&g.ask.community.hours, g.ask.at)
		}
		f[Knack] = g.ask.community.knacks[person].of(g.words)
	}
	v.helped = g.helped(person)
	f[Helped] = math.Log1p(float64(v.helped))
	f[Quiet] = g.quiet(h)
	f[Speaks] = h.speaks.fits(g.ask.language)
	for i, gone := range g.without {
		f[i] *= 1 - gone
	}
}

// helped is how often the person has answered the asker.
func (g *gathering) helped(person uint32) (n int) {
	if g.ask.asker < 0 {
		return 0
	}
	for _, thread := range g.helper[g.ask.asker].asked {
		if int(thread) != g.ask.except && g.sight.sees(thread) && g.threads[thread].answeredBy(person) {
			n++
		}
	}
	return n
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

type scored struct {
	person uint32
	value  float64
}

// top are the k with the highest values, equals by id of the person.
func (e *Engine) top(all []scored, k int) []scored {
	if len(all) > k {
		values := make([]float64, len(all))
		for i, s := range all {
			values[i] = s.value
		}
		slices.Sort(values) // numbers alone are sorted many times faster
		least := values[len(values)-k]
		all = slices.DeleteFunc(all, func(s scored) bool { return s.value < least })
	}
	slices.SortFunc(all, func(a, b scored) int { return e.better(a.value, b.value, a.person, b.person) })
	return all[:min(len(all), k)]
}

// better is negative if a person with the value a comes before one with b: who has
// more, equals by id.
func (e *Engine) better(a, b float64, one, other uint32) int {
	if a != b {
		return cmp.Compare(b, a)
	}
	return cmp.Compare(e.names[one], e.names[other])
}
