package membership

import (
	"net/http"

	"github.com/labstack/echo/v4"

	events "kith/api/events/membership"
	api "kith/api/openapi/membershipapi"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/view"
)

// WithdrawJoinRequest answers POST /communities/{community}/join-request/withdraw.
func (s *service) WithdrawJoinRequest(c echo.Context, id api.CommunityId, _ api.WithdrawJoinRequestParams) error {
	return s.own(c, id, func(t tie, x events.Tie, _ terms) (es.Event, error) { return t.WithdrawRequest(x) })
}

// ListJoinRequests answers GET /communities/{community}/join-requests.
func (s *service) ListJoinRequests(c echo.Context, id api.CommunityId, _ api.ListJoinRequestsParams) error {
	page, next, err := s.pending(c, id, access.Admit, statusRequested)
	if err != nil {
		return err
	}
	o := s.core.Vault.Opener(c.Request().Context())
	items := make([]api.JoinRequest, len(page))
	for i, d := range page {
		items[i] = api.JoinRequest{Person: d.Person, Name: s.name(d.Person), Unit: s.unitOf(d.Person), Message: o.Text(d.Message), Asked: d.Since}
	}
	if o.Err != nil {
		return o.Err
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

// Admit answers POST /communities/{community}/join-requests/{person}/admit.
func (s *service) Admit(c echo.Context, id api.CommunityId, person api.PersonId, _ api.AdmitParams) error {
	return s.others(c, id, person, access.Admit, func(t tie, x events.Tie, on terms) (es.Event, error) {
		if person == rest.Caller(c) && !t.member {
			// A coordinator may admit while there is no host, and no office opens
			// a closed community to its holder.
			return nil, fault.New(fault.Forbidden, "Nobody can admit themselves. Ask another coordinator.")
		}
		if err := s.active(person); err != nil {
			return nil, err
		}
		return t.Admit(x, on)
	})
}

// DeclineJoinRequest answers POST /communities/{community}/join-requests/{person}/decline.
func (s *service) DeclineJoinRequest(c echo.Context, id api.CommunityId, person api.PersonId, _ api.DeclineJoinRequestParams) error {
	var in api.Reason
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	if err := said("reason", in.Reason); err != nil {
		return err
	}
	return s.others(c, id, person, access.Admit, func(t tie, x events.Tie, _ terms) (es.Event, error) {
		return t.DeclineRequest(x, content(rest.Caller(c), in.Reason))
	})
}

// ListInvitations answers GET /communities/{community}/invitations.
func (s *service) ListInvitations(c echo.Context, id api.CommunityId, _ api.ListInvitationsParams) error {
	page, next, err := s.pending(c, id, access.Invite, statusInvited)
	if err != nil {
		return err
	}
	o := s.core.Vault.Opener(c.Request().Context())
	items := make([]api.Invitation, len(page))
	for i, d := range page {
		items[i] = api.Invitation{Person: d.Person, Name: s.name(d.Person), Unit: s.unitOf(d.Person), By: d.By, Message: o.Text(d.Message), Invited: d.Since}
	}
	if o.Err != nil {
		return o.Err
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

// pending is a page of the ties of a community that wait for somebody, for
// those who may do action.
func (s *service) pending(c echo.Context, id string, action access.Action, status string) ([]tieDoc, string, error) {
	if err := s.core.Access.May(rest.Caller(c), action, id); err != nil {
		return nil, "", err
	}
	return app.Find(c, s.tied, view.Query{Index: "community", Equal: []any{id, status}}, func(d *tieDoc) bool { return s.core.Access.Active(d.Person) })
}

// Invite answers POST /communities/{community}/invitations.
func (s *service) Invite(c echo.Context, id api.CommunityId, _ api.InviteParams) error {
	var in api.NewInvitation
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	return s.others(c, id, in.Person, access.Invite, func(t tie, x events.Tie, on terms) (es.Event, error) {
		if err := s.active(in.Person); err != nil {
			return nil, err
		}
		return t.Invite(x, on, content(rest.Caller(c), rest.Value(in.Message)))
	})
}

// WithdrawInvitation answers DELETE /communities/{community}/invitations/{person}.
func (s *service) WithdrawInvitation(c echo.Context, id api.CommunityId, person api.PersonId, _ api.WithdrawInvitationParams) error {
	return s.others(c, id, person, access.Invite, func(t tie, x events.Tie, _ terms) (es.Event, error) { return t.WithdrawInvitation(x) })
}

// AcceptInvitation answers POST /communities/{community}/invitation/accept.
func (s *service) AcceptInvitation(c echo.Context, id api.CommunityId, _ api.AcceptInvitationParams) error {
	return s.own(c, id, func(t tie, x events.Tie, on terms) (es.Event, error) { return t.AcceptInvitation(x, on) })
}

// DeclineInvitation answers POST /communities/{community}/invitation/decline.
func (s *service) DeclineInvitation(c echo.Context, id api.CommunityId, _ api.DeclineInvitationParams) error {
	return s.own(c, id, func(t tie, x events.Tie, _ terms) (es.Event, error) { return t.DeclineInvitation(x) })
}
