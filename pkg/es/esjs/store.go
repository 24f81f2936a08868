// Package esjs is the log on a JetStream stream.
//
// What a single append promises rests on the expected last position of its
// subject alone; there are no message ids. Whenever the server's answer leaves a
// doubt, what is stored decides.
package esjs

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/direct"
	"kith/pkg/es"
)

const (
	// appendLimit bounds one Append with all its attempts.
	appendLimit = 12 * time.Second
	// maxAttempts of one Append, with pauses of 2 ms doubling: time for a
	// lagging replica to catch up.
	maxAttempts = 8
	// unknownTimeout is for a client without a default timeout.
	unknownTimeout = 5 * time.Second
	// refusalWait is how long an answer is missing before it is looked whether
	// the server has refused.
	refusalWait = 200 * time.Millisecond
)

// Store is an es.Store. It is safe for concurrent use.
type Store struct {
	js     jetstream.JetStream
	nc     *nats.Conn
	codec  *es.Codec
	now    func() time.Time
	wait   time.Duration // for one answer of the server
	direct direct.Reader
}

var _ es.Store = (*Store)(nil)

// Open uses the stream that Provision made. now is the time of appends. The
// default timeout of js is how long one answer of the server may take.
func Open(js jetstream.JetStream, codec *es.Codec, now func() time.Time) *Store {
	o := js.Options()
	wait := o.DefaultTimeout
	if wait <= 0 {
		wait = unknownTimeout
	}
	return &Store{js: js, nc: js.Conn(), codec: codec, now: now, wait: wait, direct: direct.New(js, StreamName, wait)}
}

// Append implements es.Store.
func (s *Store) Append(ctx context.Context, st es.Stream, after uint64, m es.Meta, e es.Event) (uint64, error) {
	env, err := s.codec.EncodeEnvelope(st, m, s.now(), e)
	if err != nil {
		return 0, err
	}
	env.Header[nats.ExpectedLastSubjSeqHdr] = []string{strconv.FormatUint(after, 10)}
	msg := &nats.Msg{Subject: st.Subject(), Header: env.Header, Data: env.Data}
	ctx, cancel := context.WithTimeout(ctx, appendLimit)
	defer cancel()
	for attempt := 0; ; attempt++ {
		ack, err := s.publish(ctx, msg)
		switch {
		case err == nil:
			return ack.Sequence, nil
		case tooLarge(err):
			return 0, fmt.Errorf("%w: %w", es.ErrTooLarge, err)
		case err != nil && !conflict(err) && !errors.Is(err, es.ErrUnavailable):
			return 0, fmt.Errorf("esjs: append to %s: %w", st, err)
		}
		// Stored, taken by another, or unknown: what is stored decides.
		seq, settled := env.Settle(s.Load(ctx, st, after))
		switch {
		case seq != 0 || errors.Is(settled, es.ErrConflict):
			return seq, settled
		case settled != nil:
			return 0, fmt.Errorf("%w: append to %s: %w", es.ErrUnavailable, st, errors.Join(err, settled))
		}
		if attempt+1 == maxAttempts || sleep(ctx, 2*time.Millisecond<<attempt) != nil {
			if conflict(err) {
				return 0, es.ErrConflict // nobody is there, but not what was expected either
			}
			return 0, fmt.Errorf("%w: append to %s: gave up: %w", es.ErrUnavailable, st, errors.Join(err, ctx.Err()))
		}
	}
}

func (s *Store) publish(ctx context.Context, msg *nats.Msg) (*jetstream.PubAck, error) {
	ctx, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	before := s.nc.LastError()
	// A refusal comes at once, and then nothing: there is no use in waiting.
	look := time.AfterFunc(refusalWait, func() {
		if refused(s.nc, before, msg.Subject) != nil {
			cancel()
		}
	})
	defer look.Stop()
	ack, err := s.js.PublishMsg(ctx, msg)
	if err != nil {
		if refusal := refused(s.nc, before, msg.Subject); refusal != nil {
			return nil, refusal
		}
	}
	if errors.Is(err, context.Canceled) {
		return nil, fmt.Errorf("%w: %w", es.ErrUnavailable, err) // it may have been sent
	}
	return ack, unavailable(err)
}

// LastOf implements es.Store.
func (s *Store) LastOf(ctx context.Context, st es.Stream) (uint64, error) {
	if err := st.Valid(); err != nil {
		return 0, err
	}
	m, _, err := s.direct.Last(ctx, st.Subject())
	if err != nil {
		return 0, s.failed(ctx, "last position of "+st.Subject(), err)
	}
	return m.Seq, nil
}

// Last implements es.Store. It asks the stream's leader.
func (s *Store) Last(ctx context.Context) (uint64, error) {
	state, err := s.state(ctx)
	return state.LastSeq, err
}

func (s *Store) state(ctx context.Context) (jetstream.StreamState, error) {
	info, err := s.info(ctx)
	if err != nil {
		return jetstream.StreamState{}, err
	}
	return info.State, nil
}

func (s *Store) info(ctx context.Context) (*jetstream.StreamInfo, error) {
	wait, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	stream, err := s.js.Stream(wait, StreamName)
	if err != nil {
		return nil, s.failed(ctx, "last position", err)
	}
	return stream.CachedInfo(), nil
}

// failed tells the end of the caller's ctx from a server that does not answer.
func (s *Store) failed(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("esjs: %s: %w", what, ctx.Err())
	}
	return fmt.Errorf("esjs: %s: %w", what, unavailable(err))
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
