package circles

import (
	"cmp"
	"slices"
	"strings"
)

// Host is who reads suggestions for a community's links.
type Host struct {
	Community string
	History   bool // what was answered across communities counts
	// Sees says whether the host may read the content of a community.
	Sees func(community string) bool
	// Offered says which communities may be suggested at all.
	Offered func(community string) bool
	// Members are the active members of a community; of others than the host's
	// own it is asked only where the host sees the content.
	Members func(community string) []string
	// Of are the communities of a person.
	Of func(person string) []string
}

const (
	weightShared = 0.5
	weightAcross = 0.5

	leastAlike = 0.08 // share of topics in common; below it they are chance
	maxWords   = 5
)

// Links suggests at most limit communities for a link, best first: those that
// are about the same, share members, or answer each other's requests. People
// are counted in steps of Group and below that not at all. Communities between
// which a link was ever proposed are left out, but for again.
func (c *Circles) Links(h Host, limit int, again string) []Suggestion {
	own := c.communities[h.Community]
	if own == nil || own.about == nil {
		return nil
	}
	f := c.field(func(of *community) bool { return of == own || h.Sees(of.id) },
		func(of *community) bool { return of == own || h.Offered(of.id) })
	mine := h.Members(h.Community)
	shared := shared(h, mine)
	var across map[string]int
	if h.History {
		across = c.across(h, own, mine)
	}
	compare := f.comparison(own)
	var out []Suggestion
	for i, of := range f.communities {
		if of == own || own.spurned[of.id] || own.links[of.id] > 0 && of.id != again {
			continue
		}
		s := Suggestion{Community: of.id}
		if score, common := compare.with(i); score >= leastAlike {
			s.add(score, Reason{Code: SharedTopics, Words: c.words(common, own, of)})
		}
		if n := shared[of.id]; f.reads[i] && n >= Group {
			overlap := float64(n) / float64(min(len(mine), len(h.Members(of.id))))
			s.add(weightShared*overlap, Reason{Code: SharedPeople, Count: inGroups(n)})
		}
		if n := across[of.id]; f.reads[i] && n >= Group {
			s.add(weightAcross*float64(n)/float64(n+2*Group), Reason{Code: Across, Count: inGroups(n)})
		}
		if len(s.Reasons) > 0 {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, better)
	return out[:min(len(out), limit)]
}

// inGroups is n rounded down, so that nobody can be told from a change of it.
func inGroups(n int) int { return n / Group * Group }

// shared counts members in common.
func shared(h Host, mine []string) map[string]int {
	n := map[string]int{}
	for _, person := range mine {
		for _, of := range h.Of(person) {
			n[of]++
		}
	}
	return n
}

// across counts the people who are in one of two communities and have answered
// a request to the other.
func (c *Circles) across(h Host, own *community, mine []string) map[string]int {
	inside := map[string]bool{}
	for _, person := range mine {
		inside[person] = true
	}
	who := map[string]map[string]bool{}
	count := func(other, person string) {
		if other == own.id || other == "" {
			return
		}
		if who[other] == nil {
			who[other] = map[string]bool{}
		}
		who[other][person] = true
	}
	seen := map[string]bool{}
	for _, q := range own.requests {
		for _, a := range q.answers {
			if a.author == "" || inside[a.author] || seen[a.author] {
				continue
			}
			seen[a.author] = true
			for _, other := range h.Of(a.author) {
				count(other, a.author)
			}
		}
	}
	for _, person := range mine {
		p := c.people[person]
		if p == nil {
			continue
		}
		in := h.Of(person)
		for _, q := range p.answered {
			if q.by(person) && !slices.Contains(in, q.community.id) {
				count(q.community.id, person)
			}
		}
	}
	out := make(map[string]int, len(who))
	for other, people := range who {
		out[other] = len(people)
	}
	return out
}

// weighted is a term of a vector, and what it weighs there.
type weighted struct {
	term   uint32
	weight int64 // in units of 1e-9, so that sums do not depend on their order
}

const unit = 1e9

// comparison compares one community with others.
type comparison struct {
	*field
	own     *community
	vectors [][]weighted // by community: what each is about
	idf     []float64    // by term
	mine    []int64      // by term: what it weighs in own, while it is compared
}

// comparison weighs what each community is about, by term: what it says of
// itself, and for who reads it the tags of its requests.
func (f *field) comparison(own *community) *comparison {
	x := &comparison{field: f, own: own, idf: make([]float64, len(f.c.names)), mine: make([]int64, len(f.c.names))}
	for i, of := range f.communities {
		v := make([]weighted, 0, len(of.about))
		for t, a := range of.about {
			v = append(v, weighted{t, int64(a.weight * unit)})
		}
		if f.reads[i] {
			for t, n := range of.tags {
				if _, said := of.about[t]; !said && asked(n) >= leastFit {
					v = append(v, weighted{t, int64(asked(n) * unit)})
				}
			}
		}
		for _, t := range v {
			x.idf[t.term]++
		}
		x.vectors = append(x.vectors, v)
	}
	for t, n := range x.idf {
		if n > 0 {
			x.idf[t] = rarity(float64(len(f.communities)), n)
		}
	}
	for _, v := range x.vectors {
		for k, t := range v {
			v[k].weight = int64(float64(t.weight) * x.idf[t.term])
		}
	}
	return x
}

// with compares own and the community at place i in the language of either,
// whichever gives more: what they say of themselves has stems in each. It
// returns the weighted Jaccard index Σ idf·min(v, w) / Σ idf·max(v, w), and the
// terms in common with what each gives of it, the most telling first.
func (x *comparison) with(i int) (score float64, common []weighted) {
	score, common = x.in(x.own.language, i)
	if other := x.communities[i].language; other != x.own.language {
		if s, terms := x.in(other, i); s > score {
			score, common = s, terms
		}
	}
	slices.SortFunc(common, func(a, b weighted) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(x.c.names[a.term], x.c.names[b.term]))
	})
	return score, common
}

func (x *comparison) in(language string, i int) (score float64, common []weighted) {
	var all, have int64
	mine := x.vectors[slices.Index(x.communities, x.own)]
	for _, t := range mine {
		if x.c.readIn(language, t.term) {
			x.mine[t.term] = t.weight
			all += t.weight
		}
	}
	for _, t := range x.vectors[i] {
		if !x.c.readIn(language, t.term) {
			continue
		}
		all += t.weight
		if both := min(t.weight, x.mine[t.term]); both > 0 {
			have += both
			common = append(common, weighted{t.term, both})
		}
	}
	for _, t := range mine {
		x.mine[t.term] = 0
	}
	if have == 0 {
		return 0, nil
	}
	return float64(have) / float64(all-have), common // max(v, w) = v + w - min(v, w)
}

// readIn reports whether a term is a tag or a stem of a language.
func (c *Circles) readIn(language string, term uint32) bool {
	return c.isTag(term) || strings.HasPrefix(c.names[term], language)
}

// leastTelling is what a word gives in relation to the first one, at least.
const leastTelling = 0.25

// words are those that terms in common stand for, the most telling first.
func (c *Circles) words(common []weighted, of ...*community) []string {
	var out []string
	for _, t := range common {
		if float64(t.weight) < leastTelling*float64(common[0].weight) || len(out) == maxWords {
			break
		}
		word, _ := strings.CutPrefix(c.names[t.term], "#")
		for _, one := range of {
			if said := one.about[t.term].word; said != "" {
				word = said
				break
			}
		}
		if !slices.ContainsFunc(out, func(have string) bool { return strings.EqualFold(have, word) }) {
			out = append(out, word)
		}
	}
	return out
}
