package access

import (
	"slices"

	"kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	"kith/pkg/es"
)

// fold applies one event. It accepts any order of streams: events of different
// aggregates may refer to each other before or after. What is only referred to
// is kept as a blank that nobody can see and nothing can be done in.
func (s *state) fold(r es.Recorded) {
	id := r.Stream.ID
	switch e := r.Data.(type) {
	case membership.UnitCreated:
		s.units[id] = &Unit{ID: id, Parent: e.Parent, Code: e.Code, Name: e.Name, Kind: e.Kind}
		s.codes[e.Code] = id
	case membership.UnitChanged:
		if u := s.units[id]; u != nil {
			u.Parent, u.Name, u.Kind = e.Parent, e.Name, e.Kind
		}
	case membership.UnitClosed:
		if u := s.units[id]; u != nil {
			u.Closed = true
		}
	case membership.ReservationMade:
		s.logins[id] = e.Person
	case membership.ReservationReleased:
		delete(s.logins, id)
	case membership.PersonRegistered:
		p := s.person(id)
		p.Active, p.Unit, p.Site = !p.Erased, e.Unit, e.Site
		p.speaks(e.Language)
	case membership.PersonChanged:
		s.person(id).speaks(e.Language)
	case membership.PersonLanguageChosen:
		p := s.person(id)
		p.Language, p.Own = e.Language, true
	case membership.PersonMoved:
		p := s.person(id)
		p.Unit, p.Site = e.Unit, e.Site
	case membership.PersonDeactivated:
		s.person(id).Active = false
	case membership.PersonReactivated:
		p := s.person(id)
		p.Active = !p.Erased
	case membership.PersonErased:
		p := s.person(id)
		for _, role := range p.Roles {
			delete(s.holders[role], id)
		}
		p.Active, p.Erased, p.Roles = false, true, nil
	case membership.RoleGranted:
		p := s.person(id)
		if !p.Erased && !p.Has(OrgRole(e.Role)) {
			p.Roles = append(slices.Clone(p.Roles), OrgRole(e.Role))
			s.hold(OrgRole(e.Role), id)
		}
	case membership.RoleRevoked:
		p := s.person(id)
		delete(s.holders[OrgRole(e.Role)], id)
		p.Roles = slices.DeleteFunc(slices.Clone(p.Roles), func(have OrgRole) bool { return have == OrgRole(e.Role) })
	case membership.TokenIssued:
		s.tokens[id] = token{e.Person, e.Hash, e.Expires}
	case membership.TokenRevoked:
		delete(s.tokens, id)
	case membership.MembershipJoined:
		s.member(e.Community, e.Person, Role(e.Role))
	case membership.MembershipRoleChanged:
		s.member(e.Community, e.Person, Role(e.Role))
	case membership.MembershipLeft:
		s.member(e.Community, e.Person, None)
	case membership.MembershipRemoved:
		s.member(e.Community, e.Person, None)
	default:
		s.foldHelp(r)
	}
}

func (s *state) foldHelp(r es.Recorded) {
	id := r.Stream.ID
	switch e := r.Data.(type) {
	case community.CommunityFounded:
		c := s.community(id)
		c.State = community.Draft
		if r.Meta.Imported {
			c.State = community.Active
		}
		c.set(e.Settings)
		if e.Founder != "" {
			// Founding is the founder's own act; the membership event follows.
			s.member(id, e.Founder, Host)
		}
	case community.CommunitySettingsChanged:
		s.community(id).set(e.Settings)
	case community.CommunityStateChanged:
		s.community(id).State = e.To
	case community.SuccessionOpened:
		s.community(id).Hostless = true
	case community.SuccessionSettled:
		s.community(id).Hostless = false
	case community.LinkAgreed:
		s.link(e.Proposer, e.Other, 1)
		s.link(e.Other, e.Proposer, 1)
	case community.LinkEnded:
		s.link(e.Proposer, e.Other, -1)
		s.link(e.Other, e.Proposer, -1)
	case community.RequestRaised:
		q := s.request(id)
		q.raised, q.Open, q.Imported = true, true, r.Meta.Imported
		q.Community, q.Asker, q.Beyond = e.Community, e.Asker, e.Beyond
	case community.ResponseAccepted:
		if e.Resolves {
			s.request(id).Open = false
		}
	case community.RequestResolved, community.RequestUnresolved, community.RequestWithdrawn, community.RequestRetracted:
		s.request(id).Open = false
	case community.RequestReopened:
		s.request(id).Open = true
	case matching.HelpersProposed:
		for _, h := range e.Helpers {
			s.request(id).route(h.Person)
		}
	case matching.RoutingWidened:
		for _, person := range e.Told {
			s.request(id).route(person)
		}
	}
}

func (q *Request) route(person string) {
	if !slices.Contains(q.routed, person) {
		q.routed = append(q.routed, person)
	}
}

func (s *state) request(id string) *Request {
	q := s.requests[id]
	if q == nil {
		q = &Request{ID: id}
		s.requests[id] = q
	}
	return q
}

func (s *state) person(id string) *Person {
	p := s.persons[id]
	if p == nil {
		p = &Person{ID: id}
		s.persons[id] = p
	}
	return p
}

func (s *state) hold(role OrgRole, person string) {
	if s.holders[role] == nil {
		s.holders[role] = map[string]bool{}
	}
	s.holders[role][person] = true
}

func (s *state) community(id string) *Community {
	c := s.communities[id]
	if c == nil {
		c = &Community{ID: id, membership: map[string]Role{}}
		s.communities[id] = c
	}
	return c
}

func (c *Community) set(e community.Settings) {
	c.settled = true
	// A visibility that this version does not know hides the content.
	c.Name, c.Closed, c.Joining = e.Name, e.Visibility != community.Open, e.Joining
}

func (s *state) member(communityID, personID string, role Role) {
	if role == None {
		if c := s.communities[communityID]; c != nil {
			delete(c.membership, personID)
		}
		if of := s.memberOf[personID]; of != nil {
			delete(of, communityID)
			if len(of) == 0 {
				delete(s.memberOf, personID) // as if it had never been, for Hash
			}
		}
		return
	}
	c := s.community(communityID)
	c.membership[personID] = role
	if s.memberOf[personID] == nil {
		s.memberOf[personID] = map[string]Role{}
	}
	s.memberOf[personID][communityID] = role
}
