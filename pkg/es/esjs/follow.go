package esjs

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es"
)

const (
	// What the server may send ahead of the reader.
	pullMessages = 4096
	pullBytes    = 8 << 20
	// A consumer that misses two heartbeats is replaced.
	heartbeat = time.Second
	// The server forgets a consumer that nobody has read from for so long.
	inactive = 30 * time.Second
	// longestPause between attempts to reach the server; the first is 10 ms.
	longestPause = time.Second
)

// Follow implements es.Store.
//
// It reads from consumers without acknowledgements. The positions themselves
// prove that nothing is missing, so a consumer in doubt (a lost heartbeat, a
// reconnect, a message dropped on the way) is replaced by a new one that
// starts at the position due. jetstream's ordered consumer does the same by
// delivery numbers, but cannot be cancelled while it waits for a server.
func (s *Store) Follow(ctx context.Context, after uint64) iter.Seq2[es.Recorded, error] {
	return func(yield func(es.Recorded, error) bool) {
		f := follower{Store: s, next: after + 1, yield: yield}
		if err := f.run(ctx); !errors.Is(err, errStopped) {
			yield(es.Recorded{}, err)
		}
	}
}

type follower struct {
	*Store
	next     uint64 // position due
	mismatch uint64 // position that a new consumer began with instead
	yield    func(es.Recorded, error) bool
}

// run never returns nil.
func (f *follower) run(ctx context.Context) error {
	pause := 10 * time.Millisecond
	for checked := false; ; {
		before := f.next
		err := f.check(ctx, &checked)
		if err == nil {
			err = f.read(ctx)
		}
		switch {
		case ctx.Err() != nil && !errors.Is(err, errStopped):
			return fmt.Errorf("esjs: follow: %w", ctx.Err())
		case !errors.Is(err, es.ErrUnavailable), f.nc.IsClosed():
			return err // a closed connection never comes back
		}
		if f.next != before {
			pause = 10 * time.Millisecond
		}
		if err := sleep(ctx, pause); err != nil {
			return fmt.Errorf("esjs: follow: %w", err)
		}
		pause = min(2*pause, longestPause)
	}
}

// check makes sure once that the log reaches to the start and has its last
// event: the server would silently begin a consumer from beyond the end at the
// end, and wait there for an event that was stored once and is lost.
func (f *follower) check(ctx context.Context, done *bool) error {
	if *done {
		return nil
	}
	state, err := f.state(ctx)
	if err != nil {
		return err
	}
	last := state.LastSeq
	if f.next > last+1 {
		return fmt.Errorf("%w: it ends at %d, before %d", es.ErrGap, last, f.next-1)
	}
	if state.Msgs < last {
		if there, err := f.holds(ctx, last); err != nil {
			return err
		} else if !there {
			return fmt.Errorf("%w: its last event, at %d, is missing", es.ErrGap, last)
		}
	}
	*done = true
	return nil
}

// holds reports whether the log can answer with the event at seq.
func (s *Store) holds(ctx context.Context, seq uint64) (bool, error) {
	m, ok, err := s.direct.At(ctx, seq)
	if err != nil {
		return false, s.failed(ctx, "event at "+strconv.FormatUint(seq, 10), err)
	}
	return ok && m.Seq == seq, nil
}

// read yields what one consumer delivers. ErrUnavailable asks for another one.
func (f *follower) read(ctx context.Context) error {
	messages, err := f.consume(ctx)
	if err != nil {
		return err
	}
	defer messages.Stop()
	until := jetstream.NextContext(ctx)
	for first := true; ; first = false {
		msg, err := messages.Next(until)
		if err != nil {
			return fmt.Errorf("%w: follow at %d: %w", es.ErrUnavailable, f.next, err)
		}
		meta, err := msg.Metadata()
		if err != nil {
			return fmt.Errorf("esjs: follow at %d: %w", f.next, err)
		}
		if seq := meta.Sequence.Stream; seq != f.next {
			// Two new consumers that begin with the same wrong position leave
			// no doubt; anything else can be a loss on the way.
			if first && f.mismatch == seq {
				return fmt.Errorf("%w: %d follows on %d", es.ErrGap, seq, f.next-1)
			}
			if first {
				f.mismatch = seq
			}
			return fmt.Errorf("%w: follow: %d came instead of %d", es.ErrUnavailable, seq, f.next)
		}
		f.next++
		f.mismatch = 0
		r := f.codec.DecodeEnvelope(f.next-1, msg.Subject(), es.Stored{Header: msg.Headers(), Data: msg.Data()})
		if !f.yield(r, nil) {
			return errStopped
		}
	}
}

func (f *follower) consume(ctx context.Context) (jetstream.MessagesContext, error) {
	wait, cancel := context.WithTimeout(ctx, f.wait)
	defer cancel()
	c, err := f.js.CreateConsumer(wait, StreamName, jetstream.ConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: f.next,
		AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, Replicas: 1, InactiveThreshold: inactive,
	})
	if err != nil {
		return nil, f.failed(ctx, "follow", err)
	}
	m, err := c.Messages(
		jetstream.PullMaxMessagesWithBytesLimit(pullMessages, pullBytes),
		jetstream.PullHeartbeat(heartbeat),
		jetstream.WithMessagesErrOnMissingHeartbeat(true),
	)
	if err != nil {
		return nil, f.failed(ctx, "follow", err)
	}
	return m, nil
}
