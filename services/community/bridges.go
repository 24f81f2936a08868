package community

import (
	"cmp"
	"slices"
	"time"

	"kith/pkg/access"
)

// What may be published of help between units. A figure counts at least
// leastCounted helps, by as many different people, for as many different people,
// and is rounded down to a multiple of countStep. There are no totals, each help
// is counted in one level of the tree alone, and windows end with a month.
//
// So one figure says where a count lies within countStep neighbouring numbers.
// Differences of windows, and of the same window a month later, only add such
// bounds: the count of a part could become certain only if at least countStep
// figures of the same pair were all at the upper end of what they say, and the
// two windows of two months in a row are four.
const (
	leastCounted = 5
	countStep    = 5
)

// rounded is what is published of a count; 0 is nothing.
func rounded(n int) int { return n - n%countStep }

// span is a time of whole months, without its end.
type span struct{ from, until time.Time }

// lastMonths are the n complete months before now.
func lastMonths(now time.Time, n int) span {
	y, m, _ := now.UTC().Date()
	until := time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	return span{until.AddDate(0, -n, 0), until}
}

// withThisMonth are the month of now and the n-1 before it.
func withThisMonth(now time.Time, n int) span {
	s := lastMonths(now, n-1)
	s.until = s.until.AddDate(0, 1, 0)
	return s
}

// months are the months of s, oldest first.
func (s span) months() []string {
	var all []string
	for at := s.from; at.Before(s.until); at = at.AddDate(0, 1, 0) {
		all = append(all, monthOf(at))
	}
	return all
}

// help is one response that helped, with the units of both at that time.
type help struct {
	helper, asker string // people
	by, to        string // their units; "" where none is known
}

// pair is a helping unit and the one that it helped.
type pair struct{ by, to string }

// bridge is what is published of a pair.
type bridge struct {
	pair
	atLeast int
}

// tally counts what is between a pair.
type tally struct {
	helps          int
	helpers, asked map[string]bool
}

func (t tally) published() int {
	if t.helps < leastCounted || len(t.helpers) < leastCounted || len(t.asked) < leastCounted {
		return 0
	}
	return rounded(t.helps)
}

// bridges are the published figures between units of one level, strongest first.
func (t unitTree) bridges(l level, helps []help) []bridge {
	counts := map[pair]*tally{}
	for _, h := range helps {
		p := pair{t.in(l, h.by), t.in(l, h.to)}
		if p.by == "" || p.to == "" || p.by == p.to {
			continue
		}
		c := counts[p]
		if c == nil {
			c = &tally{helpers: map[string]bool{}, asked: map[string]bool{}}
			counts[p] = c
		}
		c.helps++
		c.helpers[h.helper], c.asked[h.asker] = true, true
	}
	var all []bridge
	for p, c := range counts {
		if n := c.published(); n > 0 {
			all = append(all, bridge{p, n})
		}
	}
	slices.SortFunc(all, func(a, b bridge) int {
		return cmp.Or(cmp.Compare(b.atLeast, a.atLeast), byName(t.units[a.by], t.units[b.by]), byName(t.units[a.to], t.units[b.to]))
	})
	return all
}

// shown are at most mostUnits units of a level in the order of names, with how
// many more there are. Closed ones are among them where a figure names them;
// where there are too many those with the strongest figures stay, so that what
// is left out says nothing beyond the figures.
func (t unitTree) shown(l level, all []bridge) (ids []string, more int) {
	weight := map[string]int{}
	for _, b := range all {
		weight[b.by] += b.atLeast
		weight[b.to] += b.atLeast
	}
	for _, id := range t.sorted(l) {
		if !t.units[id].Closed || weight[id] > 0 {
			ids = append(ids, id)
		}
	}
	if len(ids) <= mostUnits {
		return ids, 0
	}
	slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(weight[b], weight[a]) })
	more = len(ids) - mostUnits
	ids = ids[:mostUnits]
	slices.SortFunc(ids, func(a, b string) int { return byName(t.units[a], t.units[b]) })
	return ids, more
}

func byName(a, b access.Unit) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
}
