package matching

import (
	"net/http"

	"github.com/labstack/echo/v4"

	events "kith/api/events/matching"
	api "kith/api/openapi/matchingapi"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/rest"
)

// ReadMeetingPreferences answers what the caller wishes about meeting people.
func (s *service) ReadMeetingPreferences(c echo.Context, _ api.ReadMeetingPreferencesParams) error {
	w, ok, err := s.meetings.Get(c.Request().Context(), rest.Caller(c))
	if err != nil {
		return err
	}
	if !ok {
		w.Cap = defaultBuddyCap
	}
	interval := w.Introductions
	if interval == "" {
		interval = string(api.MeetingPreferencesIntroductionsNever)
	}
	rest.SetETag(c, w.Version)
	return c.JSON(http.StatusOK, api.MeetingPreferences{
		BuddyAnywhere: w.Anywhere, BuddyCommunities: w.Communities, BuddyCap: w.Cap,
		Introductions: api.MeetingPreferencesIntroductions(interval), Paused: w.Paused,
	})
}

// ChangeMeetingPreferences replaces what the caller has read.
func (s *service) ChangeMeetingPreferences(c echo.Context, _ api.ChangeMeetingPreferencesParams) error {
	var in api.MeetingPreferences
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	version, err := rest.IfMatch(c)
	if err != nil {
		return err
	}
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	e := events.MeetingPreferencesChanged{
		BuddyAnywhere: in.BuddyAnywhere, BuddyCommunities: in.BuddyCommunities, BuddyCap: in.BuddyCap,
		Introductions: string(in.Introductions), Paused: in.Paused,
	}
	if in.Introductions == api.MeetingPreferencesIntroductionsNever {
		e.Introductions = ""
	}
	after := version + 1 // also of a command that is repeated
	seq, err := s.wished.Execute(c.Request().Context(), m.Actor, m, func(w meeting) (es.Event, error) {
		event, err := w.Change(e, version, func(community string) bool {
			return s.core.Access.Role(community, m.Actor) != access.None
		})
		after = w.Version
		if event != nil {
			after++
		}
		return event, err
	})
	if err != nil {
		return err
	}
	rest.SetETag(c, after)
	return rest.Done(c, seq, http.StatusOK, api.Done{Seq: seq})
}

func shownMeeting(reasons []meetReason) []api.MeetingReason {
	out := make([]api.MeetingReason, len(reasons))
	for i, r := range reasons {
		out[i] = api.MeetingReason{Code: api.MeetingReasonCode(r.Code), Person: rest.Optional(r.Person),
			Language: rest.Optional(r.Language), Topic: rest.Optional(r.Topic), Other: rest.Optional(r.Other)}
	}
	return out
}
