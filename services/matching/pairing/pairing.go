// Package pairing chooses whom to introduce to whom: pairs of people from
// different units who have something to tell each other. It is pure: it does no
// I/O, knows no clock, and the same input in any order gives the same pairs.
//
// What must hold comes first. Two people are paired only if their units differ,
// if they have a language in common (where both say which they speak), and if
// they are not to be kept apart. Of all ways to pair, those in which most people
// are paired are looked for; of these, those that leave out nobody who had to
// wait while somebody who had not is paired; and pairs of people who know each
// other already are made only for people who would be left out without them.
// All that is exact (cover.go). Within it, what people have to tell each other is
// a matter of heuristics: the heaviest pairs are taken first, then partners are
// exchanged while that helps (choose.go). The exact answer, a matching of maximum
// weight in a graph that is not bipartite, takes an algorithm of another order of
// length; how near the heuristics come is measured in the tests.
//
// Time: n people look at no more than a constant number of others who share a
// word with them; the rest is O(n²) comparisons of units, and for each person who
// is hard to pair one search of at most O(n²).
package pairing

import (
	"cmp"
	"slices"
)

// Person is somebody who is to be introduced.
type Person struct {
	ID, Unit    string
	Languages   []string // none: they do not say
	CanHelp     []Topic
	WantToLearn []Topic
	Apart       []string // ids of people they MUST NOT be paired with; one side is enough
	Familiar    []string // of people they know from working together; one side is enough
	Waiting     int      // rounds in a row in which they were left out, from 0
}

// Rules are what holds for a round.
type Rules struct {
	Seed string // decides between what is equally good
	// Share reports whether two people have a community in common, so that they
	// may read closed topics of each other. It MUST be symmetric.
	Share func(a, b string) bool
}

// Pair is two people, A before B in the order of ids, and what they have to
// tell each other, most first.
type Pair struct {
	A, B   string
	Shared []Shared
}

// Round pairs people. left are those without a partner, in the order of ids.
func Round(people []Person, rules Rules) (pairs []Pair, left []string) {
	r := newRound(people, rules)
	edges := r.candidates()
	r.greedy(edges)
	r.fill()
	r.split()
	r.cover(r.strangers)
	r.improve(edges)
	r.cover(r.may)
	for i, p := range r.people {
		switch j := r.mate[i]; {
		case j < 0:
			left = append(left, p.ID)
		case int32(i) < j:
			shared := compare(&p, &r.people[j], r.share(int32(i), j))
			pairs = append(pairs, Pair{p.ID, r.people[j].ID, shared})
		}
	}
	return pairs, left
}

const nobody = int32(-1)

// round is the state of one call of Round. People are numbers, in the order of
// ids; those of a repeated id are one person.
type round struct {
	rules  Rules
	people []person
	mate   []int32 // or nobody
}

// person is a Person with everything that is compared often as numbers.
type person struct {
	Person
	unit            int32
	languages       []int32
	know, learn     []topic
	closed          bool    // some of these are
	apart, familiar []int32 // ascending
	lot             uint64  // decides ties
}

func newRound(people []Person, rules Rules) *round {
	people = slices.Clone(people)
	slices.SortStableFunc(people, func(a, b Person) int { return cmp.Compare(a.ID, b.ID) })
	people = slices.CompactFunc(people, func(a, b Person) bool { return a.ID == b.ID })
	r := &round{rules: rules, people: make([]person, len(people)), mate: make([]int32, len(people))}
	place := make(map[string]int32, len(people))
	for i, p := range people {
		place[p.ID] = int32(i)
	}
	words := numbers{}
	for i, p := range people {
		r.mate[i] = nobody
		r.people[i] = person{
			Person: p, unit: words.of("unit " + p.Unit), lot: lot(rules.Seed, p.ID),
			know: words.topics(p.CanHelp), learn: words.topics(p.WantToLearn),
		}
		for _, t := range slices.Concat(p.CanHelp, p.WantToLearn) {
			r.people[i].closed = r.people[i].closed || t.Closed
		}
		for _, l := range p.Languages {
			r.people[i].languages = append(r.people[i].languages, words.of("language "+l))
		}
	}
	for i, p := range people {
		r.tie(place, i, p.Apart, func(q *person) *[]int32 { return &q.apart })
		r.tie(place, i, p.Familiar, func(q *person) *[]int32 { return &q.familiar })
	}
	for i := range r.people {
		slices.Sort(r.people[i].apart)
		slices.Sort(r.people[i].familiar)
	}
	return r
}

// tie notes on both sides what one side says.
func (r *round) tie(place map[string]int32, i int, others []string, list func(*person) *[]int32) {
	for _, id := range others {
		if j, ok := place[id]; ok {
			mine, theirs := list(&r.people[i]), list(&r.people[j])
			*mine, *theirs = append(*mine, j), append(*theirs, int32(i))
		}
	}
}

// may reports whether a and b can be paired at all.
func (r *round) may(a, b int32) bool {
	p, q := &r.people[a], &r.people[b]
	return p.unit != q.unit && speak(p.languages, q.languages) && !among(p.apart, b)
}

// strangers reports whether a and b can be paired and do not know each other yet.
func (r *round) strangers(a, b int32) bool { return r.may(a, b) && !among(r.people[a].familiar, b) }

func (r *round) share(a, b int32) bool {
	if !r.people[a].closed && !r.people[b].closed {
		return false // nothing depends on it
	}
	return r.rules.Share != nil && r.rules.Share(r.people[a].ID, r.people[b].ID)
}

func among(list []int32, x int32) bool {
	if len(list) == 0 {
		return false
	}
	_, ok := slices.BinarySearch(list, x)
	return ok
}

// speak reports whether two people have a language in common, as far as both say.
func speak(a, b []int32) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	for _, l := range a {
		if slices.Contains(b, l) {
			return true
		}
	}
	return false
}
