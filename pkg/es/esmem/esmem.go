// Package esmem is the log in memory, for unit tests. It passes the same
// conformance suite as the log on JetStream, and stores the same bytes.
package esmem

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"kith/pkg/es"
)

// Store is an es.Store that lives as long as the process. It is safe for
// concurrent use.
type Store struct {
	codec *es.Codec
	now   func() time.Time

	mu       sync.RWMutex
	log      []message
	subjects map[string][]uint64 // positions of a subject, ascending
	grown    chan struct{}       // closed and replaced by every append
}

type message struct {
	subject string
	stored  es.Stored
}

// New makes an empty store. now is the time of appends.
func New(codec *es.Codec, now func() time.Time) *Store {
	return &Store{codec: codec, now: now, subjects: map[string][]uint64{}, grown: make(chan struct{})}
}

// Append implements es.Store.
func (s *Store) Append(ctx context.Context, st es.Stream, after uint64, m es.Meta, e es.Event) (uint64, error) {
	env, err := s.codec.EncodeEnvelope(st, m, s.now(), e)
	if err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := s.last(st.Subject()); last == after {
		return s.put(st.Subject(), env.Stored), nil
	}
	seq, err := env.Settle(s.records(s.after(st.Subject(), after)))
	if seq == 0 && err == nil {
		return 0, es.ErrConflict // the position that was expected does not exist
	}
	return seq, err
}

// AppendRaw stores anything under any subject, as another program could that
// writes to the log. It is for tests of what readers make of it.
func (s *Store) AppendRaw(subject string, st es.Stored) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.put(subject, st)
}

func (s *Store) put(subject string, st es.Stored) uint64 {
	// Nobody may change what is stored, neither the writer nor a reader.
	s.log = append(s.log, message{subject, clone(st)})
	seq := uint64(len(s.log))
	s.subjects[subject] = append(s.subjects[subject], seq)
	close(s.grown)
	s.grown = make(chan struct{})
	return seq
}

// Load implements es.Store.
func (s *Store) Load(ctx context.Context, st es.Stream, after uint64) iter.Seq2[es.Recorded, error] {
	return func(yield func(es.Recorded, error) bool) {
		if err := st.Valid(); err != nil {
			yield(es.Recorded{}, err)
			return
		}
		s.mu.RLock()
		positions := s.after(st.Subject(), after)
		s.mu.RUnlock()
		for _, seq := range positions {
			if err := ctx.Err(); err != nil {
				yield(es.Recorded{}, err)
				return
			}
			if !yield(s.record(seq), nil) {
				return
			}
		}
	}
}

// Follow implements es.Store.
func (s *Store) Follow(ctx context.Context, after uint64) iter.Seq2[es.Recorded, error] {
	return func(yield func(es.Recorded, error) bool) {
		if last, _ := s.Last(ctx); after > last {
			yield(es.Recorded{}, fmt.Errorf("%w: it ends at %d, before %d", es.ErrGap, last, after))
			return
		}
		for seq := after + 1; ; {
			s.mu.RLock()
			last, grown := uint64(len(s.log)), s.grown
			s.mu.RUnlock()
			for ; seq <= last; seq++ {
				if err := ctx.Err(); err != nil {
					yield(es.Recorded{}, err)
					return
				}
				if !yield(s.record(seq), nil) {
					return
				}
			}
			select {
			case <-grown:
			case <-ctx.Done():
				yield(es.Recorded{}, ctx.Err())
				return
			}
		}
	}
}

// Range implements es.Ranger.
func (s *Store) Range(ctx context.Context, after, to uint64) iter.Seq2[es.Recorded, error] {
	return func(yield func(es.Recorded, error) bool) {
		last, _ := s.Last(ctx)
		for seq := after + 1; seq <= min(to, last); seq++ {
			if err := ctx.Err(); err != nil {
				yield(es.Recorded{}, err)
				return
			}
			if !yield(s.record(seq), nil) {
				return
			}
		}
	}
}

// RangeOf implements es.Ranger.
func (s *Store) RangeOf(ctx context.Context, of es.Stream, after, to uint64) iter.Seq2[es.Recorded, error] {
	return func(yield func(es.Recorded, error) bool) {
		if _, err := of.Pattern(); err != nil {
			yield(es.Recorded{}, err)
			return
		}
		for r, err := range s.Range(ctx, after, to) {
			if (err != nil || r.Stream.In(of)) && !yield(r, err) {
				return
			}
		}
	}
}

// LastOf implements es.Store.
func (s *Store) LastOf(ctx context.Context, st es.Stream) (uint64, error) {
	if err := st.Valid(); err != nil {
		return 0, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.last(st.Subject()), ctx.Err()
}

// Last implements es.Store.
func (s *Store) Last(ctx context.Context) (uint64, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return uint64(len(s.log)), ctx.Err()
}

func (s *Store) record(seq uint64) es.Recorded {
	s.mu.RLock()
	m := s.log[seq-1]
	s.mu.RUnlock()
	return s.codec.DecodeEnvelope(seq, m.subject, clone(m.stored))
}

// records decodes positions; s.mu is held.
func (s *Store) records(positions []uint64) iter.Seq2[es.Recorded, error] {
	return func(yield func(es.Recorded, error) bool) {
		for _, seq := range positions {
			m := s.log[seq-1]
			if !yield(s.codec.DecodeEnvelope(seq, m.subject, m.stored), nil) {
				return
			}
		}
	}
}

func (s *Store) last(subject string) uint64 {
	if p := s.subjects[subject]; len(p) > 0 {
		return p[len(p)-1]
	}
	return 0
}

// after returns the positions of subject above after; s.mu is held.
func (s *Store) after(subject string, after uint64) []uint64 {
	all := s.subjects[subject]
	i, _ := slices.BinarySearch(all, after+1)
	return all[i:]
}

func clone(st es.Stored) es.Stored {
	return es.Stored{Header: maps.Clone(st.Header), Data: slices.Clone(st.Data)}
}
