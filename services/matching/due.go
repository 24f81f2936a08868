package matching

import (
	"context"
	"time"

	events "kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/react"
	"kith/pkg/view"
)

// dueUnanswered is part of command ids and never changes.
const dueUnanswered = "matching-unanswered"

const (
	dueEvery = 5 * time.Second
	duePage  = 100 // requests of one query
)

// due is what happens because time has passed.
func (s *service) due() []react.Due {
	return []react.Due{
		{Name: dueUnanswered, Every: dueEvery, Tick: s.noteUnanswered},
		{Name: introducer, Every: introduceEvery, Tick: s.introduceDue},
		{Name: firstWeek, Every: firstWeekEvery, Tick: s.firstWeekDue},
	}
}

// noteUnanswered records of every request whose next step is due that nobody has
// answered. It takes no step: the router does, which works in one process at a
// time, so that caps hold. The command follows from the event of the last step,
// so that of several processes one brings it about, once.
func (s *service) noteUnanswered(ctx context.Context, now time.Time) error {
	q := view.Query{Index: "due", Equal: []any{true}, Limit: duePage}
	for d, err := range s.routing.All(ctx, q, nil) {
		if err != nil {
			return err
		}
		if d.Due.After(now) {
			return nil
		}
		if err := s.noteOne(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

func (s *service) noteOne(ctx context.Context, d routingDoc) error {
	if request, ok := s.core.Access.Request(d.Request); !ok || !request.Open {
		return nil // the view is a little behind
	}
	m := react.Command(es.Recorded{ID: d.Cause.Event, Seq: d.Cause.Seq, Meta: es.Meta{Correlation: d.Cause.Correlation}}, dueUnanswered)
	m.Access = s.core.Access.Position()
	_, err := s.proposals.Execute(ctx, d.Request, m, func(p proposal) (es.Event, error) {
		return p.Unanswered(events.RequestUnanswered{Request: d.Request, Asker: d.Asker, Step: d.Step}, d.Cause.Seq)
	})
	return err
}
