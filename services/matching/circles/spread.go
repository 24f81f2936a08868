package circles

import (
	"cmp"
	"slices"
)

// Spread says that a community asks about topics that have little to do with
// each other and are asked about by different people.
type Spread struct {
	Modularity float64 // of the groups, see topicGroups
	Groups     []TopicGroup
}

// TopicGroup is a group of tags that occur together.
type TopicGroup struct {
	Tags     []string // the most frequent first, at most five
	Requests int      // at least 10
	People   int      // who asked or answered them; at least Group
}

const (
	// leastModularity is from where on groups are taken to be there: "a value
	// above about 0.3 is a good indicator of significant community structure"
	// (Clauset, Newman and Moore, "Finding community structure in very large
	// networks", Physical Review E 70, 2004).
	leastModularity = 0.3
	leastRequests   = 10  // of a group
	mostShared      = 0.2 // share of the smaller group's people that may be in the other
	maxTags         = 40  // the most frequent tags of a community are looked at
	maxTagsShown    = 5
)

// Spread finds groups of topics in what a community was asked, by the tags of
// its requests; ok is false if it has one subject, or the same people care
// about all of them.
func (c *Circles) Spread(id string) (s Spread, ok bool) {
	of := c.communities[id]
	if of == nil {
		return s, false
	}
	tags, count := of.frequentTags(c)
	group, q := topicGroups(len(tags), of.together(tags))
	if q < leastModularity {
		return s, false
	}
	parts := of.parts(tags, group)
	parts = slices.DeleteFunc(parts, func(p part) bool { return p.requests < leastRequests || len(p.people) < Group })
	slices.SortFunc(parts, func(a, b part) int {
		return cmp.Or(cmp.Compare(b.requests, a.requests), cmp.Compare(a.number, b.number))
	})
	parts = apart(parts)
	if len(parts) < 2 {
		return s, false
	}
	s.Modularity = q
	for _, p := range parts {
		g := TopicGroup{Requests: p.requests, People: len(p.people)}
		for i, t := range tags { // the most frequent first
			if group[i] == p.number && len(g.Tags) < maxTagsShown && count[i] >= Group {
				g.Tags = append(g.Tags, c.names[t][1:])
			}
		}
		if len(g.Tags) > 0 {
			s.Groups = append(s.Groups, g)
		}
	}
	return s, len(s.Groups) >= 2
}

// Whole returns the time before which no split of a community is to be
// suggested, in seconds since 1970.
func (c *Circles) Whole(id string) int64 {
	if of := c.communities[id]; of != nil {
		return of.whole
	}
	return 0
}

// frequentTags are the tags of the community's requests with how many have
// them, the most frequent first.
func (of *community) frequentTags(c *Circles) (tags []uint32, count []int) {
	for t := range of.tags {
		tags = append(tags, t)
	}
	slices.SortFunc(tags, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(of.tags[b], of.tags[a]), cmp.Compare(c.names[a], c.names[b]))
	})
	tags = tags[:min(len(tags), maxTags)]
	for _, t := range tags {
		count = append(count, of.tags[t])
	}
	return tags, count
}

// together counts for each two of tags the requests that have both.
func (of *community) together(tags []uint32) [][]float64 {
	place := map[uint32]int{}
	w := make([][]float64, len(tags))
	for i, t := range tags {
		place[t], w[i] = i, make([]float64, len(tags))
	}
	for _, q := range of.requests {
		for i, a := range q.tags {
			for _, b := range q.tags[i+1:] {
				x, okX := place[a]
				y, okY := place[b]
				if okX && okY && x != y {
					w[x][y]++
					w[y][x]++
				}
			}
		}
	}
	return w
}

// topicGroups divides the n nodes of a graph with the weights w into groups and
// returns the group of each and the modularity
//
//	Q = Σ over groups of (L/m − (d/2m)²)
//
// with m the weight of all edges, L of those within the group, and d the sum of
// the degrees of its nodes (Newman and Girvan, "Finding and evaluating community
// structure in networks", Physical Review E 69, 2004). It joins the two groups
// whose union has the largest gain ΔQ = 2(e − a·b), with e the share of edges
// between them and a and b those of their degrees, as long as there is one
// (Newman, "Fast algorithm for detecting community structure in networks", the
// same volume). In a tie the first two are joined. It takes O(n³).
func topicGroups(n int, w [][]float64) (group []int, q float64) {
	group = make([]int, n)
	e, a := make([][]float64, n), make([]float64, n) // shares of the ends of edges
	var ends float64
	for i := range w {
		group[i] = i
		for j := range w[i] {
			ends += w[i][j]
		}
	}
	if ends == 0 {
		return group, 0
	}
	for i := range w {
		e[i] = make([]float64, n)
		for j := range w[i] {
			e[i][j] = w[i][j] / ends
			a[i] += e[i][j]
		}
	}
	for range n {
		gain, one, other := 1e-12, -1, -1
		for i := range n {
			for j := i + 1; j < n; j++ {
				if d := 2 * (e[i][j] - a[i]*a[j]); e[i][j] > 0 && d > gain {
					gain, one, other = d, i, j
				}
			}
		}
		if one < 0 {
			break
		}
		for k := range n {
			e[one][k] += e[other][k]
			e[other][k] = 0
		}
		for k := range n {
			e[k][one] += e[k][other]
			e[k][other] = 0
		}
		a[one], a[other] = a[one]+a[other], 0
		for i := range group {
			if group[i] == other {
				group[i] = one
			}
		}
	}
	for i := range n {
		q += e[i][i] - a[i]*a[i]
	}
	return group, q
}

// part is a group of tags with what was asked about it.
type part struct {
	number, requests int
	people           map[string]bool
}

// parts counts each request for the group of most of its tags, and for none if
// that is not one.
func (of *community) parts(tags []uint32, group []int) []part {
	in := map[uint32]int{}
	for i, t := range tags {
		in[t] = group[i]
	}
	byNumber := map[int]*part{}
	for _, q := range of.requests {
		number, ok := q.groupOf(in)
		if !ok {
			continue
		}
		p := byNumber[number]
		if p == nil {
			p = &part{number: number, people: map[string]bool{}}
			byNumber[number] = p
		}
		p.requests++
		p.people[q.asker] = true
		for _, a := range q.answers {
			p.people[a.author] = true
		}
		delete(p.people, "")
	}
	var out []part
	for _, p := range byNumber {
		out = append(out, *p)
	}
	return out
}

func (q *request) groupOf(in map[uint32]int) (number int, ok bool) {
	count := map[int]int{}
	for _, t := range q.tags {
		if g, known := in[t]; known {
			count[g]++
		}
	}
	most := 0
	for g, n := range count {
		switch {
		case n > most:
			number, most, ok = g, n, true
		case n == most:
			ok = false
		}
	}
	return number, ok
}

// apart keeps those parts, the largest first, that share hardly any people with
// one that was kept before.
func apart(parts []part) []part {
	var out []part
	for _, p := range parts {
		if !slices.ContainsFunc(out, func(o part) bool { return p.shares(o) > mostShared }) {
			out = append(out, p)
		}
	}
	return out
}

// shares is the share of the smaller part's people that are in the other too.
func (p part) shares(o part) float64 {
	n := 0
	for person := range p.people {
		if o.people[person] {
			n++
		}
	}
	return float64(n) / float64(max(min(len(p.people), len(o.people)), 1))
}
