package pairing

import (
	"cmp"
	"slices"
)

// Bounds of the search for people who share something. A word that thousands
// have in their profile says little; of them a part is looked at that the lot
// decides, another one for each person.
const (
	perWord   = 32 // people looked at for each word
	perPerson = 16 // of those who share words, the most first, that are compared
)

// postings are the people who have a word among what they know, or want to learn.
type postings map[int32][]int32

func (r *round) postings(of func(*person) []topic) postings {
	all := postings{}
	for i := range r.people {
		for _, t := range of(&r.people[i]) {
			for _, stems := range t.stems {
				for _, s := range stems {
					if have := all[s]; len(have) == 0 || have[len(have)-1] != int32(i) {
						all[s] = append(have, int32(i))
					}
				}
			}
		}
	}
	return all
}

func knows(p *person) []topic  { return p.know }
func learns(p *person) []topic { return p.learn }

// candidates are the pairs of strangers who share something, best first.
func (r *round) candidates() []edge {
	known, wanted := r.postings(knows), r.postings(learns)
	var all []edge
	met := make([]int32, len(r.people)) // words in common with the present person
	for i := range r.people {
		p := &r.people[i]
		var found []int32
		found = r.look(int32(i), found, met, p.learn, known, 4)
		found = r.look(int32(i), found, met, p.know, wanted, 4)
		found = r.look(int32(i), found, met, p.learn, wanted, 1)
		slices.SortFunc(found, func(a, b int32) int {
			return cmp.Or(cmp.Compare(met[b], met[a]), cmp.Compare(mix(p.lot, r.people[a].lot), mix(p.lot, r.people[b].lot)), cmp.Compare(a, b))
		})
		for k, b := range found {
			met[b] = 0
			if k >= perPerson {
				continue
			}
			if w := r.weigh(int32(i), b); w > 0 {
				all = append(all, r.edge(int32(i), b, w))
			}
		}
	}
	slices.SortFunc(all, best)
	return slices.Compact(all)
}

// look adds to found who has a word of topics in a posting, and counts in met.
func (r *round) look(a int32, found, met []int32, topics []topic, in postings, counts int32) []int32 {
	for _, t := range topics {
		for _, stems := range t.stems {
			for _, s := range stems {
				list := in[s]
				start := 0
				if len(list) > perWord {
					start = int(r.people[a].lot % uint64(len(list)))
				}
				for k := range min(perWord, len(list)) {
					b := list[(start+k)%len(list)]
					if b == a || met[b] == 0 && !r.strangers(a, b) {
						continue
					}
					if met[b] == 0 {
						found = append(found, b)
					}
					met[b] += counts
				}
			}
		}
	}
	return found
}

// edge is the pair of a and b. Its weight is the same from both sides.
func (r *round) edge(a, b, weight int32) edge {
	a, b = min(a, b), max(a, b)
	return edge{a, b, weight, mix(r.people[a].lot, r.people[b].lot)}
}

func (r *round) weigh(a, b int32) int32 {
	return weight(compare(&r.people[min(a, b)], &r.people[max(a, b)], r.share(a, b)))
}

func (r *round) pair(a, b int32) { r.mate[a], r.mate[b] = b, a }

// greedy takes the best pairs first.
func (r *round) greedy(edges []edge) {
	for _, e := range edges {
		if r.mate[e.a] == nobody && r.mate[e.b] == nobody {
			r.pair(e.a, e.b)
		}
	}
}

// fill pairs those who share nothing with anybody free. In the order of units, the
// largest first, somebody and who comes half of all later are seldom of one unit.
func (r *round) fill() {
	rest := r.unpaired()
	size := map[int32]int{}
	for _, i := range rest {
		size[r.people[i].unit]++
	}
	slices.SortFunc(rest, func(a, b int32) int {
		p, q := &r.people[a], &r.people[b]
		return cmp.Or(cmp.Compare(size[q.unit], size[p.unit]), cmp.Compare(p.unit, q.unit), cmp.Compare(p.lot, q.lot), cmp.Compare(a, b))
	})
	half := (len(rest) + 1) / 2
	for i := range len(rest) / 2 {
		if a, b := rest[i], rest[i+half]; r.strangers(a, b) {
			r.pair(a, b)
		}
	}
	for i, a := range rest {
		for j := len(rest) - 1; j > i && r.mate[a] == nobody; j-- {
			if b := rest[j]; r.mate[b] == nobody && r.strangers(a, b) {
				r.pair(a, b)
			}
		}
	}
}

// split takes pairs apart, those worth least first, where each of the two can have
// a partner who has none. The search of cover would find the same, one by one.
func (r *round) split() {
	free := r.unpaired()
	if len(free) < 2 {
		return
	}
	slices.SortFunc(free, func(a, b int32) int {
		return cmp.Or(cmp.Compare(r.people[b].Waiting, r.people[a].Waiting), cmp.Compare(r.people[a].lot, r.people[b].lot), cmp.Compare(a, b))
	})
	var pairs []edge
	for a, b := range r.mate {
		if int32(a) < b {
			pairs = append(pairs, r.edge(int32(a), b, -r.weigh(int32(a), b)))
		}
	}
	slices.SortFunc(pairs, best)
	for _, e := range pairs {
		u := r.fits(free, e.a, nobody)
		if u < 0 {
			continue
		}
		if v := r.fits(free, e.b, u); v >= 0 {
			r.pair(e.a, free[u])
			r.pair(e.b, free[v])
			free = slices.DeleteFunc(free, func(x int32) bool { return r.mate[x] != nobody })
		}
	}
}

// fits is the place in free of a partner for a, one of the first few and not but.
func (r *round) fits(free []int32, a, but int32) int32 {
	for i := range min(perWord, len(free)) {
		if int32(i) != but && r.strangers(a, free[i]) {
			return int32(i)
		}
	}
	return nobody
}

func (r *round) unpaired() (out []int32) {
	for i, m := range r.mate {
		if m == nobody {
			out = append(out, int32(i))
		}
	}
	return out
}

// Bounds of improve. It ends by itself, for each exchange adds weight.
const (
	maxPasses  = 20
	thirdPairs = 24 // looked at for one exchange among three pairs
)

// improve exchanges partners while that makes the pairs worth more together. As
// many are paired as before, and for each who is not any more, somebody is who
// has waited as long.
func (r *round) improve(edges []edge) {
	m := market{r, make([]int32, len(r.people))}
	for a, b := range r.mate {
		if b != nobody {
			m.worth[a] = r.weigh(int32(a), b)
		}
	}
	for range maxPasses {
		better := false
		for _, e := range edges {
			if r.mate[e.a] != e.b && (m.instead(e.a, e.b, e.weight) || m.instead(e.b, e.a, e.weight) || m.exchange(e)) {
				better = true
			}
		}
		if !better {
			return
		}
	}
}

// market is a round with what the pair of each person is worth.
type market struct {
	*round
	worth []int32
}

func (m *market) deal(a, b, weight int32) {
	m.pair(a, b)
	m.worth[a], m.worth[b] = weight, weight
}

// instead pairs a, who has a partner, with b, who has none.
func (m *market) instead(a, b, weight int32) bool {
	c := m.mate[a]
	if c == nobody || m.mate[b] != nobody || m.people[b].Waiting != m.people[c].Waiting || weight <= m.worth[a] {
		return false
	}
	m.mate[c] = nobody
	m.deal(a, b, weight)
	return true
}

// exchange makes the pair e, and one of the partners that its two have now; or,
// if these cannot be paired, two with those of a third pair that can.
func (m *market) exchange(e edge) bool {
	c, d := m.mate[e.a], m.mate[e.b]
	gain := e.weight - m.worth[e.a] - m.worth[e.b]
	if c == nobody || d == nobody || gain+heaviest <= 0 {
		return false
	}
	if m.strangers(c, d) {
		if w := m.weigh(c, d); gain+w > 0 {
			m.deal(e.a, e.b, e.weight)
			m.deal(c, d, w)
			return true
		}
	}
	if gain <= 0 {
		return false
	}
	start := int(e.lot % uint64(len(m.people)))
	for k := range min(thirdPairs, len(m.people)) {
		x := int32((start + k) % len(m.people))
		y := m.mate[x]
		if y == nobody || x == e.a || x == e.b || x == c || x == d || gain+2*heaviest <= m.worth[x] || !m.strangers(c, x) || !m.strangers(d, y) {
			continue
		}
		if one, other := m.weigh(c, x), m.weigh(d, y); gain+one+other > m.worth[x] {
			m.deal(e.a, e.b, e.weight)
			m.deal(c, x, one)
			m.deal(d, y, other)
			return true
		}
	}
	return false
}
