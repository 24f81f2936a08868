package matching

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	events "kith/api/events/matching"
	api "kith/api/openapi/matchingapi"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/view"
)

// handlers implements the contract.
type handlers struct {
	finder
	proposals *es.Repo[proposal]
	helpers   *es.Repo[helper]
	shown     *view.View[proposalDoc]
	wishes    *view.View[helper]
}

func caller(c echo.Context) string { return rest.PrincipalOf(c).Person }

// AnswerProposal implements the contract. What the caller may see is judged
// within the decision, so that a repeated command has its first answer.
func (h *handlers) AnswerProposal(c echo.Context, request string, _ api.AnswerProposalParams) error {
	var in api.HelperAnswer
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m, err := rest.MetaOf(c)
	if err != nil {
		return err
	}
	m.Access = h.core.Access.Position()
	person := caller(c)
	seq, err := h.proposals.Execute(c.Request().Context(), request, m, func(p proposal) (es.Event, error) {
		q, ok := h.core.Access.Request(request)
		if !ok || !h.core.Access.SeesRequest(person, request) {
			return nil, noRequest()
		}
		of := about{Request: request, Asker: q.Asker, Open: q.Open}
		if in.Answer == canHelp {
			return p.Offer(person, of)
		}
		return p.Decline(person, of)
	})
	if err != nil {
		return err
	}
	return rest.Done(c, seq, http.StatusOK, api.Done{Seq: seq})
}

// ListProposals implements the contract.
func (h *handlers) ListProposals(c echo.Context, request string, _ api.ListProposalsParams) error {
	ctx, reader := c.Request().Context(), caller(c)
	q, ok := h.core.Access.Request(request)
	if !ok || !h.core.Access.SeesRequest(reader, request) {
		return noRequest()
	}
	doc, _, err := h.shown.Get(ctx, request)
	if err != nil {
		return err
	}
	out := api.Proposals{Request: request, Round: doc.Round, Items: []api.ProposedHelper{}}
	for _, line := range doc.Helpers {
		if line.Answer == notMe && reader != q.Asker && reader != line.Person {
			continue
		}
		one := api.ProposedHelper{Person: line.Person, Round: line.Round, Proposed: line.Round > 0, Answer: shownAnswer(line.Answer)}
		if p, _ := h.core.Access.Person(line.Person); p.Erased {
			one.Former = &p.Erased
		}
		if one.Reasons, err = h.reasons(ctx, reader, line.Person, line.Reasons); err != nil {
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

// ListMyProposals implements the contract.
func (h *handlers) ListMyProposals(c echo.Context, _ api.ListMyProposalsParams) error {
	ctx, person := c.Request().Context(), caller(c)
	page, err := rest.PageOf(c)
	if err != nil {
		return err
	}
	q := view.Query{Index: "waiting", Equal: []any{person}, Limit: page.Limit}
	if _, err := page.Cursor(&q.After); err != nil {
		return err
	}
	docs, err := h.shown.Find(ctx, q, func(d *proposalDoc) bool {
		r, ok := h.core.Access.Request(d.Request)
		return ok && r.Open && h.core.Access.SeesRequest(person, d.Request)
	})
	if errors.Is(err, view.ErrCursor) {
		return fault.InvalidField("cursor", "must be the value of next in an earlier answer of the same list")
	}
	if err != nil {
		return err
	}
	out := api.MyProposalPage{Items: []api.MyProposal{}}
	for _, d := range docs.Items {
		one := api.MyProposal{Request: d.Request, Community: orNil(d.Community), Kind: api.RequestKind(d.Kind), ProposedAt: d.At}
		if one.Reasons, err = h.reasons(ctx, person, person, d.Helpers[lineOf(d.Helpers, person)].Reasons); err != nil {
			return err
		}
		out.Items = append(out.Items, one)
	}
	if docs.Next != "" {
		next, err := rest.NextCursor(docs.Next)
		if err != nil {
			return err
		}
		out.Next = &next
	}
	return c.JSON(http.StatusOK, out)
}

// reasons are those that reader may know.
func (h *handlers) reasons(ctx context.Context, reader, helper string, stored []events.Reason) ([]api.Reason, error) {
	readable, err := h.readable(ctx, reader, helper, stored)
	return shownReasons(readable), err
}

func shownReasons(reasons []reason) []api.Reason {
	out := make([]api.Reason, len(reasons))
	for i, r := range reasons {
		out[i] = api.Reason{Code: api.ReasonCode(r.Code), Request: orNil(r.Request), Topic: orNil(r.Topic), Tag: orNil(r.Tag), Unit: orNil(r.Unit)}
	}
	return out
}

// ReadHelperPreferences implements the contract.
func (h *handlers) ReadHelperPreferences(c echo.Context, _ api.ReadHelperPreferencesParams) error {
	w, ok, err := h.wishes.Get(c.Request().Context(), caller(c))
	if err != nil {
		return err
	}
	if !ok {
		w.Cap = h.cfg.Cap
	}
	rest.SetETag(c, w.Version)
	return c.JSON(http.StatusOK, api.HelperPreferences{OptOut: w.OptOut, Cap: w.Cap})
}

// ChangeHelperPreferences implements the contract.
func (h *handlers) ChangeHelperPreferences(c echo.Context, _ api.ChangeHelperPreferencesParams) error {
	var in api.HelperPreferences
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	version, err := rest.IfMatch(c)
	if err != nil {
		return err
	}
	m, err := rest.MetaOf(c)
	if err != nil {
		return err
	}
	m.Access = h.core.Access.Position()
	after := version + 1 // also of a command that is repeated
	seq, err := h.helpers.Execute(c.Request().Context(), caller(c), m, func(w helper) (es.Event, error) {
		e, err := w.Change(in.OptOut, in.Cap, version)
		after = w.Version
		if e != nil {
			after++
		}
		return e, err
	})
	if err != nil {
		return err
	}
	rest.SetETag(c, after)
	return rest.Done(c, seq, http.StatusOK, api.Done{Seq: seq})
}

// noRequest is also the answer for what the caller may not see.
func noRequest() error {
	return fault.New(fault.NotFound, "There is no request with this id, or none that you may see.")
}

func orEmpty[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
