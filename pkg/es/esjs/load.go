package esjs

import (
	"context"
	"errors"
	"iter"
	"math"

	"kith/pkg/direct"
	"kith/pkg/es"
)

const batchMessages = 256

// Load implements es.Store. On a stream of several replicas it can miss the
// newest events; the expectation of Append notices.
func (s *Store) Load(ctx context.Context, st es.Stream, after uint64) iter.Seq2[es.Recorded, error] {
	return func(yield func(es.Recorded, error) bool) {
		if err := s.load(ctx, st, after, yield); err != nil && !errors.Is(err, errStopped) {
			yield(es.Recorded{}, err)
		}
	}
}

// errStopped: the caller has seen enough and must not be called again.
var errStopped = errors.New("stopped")

func (s *Store) load(ctx context.Context, st es.Stream, after uint64, yield func(es.Recorded, error) bool) error {
	if err := st.Valid(); err != nil {
		return err
	}
	return s.stretchOf(ctx, st, after, math.MaxUint64, yield)
}

// batch yields a batch, and says where it ended and whether there is more.
func (s *Store) batch(ctx context.Context, b direct.Range, yield func(es.Recorded, error) bool) (last uint64, more bool, err error) {
	last, more, err = s.direct.Batch(ctx, b, func(m direct.Message) error {
		if !yield(s.codec.DecodeEnvelope(m.Seq, m.Subject, es.Stored{Header: m.Header, Data: m.Data}), nil) {
			return errStopped
		}
		return nil
	})
	if err != nil && !errors.Is(err, errStopped) {
		err = s.failed(ctx, "load "+b.Subject, err)
	}
	return last, more, err
}
