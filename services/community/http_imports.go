package community

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"

	events "kith/api/events/community"
	api "kith/api/openapi/communityapi"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
)

// importsAtOnce bounds the items that are being appended.
const importsAtOnce = 32

// ImportCommunity brings in a community of another forum. It is open, active
// and has no members: people join it by their own act.
func (s *service) ImportCommunity(c echo.Context, _ api.ImportCommunityParams) error {
	var in api.ImportedCommunity
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	if err := s.core.Access.May(m.Actor, access.ManageSystem, ""); err != nil {
		return err
	}
	id := es.ID("import", "community", in.Origin)
	// The origin alone is the command: the same one again is done already.
	m.Command, m.Request, m.Imported = es.ID("import", "community", in.Origin, "founded"), "", true
	seq, err := s.communities.Execute(c.Request().Context(), id, m, func(state commons) (es.Event, error) {
		return state.Found(events.Settings{
			Name: in.Name, Purpose: cmp.Or(strings.TrimSpace(rest.Value(in.Purpose)), in.Name), Kind: string(api.CommunityKindCommunity),
			Visibility: events.Open, Joining: events.JoinOpen, Language: in.Language,
		}, "", nil)
	})
	return rest.Created(c, id, seq, err)
}

// ImportQuestions brings in questions with their answers. A bad item is
// reported and the rest goes on; the same item again adds what is missing.
func (s *service) ImportQuestions(c echo.Context, _ api.ImportQuestionsParams) error {
	var in api.ImportedQuestions
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	if err := s.core.Access.May(m.Actor, access.ManageSystem, ""); err != nil {
		return err
	}
	run := importing{service: s, meta: m}
	items := make([]*item, len(in.Items))
	for i, q := range in.Items {
		items[i] = &item{importing: &run, q: q, id: es.ID("import", "request", q.Origin)}
		items[i].err = checkQuestion(s.core.Access, q)
	}
	ctx := c.Request().Context()
	run.raiseUndated(ctx, items)
	var g errgroup.Group
	g.SetLimit(importsAtOnce)
	for _, it := range items {
		g.Go(func() error { it.complete(ctx); return nil })
	}
	_ = g.Wait() // items keep their errors
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	out := api.ImportOutcome{Items: []api.ImportedItem{}}
	for _, it := range items {
		out.Items = append(out.Items, it.outcome())
	}
	return rest.Done(c, max(run.last.Load(), 1), http.StatusOK, out)
}

// importing is one call of ImportQuestions.
type importing struct {
	service *service
	meta    es.Meta       // of the call
	last    atomic.Uint64 // highest position reached
}

// item is one question on its way into the log.
type item struct {
	*importing
	q     api.ImportedQuestion
	id    string // of the request
	added int    // events
	err   error
}

// raiseUndated raises the questions without a time one after the other: the
// order in the log is all that tells which is older.
func (m *importing) raiseUndated(ctx context.Context, items []*item) {
	var undated []*item
	for _, it := range items {
		if it.q.OccurredAt == nil {
			undated = append(undated, it)
		}
	}
	slices.SortStableFunc(undated, func(a, b *item) int { return cmp.Compare(rest.Value(a.q.Order), rest.Value(b.q.Order)) })
	for _, it := range undated {
		it.raise(ctx)
	}
}

// complete appends what is not in the log yet. It stops at the first error.
func (it *item) complete(ctx context.Context) {
	it.raise(ctx)
	accepted := ""
	for _, a := range it.q.Answers {
		response := es.ID("import", "response", it.q.Origin, a.Origin)
		it.append(ctx, a.Author, a.OccurredAt, []string{"responded", a.Origin}, func(q request) (es.Event, error) {
			return q.importResponse(events.RequestResponded{
				Response: response, Author: a.Author, Body: written(a.Author, rest.Value(a.Body)), Score: rest.Value(a.Score)})
		})
		if rest.Value(a.Accepted) {
			accepted = response
		}
	}
	for _, a := range it.q.Answers {
		response := es.ID("import", "response", it.q.Origin, a.Origin)
		at := later(it.q.OccurredAt, a.OccurredAt)
		if response == accepted {
			it.append(ctx, it.q.Asker, at, []string{"accepted", a.Origin}, func(q request) (es.Event, error) { return q.importAccepted(response) })
		}
		if rest.Value(a.Thanked) {
			it.append(ctx, it.q.Asker, at, []string{"thanked", a.Origin}, func(q request) (es.Event, error) { return q.importThanked(response) })
		}
	}
	if accepted == "" {
		it.append(ctx, it.q.Asker, it.lastTime(), []string{"unresolved"}, func(q request) (es.Event, error) { return q.importUnresolved() })
	}
}

func (it *item) raise(ctx context.Context) {
	it.append(ctx, it.q.Asker, it.q.OccurredAt, []string{"raised"}, func(q request) (es.Event, error) {
		return q.importRaised(events.RequestRaised{
			Community: it.q.Community, Asker: it.q.Asker, Title: written(it.q.Asker, it.q.Title), Body: written(it.q.Asker, rest.Value(it.q.Body)),
			Tags: it.q.Tags, Language: it.language(), Origin: it.q.Origin,
		})
	})
}

// language is the item's own, else the asker's.
func (it *item) language() string {
	p, _ := it.service.core.Access.Person(it.q.Asker)
	return cmp.Or(rest.Value(it.q.Language), p.Language)
}

// append executes one command of the item, whose id comes from the origin and
// what it brings, so that it is the same command in every later call.
func (it *item) append(ctx context.Context, actor string, at *time.Time, what []string, decide func(request) (es.Event, error)) {
	if it.err != nil {
		return
	}
	m := es.Meta{
		Command:     es.ID(append([]string{"import", "request", it.q.Origin}, what...)...),
		Correlation: es.ID("import", "request", it.q.Origin),
		Actor:       actor, Reason: "import", Access: it.meta.Access, Imported: true, Traceparent: it.meta.Traceparent,
	}
	if at != nil {
		m.OccurredAt = at.UTC()
	}
	added := false
	seq, err := it.service.requests.Execute(ctx, it.id, m, func(q request) (es.Event, error) {
		e, err := decide(q)
		added = e != nil && err == nil
		return e, err
	})
	if err != nil {
		it.err = err
		return
	}
	if added {
		it.added++
	}
	for last := it.last.Load(); seq > last && !it.last.CompareAndSwap(last, seq); last = it.last.Load() {
	}
}

// lastTime is when the newest answer came, as far as is known.
func (it *item) lastTime() *time.Time {
	at := it.q.OccurredAt
	for _, a := range it.q.Answers {
		at = later(at, a.OccurredAt)
	}
	return at
}

func later(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.After(*a) {
		return b
	}
	return a
}

// outcome reports what became of the item.
func (it *item) outcome() api.ImportedItem {
	out := api.ImportedItem{Origin: it.q.Origin, Request: it.id, Events: it.added}
	if it.err == nil {
		return out
	}
	p := rest.ProblemOf(it.err)
	if p.Code == fault.Internal {
		it.service.core.Log.Error("an item cannot be imported", "request", it.id, "error", it.err)
	}
	out.Error = &api.ImportError{Code: string(p.Code), Detail: p.Detail}
	for _, w := range p.Fields {
		out.Error.Fields = append(out.Error.Fields, api.ProblemField{Field: w.Field, Reason: w.Reason})
	}
	return out
}
