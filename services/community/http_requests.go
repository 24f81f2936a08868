package community

import (
	"context"
	"strings"

	"github.com/labstack/echo/v4"

	events "kith/api/events/community"
	api "kith/api/openapi/communityapi"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
)

// RaiseRequest asks a community, or everybody, for help.
func (s *service) RaiseRequest(c echo.Context, _ api.RaiseRequestParams) error {
	var in api.NewRequest
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	id, community := es.ID("request", m.Command), rest.Value(in.Community)
	seq, err := s.requests.Execute(c.Request().Context(), id, m, func(q request) (es.Event, error) {
		if err := s.mayAsk(m.Actor, community); err != nil {
			return nil, err
		}
		language := rest.Value(in.Language)
		if language == "" {
			p, _ := s.core.Access.Person(m.Actor)
			language = p.Language
		}
		t := questionOf(m.Actor, in.Title, in.Body, in.Tried, in.Purpose, in.Situation)
		return q.Raise(events.RequestRaised{
			Community: community, Asker: m.Actor, Kind: string(in.Kind),
			Title: t.Title, Body: t.Body, Tried: t.Tried, Purpose: t.Purpose, Situation: t.Situation,
			Tags: in.Tags, Language: language, Beyond: rest.Value(in.Beyond),
		})
	})
	return rest.Created(c, id, seq, err)
}

// mayAsk returns an error unless the person may ask the community, or
// everybody if it is "".
func (s *service) mayAsk(person, community string) error {
	if community == "" {
		return s.core.Access.May(person, access.AskEverybody, "")
	}
	if err := s.core.Access.May(person, access.AskCommunity, community); err != nil {
		return err
	}
	c, _ := s.core.Access.Community(community)
	return takesRequests(c.State)
}

func questionOf(person, title string, body, tried, purpose, situation *string) question {
	return question{
		Title: written(person, title), Body: written(person, rest.Value(body)), Tried: written(person, rest.Value(tried)),
		Purpose: written(person, rest.Value(purpose)), Situation: written(person, rest.Value(situation)),
	}
}

// CorrectRequest replaces the asker's texts.
func (s *service) CorrectRequest(c echo.Context, id string, _ api.CorrectRequestParams) error {
	var in api.RequestText
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	version, err := rest.IfMatch(c)
	if err != nil {
		return err
	}
	seq, err := s.onRequest(c, id, func(m es.Meta, q request) (es.Event, error) {
		t := questionOf(m.Actor, in.Title, in.Body, in.Tried, in.Purpose, in.Situation)
		t.Tags = in.Tags
		return q.Correct(m.Actor, t, version)
	})
	if err != nil {
		return err
	}
	if q, _, err := s.requests.Load(c.Request().Context(), id); err == nil {
		rest.SetETag(c, q.Version)
	}
	return done(c, seq, nil)
}

// RetractRequest takes the asker's texts out of every view.
func (s *service) RetractRequest(c echo.Context, id string, _ api.RetractRequestParams) error {
	return s.act(c, id, func(m es.Meta, q request) (es.Event, error) { return q.Retract(m.Actor) })
}

// ResolveRequest closes a request for experiences.
func (s *service) ResolveRequest(c echo.Context, id string, _ api.ResolveRequestParams) error {
	return s.act(c, id, func(m es.Meta, q request) (es.Event, error) { return q.Resolve(m.Actor) })
}

// GiveUpRequest closes a request that found no answer.
func (s *service) GiveUpRequest(c echo.Context, id string, _ api.GiveUpRequestParams) error {
	var in api.Reason
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	return s.act(c, id, func(m es.Meta, q request) (es.Event, error) {
		return q.GiveUp(m.Actor, written(m.Actor, in.Reason))
	})
}

// WithdrawRequest closes a request that is no longer needed.
func (s *service) WithdrawRequest(c echo.Context, id string, _ api.WithdrawRequestParams) error {
	var in api.OptionalReason
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	return s.act(c, id, func(m es.Meta, q request) (es.Event, error) {
		return q.Withdraw(m.Actor, written(m.Actor, rest.Value(in.Reason)))
	})
}

// ReopenRequest opens a closed request again.
func (s *service) ReopenRequest(c echo.Context, id string, _ api.ReopenRequestParams) error {
	var in api.Reason
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	return s.act(c, id, func(m es.Meta, q request) (es.Event, error) {
		if err := s.mayReopen(m.Actor, q); err != nil {
			return nil, err
		}
		return q.Reopen(m.Actor, written(m.Actor, in.Reason))
	})
}

// mayReopen returns Conflict for the asker of a request whose community is closed
// for good: what is begun there can be ended, but nothing begins.
func (s *service) mayReopen(person string, q request) error {
	if q.Asker != person {
		return nil // the aggregate says so
	}
	return s.notEnded(q.Community)
}

// Respond adds an answer by whoever sees the request.
func (s *service) Respond(c echo.Context, id string, _ api.RespondParams) error {
	var in api.ResponseText
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	response := es.ID("response", m.Command)
	seq, err := s.onRequest(c, id, func(m es.Meta, q request) (es.Event, error) {
		if err := s.notEnded(q.Community); err != nil {
			return nil, err
		}
		return q.Respond(m.Actor, response, written(m.Actor, in.Body))
	})
	return rest.Created(c, response, seq, err)
}

// CorrectResponse replaces the text of a response by its author.
func (s *service) CorrectResponse(c echo.Context, id, response string, _ api.CorrectResponseParams) error {
	var in api.ResponseText
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	version, err := rest.IfMatch(c)
	if err != nil {
		return err
	}
	seq, err := s.onRequest(c, id, func(m es.Meta, q request) (es.Event, error) {
		return q.CorrectResponse(m.Actor, response, written(m.Actor, in.Body), version)
	})
	if err != nil {
		return err
	}
	if q, _, err := s.requests.Load(c.Request().Context(), id); err == nil {
		if a, err := q.response(response); err == nil {
			rest.SetETag(c, a.Version)
		}
	}
	return done(c, seq, nil)
}

// RetractResponse takes a response out of every view. Its author may do so
// even after having left the community in which it was written.
func (s *service) RetractResponse(c echo.Context, id, response string, _ api.RetractResponseParams) error {
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	seq, err := s.requests.Execute(c.Request().Context(), id, m, func(q request) (es.Event, error) {
		i := q.index(response)
		wrote := i >= 0 && q.Responses[i].Author == m.Actor && s.core.Access.Active(m.Actor)
		if !wrote && !s.core.Access.SeesRequest(m.Actor, id) {
			return nil, noRequest()
		}
		return q.RetractResponse(m.Actor, response)
	})
	return done(c, seq, err)
}

// AcceptResponse is the asker's yes to a response.
func (s *service) AcceptResponse(c echo.Context, id, response string, _ api.AcceptResponseParams) error {
	return s.act(c, id, func(m es.Meta, q request) (es.Event, error) { return q.Accept(m.Actor, response) })
}

// Thank recognises the help of a response.
func (s *service) Thank(c echo.Context, id, response string, _ api.ThankParams) error {
	var in api.ThanksNote
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	return s.act(c, id, func(m es.Meta, q request) (es.Event, error) {
		if s.cfg.NoThanks {
			return nil, noThanks()
		}
		e, err := q.Thank(m.Actor, response, s.unitsOf(q, response), written(m.Actor, rest.Value(in.Note)))
		if err == nil && e == nil {
			err = s.sameNote(c.Request().Context(), q, response, rest.Value(in.Note))
		}
		return e, err
	})
}

// sameNote returns Conflict unless the thanks that stand say the same: what
// somebody has written is not dropped in silence.
func (s *service) sameNote(ctx context.Context, q request, response, note string) error {
	stands := ""
	if i := q.index(response); i >= 0 && !q.Responses[i].Note.IsZero() {
		var err error
		if stands, _, err = s.core.Vault.Reveal(ctx, q.Responses[i].Note); err != nil {
			return err
		}
	}
	if stands == strings.TrimSpace(note) {
		return nil
	}
	return fault.New(fault.Conflict, "You have thanked for this response already, in other words. Thanks are given once.")
}

// unitsOf are the units of asker and helper at this moment.
func (s *service) unitsOf(q request, response string) units {
	i := q.index(response)
	if i < 0 {
		return units{}
	}
	asker, _ := s.core.Access.Person(q.Asker)
	helper, _ := s.core.Access.Person(q.Responses[i].Author)
	return units{asker.Unit, helper.Unit}
}

// act executes a command on a request and answers it.
func (s *service) act(c echo.Context, id string, decide func(es.Meta, request) (es.Event, error)) error {
	seq, err := s.onRequest(c, id, decide)
	return done(c, seq, err)
}

// onRequest executes a command on a request that the caller sees. For all
// others there is no such request.
func (s *service) onRequest(c echo.Context, id string, decide func(es.Meta, request) (es.Event, error)) (uint64, error) {
	m, err := s.core.Command(c)
	if err != nil {
		return 0, err
	}
	return s.requests.Execute(c.Request().Context(), id, m, func(q request) (es.Event, error) {
		if !s.core.Access.SeesRequest(m.Actor, id) {
			return nil, noRequest()
		}
		return decide(m, q)
	})
}
