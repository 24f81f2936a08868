package access

import (
	"slices"

	"kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	"kith/pkg/es"
)

// fold applies one event. It must accept any order of streams: events of
// different aggregates may refer to each other before or after.
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
		p.Active, p.Unit, p.Site, p.Language = true, e.Unit, e.Site, e.Language
	case membership.PersonChanged:
		s.person(id).Language = e.Language
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
		p.Active, p.Erased, p.Roles = false, true, nil
	case membership.RoleGranted:
		p := s.person(id)
		if !p.Has(OrgRole(e.Role)) {
			p.Roles = append(slices.Clone(p.Roles), OrgRole(e.Role))
		}
	case membership.RoleRevoked:
		p := s.person(id)
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
	case community.RequestRaised:
		s.requests[id] = &Request{ID: id, Community: e.Community, Asker: e.Asker, Beyond: e.Beyond, Open: true, Imported: r.Meta.Imported}
	case community.RequestResponded:
		if q := s.requests[id]; q != nil {
			if q.responses == nil {
				q.responses = map[string]string{}
			}
			q.responses[e.Response] = e.Author
		}
	case community.ResponseAccepted:
		if e.Resolves {
			s.open(id, false)
		}
	case community.RequestResolved, community.RequestUnresolved, community.RequestWithdrawn, community.RequestRetracted:
		s.open(id, false)
	case community.RequestReopened:
		s.open(id, true)
	case matching.HelpersProposed:
		if q := s.requests[id]; q != nil {
			if q.routed == nil {
				q.routed = map[string]bool{}
			}
			for _, h := range e.Helpers {
				q.routed[h.Person] = true
			}
		}
	}
}

func (s *state) open(id string, open bool) {
	if q := s.requests[id]; q != nil {
		q.Open = open
	}
}

func (s *state) person(id string) *Person {
	p := s.persons[id]
	if p == nil {
		p = &Person{ID: id}
		s.persons[id] = p
	}
	return p
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
	c.Name, c.Closed, c.Joining = e.Name, e.Visibility == community.Closed, e.Joining
}

func (s *state) member(communityID, personID string, role Role) {
	c := s.community(communityID)
	if role == None {
		delete(c.membership, personID)
		delete(s.memberOf[personID], communityID)
		return
	}
	c.membership[personID] = role
	if s.memberOf[personID] == nil {
		s.memberOf[personID] = map[string]Role{}
	}
	s.memberOf[personID][communityID] = role
}
