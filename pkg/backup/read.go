package backup

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/direct"
	"kith/pkg/es/esjs"
)

const (
	batchMessages = 1024
	answerWait    = 5 * time.Second
	// A replica that lags behind the leader is asked again so often, with a
	// pause of lagPause, before what it lacks counts as lost.
	lagAttempts = 25
	lagPause    = 200 * time.Millisecond
)

// reader reads whole streams by batched direct gets, which every service may
// do. esjs.Range reads the log only, and decodes it.
type reader struct{ js jetstream.JetStream }

func (r reader) info(ctx context.Context, stream string) (jetstream.StreamState, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	s, err := r.js.Stream(ctx, stream)
	if err != nil {
		return jetstream.StreamState{}, fmt.Errorf("backup: state of %s: %w", stream, err)
	}
	return s.CachedInfo().State, nil
}

// last is the position of the newest message, by the stream's leader.
func (r reader) last(ctx context.Context, stream string) (uint64, error) {
	s, err := r.info(ctx, stream)
	return s.LastSeq, err
}

// stretch reads the log after position after up to to. Returns ErrGap if a
// position is missing.
func (r reader) stretch(ctx context.Context, after, to uint64, each func(Record) error) error {
	next := after + 1
	inOrder := func(rec Record) error {
		if rec.Seq != next {
			return gap(next)
		}
		next++
		return each(rec)
	}
	for failed := 0; next <= to; {
		before := next
		_, _, err := r.batch(ctx, esjs.StreamName, next-1, int(min(to-next+1, batchMessages)), inOrder)
		if err != nil {
			return err
		}
		if next != before {
			failed = 0
			continue
		}
		if failed++; failed == lagAttempts {
			return gap(next)
		}
		if err := sleep(ctx, lagPause); err != nil {
			return err
		}
	}
	return nil
}

func gap(seq uint64) error {
	return fmt.Errorf("backup: %w: event %d cannot be read. Nothing was written; kith audit verify says what else is damaged. "+
		"Restore the log from a replica or from the backup before", ErrGap, seq)
}

// state reads all that a stream of state holds. It fails rather than leave out
// what the server cannot read: the file of the last run would be given up for it.
func (r reader) state(ctx context.Context, stream string) ([]Record, error) {
	for attempt := 1; ; attempt++ {
		before, err := r.info(ctx, stream)
		if err != nil {
			return nil, err
		}
		var all []Record
		for after, more := uint64(0), true; more; {
			var last uint64
			if last, more, err = r.batch(ctx, stream, after, batchMessages, func(rec Record) error {
				all = append(all, rec)
				return nil
			}); err != nil {
				return nil, err
			}
			after = last
		}
		after, err := r.info(ctx, stream)
		if err != nil {
			return nil, err
		}
		// Whatever is there now and not new was there all the time.
		if fresh := after.LastSeq - before.LastSeq; uint64(len(all))+fresh >= after.Msgs {
			return newest(all), nil
		}
		if attempt == lagAttempts {
			return nil, fmt.Errorf("backup: the stream %s gives %d of its %d messages: it is damaged. Restore it from a replica or from the backup before", stream, len(all), after.Msgs)
		}
		if err := sleep(ctx, lagPause); err != nil {
			return nil, err
		}
	}
}

// newest keeps the last record of each subject.
func newest(all []Record) []Record {
	last := make(map[string]uint64, len(all))
	for _, r := range all {
		last[r.Subject] = r.Seq
	}
	out := all[:0]
	for _, r := range all {
		if last[r.Subject] == r.Seq {
			out = append(out, r)
		}
	}
	return out
}

// batch calls each for up to n messages after position after, and says where it
// ended and whether there is more.
func (r reader) batch(ctx context.Context, stream string, after uint64, n int, each func(Record) error) (last uint64, more bool, err error) {
	var own error // of each, and no failure to read
	last, more, err = direct.New(r.js, stream, answerWait).Batch(ctx, direct.Range{After: after, Messages: n}, func(m direct.Message) error {
		at, err := m.Time()
		if err != nil {
			return err
		}
		own = each(Record{Seq: m.Seq, Time: at, Subject: m.Subject, Header: m.Header, Data: m.Data})
		return own
	})
	switch {
	case own != nil:
		return 0, false, own
	case err != nil:
		return 0, false, fmt.Errorf("backup: read %s after %d: %w", stream, after, err)
	}
	return last, more, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
