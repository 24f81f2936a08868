package matching

import (
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	events "kith/api/events/matching"
	api "kith/api/openapi/matchingapi"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/view"
)

// ListMyBuddies answers what is open between the caller and others.
func (s *service) ListMyBuddies(c echo.Context, _ api.ListMyBuddiesParams) error {
	ctx, person := c.Request().Context(), rest.Caller(c)
	page, next, err := app.Find(c, s.buddies, view.Query{Index: "people", Equal: []any{person}}, func(d *buddyDoc) bool {
		return d.Newcomer == person || s.core.Access.Active(d.Newcomer)
	})
	if err != nil {
		return err
	}
	items := make([]api.Buddy, len(page))
	for i := range page {
		if items[i], err = s.shownBuddy(ctx, person, &page[i]); err != nil {
			return err
		}
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

// shownBuddy is d as one of the two sees it: who else was suggested, and who
// declined, is for the newcomer alone.
func (s *service) shownBuddy(ctx context.Context, reader string, d *buddyDoc) (api.Buddy, error) {
	out := api.Buddy{Id: d.ID, Community: d.Community, Newcomer: d.Newcomer, State: api.BuddyState(d.State), Buddy: rest.Optional(d.Buddy)}
	for _, one := range d.Suggested {
		if reader != d.Newcomer && reader != one.Person {
			continue
		}
		other := d.Newcomer
		if reader == d.Newcomer {
			other = one.Person
			if !s.core.Access.Active(other) {
				continue
			}
		}
		reasons, err := s.readableMeeting(ctx, reader, other, one.Reasons)
		if err != nil {
			return out, err
		}
		if reader == one.Person {
			out.Reasons = shownMeeting(reasons)
			continue
		}
		out.Suggested = append(out.Suggested, api.SuggestedBuddy{
			Person: one.Person, Reasons: shownMeeting(reasons),
			Available: !slices.Contains(d.Declined, one.Person) && s.core.Access.Role(d.Community, one.Person) != access.None,
		})
	}
	return out, nil
}

// ChooseBuddy takes a newcomer's choice, or their "no, thanks".
func (s *service) ChooseBuddy(c echo.Context, id string, _ api.ChooseBuddyParams) error {
	var in api.BuddyChoice
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	chosen, nobody := rest.Value(in.Person), rest.Value(in.Nobody)
	return s.onBuddy(c, id, func(person string, b buddy) (es.Event, error) {
		switch {
		case (chosen != "") == nobody:
			return nil, fault.InvalidField("person", "give one of the people who were suggested, or nobody: true")
		case nobody:
			return b.Waive(person)
		}
		available, err := s.mayBeChosen(c.Request().Context(), b.Welcome, chosen)
		if err != nil {
			return nil, err
		}
		return b.Choose(person, chosen, available)
	})
}

// mayBeChosen reports whether the person belongs to the community, is still
// willing, and has not been chosen by as many as they want.
func (s *service) mayBeChosen(ctx context.Context, w events.Welcome, person string) (bool, error) {
	wish, _, err := s.meetings.Get(ctx, person)
	if err != nil || !wish.willing(w.Community) || s.core.Access.Role(w.Community, person) == access.None {
		return false, err
	}
	load, err := s.newcomersWith(ctx, person, wish.Cap)
	return load < wish.Cap, err
}

// AnswerNewcomer takes a buddy's yes or no.
func (s *service) AnswerNewcomer(c echo.Context, id string, _ api.AnswerNewcomerParams) error {
	var in api.BuddyAnswer
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	return s.onBuddy(c, id, func(person string, b buddy) (es.Event, error) {
		if in.Answer == api.BuddyAnswerAnswerAgree {
			return b.Agree(person)
		}
		return b.Decline(person)
	})
}

// EndBuddy ends having or being a buddy.
func (s *service) EndBuddy(c echo.Context, id string, _ api.EndBuddyParams) error {
	return s.onBuddy(c, id, func(person string, b buddy) (es.Event, error) { return b.End(person) })
}

func (s *service) onBuddy(c echo.Context, id string, decide func(person string, b buddy) (es.Event, error)) error {
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	seq, err := s.buddiesRepo.Execute(c.Request().Context(), id, m, func(b buddy) (es.Event, error) { return decide(m.Actor, b) })
	if err != nil {
		return err
	}
	return rest.Done(c, seq, http.StatusOK, api.Done{Seq: seq})
}
