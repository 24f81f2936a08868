package audit

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/auditapi"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"

	events "kith/api/events/audit"
	"kith/services/audit/merkle"
)

// scanLimit is how many events one page of the log looks at.
const scanLimit = 20000

// auditor returns the caller if they may read the log.
func (s *service) auditor(c echo.Context) (string, error) {
	person := rest.PrincipalOf(c).Person
	return person, s.core.Access.May(person, access.ReadLog, "")
}

// look records that an auditor looks at something, with the query as asked.
func (s *service) look(c echo.Context, what string) (seq uint64, err error) {
	person, err := s.auditor(c)
	if err != nil {
		return 0, err
	}
	return s.record(c.Request().Context(), person, events.LogRead{What: what, Filter: c.QueryString()})
}

// ListEvents implements the contract.
func (s *service) ListEvents(c echo.Context, _ api.ListEventsParams) error {
	if _, err := s.auditor(c); err != nil {
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
	if _, err := page.Cursor(&at); err != nil {
		return err
	}
	at.End = min(at.End, last)
	if _, err := s.look(c, "log"); err != nil {
		return err
	}
	items, after, err := s.page(ctx, f, at.After, at.End, page.Limit)
	if err != nil {
		return err
	}
	out := api.EnvelopePage{Items: items}
	if after < at.End {
		next, err := rest.NextCursor(place{after, at.End})
		if err != nil {
			return err
		}
		out.Next = &next
	}
	return c.JSON(http.StatusOK, out)
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
		Actor: optional(r.Meta.Actor), Cause: optional(r.Meta.Cause), Correlation: optional(r.Meta.Correlation), Reason: optional(r.Meta.Reason),
	}
	if !r.Meta.OccurredAt.IsZero() {
		e.Occurred = &r.Meta.OccurredAt
	}
	if _, bad := r.Data.(es.Unreadable); bad {
		e.Unreadable = &bad
	}
	return e
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
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

// ListCheckpoints implements the contract.
func (s *service) ListCheckpoints(c echo.Context, _ api.ListCheckpointsParams) error {
	if _, err := s.look(c, "checkpoints"); err != nil {
		return err
	}
	page, err := rest.PageOf(c)
	if err != nil {
		return err
	}
	before := ^uint64(0)
	if _, err := page.Cursor(&before); err != nil {
		return err
	}
	sizes, err := s.tree.Sizes()
	if err != nil {
		return err
	}
	out := api.CheckpointPage{Items: []api.Checkpoint{}}
	for i := len(sizes) - 1; i >= 0; i-- {
		if sizes[i] >= before {
			continue
		}
		signed, err := s.tree.Checkpoint(sizes[i])
		if err != nil {
			continue // a verification reports it
		}
		if len(out.Items) == page.Limit {
			next, err := rest.NextCursor(out.Items[page.Limit-1].Size)
			if err != nil {
				return err
			}
			out.Next = &next
			break
		}
		out.Items = append(out.Items, checkpointOf(signed))
	}
	return c.JSON(http.StatusOK, out)
}

func checkpointOf(s merkle.Signed) api.Checkpoint {
	return api.Checkpoint{Size: s.Size, Root: base64.StdEncoding.EncodeToString(s.Root[:]), Time: s.Time, Note: string(s.Note)}
}

// GetVerification implements the contract.
func (s *service) GetVerification(c echo.Context, _ api.GetVerificationParams) error {
	if _, err := s.look(c, "verify"); err != nil {
		return err
	}
	out := api.Integrity{
		VerifierKey: s.tree.VerifierKey(), TreeSize: s.tree.Size(), Unsigned: s.unsigned(),
		Damaged: s.damaged.Load(), Last: s.last.Load(),
	}
	if newest, ok := s.tree.Newest(); ok {
		cp := checkpointOf(newest)
		out.Checkpoint = &cp
	}
	return c.JSON(http.StatusOK, out)
}

// VerifyLog implements the contract.
func (s *service) VerifyLog(c echo.Context, _ api.VerifyLogParams) error {
	if _, err := s.auditor(c); err != nil {
		return err
	}
	if !s.verifying.TryLock() {
		return fault.New(fault.Conflict, "A verification is running already. Its result will be at this address with GET.")
	}
	defer s.verifying.Unlock()
	if _, err := s.look(c, "verify"); err != nil {
		return err
	}
	w := c.Response()
	w.Header().Set(echo.HeaderContentType, "application/x-ndjson")
	w.WriteHeader(http.StatusOK)
	enc := json.NewEncoder(w)
	result, err := Verify(c.Request().Context(), s.core.Events, s.tree, s.core.Now, func(done, total uint64) {
		_ = enc.Encode(map[string]uint64{"done": done, "total": total}) // who does not listen still gets the result by GET
		w.Flush()
	})
	if err != nil {
		// The status is out already; the last line says what went wrong.
		s.core.Log.Error("audit: the log could not be verified", "error", err)
		return enc.Encode(rest.ProblemOf(err))
	}
	s.last.Store(&result)
	s.damaged.Store(!result.Ok)
	if !result.Ok {
		s.core.Log.Error("audit: THE LOG IS DAMAGED", "from", result.Problem.Seq, "to", result.Problem.To, "found", result.Problem.What)
	}
	return enc.Encode(result)
}
