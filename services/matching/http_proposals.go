package matching

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/matchingapi"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/view"
)

// AnswerProposal takes a helper's "I can help" or "not me". What the caller may
// see is judged within the decision, so that a repeated command has its first
// answer.
func (s *service) AnswerProposal(c echo.Context, request string, _ api.AnswerProposalParams) error {
	var in api.HelperAnswer
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	seq, err := s.proposals.Execute(c.Request().Context(), request, m, func(p proposal) (es.Event, error) {
		q, ok := s.core.Access.Request(request)
		if !ok || !s.core.Access.SeesRequest(m.Actor, request) {
			return nil, noRequest()
		}
		of := about{Request: request, Asker: q.Asker, Open: q.Open}
		if in.Answer == canHelp {
			return p.Offer(m.Actor, of)
		}
		return p.Decline(m.Actor, of)
	})
	if err != nil {
		return err
	}
	return rest.Done(c, seq, http.StatusOK, api.Done{Seq: seq})
}

// ListProposals answers who was proposed for a request, why, and what they said.
func (s *service) ListProposals(c echo.Context, request string, _ api.ListProposalsParams) error {
	ctx, reader := c.Request().Context(), rest.Caller(c)
	q, ok := s.core.Access.Request(request)
	if !ok || !s.core.Access.SeesRequest(reader, request) {
		return noRequest()
	}
	doc, _, err := s.shown.Get(ctx, request)
	if err != nil {
		return err
	}
	out := api.Proposals{Request: request, Round: doc.Round, Items: []api.ProposedHelper{}}
	if out.Routing, err = s.routingOf(ctx, reader, request); err != nil {
		return err
	}
	for _, line := range doc.Helpers {
		if line.Answer == notMe && reader != q.Asker && reader != line.Person {
			continue
		}
		person, _ := s.core.Access.Person(line.Person)
		one := api.ProposedHelper{
			Person: line.Person, Former: rest.Optional(person.Erased),
			Round: line.Round, Proposed: line.Round > 0, Answer: shownAnswer(line.Answer),
		}
		if one.Reasons, err = s.reasons(ctx, reader, &doc, line); err != nil {
			return err
		}
		out.Items = append(out.Items, one)
	}
	return c.JSON(http.StatusOK, out)
}

// shownAnswer puts a no kindly: all that the asker needs to know is that the
// helper is not available.
func shownAnswer(answer string) api.ProposedHelperAnswer {
	switch answer {
	case canHelp:
		return api.ProposedHelperAnswerCanHelp
	case notMe:
		return api.ProposedHelperAnswerNotAvailable
	default:
		return api.ProposedHelperAnswerWaiting
	}
}

// ListMyProposals answers the open requests that wait for the caller's answer.
func (s *service) ListMyProposals(c echo.Context, _ api.ListMyProposalsParams) error {
	ctx, person := c.Request().Context(), rest.Caller(c)
	page, next, err := app.Find(c, s.shown, view.Query{Index: "waiting", Equal: []any{person}}, func(d *proposalDoc) bool {
		r, ok := s.core.Access.Request(d.Request)
		return ok && r.Open && s.core.Access.SeesRequest(person, d.Request)
	})
	if err != nil {
		return err
	}
	items := make([]api.MyProposal, len(page))
	for i, d := range page {
		items[i] = api.MyProposal{Request: d.Request, Community: rest.Optional(d.Community), Kind: api.RequestKind(d.Kind), ProposedAt: d.At}
		if items[i].Reasons, err = s.reasons(ctx, person, &page[i], d.Helpers[lineOf(d.Helpers, person)]); err != nil {
			return err
		}
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

// reasons are those that reader may know.
func (s *service) reasons(ctx context.Context, reader string, of *proposalDoc, line helperLine) ([]api.Reason, error) {
	readable, err := s.readable(ctx, reader, of, line)
	return shownReasons(readable), err
}

func shownReasons(reasons []reason) []api.Reason {
	out := make([]api.Reason, len(reasons))
	for i, r := range reasons {
		out[i] = api.Reason{Code: api.ReasonCode(r.Code), Request: rest.Optional(r.Request), Topic: rest.Optional(r.Topic), Tag: rest.Optional(r.Tag), Unit: rest.Optional(r.Unit)}
		if r.Times > 0 {
			out[i].Times = &r.Times
		}
	}
	return out
}

// noRequest is also the answer for what the caller may not see.
func noRequest() error {
	return fault.New(fault.NotFound, "There is no request with this id, or none that you may see.")
}
