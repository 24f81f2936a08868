package community

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	events "kith/api/events/community"
	api "kith/api/openapi/communityapi"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/view"
)

// ListRequests answers the requests that the caller may see, newest first.
func (h *handlers) ListRequests(c echo.Context, p api.ListRequestsParams) error {
	person := caller(c)
	if err := h.active(person); err != nil {
		return err
	}
	q, list := indexFor(person, p), "requests?"+filters(c)
	if err := h.page(c, list, &q); err != nil {
		return err
	}
	ctx := c.Request().Context()
	page, err := h.list.Find(ctx, q, func(d *requestDoc) bool {
		return (p.Community == nil || d.Community == *p.Community) &&
			(p.Kind == nil || d.Kind == string(*p.Kind)) &&
			(p.State == nil || d.State == string(*p.State)) &&
			(p.Language == nil || d.Language == *p.Language) &&
			h.core.Access.SeesRequest(person, d.ID)
	})
	if err != nil {
		return err
	}
	out := api.RequestPage{Items: []api.Request{}}
	for _, d := range page.Items {
		title, err := h.reveal(ctx, d.Title)
		if err != nil {
			return err
		}
		out.Items = append(out.Items, h.line(d, title))
	}
	if out.Next, err = h.next(c, list, page.Next); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

// indexFor is the narrowest index for the filters.
func indexFor(person string, p api.ListRequestsParams) view.Query {
	switch {
	case orEmpty(p.Mine):
		return view.Query{Index: "asker", Equal: []any{person}}
	case p.Community != nil && p.State != nil:
		return view.Query{Index: "community_state", Equal: []any{*p.Community, string(*p.State)}}
	case p.Community != nil:
		return view.Query{Index: "community", Equal: []any{*p.Community}}
	case p.State != nil:
		return view.Query{Index: "state", Equal: []any{string(*p.State)}}
	}
	return view.Query{Index: "newest"}
}

func (h *handlers) line(d requestDoc, title *string) api.Request {
	return api.Request{
		Id: d.ID, Community: orNil(d.Community), Kind: api.RequestKind(d.Kind), Asker: h.person(d.Asker), Title: title,
		State: api.RequestState(shownState(d.State, d.Routed, d.Live)), Tags: append([]string{}, d.Tags...),
		Language: d.Language, Created: d.Created, Imported: orNil(d.Imported),
	}
}

// GetRequest answers the conversation.
func (h *handlers) GetRequest(c echo.Context, id string, _ api.GetRequestParams) error {
	person := caller(c)
	d, err := h.conversation(c, id)
	if err != nil {
		return err
	}
	r := revealing{h: h, ctx: c.Request().Context()}
	out := api.Conversation{
		Body: r.text(d.Body), Tried: r.text(d.Tried), Purpose: r.text(d.Purpose), Situation: r.text(d.Situation),
		Beyond: d.Beyond, Corrected: orNil(d.Corrected), Reason: r.text(d.Reason), Responses: []api.Response{},
		May: h.mayOnRequest(person, d.request),
	}
	live := 0
	for i, a := range d.Responses {
		if a.Retracted || i >= len(d.Words) {
			continue
		}
		live++
		w := d.Words[i]
		shown := api.Response{
			Id: a.ID, Author: h.person(a.Author), Body: r.text(w.Body), Created: w.Created, Corrected: orNil(w.Corrected),
			Accepted: a.Accepted, Etag: strconv.Quote(strconv.FormatUint(a.Version, 10)), May: h.mayOnResponse(person, d.request, a),
		}
		if a.Thanked {
			shown.Thanks = &api.Thanks{At: w.ThankedAt, Note: r.text(w.Thanks)}
		}
		out.Responses = append(out.Responses, shown)
	}
	out.Request = h.line(requestDoc{
		ID: d.ID, Community: d.Community, Kind: d.Kind, Asker: d.Asker, Tags: d.Tags, Language: d.Language,
		State: d.State, Routed: d.Routed, Live: live, Created: d.Created, Imported: d.Imported,
	}, r.text(d.Title))
	if r.err != nil {
		return r.err
	}
	rest.SetETag(c, d.Version)
	return c.JSON(http.StatusOK, out)
}

// conversation returns NotFound for what the caller may not see.
func (h *handlers) conversation(c echo.Context, id string) (conversationDoc, error) {
	if !h.core.Access.SeesRequest(caller(c), id) {
		return conversationDoc{}, noRequest()
	}
	d, ok, err := h.conversations.Get(c.Request().Context(), id)
	if err == nil && !ok {
		err = noRequest()
	}
	return d, err
}

// RequestTimeline answers who did what when. Who said "I can help" is between
// them and the asker.
func (h *handlers) RequestTimeline(c echo.Context, id string, _ api.RequestTimelineParams) error {
	person := caller(c)
	if !h.core.Access.SeesRequest(person, id) {
		return noRequest()
	}
	q, list := view.Query{Index: "request", Equal: []any{id}}, "timeline/"+id
	if err := h.page(c, list, &q); err != nil {
		return err
	}
	asked, _ := h.core.Access.Request(id)
	page, err := h.timeline.Find(c.Request().Context(), q, func(d *timelineDoc) bool {
		return d.What != whatOffered || person == asked.Asker || person == d.Who
	})
	if err != nil {
		return err
	}
	out := api.TimelinePage{Items: []api.TimelineEntry{}}
	for _, d := range page.Items {
		e := api.TimelineEntry{Seq: d.Seq, What: api.TimelineEntryWhat(d.What), Response: orNil(d.Response), At: d.At}
		if d.Who != "" {
			who := h.person(d.Who)
			e.Who = &who
		}
		out.Items = append(out.Items, e)
	}
	if out.Next, err = h.next(c, list, page.Next); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

// mayOnRequest tries each decision on the state that is shown, so that what is
// offered is what the aggregate allows.
func (h *handlers) mayOnRequest(person string, q request) []api.ConversationMay {
	word := sealed.New(person, sealed.Content, "-")
	t := question{Title: word}
	switch q.Kind {
	case events.Problem:
		t.Tried = word
	case events.Information:
		t.Purpose = word
	case events.Experience:
		t.Situation = word
	}
	lives := h.notEnded(q.Community) == nil
	may := []api.ConversationMay{}
	offer := func(m api.ConversationMay, e es.Event, err error) {
		if e != nil && err == nil {
			may = append(may, m)
		}
	}
	if lives {
		e, err := q.Respond(person, "-", word)
		offer(api.ConversationMayRespond, e, err)
		e, err = q.Reopen(person, word)
		offer(api.ConversationMayReopen, e, err)
	}
	e, err := q.Correct(person, t, q.Version)
	offer(api.ConversationMayCorrect, e, err)
	e, err = q.Retract(person)
	offer(api.ConversationMayRetract, e, err)
	e, err = q.Resolve(person)
	offer(api.ConversationMayResolve, e, err)
	e, err = q.GiveUp(person, word)
	offer(api.ConversationMayUnresolved, e, err)
	e, err = q.Withdraw(person, word)
	offer(api.ConversationMayWithdraw, e, err)
	return may
}

func (h *handlers) mayOnResponse(person string, q request, a response) []api.ResponseMay {
	word := sealed.New(person, sealed.Content, "-")
	may := []api.ResponseMay{}
	offer := func(m api.ResponseMay, e es.Event, err error) {
		if e != nil && err == nil {
			may = append(may, m)
		}
	}
	e, err := q.CorrectResponse(person, a.ID, word, a.Version)
	offer(api.ResponseMayCorrect, e, err)
	e, err = q.RetractResponse(person, a.ID)
	offer(api.ResponseMayRetract, e, err)
	e, err = q.Accept(person, a.ID)
	offer(api.ResponseMayAccept, e, err)
	if !h.cfg.NoThanks {
		e, err = q.Thank(person, a.ID, units{}, word)
		offer(api.ResponseMayThank, e, err)
	}
	return may
}

func noThanks() error {
	return fault.New(fault.Forbidden, "Thanks are switched off in this organisation.")
}
