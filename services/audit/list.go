package audit

import (
	"context"
	"iter"
	"slices"
	"time"

	api "kith/api/openapi/auditapi"
	"kith/pkg/es"
)

const scanLimit = 20000 // events that one page of the log looks at

// clockSlack is how much earlier than the event before it one may be stamped:
// each of the log's servers has a clock of its own.
const clockSlack = time.Hour

// left is what a list has not looked at yet: positions after After, up to End,
// which is where the log ended when the list was begun. Every page adds the event
// that it was read, and would never come to the last.
type left struct {
	After uint64 `json:"after"`
	End   uint64 `json:"end"`
}

// all is what a list that begins has to look at.
func (s *service) all(ctx context.Context, f filter) (left, error) {
	last, err := s.core.Events.Last(ctx)
	if err != nil {
		return left{}, err
	}
	l := left{After: f.from - 1, End: min(f.to, last)}
	if !f.since.IsZero() {
		first, err := s.firstAt(ctx, f.since.Add(-clockSlack), l.After+1, l.End)
		if err != nil {
			return l, err
		}
		l.After = max(l.After, first-1)
	}
	if !f.until.IsZero() {
		first, err := s.firstAt(ctx, f.until.Add(clockSlack), l.After+1, l.End)
		if err != nil {
			return l, err
		}
		l.End = min(l.End, first-1)
	}
	return l, nil
}

// firstAt is the first position from low to high whose event was recorded at t or
// later, the one after high if there is none.
func (s *service) firstAt(ctx context.Context, t time.Time, low, high uint64) (uint64, error) {
	for low <= high {
		mid := low + (high-low)/2
		later, next := true, mid+1 // also where the log gives nothing any more
		for r, err := range s.log.Range(ctx, mid-1, high) {
			if err != nil {
				return 0, err
			}
			later, next = !r.Time.Before(t), r.Seq+1
			break
		}
		if later {
			high = mid - 1
		} else {
			low = next
		}
	}
	return low, nil
}

// oldest collects up to limit envelopes, oldest first, and says what is left.
func (s *service) oldest(ctx context.Context, f filter, l left, limit int) ([]api.Envelope, left, error) {
	items := []api.Envelope{}
	if l.After >= l.End {
		return items, l, nil
	}
	looked := 0
	for r, err := range s.source(f).between(ctx, l.After, l.End) {
		if err != nil {
			return nil, l, err
		}
		if s.match(f, r) {
			items = append(items, envelopeOf(r))
		}
		if looked++; len(items) == limit || looked == scanLimit {
			l.After = r.Seq
			return items, l, nil
		}
	}
	l.After = l.End
	return items, l, nil
}

// newest is oldest the other way round. The log is read forwards, so it goes back in
// steps that grow.
func (s *service) newest(ctx context.Context, f filter, l left, limit int) ([]api.Envelope, left, error) {
	items := []api.Envelope{}
	from := s.source(f)
	step := max(uint64(limit), from.least)
	for looked := 0; l.End > l.After && len(items) < limit && looked < scanLimit; step = min(2*step, from.most) {
		low := l.After
		if l.End-low > step {
			low = l.End - step
		}
		want := limit - len(items)
		found, n, err := s.lastOf(f, from.between(ctx, low, l.End), want)
		if err != nil {
			return nil, l, err
		}
		for _, r := range slices.Backward(found) {
			items = append(items, envelopeOf(r))
		}
		looked += n
		if l.End = low; len(found) == want {
			l.End = found[0].Seq - 1
		}
	}
	return items, l, nil
}

// lastOf are the last of some events that match, at most limit of them, and how many
// were looked at.
func (s *service) lastOf(f filter, events iter.Seq2[es.Recorded, error], limit int) (last []es.Recorded, looked int, err error) {
	for r, err := range events {
		if err != nil {
			return nil, looked, err
		}
		if looked++; !s.match(f, r) {
			continue
		}
		if len(last) == 2*limit {
			last = append(last[:0], last[limit:]...)
		}
		last = append(last, r)
	}
	return last[max(0, len(last)-limit):], looked, nil
}
