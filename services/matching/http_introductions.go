package matching

import (
	"net/http"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/matchingapi"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/rest"
)

// ListMyIntroductions answers to whom the caller was introduced lately, and why.
func (s *service) ListMyIntroductions(c echo.Context, _ api.ListMyIntroductionsParams) error {
	ctx, person := c.Request().Context(), rest.Caller(c)
	d, _, err := s.introduced.Get(ctx, person)
	if err != nil {
		return err
	}
	out := api.Introductions{Items: []api.Introduction{}}
	for _, line := range d.Items {
		other, _ := s.core.Access.Person(line.Other)
		if !other.Active && !other.Erased {
			continue
		}
		one := api.Introduction{Id: line.ID, Person: line.Other, Former: rest.Optional(other.Erased), At: line.At}
		if line.Answer != "" {
			answer := api.IntroductionAnswer(line.Answer)
			one.Answer = &answer
		}
		reasons, err := s.readableMeeting(ctx, person, line.Other, line.Reasons)
		if err != nil {
			return err
		}
		one.Reasons = shownMeeting(reasons)
		out.Items = append(out.Items, one)
	}
	return c.JSON(http.StatusOK, out)
}

// AnswerIntroduction takes what one of the two says of having been introduced.
func (s *service) AnswerIntroduction(c echo.Context, id string, _ api.AnswerIntroductionParams) error {
	var in api.MetAnswer
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	seq, err := s.introductions.Execute(ctx, id, m, func(i introduction) (es.Event, error) {
		d, _, err := s.introduced.Get(ctx, m.Actor)
		if err != nil {
			return nil, err
		}
		at := d.find(id)
		if at < 0 {
			return nil, noIntroduction()
		}
		return i.Answer(m.Actor, d.Items[at].Other, string(in.Answer))
	})
	if err != nil {
		return err
	}
	return rest.Done(c, seq, http.StatusOK, api.Done{Seq: seq})
}

// StartRound starts the round of introductions of this week.
func (s *service) StartRound(c echo.Context, _ api.StartRoundParams) error {
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	id, e := s.cfg.roundOf(s.core.Now())
	seq, err := s.roundsRepo.Execute(c.Request().Context(), id, m, func(o round) (es.Event, error) {
		if err := s.core.Access.May(m.Actor, access.IntroducePeople, ""); err != nil {
			return nil, err
		}
		return o.Start(e)
	})
	if err != nil {
		return err
	}
	return rest.Done(c, seq, http.StatusOK, api.StartedRound{Id: id, Period: e.Period, Seq: seq})
}
