package community

import (
	"net/http"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/communityapi"
	"kith/pkg/rest"
	"kith/pkg/view"
)

const (
	pulseFormula = "members: who had joined and not left at the end of the month. first_response_hours: the median time from a request raised in the month to the first response by somebody else, in hours, above two days in whole days; requests without a response are not in it. " +
		"answered_percent: of the requests raised in the month, how many have a response by somebody else by now. Imported history counts where its time is known."
	pulseSuppression = "A month has members if there are at least five; a median if at least five people asked, and at least five were the first to respond to at least five requests; a share if at least five people raised at least five requests, rounded to tens. All else is left out. The last month is still running."
)

// GetPulse answers how a community goes, for those who may read what is in it.
func (s *service) GetPulse(c echo.Context, id string, _ api.GetPulseParams) error {
	if err := s.reads(c, id); err != nil {
		return err
	}
	ctx := c.Request().Context()
	window := withThisMonth(s.core.Now(), 12)
	growth, _, err := s.growth.Get(ctx, id)
	if err != nil {
		return err
	}
	var requests []helpDoc
	for _, month := range window.months() {
		for d, err := range s.help.All(ctx, view.Query{Index: "community", Equal: []any{id, month}}, nil) {
			if err != nil {
				return err
			}
			requests = append(requests, d)
		}
	}
	return c.JSON(http.StatusOK, shownPulse(beats(window, growth, requests)))
}

func shownPulse(all []beat) api.Pulse {
	out := api.Pulse{Months: []api.PulseMonth{}, Least: leastCounted, Formula: pulseFormula, Suppression: pulseSuppression}
	for _, b := range all {
		out.Months = append(out.Months, api.PulseMonth{Month: b.month, Members: b.members, FirstResponseHours: b.hours, AnsweredPercent: b.share})
	}
	if n := len(out.Months); n > 0 {
		out.Months[n-1].Running = rest.Optional(true)
	}
	return out
}
