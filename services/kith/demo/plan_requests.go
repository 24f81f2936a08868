package demo

import (
	"maps"
	"slices"
)

// request is a question that somebody asks and what becomes of it.
type request struct {
	asker     int
	community int // place in plan.communities; -1: everybody is asked
	kind      string
	title     string
	body      string
	need      string // the field that the kind needs
	tags      []string
	language  string
	beyond    bool
	fate      fate
	answers   []answer
	thanks    string // note; "": no thanks
	reason    string // why it is withdrawn, given up or reopened
}

// answer has its text and who gives it unless a proposed helper does.
type answer struct {
	author int
	text   string
}

// fate is what becomes of a request in the end.
type fate int

const (
	resolved  fate = iota
	answered       // there are answers, none is accepted yet
	waiting        // nobody has answered
	withdrawn      // no longer needed
	givenUp        // closed without a solution
	reopened       // an accepted answer did not hold
)

const (
	leastRequests = 36
	mostRequests  = 3_000
	kindProblem   = "problem"
	information   = "information"
	experience    = "experience"
)

// ask plans the requests, about twelve for a hundred people.
func (p *plan) ask() {
	d := p.dice("requests")
	total := min(mostRequests, len(p.people), max(leastRequests, len(p.people)*12/100))
	said := map[string]bool{}
	var order []int
	for i := range total {
		if i%len(p.texts.Questions) == 0 {
			order = d.Perm(len(p.texts.Questions))
		}
		q := p.texts.Questions[order[i%len(order)]]
		r := p.word(d, q)
		for range 20 {
			if !said[r.title+r.body] {
				break
			}
			r = p.word(d, q)
		}
		said[r.title+r.body] = true
		p.cast(d, q, &r)
		r.fate = fateOf(d, i)
		p.end(d, &r)
		p.requests = append(p.requests, r)
	}
}

// word puts a question into words, with its answers.
func (p *plan) word(d dice, q question) request {
	language := p.texts.Themes[p.texts.theme(q.Theme)].Language
	words := p.texts.Phrases[language]
	values := map[string]string{}
	for _, slot := range slices.Sorted(maps.Keys(q.With)) {
		values[slot] = pick(d, q.With[slot])
	}
	body := fill(q.Body, values)
	if d.chance(0.6) {
		body += " " + pick(d, words.Context[q.Kind])
	}
	if d.chance(0.6) {
		body = pick(d, words.Greet) + "\n\n" + body
	}
	if d.chance(0.6) {
		body += "\n\n" + pick(d, words.Close)
	}
	r := request{kind: q.Kind, language: language, title: fill(pick(d, q.Titles), values), body: body, need: fill(q.Need, values), tags: q.Tags}
	again, offers := some(d, words.Again[q.Kind], 2), some(d, words.Offer, 2)
	for i, a := range some(d, q.Answers, 1+d.IntN(len(q.Answers))) {
		text := fill(a, values)
		if i < len(again) && d.chance(0.4) {
			text = again[i] + " " + text
		}
		if i < len(offers) && d.chance(0.4) {
			text += " " + offers[i]
		}
		r.answers = append(r.answers, answer{text: text})
	}
	return r
}

// cast says who asks whom, and who answers: in a community its people, mostly
// from other units than the asker's.
func (p *plan) cast(d dice, q question, r *request) {
	at := p.texts.theme(q.Theme)
	var fitting []int
	for i, c := range p.communities {
		if c.theme == at && c.state != dormant {
			fitting = append(fitting, i)
		}
	}
	r.community = -1
	var circle []int
	if len(fitting) > 0 && d.chance(0.9) {
		r.community = pick(d, fitting)
		c := p.communities[r.community]
		circle = c.everybody()
		d.Shuffle(len(circle), func(i, j int) { circle[i], circle[j] = circle[j], circle[i] })
		r.beyond = c.visibility == closed && d.chance(0.5)
	} else {
		circle = p.candidates(d, community{theme: at, language: r.language}, nil)
	}
	r.asker = circle[0]
	var authors, same []int
	for _, who := range circle[1:] {
		if p.people[who].unit == p.people[r.asker].unit {
			same = append(same, who)
		} else {
			authors = append(authors, who)
		}
	}
	authors = append(authors, same...)
	r.answers = r.answers[:min(len(r.answers), len(authors))]
	for i := range r.answers {
		r.answers[i].author = authors[i]
	}
}

// fateOf: most requests are resolved; some of every fate are in every plan.
func fateOf(d dice, i int) fate {
	if i < 10 {
		return []fate{resolved, waiting, resolved, answered, reopened, withdrawn, resolved, givenUp, waiting, resolved}[i]
	}
	switch n := d.IntN(20); {
	case n < 13:
		return resolved
	case n < 16:
		return answered
	case n < 18:
		return waiting
	case n < 19:
		return withdrawn
	default:
		return givenUp
	}
}

// end plans the last words.
func (p *plan) end(d dice, r *request) {
	words := p.texts.Phrases[r.language]
	switch r.fate {
	case resolved:
		if d.chance(0.8) {
			r.thanks = pick(d, words.Thanks)
		}
	case reopened:
		r.reason = words.Reopen
	case waiting:
		r.answers = nil
	case withdrawn:
		r.answers, r.reason = nil, pick(d, words.Withdraw)
	case givenUp:
		r.answers, r.reason = r.answers[:min(1, len(r.answers))], pick(d, words.Giveup)
	}
}

// needField is the field of the API that a kind of request needs.
func needField(kind string) string {
	switch kind {
	case kindProblem:
		return "tried"
	case information:
		return "purpose"
	default:
		return "situation"
	}
}
