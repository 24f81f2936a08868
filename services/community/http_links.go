package community

import (
	"net/http"

	"github.com/labstack/echo/v4"

	events "kith/api/events/community"
	api "kith/api/openapi/communityapi"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/view"
)

// ListCommunityLinks answers the links of one community.
func (s *service) ListCommunityLinks(c echo.Context, community string, p api.ListCommunityLinksParams) error {
	if _, ok := s.core.Access.Community(community); !ok {
		return noCommunity()
	}
	state := linkAgreed
	if p.State != nil {
		state = string(*p.State)
	}
	return s.linkPage(c, view.Query{Index: "community", Equal: []any{community, state}}, nil)
}

// ListLinks answers the agreed links of all communities.
func (s *service) ListLinks(c echo.Context, p api.ListLinksParams) error {
	return s.linkPage(c, view.Query{Index: "state", Equal: []any{linkAgreed}}, p.Kind)
}

func (s *service) linkPage(c echo.Context, q view.Query, kind *api.LinkKind) error {
	reader := rest.Caller(c)
	if err := s.active(reader); err != nil {
		return err
	}
	page, next, err := app.Find(c, s.links, q, func(d *linkDoc) bool {
		return (kind == nil || d.Ends.Kind == string(*kind)) && s.linkState(d.Ends, d.State) == d.State && s.seesLink(reader, d.Ends, d.State)
	})
	if err != nil {
		return err
	}
	items := make([]api.Link, len(page))
	for i, d := range page {
		if items[i], err = s.shownLink(c, d); err != nil {
			return err
		}
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

// GetLink answers one link.
func (s *service) GetLink(c echo.Context, id string, _ api.GetLinkParams) error {
	if err := s.active(rest.Caller(c)); err != nil {
		return err
	}
	d, ok, err := s.links.Get(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if !ok || !s.seesLink(rest.Caller(c), d.Ends, d.State) {
		return noLink()
	}
	out, err := s.shownLink(c, d)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

// linkState is the state of a link, seen from now: one of a community that is
// closed for good has ended with it.
func (s *service) linkState(e events.Ends, state string) string {
	if (state == linkAgreed || state == linkProposed) && (s.notEnded(e.Proposer) != nil || s.notEnded(e.Other) != nil) {
		return linkEnded
	}
	return state
}

// seesLink reports whether reader may know of a link. What two communities have
// agreed on is for the members of both, and for whoever reads both; all else is
// between their hosts. That there is a community, everybody may know.
func (s *service) seesLink(reader string, e events.Ends, state string) bool {
	acc := s.core.Access
	if len(s.hosts(reader, e)) > 0 {
		return true
	}
	return s.linkState(e, state) == linkAgreed &&
		(acc.Role(e.Proposer, reader) != access.None || acc.Role(e.Other, reader) != access.None ||
			acc.SeesCommunity(reader, e.Proposer) && acc.SeesCommunity(reader, e.Other))
}

// hosts are the ends for which person may act.
func (s *service) hosts(person string, e events.Ends) []string {
	var sides []string
	for _, side := range []string{e.Proposer, e.Other} {
		if s.core.Access.May(person, access.LinkCommunity, side) == nil {
			sides = append(sides, side)
		}
	}
	return sides
}

func (s *service) shownLink(c echo.Context, d linkDoc) (api.Link, error) {
	o := s.core.Vault.Opener(c.Request().Context())
	state := s.linkState(d.Ends, d.State)
	out := api.Link{
		Id: d.ID, Kind: api.LinkKind(d.Ends.Kind), State: api.LinkState(state), Since: d.Since,
		Proposer: s.linkEnd(d.Ends.Proposer), Other: s.linkEnd(d.Ends.Other), Origin: rest.Optional(d.Ends.Origin),
		Reason: o.Text(d.Reason), Answer: o.Text(d.Answer), May: []api.LinkMay{},
	}
	for _, side := range s.hosts(rest.Caller(c), d.Ends) {
		switch {
		case state == linkAgreed && len(out.May) == 0:
			out.May = append(out.May, api.LinkMayEnd)
		case state == linkProposed && side == d.Ends.Proposer:
			out.May = append(out.May, api.LinkMayWithdraw)
		case state == linkProposed:
			out.May = append(out.May, api.LinkMayAgree, api.LinkMayDecline)
		}
	}
	return out, o.Err
}

// linkEnd has the name, which everybody may know.
func (s *service) linkEnd(community string) api.LinkEnd {
	known, _ := s.core.Access.Community(community)
	return api.LinkEnd{Id: community, Name: known.Name}
}

// ProposeLink asks another community for a link.
func (s *service) ProposeLink(c echo.Context, community string, _ api.ProposeLinkParams) error {
	var in api.NewLink
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	ends := events.Ends{Proposer: community, Other: in.Other, Kind: string(in.Kind), Origin: rest.Value(in.Origin)}
	id := linkID(ends.Kind, community, in.Other)
	seq, err := s.linked.Execute(c.Request().Context(), id, m, func(l link) (es.Event, error) {
		if err := s.core.Access.May(m.Actor, access.LinkCommunity, community); err != nil {
			return nil, err
		}
		if _, ok := s.core.Access.Community(in.Other); !ok {
			return nil, fault.InvalidField("other", "is no community's id; take it from the directory")
		}
		if err := s.bothAlive(ends); err != nil {
			return nil, err
		}
		return l.Propose(ends, written(m.Actor, in.Reason))
	})
	return rest.Created(c, id, seq, err)
}

func (s *service) bothAlive(e events.Ends) error {
	for _, side := range []string{e.Proposer, e.Other} {
		if s.notEnded(side) != nil {
			return fault.New(fault.Conflict, "One of the communities is closed for good and takes part in no link any more.")
		}
	}
	return nil
}

// AgreeLink is the other side's yes.
func (s *service) AgreeLink(c echo.Context, id string, _ api.AgreeLinkParams) error {
	var in api.OptionalReason
	return s.onLink(c, id, &in, func(l link, sides []string, person string) (es.Event, error) {
		if err := s.bothAlive(l.Ends); err != nil {
			return nil, err
		}
		return l.Agree(sides, written(person, rest.Value(in.Reason)))
	})
}

// DeclineLink is the other side's no.
func (s *service) DeclineLink(c echo.Context, id string, _ api.DeclineLinkParams) error {
	var in api.Reason
	return s.onLink(c, id, &in, func(l link, sides []string, person string) (es.Event, error) {
		return l.Decline(sides, written(person, in.Reason))
	})
}

// WithdrawLink takes a proposal back.
func (s *service) WithdrawLink(c echo.Context, id string, _ api.WithdrawLinkParams) error {
	var in api.OptionalReason
	return s.onLink(c, id, &in, func(l link, sides []string, person string) (es.Event, error) {
		return l.Withdraw(sides, written(person, rest.Value(in.Reason)))
	})
}

// EndLink ends what was agreed.
func (s *service) EndLink(c echo.Context, id string, _ api.EndLinkParams) error {
	var in api.Reason
	return s.onLink(c, id, &in, func(l link, sides []string, person string) (es.Event, error) {
		return l.End(sides, written(person, in.Reason))
	})
}

// onLink reads the body into in and executes a command on a link for a host of
// one of its ends. Who may not see the link learns nothing of it.
func (s *service) onLink(c echo.Context, id string, in any, decide func(l link, sides []string, person string) (es.Event, error)) error {
	if err := rest.Decode(c, in); err != nil {
		return err
	}
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	seq, err := s.linked.Execute(c.Request().Context(), id, m, func(l link) (es.Event, error) {
		if err := s.active(m.Actor); err != nil {
			return nil, err
		}
		if l.State == "" || !s.seesLink(m.Actor, l.Ends, l.State) {
			return nil, noLink()
		}
		sides := s.hosts(m.Actor, l.Ends)
		if len(sides) == 0 {
			return nil, s.core.Access.May(m.Actor, access.LinkCommunity, l.Ends.Other)
		}
		return decide(l, sides, m.Actor)
	})
	return done(c, seq, err)
}
