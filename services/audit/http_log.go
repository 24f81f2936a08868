package audit

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	events "kith/api/events/audit"
	api "kith/api/openapi/auditapi"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
)

// ListEvents answers what events say of themselves, without what is in them.
func (s *service) ListEvents(c echo.Context, p api.ListEventsParams) error {
	person, err := s.auditor(c)
	if err != nil {
		return err
	}
	f, err := filterOf(c)
	if err != nil {
		return err
	}
	page, err := rest.PageOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	l := left{}
	goesOn, err := page.Cursor(&l)
	if err != nil {
		return err
	}
	if !goesOn {
		if l, err = s.all(ctx, f); err != nil {
			return err
		}
	}
	newest := rest.Value(p.Order) == api.ListEventsParamsOrderNewest
	look := events.LogRead{What: "log", Filter: f.String()}
	if goesOn { // nobody can read it off the cursor
		if look.Seq = l.After + 1; newest {
			look.Seq = l.End
		}
	}
	if _, err := s.record(ctx, person, look); err != nil {
		return err
	}
	list := s.oldest
	if newest {
		list = s.newest
	}
	items, l, err := list(ctx, f, l, page.Limit)
	if err != nil {
		return err
	}
	next := ""
	if l.After < l.End {
		if next, err = page.Next(l); err != nil {
			return err
		}
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

func envelopeOf(r es.Recorded) api.Envelope {
	e := api.Envelope{
		Seq: r.Seq, Id: r.ID, Type: r.Type, Stream: r.Stream.Subject(), Time: r.Time, Imported: r.Meta.Imported,
		Actor: rest.Optional(r.Meta.Actor), Cause: rest.Optional(r.Meta.Cause), Correlation: rest.Optional(r.Meta.Correlation), Reason: rest.Optional(r.Meta.Reason),
		CauseSeq: rest.Optional(r.Meta.CauseSeq),
	}
	if !r.Meta.OccurredAt.IsZero() {
		e.Occurred = &r.Meta.OccurredAt
	}
	if _, bad := r.Data.(es.Unreadable); bad {
		e.Unreadable = &bad
	}
	return e
}

// at returns the event at a position.
func (s *service) at(ctx context.Context, seq uint64) (es.Recorded, error) {
	for r, err := range s.log.Range(ctx, seq-1, seq) {
		return r, err
	}
	last, err := s.core.Events.Last(ctx)
	if err != nil {
		return es.Recorded{}, err
	}
	if seq <= last {
		return es.Recorded{}, fault.New(fault.NotFound, "The log does not give the event at this position, though it must have one. Verify the log.")
	}
	return es.Recorded{}, fault.New(fault.NotFound, "The log ends at %d.", last)
}
