package demo

import (
	"slices"
	"time"
)

// question of the past: what was asked on the city's old mailing lists in the
// last twelve complete months, and is imported.
type pastQuestion struct {
	request
	ago     time.Duration // before the end of the last month
	replies []reply       // one for each answer
}

type reply struct {
	after   time.Duration // the question
	thanked bool
}

const (
	pastDays     = 365
	wordingTries = 4_000
	mostPast     = 250
	closeTies    = 0.25 // share of pairs of departments that work together closely
	meanShare    = 8    // of a department
	closeWeight  = 8    // how much more often they help each other
)

// remember plans the past, in open communities. No title is there twice, so
// that it ends where there are no more words. People of any department may
// have answered; some departments help one another more than others.
func (p *plan) remember() {
	d := p.dice("past")
	said := map[string]bool{}
	if len(p.requests) < mostPast { // more of them use up all words there are
		for _, r := range p.requests {
			said[r.title] = true
		}
	}
	near := map[[2]int]bool{}
	for i := range p.texts.Departments {
		for j := range p.texts.Departments {
			// The larger two departments are, the more they have to do with each other.
			shares := float64(p.texts.Departments[i].Share+p.texts.Departments[j].Share) / (2 * meanShare)
			near[[2]int{i, j}] = d.chance(closeTies * shares)
		}
	}
	for range wordingTries {
		if len(p.past) == mostPast {
			return
		}
		q := pick(d, p.texts.Questions)
		in := p.openCommunities(q.Theme)
		if len(in) == 0 {
			continue
		}
		r := p.wordAll(d, q)
		if said[r.title] {
			continue
		}
		said[r.title] = true
		r.community = pick(d, in)
		p.pastPeople(d, &r, near)
		p.past = append(p.past, pastOf(d, r))
	}
}

// wordAll is word with every answer that there is to the question.
func (p *plan) wordAll(d dice, q question) request {
	q.Answers = some(d, q.Answers, len(q.Answers))
	r := p.word(d, q)
	for range wordingTries {
		if len(r.answers) == len(q.Answers) {
			break
		}
		r = p.word(d, q)
	}
	return r
}

func (p *plan) openCommunities(theme string) (in []int) {
	for i, c := range p.communities {
		if p.texts.Themes[c.theme].Key == theme && c.visibility != closed && c.state == active {
			in = append(in, i)
		}
	}
	return in
}

// pastPeople says who asked and who answered: those who speak the language,
// more of them from departments that are near to the asker's.
func (p *plan) pastPeople(d dice, r *request, near map[[2]int]bool) {
	var speakers []int
	for i, who := range p.people {
		if i != p.newcomer && slices.Contains(who.speaks, r.language) {
			speakers = append(speakers, i)
		}
	}
	r.asker = pick(d, speakers)
	home := p.people[r.asker].department
	wrote := map[int]bool{r.asker: true}
	for i := range r.answers {
		r.answers[i].author = -1
		for range wordingTries {
			who := pick(d, speakers)
			if wrote[who] || !near[[2]int{home, p.people[who].department}] && !d.chance(1.0/closeWeight) {
				continue
			}
			wrote[who] = true
			r.answers[i].author = who
			break
		}
	}
	r.answers = slices.DeleteFunc(r.answers, func(a answer) bool { return a.author < 0 })
}

// pastOf says when, and what helped. The lists became quicker over the year;
// one question in eight found no answer.
func pastOf(d dice, r request) pastQuestion {
	q := pastQuestion{request: r, ago: time.Duration(1+d.IntN(pastDays*24-1)) * time.Hour}
	if d.chance(0.125) {
		q.answers = nil
		return q
	}
	slowest := 6 + int(q.ago/(24*time.Hour))/6 // hours
	for range q.answers {
		q.replies = append(q.replies, reply{after: time.Duration(20+d.IntN(slowest*60)) * time.Minute, thanked: d.chance(0.85)})
	}
	return q
}
