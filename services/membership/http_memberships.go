package membership

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kith/api/events/community"
	events "kith/api/events/membership"
	api "kith/api/openapi/membershipapi"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/view"
)

// onTie executes the caller's command on the tie between a community and a
// person. What is permitted is asked within decide: a command that is repeated
// is answered as at the first time, though the caller may have lost the right
// by it.
func (s *service) onTie(c echo.Context, communityID, person string, decide func(tie, events.Tie, terms) (es.Event, error)) (uint64, error) {
	m, err := s.core.Command(c)
	if err != nil {
		return 0, err
	}
	x := events.Tie{Community: communityID, Person: person}
	return s.ties.Execute(c.Request().Context(), tieID(communityID, person), m, func(t tie) (es.Event, error) {
		known, ok := s.core.Access.Community(communityID)
		if !ok {
			return nil, fault.New(fault.NotFound, "There is no community with this id.")
		}
		if !t.ever && s.core.Access.Role(communityID, person) != access.None {
			// Founded a moment ago; the founder's membership is on its way.
			return nil, fault.New(fault.Unavailable, "This community is being set up. Repeat the request in a second.")
		}
		return decide(t, x, terms{joining: known.Joining, ended: known.State == community.Ended})
	})
}

// own is onTie for the caller's own acts.
func (s *service) own(c echo.Context, communityID string, decide func(tie, events.Tie, terms) (es.Event, error)) error {
	seq, err := s.onTie(c, communityID, rest.Caller(c), decide)
	return done(c, seq, err)
}

// others is onTie for acts that need a right in the community.
func (s *service) others(c echo.Context, communityID, person string, action access.Action, decide func(tie, events.Tie, terms) (es.Event, error)) error {
	seq, err := s.onTie(c, communityID, person, func(t tie, x events.Tie, on terms) (es.Event, error) {
		if err := s.core.Access.May(rest.Caller(c), action, communityID); err != nil {
			return nil, err
		}
		return decide(t, x, on)
	})
	return done(c, seq, err)
}

// JoinCommunity answers POST /communities/{community}/join.
func (s *service) JoinCommunity(c echo.Context, id api.CommunityId, _ api.JoinCommunityParams) error {
	var in api.Joining
	if len(rest.Body(c)) > 0 {
		if err := rest.Decode(c, &in); err != nil {
			return err
		}
	}
	self := rest.Caller(c)
	seq, err := s.onTie(c, id, self, func(t tie, x events.Tie, on terms) (es.Event, error) {
		return t.Join(x, on, content(self, rest.Value(in.Message)))
	})
	if err != nil {
		return err
	}
	t, _, err := s.ties.Load(c.Request().Context(), tieID(id, self))
	if err != nil {
		return err
	}
	return rest.Done(c, seq, http.StatusOK, api.JoinOutcome{Status: api.JoinOutcomeStatus(t.status()), Seq: seq})
}

// LeaveCommunity answers POST /communities/{community}/leave.
func (s *service) LeaveCommunity(c echo.Context, id api.CommunityId, _ api.LeaveCommunityParams) error {
	return s.own(c, id, func(t tie, x events.Tie, _ terms) (es.Event, error) { return t.Leave(x) })
}

// LayDownRole answers POST /communities/{community}/lay-down-role.
func (s *service) LayDownRole(c echo.Context, id api.CommunityId, _ api.LayDownRoleParams) error {
	return s.own(c, id, func(t tie, x events.Tie, on terms) (es.Event, error) { return t.LayDown(x, on) })
}

// TakeOverCommunity answers POST /communities/{community}/take-over.
func (s *service) TakeOverCommunity(c echo.Context, id api.CommunityId, _ api.TakeOverCommunityParams) error {
	return s.own(c, id, func(t tie, x events.Tie, on terms) (es.Event, error) {
		return t.TakeOver(x, on, len(s.core.Access.Members(id, access.Host)), len(s.core.Access.Members(id, access.Core)))
	})
}

// ListMembers answers GET /communities/{community}/members.
func (s *service) ListMembers(c echo.Context, id api.CommunityId, in api.ListMembersParams) error {
	if err := s.core.Access.May(rest.Caller(c), access.ReadContent, id); err != nil {
		return err
	}
	named := s.names.named(rest.Value(in.Query))
	page, next, err := app.Find(c, s.tied, view.Query{Index: "community", Equal: []any{id, statusMember}}, func(d *tieDoc) bool {
		return s.core.Access.Active(d.Person) && named(d.Person)
	})
	if err != nil {
		return err
	}
	items := make([]api.Member, len(page))
	for i, d := range page {
		items[i] = api.Member{Person: d.Person, Name: s.name(d.Person), Unit: s.unitOf(d.Person), Role: api.CommunityRole(d.Role), Since: d.Since}
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

// RemoveMember answers POST /communities/{community}/members/{person}/remove.
func (s *service) RemoveMember(c echo.Context, id api.CommunityId, person api.PersonId, _ api.RemoveMemberParams) error {
	var in api.Reason
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	if err := said("reason", in.Reason); err != nil {
		return err
	}
	return s.others(c, id, person, access.RemoveMember, func(t tie, x events.Tie, _ terms) (es.Event, error) {
		if person == rest.Caller(c) {
			return nil, fault.New(fault.Conflict, "You cannot remove yourself. You can leave the community instead.")
		}
		return t.Remove(x, content(rest.Caller(c), in.Reason))
	})
}

// ChangeMemberRole answers POST /communities/{community}/members/{person}/role.
func (s *service) ChangeMemberRole(c echo.Context, id api.CommunityId, person api.PersonId, _ api.ChangeMemberRoleParams) error {
	var in api.RoleChange
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	return s.others(c, id, person, access.ChangeRole, func(t tie, x events.Tie, on terms) (es.Event, error) {
		if err := s.active(person); err != nil {
			return nil, err
		}
		return t.ChangeRole(x, on, string(in.Role))
	})
}

// active returns NotFound for people who do not exist or were erased, and
// Conflict for those who were deactivated.
func (s *service) active(person string) error {
	p, ok := s.core.Access.Person(person)
	switch {
	case !ok || p.Erased:
		return unknownPerson()
	case !p.Active:
		return fault.New(fault.Conflict, "This person is deactivated. An administrator can reactivate them.")
	}
	return nil
}
