package access

import "slices"

// SeesCommunity reports whether the person may read the community's content.
// Name, purpose and ways of joining are for everybody, so that people can ask
// to join.
func (a *Access) SeesCommunity(person, community string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.s.seesCommunity(person, community)
}

func (s *state) seesCommunity(person, community string) bool {
	p := s.persons[person]
	if p == nil || !p.Active {
		return false
	}
	if community == "" {
		return true
	}
	c := s.communities[community]
	return c.founded() && (!c.Closed || c.membership[person] != None)
}

// SeesRequest reports whether the person may read the request and its
// responses: everybody in an open community or in none; in a closed one its
// members, the asker, and those it was routed to if the asker allows routing
// beyond the community.
func (a *Access) SeesRequest(person, request string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.s.seesRequest(person, request)
}

func (s *state) seesRequest(person, request string) bool {
	q := s.requests[request]
	if q == nil || !q.raised {
		return false
	}
	if s.seesCommunity(person, q.Community) {
		return true
	}
	p := s.persons[person]
	return p != nil && p.Active && (q.Asker == person || q.Beyond && slices.Contains(q.routed, person))
}

// MayBeAsked reports whether the person may be proposed as helper for the
// request: active, not its asker, and not beyond a closed community unless
// the asker allows it.
func (a *Access) MayBeAsked(person, request string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	q, p := a.s.requests[request], a.s.persons[person]
	if q == nil || !q.raised || p == nil || !p.Active || q.Asker == person {
		return false
	}
	return q.Beyond || a.s.seesCommunity(person, q.Community)
}

// Routed reports whether the person was proposed as helper for the request.
func (a *Access) Routed(person, request string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	q := a.s.requests[request]
	return q != nil && q.raised && slices.Contains(q.routed, person)
}
