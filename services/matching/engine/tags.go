package engine

import (
	"math"
	"slices"
)

// tagged is what somebody did with requests that have the tags.
type tagged struct {
	value, lately, best float64
	tag                 string // that they answered most, with the value best
	times               int

	now answeredWith // what goes for the tag at hand
}

type answeredWith struct {
	fading, lately float64
	times          int
}

// byTags counts answers to requests with the same tags, rare tags more.
func (g *gathering) byTags() {
	r := g.room
	r.others.clear()
	r.tagged = r.tagged[:0]
	for i, tag := range g.ask.tags {
		if slices.Contains(g.ask.tags[:i], tag) {
			continue
		}
		posts := g.corpus.find("#" + tag)
		if posts == nil {
			continue
		}
		g.countTag(posts)
		having, _ := g.sight.having(posts, g.ask.except)
		idf := g.sight.idf(having)
		for i := range r.tagged {
			r.tagged[i].count(tag, idf)
		}
	}
	scores := r.scores[:0]
	for i, person := range r.others.met {
		scores = append(scores, scored{person, r.tagged[i].value})
	}
	r.scores = scores
	for _, s := range g.most(scores, fromTags) {
		v, a := g.of(s.person), &r.tagged[r.others.of(s.person)]
		v.tag, v.tagLately, v.bestTag, v.tagged = a.value, a.lately, a.tag, a.times
	}
}

// countTag counts who answered the latest requests that have a tag.
func (g *gathering) countTag(posts *postings) {
	r := g.room
	for _, p := range posts.latest(latestOfTag) {
		n := p.thread()
		if int(n) == g.ask.except || !g.sight.sees(n) {
			continue
		}
		t := &g.threads[n]
		age := g.age(t)
		fade, lately := g.fades.tag.left(age), g.fades.tagLately.left(age)
		for i := range t.answers {
			if t.answers[i].retracted {
				continue
			}
			at := r.others.of(t.answers[i].author)
			if at == len(r.tagged) {
				r.tagged = append(r.tagged, tagged{})
			}
			now := &r.tagged[at].now
			now.fading, now.lately, now.times = now.fading+fade, now.lately+lately, now.times+1
		}
	}
}

// count takes in what goes for a tag.
func (a *tagged) count(tag string, idf float64) {
	if a.now.times == 0 {
		return
	}
	value := idf * math.Log1p(a.now.fading)
	a.value += value
	a.lately += float64(idf * math.Log1p(a.now.lately))
	if value > a.best || value == a.best && tag < a.tag {
		a.best, a.tag, a.times = value, tag, a.now.times
	}
	a.now = answeredWith{}
}
