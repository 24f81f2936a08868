package access

import (
	"slices"

	"kith/api/events/community"
)

// Linked returns the communities that have agreed on a link with this one, of
// whatever kind, in the order of ids; nil if there are none. Those that are
// closed for good are not among them, and one that is has none: its links end
// with it. That somebody may know of the link does not follow: see
// SeesCommunity for what they may read.
func (a *Access) Linked(communityID string) []string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if !a.s.lives(communityID) {
		return nil
	}
	var out []string
	for other := range a.s.links[communityID] {
		if a.s.lives(other) {
			out = append(out, other)
		}
	}
	slices.Sort(out)
	return out
}

func (s *state) lives(id string) bool {
	c := s.communities[id]
	return c.founded() && c.State != community.Ended
}

// link counts the kinds of link from one community to another.
func (s *state) link(from, to string, by int) {
	of := s.links[from]
	if of == nil {
		of = map[string]int{}
		s.links[from] = of
	}
	if of[to] += by; of[to] != 0 {
		return
	}
	delete(of, to)
	if len(of) == 0 {
		delete(s.links, from) // as if it had never been, for Hash
	}
}
