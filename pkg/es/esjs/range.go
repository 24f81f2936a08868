package esjs

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"kith/pkg/direct"
	"kith/pkg/es"
)

// rangeMessages is how many messages are asked for at once. The server lets
// nobody write while it sends them: longer batches are hardly faster.
const rangeMessages = 1024

// A replica that has not the events yet that its leader has acknowledged is asked
// again, for two seconds in all. Who lags by more is as good as without them.
const (
	lagPause = 20 * time.Millisecond
	mostLags = 100
)

var _ es.Ranger = (*Store)(nil)

// Range implements es.Ranger by batched direct gets.
func (s *Store) Range(ctx context.Context, after, to uint64) iter.Seq2[es.Recorded, error] {
	return func(yield func(es.Recorded, error) bool) {
		if err := s.stretch(ctx, after, to, yield); err != nil && !errors.Is(err, errStopped) {
			yield(es.Recorded{}, err)
		}
	}
}

// RangeOf implements es.Ranger by batched direct gets of what the subjects have.
func (s *Store) RangeOf(ctx context.Context, of es.Stream, after, to uint64) iter.Seq2[es.Recorded, error] {
	return func(yield func(es.Recorded, error) bool) {
		if err := s.stretchOf(ctx, of, after, to, yield); err != nil && !errors.Is(err, errStopped) {
			yield(es.Recorded{}, err)
		}
	}
}

func (s *Store) stretchOf(ctx context.Context, of es.Stream, after, to uint64, yield func(es.Recorded, error) bool) error {
	pattern, err := of.Pattern()
	if err != nil {
		return err
	}
	bounded := func(r es.Recorded, err error) bool { return r.Seq <= to && yield(r, err) }
	for more := true; more && after < to; {
		b := direct.Range{After: after, Messages: int(min(to-after, batchMessages)), Subject: pattern}
		if after, more, err = s.batch(ctx, b, bounded); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) stretch(ctx context.Context, after, to uint64, yield func(es.Recorded, error) bool) error {
	info, err := s.info(ctx)
	if err != nil {
		return err
	}
	to = min(to, info.State.LastSeq)
	bounded := func(r es.Recorded, err error) bool { return r.Seq <= to && yield(r, err) }
	lags := 0
	for after < to {
		last, _, err := s.batch(ctx, direct.Range{After: after, Messages: int(min(to-after, rangeMessages))}, bounded)
		if err != nil {
			return err
		}
		if last == after {
			// The server stops in front of a message that it cannot read, as it
			// does at the end. Nothing but the next position tells which. Another
			// replica may have it, or this one in a moment.
			if info.Config.Replicas > 1 && lags < mostLags {
				lags++
				if err := sleep(ctx, lagPause); err != nil {
					return fmt.Errorf("esjs: range: %w", err)
				}
				continue
			}
			last++
		}
		after = last
	}
	return nil
}
