package community

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	events "kith/api/events/community"
	api "kith/api/openapi/communityapi"
	"kith/api/sealed"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/view"
)

// ListRequests answers the requests that the caller may see, newest first.
func (s *service) ListRequests(c echo.Context, p api.ListRequestsParams) error {
	person := rest.Caller(c)
	if err := s.active(person); err != nil {
		return err
	}
	page, next, err := app.Find(c, s.list, indexFor(person, p), func(d *requestDoc) bool {
		return (p.Whose == nil || (s.core.Access.Role(d.Community, person) != access.None) == (*p.Whose == api.ListRequestsParamsWhoseOwn)) &&
			(p.Community == nil || d.Community == *p.Community) &&
			(p.Kind == nil || d.Kind == string(*p.Kind)) &&
			(p.State == nil || d.State == string(*p.State)) &&
			(p.Language == nil || d.Language == *p.Language) &&
			s.core.Access.SeesRequest(person, d.ID)
	})
	if err != nil {
		return err
	}
	items, err := s.lines(c, page)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

// LookUpRequests answers a line of each request that the caller may see.
func (s *service) LookUpRequests(c echo.Context, _ api.LookUpRequestsParams) error {
	person := rest.Caller(c)
	if err := s.active(person); err != nil {
		return err
	}
	found, err := lookUp(c, s.list, func(id string) bool { return s.core.Access.SeesRequest(person, id) })
	if err != nil {
		return err
	}
	items, err := s.lines(c, found)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, api.RequestList{Items: items})
}

func (s *service) lines(c echo.Context, docs []requestDoc) ([]api.Request, error) {
	o := s.core.Vault.Opener(c.Request().Context())
	items := make([]api.Request, len(docs))
	for i, d := range docs {
		items[i] = s.line(d, o.Text(d.Title))
	}
	return items, o.Err
}

// indexFor is the narrowest index for the filters.
func indexFor(person string, p api.ListRequestsParams) view.Query {
	switch {
	case rest.Value(p.Mine):
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

func (s *service) line(d requestDoc, title *string) api.Request {
	out := api.Request{
		Id: d.ID, Community: rest.Optional(d.Community), Kind: api.RequestKind(d.Kind), Asker: s.person(d.Asker), Title: title,
		State: api.RequestState(shownState(d.State, d.Routed, len(d.Responses))), Tags: append([]string{}, d.Tags...),
		Language: d.Language, Created: d.Created, Imported: rest.Optional(d.Imported), Responses: len(d.Responses),
	}
	if r, ok := newest(d.Responses); ok {
		out.NewestResponse = &api.NewestResponse{Author: s.person(r.Author), At: r.At}
	}
	return out
}

// GetRequest answers the conversation.
func (s *service) GetRequest(c echo.Context, id string, _ api.GetRequestParams) error {
	person := rest.Caller(c)
	d, err := s.conversation(c, id)
	if err != nil {
		return err
	}
	o := s.core.Vault.Opener(c.Request().Context())
	out := api.Conversation{
		Body: o.Text(d.Body), Tried: o.Text(d.Tried), Purpose: o.Text(d.Purpose), Situation: o.Text(d.Situation),
		Beyond: d.Beyond, Corrected: rest.Optional(d.Corrected), Reason: o.Text(d.Reason), Responses: []api.Response{},
		May: s.mayOnRequest(person, d.request),
	}
	var live []responseLine
	for i, a := range d.Responses {
		if a.Retracted || i >= len(d.Words) {
			continue
		}
		w := d.Words[i]
		live = append(live, responseLine{a.ID, a.Author, w.Created})
		shown := api.Response{
			Id: a.ID, Author: s.person(a.Author), Body: o.Text(w.Body), Created: w.Created, Corrected: rest.Optional(w.Corrected),
			Accepted: a.Accepted, Etag: strconv.Quote(strconv.FormatUint(a.Version, 10)), May: s.mayOnResponse(person, d.request, a),
		}
		if a.Thanked {
			shown.Thanks = &api.Thanks{At: w.ThankedAt, Note: o.Text(w.Thanks)}
		}
		out.Responses = append(out.Responses, shown)
	}
	out.Request = s.line(requestDoc{
		ID: d.ID, Community: d.Community, Kind: d.Kind, Asker: d.Asker, Tags: d.Tags, Language: d.Language,
		State: d.State, Routed: d.Routed, Responses: live, Created: d.Created, Imported: d.Imported,
	}, o.Text(d.Title))
	if o.Err != nil {
		return o.Err
	}
	rest.SetETag(c, d.Version)
	return c.JSON(http.StatusOK, out)
}

// conversation returns NotFound for what the caller may not see.
func (s *service) conversation(c echo.Context, id string) (conversationDoc, error) {
	if !s.core.Access.SeesRequest(rest.Caller(c), id) {
		return conversationDoc{}, noRequest()
	}
	d, ok, err := s.conversations.Get(c.Request().Context(), id)
	if err == nil && !ok {
		err = noRequest()
	}
	return d, err
}

// RequestTimeline answers who did what when. Who said "I can help" is between
// them and the asker.
func (s *service) RequestTimeline(c echo.Context, id string, _ api.RequestTimelineParams) error {
	d, err := s.conversation(c, id)
	if err != nil {
		return err
	}
	page, err := rest.PageOf(c)
	if err != nil {
		return err
	}
	var after uint64 // position of the last moment of the page before
	if _, err := page.Cursor(&after); err != nil {
		return err
	}
	person := rest.Caller(c)
	items, next := []api.TimelineEntry{}, ""
	for _, m := range d.Timeline {
		if m.Seq <= after || m.What == whatOffered && person != d.Asker && person != m.Who {
			continue
		}
		if len(items) == page.Limit {
			if next, err = page.Next(after); err != nil {
				return err
			}
			break
		}
		after = m.Seq
		items = append(items, s.moment(m))
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

func (s *service) moment(m moment) api.TimelineEntry {
	out := api.TimelineEntry{Seq: m.Seq, What: api.TimelineEntryWhat(m.What), Response: rest.Optional(m.Response), At: m.At}
	if m.Step != "" {
		out.Step = new(api.TimelineEntryStep(m.Step))
	}
	if m.Who != "" {
		who := s.person(m.Who)
		out.Who = &who
	}
	return out
}

// mayOnRequest tries each decision on the state that is shown, so that what is
// offered is what the aggregate allows.
func (s *service) mayOnRequest(person string, q request) []api.ConversationMay {
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
	lives := s.notEnded(q.Community) == nil
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

func (s *service) mayOnResponse(person string, q request, a response) []api.ResponseMay {
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
	if !s.cfg.NoThanks {
		e, err = q.Thank(person, a.ID, units{}, word)
		offer(api.ResponseMayThank, e, err)
	}
	return may
}

func noThanks() error {
	return fault.New(fault.Forbidden, "Thanks are switched off in this organisation.")
}
