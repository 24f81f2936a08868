package circles

import (
	"cmp"
	"math"
	"slices"
)

// Reader is somebody to whom communities are suggested.
type Reader struct {
	Person         string
	CanHelp, Learn []Line   // of their profile
	Languages      []string // that they read
	History        bool     // what they asked and answered counts, and whom they know from it
	// Sees says what the reader may read: the content of a community, and a
	// single request in it.
	Sees func(community, request string) bool
	// Offered says which communities may be suggested at all.
	Offered func(community string) bool
	// Known are the colleagues of other units in a community whose content the
	// reader sees, of those with whom they exchanged help.
	Known func(community string, exchanged map[string]bool) []string
}

// Line is one topic of a profile: what it can be compared by, in each way that
// it can be read. The best one counts.
type Line struct {
	Text     string
	Readings [][]string // terms
}

// Codes of reasons.
const (
	WantToLearn  = "want_to_learn"   // Topic: of the reader's profile
	CanHelp      = "can_help"        // Topic: of the reader's profile
	Asked        = "asked"           // Request: of the reader
	Answered     = "answered"        // Request: that the reader answered
	Colleagues   = "colleagues"      // People: of other units
	Language     = "language"        // Language: of the community
	SharedTopics = "shared_topics"   // Words
	SharedPeople = "shared_members"  // Count
	Across       = "answered_across" // Count
)

// Reason is why something is suggested, from the features that ranked it.
type Reason struct {
	Code                     string
	Topic, Request, Language string
	People, Words            []string
	Count                    int // never below Group, and in steps of it
}

// Suggestion is a community with the reasons for it.
type Suggestion struct {
	Community string
	Score     float64
	Reasons   []Reason
}

// Group is the smallest number of people that is counted.
const Group = 5

// Weights of the features for a person, each of which is from 0 to 1. They are
// chosen and not learned: what somebody says that they want comes first.
const (
	weightLearn      = 1.0
	weightHelp       = 0.8
	weightAsked      = 0.7
	weightAnswered   = 0.6
	weightColleagues = 0.5
	weightLanguage   = 0.1

	// leastFit is how much of a topic or a request a community must be about.
	leastFit = 0.25
	// newest is how many requests of a person count, of each kind: the last ones.
	newest = 50
	// maxPeople is how many colleagues are named.
	maxPeople = 3
)

// For suggests at most limit communities to a person, best first. A community
// that nothing but its language speaks for is not suggested.
func (c *Circles) For(r Reader, limit int) []Suggestion {
	f := c.field(func(of *community) bool { return r.Sees(of.id, "") }, func(of *community) bool { return r.Offered(of.id) })
	learn, help := f.lines(r.Learn), f.lines(r.CanHelp)
	var mine, helped []query
	exchanged := map[string]bool{}
	if p := c.people[r.Person]; p != nil && r.History {
		mine = f.past(p.asked, func(q *request) bool { return r.Sees(q.community.id, q.id) })
		helped = f.past(p.answered, func(q *request) bool { return q.by(r.Person) && r.Sees(q.community.id, q.id) })
		p.exchanged(r, exchanged)
	}
	f.weigh()
	var out []Suggestion
	for i, of := range f.communities {
		if p := c.people[r.Person]; !r.Offered(of.id) || p != nil && p.spurned[of.id] {
			continue
		}
		s := Suggestion{Community: of.id}
		s.fit(weightLearn, f.best(i, learn), func(q query) Reason { return Reason{Code: WantToLearn, Topic: q.name} })
		s.fit(weightHelp, f.best(i, help), func(q query) Reason { return Reason{Code: CanHelp, Topic: q.name} })
		s.fit(weightAsked, f.best(i, mine), func(q query) Reason { return Reason{Code: Asked, Request: q.name} })
		s.fit(weightAnswered, f.best(i, helped), func(q query) Reason { return Reason{Code: Answered, Request: q.name} })
		if known := r.known(of.id, exchanged); len(known) > 0 {
			n := float64(len(known))
			s.add(weightColleagues*n/(n+2), Reason{Code: Colleagues, People: known[:min(len(known), maxPeople)]})
		}
		if len(s.Reasons) == 0 {
			continue
		}
		if slices.Contains(r.Languages, of.language) {
			s.add(weightLanguage, Reason{Code: Language, Language: of.language})
		}
		out = append(out, s)
	}
	slices.SortFunc(out, better)
	return out[:min(len(out), limit)]
}

func better(a, b Suggestion) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Community, b.Community))
}

// add counts a feature. The score is rounded: the last digits of sums depend on
// the order in which terms were met.
func (s *Suggestion) add(by float64, r Reason) {
	s.Score = math.Round((s.Score+by)*1e6) / 1e6
	s.Reasons = append(s.Reasons, r)
}

func (s *Suggestion) fit(weight float64, m match, reason func(query) Reason) {
	if m.fit >= leastFit {
		s.add(weight*m.fit, reason(m.query))
	}
}

func (r Reader) known(community string, exchanged map[string]bool) []string {
	if len(exchanged) == 0 || !r.Sees(community, "") {
		return nil
	}
	return r.Known(community, exchanged)
}

// by reports whether the person has answered q.
func (q *request) by(person string) bool {
	return slices.ContainsFunc(q.answers, func(a answer) bool { return a.author == person })
}

// exchanged adds those who answered the reader and whom the reader answered.
func (p *person) exchanged(r Reader, into map[string]bool) {
	for _, q := range p.asked {
		for _, a := range q.answers {
			into[a.author] = true
		}
	}
	for _, q := range p.answered {
		if q.by(r.Person) && r.Sees(q.community.id, q.id) {
			into[q.asker] = true
		}
	}
	delete(into, "")
	delete(into, r.Person)
}

// field are the communities among which something is ranked, and the terms by
// which: how much each community is about each of them.
type field struct {
	c           *Circles
	communities []*community // in the order of ids
	reads       []bool       // by community: its content counts
	place       map[uint32]int
	terms       []uint32
	weight      [][]float64 // by community and term
	idf         []float64   // by term, from 0 to 1
}

// field takes in those communities that keep lets through.
func (c *Circles) field(reads, keep func(*community) bool) *field {
	f := &field{c: c, place: map[uint32]int{}}
	for _, of := range c.communities {
		if of.about != nil && keep(of) {
			f.communities = append(f.communities, of)
		}
	}
	slices.SortFunc(f.communities, func(a, b *community) int { return cmp.Compare(a.id, b.id) })
	for _, of := range f.communities {
		f.reads = append(f.reads, reads(of))
	}
	return f
}

// query is something that communities are compared with: its terms by their
// place, in each way that it can be read.
type query struct {
	name     string
	readings [][]int
}

func (f *field) at(term uint32) int {
	i, ok := f.place[term]
	if !ok {
		i = len(f.terms)
		f.place[term] = i
		f.terms = append(f.terms, term)
	}
	return i
}

// unknown is the place of a term that no text has.
const unknown = -1

func (f *field) lines(lines []Line) []query {
	var out []query
	for _, l := range lines {
		q := query{name: l.Text}
		for _, reading := range l.Readings {
			var terms []int
			for _, name := range reading {
				at := unknown
				if term, ok := f.c.terms[name]; ok {
					at = f.at(term)
				}
				terms = append(terms, at)
			}
			q.readings = append(q.readings, terms)
		}
		out = append(out, q)
	}
	return out
}

// past are the newest requests that sees lets through.
func (f *field) past(requests []*request, sees func(*request) bool) []query {
	var out []query
	for _, q := range slices.Backward(requests) {
		if len(out) == newest {
			break
		}
		if len(q.terms) == 0 || !sees(q) {
			continue
		}
		terms := make([]int, len(q.terms))
		for i, t := range q.terms {
			terms[i] = f.at(t)
		}
		out = append(out, query{name: q.id, readings: [][]int{terms}})
	}
	return out
}

// weigh finds how much each community is about each term, and how few are: its
// inverse document frequency ln((N+1)/n) / ln(N+1), 1 for a term that one of N
// communities is about and next to nothing for one that all are.
func (f *field) weigh() {
	f.weight, f.idf = make([][]float64, len(f.communities)), make([]float64, len(f.terms))
	at := f.c.places(f.communities)
	for i, of := range f.communities {
		f.weight[i] = make([]float64, len(f.terms))
		for t, a := range of.about {
			if j, ok := f.place[t]; ok {
				f.weight[i][j] = a.weight
			}
		}
	}
	for j, t := range f.terms {
		for _, p := range f.c.posts[t] {
			if i := at[p.community]; i >= 0 && f.reads[i] {
				f.weight[i][j] = max(f.weight[i][j], asked(int(p.requests)))
			}
		}
	}
	total := float64(len(f.communities))
	for j := range f.terms {
		n := 0.0
		for i := range f.communities {
			if f.weight[i][j] >= leastFit {
				n++
			}
		}
		f.idf[j] = rarity(total, n)
	}
}

// places are the places of some communities, by number; -1 for others.
func (c *Circles) places(some []*community) []int {
	at := make([]int, len(c.byNumber))
	for i := range at {
		at[i] = -1
	}
	for i, of := range some {
		at[of.number] = i
	}
	return at
}

func rarity(total, n float64) float64 {
	if total == 0 {
		return 0
	}
	return math.Log((total+1)/max(n, 1)) / math.Log(total+1)
}

// half is how many requests make a community half about a term.
const half = 5

// asked is how much a community is about a term for who reads it, by the n
// requests that have it: n / (n + 5), which saturates as term frequency does in
// BM25.
func asked(n int) float64 { return float64(n) / float64(n+half) }

// match is a query with how well a community fits it, from 0 to 1.
type match struct {
	query query
	fit   float64
}

// best is the query that community i fits best; the first one in a tie.
func (f *field) best(i int, queries []query) match {
	var out match
	for _, q := range queries {
		for _, terms := range q.readings {
			if fit := f.fit(i, terms); fit > out.fit {
				out = match{q, fit}
			}
		}
	}
	return out
}

// fit is the share Σ idf·weight / Σ idf of what is asked for that the community
// is about, times the idf of its rarest term that is: what every community is
// about speaks for none.
func (f *field) fit(i int, terms []int) float64 {
	var have, all, rarest float64
	for _, t := range terms {
		if t == unknown {
			all++ // as rare as a term can be
			continue
		}
		all += f.idf[t]
		if w := f.weight[i][t]; w > 0 {
			have += f.idf[t] * w
			rarest = max(rarest, f.idf[t])
		}
	}
	if have == 0 {
		return 0
	}
	return have / all * rarest
}
