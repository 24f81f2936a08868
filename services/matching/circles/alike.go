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
	vectors, idf := f.vectors()
	at := slices.Index(f.communities, own)
	var out []Suggestion
	for i, of := range f.communities {
		if of == own || own.spurned[of.id] || own.links[of.id] > 0 && of.id != again {
			continue
		}
		s := Suggestion{Community: of.id}
		if score, common := c.alike(own, of, vectors[at], vectors[i], idf); score >= leastAlike {
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

// weighted is a term of a vector.
type weighted struct {
	term   uint32
	weight float64
}

// vectors are what each community is about, by term: what it says of itself,
// and for who reads it the tags of its requests.
func (f *field) vectors() (all [][]weighted, idf map[uint32]float64) {
	n := map[uint32]float64{}
	for i, of := range f.communities {
		var v []weighted
		for t, a := range of.about {
			v = append(v, weighted{t, a.weight})
		}
		if f.reads[i] {
			for t := range of.content {
				if w := of.weight(t, true); w >= leastFit && of.about[t].weight == 0 && strings.HasPrefix(f.c.names[t], "#") {
					v = append(v, weighted{t, w})
				}
			}
		}
		slices.SortFunc(v, func(a, b weighted) int { return cmp.Compare(a.term, b.term) })
		for _, t := range v {
			n[t.term]++
		}
		all = append(all, v)
	}
	idf = make(map[uint32]float64, len(n))
	for t, count := range n {
		idf[t] = rarity(float64(len(f.communities)), count)
	}
	return all, idf
}

// alike compares two communities in the language of either, whichever gives
// more: what they say of themselves has stems in each.
func (c *Circles) alike(one, other *community, v, w []weighted, idf map[uint32]float64) (score float64, common []weighted) {
	for _, language := range []string{one.language, other.language} {
		if s, terms := jaccard(c.in(language, v), c.in(language, w), idf); s > score {
			score, common = s, terms
		}
	}
	slices.SortFunc(common, func(a, b weighted) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(c.names[a.term], c.names[b.term]))
	})
	return score, common
}

// in are the tags and the stems of a language.
func (c *Circles) in(language string, v []weighted) []weighted {
	out := make([]weighted, 0, len(v))
	for _, t := range v {
		if name := c.names[t.term]; name[0] == '#' || strings.HasPrefix(name, language+" ") {
			out = append(out, t)
		}
	}
	return out
}

// jaccard is the weighted Jaccard index Σ idf·min(v, w) / Σ idf·max(v, w), and
// the terms in common with what each gives of it.
func jaccard(v, w []weighted, idf map[uint32]float64) (score float64, common []weighted) {
	var sum []float64
	for i, j := 0, 0; i < len(v) || j < len(w); {
		switch {
		case j == len(w) || i < len(v) && v[i].term < w[j].term:
			sum = append(sum, idf[v[i].term]*v[i].weight)
			i++
		case i == len(v) || w[j].term < v[i].term:
			sum = append(sum, idf[w[j].term]*w[j].weight)
			j++
		default:
			by := idf[v[i].term]
			sum = append(sum, by*max(v[i].weight, w[j].weight))
			common = append(common, weighted{v[i].term, by * min(v[i].weight, w[j].weight)})
			i, j = i+1, j+1
		}
	}
	// Summed in one order: the numbers of terms depend on that of reading.
	slices.Sort(sum)
	var have, all float64
	for _, x := range sum {
		all += x
	}
	for _, x := range common {
		have += x.weight
	}
	if all == 0 {
		return 0, nil
	}
	return have / all, common
}

// leastTelling is what a word gives in relation to the first one, at least.
const leastTelling = 0.25

// words are those that terms in common stand for, the most telling first.
func (c *Circles) words(common []weighted, of ...*community) []string {
	var out []string
	for _, t := range common {
		if t.weight < leastTelling*common[0].weight || len(out) == maxWords {
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
