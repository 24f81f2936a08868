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

// scanLimit is how many events one page of the log looks at.
const scanLimit = 20000

// ListEvents answers what events say of themselves, oldest first, without what
// is in them.
func (s *service) ListEvents(c echo.Context, _ api.ListEventsParams) error {
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
	last, err := s.core.Events.Last(ctx)
	if err != nil {
		return err
	}
	at := place{After: f.from - 1, End: f.to}
	goesOn, err := page.Cursor(&at)
	if err != nil {
		return err
	}
	at.End = min(at.End, last)
	look := events.LogRead{What: "log", Filter: f.String()}
	if goesOn {
		look.Seq = at.After + 1 // nobody can read it off the cursor
	}
	if _, err := s.record(ctx, person, look); err != nil {
		return err
	}
	items, after, err := s.page(ctx, f, at.After, at.End, page.Limit)
	if err != nil {
		return err
	}
	next := ""
	if after < at.End {
		if next, err = page.Next(place{after, at.End}); err != nil {
			return err
		}
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

// place is where a list goes on. Its end stays that of the first page: every
// page adds the event that it was read, and would never come to the last.
type place struct {
	After uint64 `json:"after"`
	End   uint64 `json:"end"`
}

// page collects up to limit envelopes after position after, and says up to
// which position it has looked.
func (s *service) page(ctx context.Context, f filter, after, end uint64, limit int) ([]api.Envelope, uint64, error) {
	items := []api.Envelope{}
	if after >= end {
		return items, end, nil
	}
	to := min(end, after+scanLimit)
	found, gapless := s.scan(ctx, f, after, to)
	if !gapless {
		// Of one stream nothing is looked at in vain.
		to = end
		found, _ = s.scan(ctx, f, after, to)
	}
	for r, err := range found {
		if err != nil {
			return nil, 0, err
		}
		if !f.match(r) {
			continue
		}
		if items = append(items, envelopeOf(r)); len(items) == limit {
			return items, r.Seq, nil
		}
	}
	return items, to, nil
}

func envelopeOf(r es.Recorded) api.Envelope {
	e := api.Envelope{
		Seq: r.Seq, Id: r.ID, Type: r.Type, Stream: r.Stream.Subject(), Time: r.Time, Imported: r.Meta.Imported,
		Actor: rest.Optional(r.Meta.Actor), Cause: rest.Optional(r.Meta.Cause), Correlation: rest.Optional(r.Meta.Correlation), Reason: rest.Optional(r.Meta.Reason),
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
