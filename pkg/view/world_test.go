package view_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kith/pkg/es"
	"kith/pkg/es/esmem"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
)

// noted is a fact about one of ten things.
type noted struct {
	N int `json:"n"`
}

func (noted) EventType() string { return "thing.noted" }

var errTorn = errors.New("the cable is torn")

// store is a log in memory that can be torn off, and that counts what was read.
type store struct {
	*esmem.Store
	tornEnd atomic.Bool  // Last fails
	looks   atomic.Int64 // calls of Last that are over
	read    atomic.Int64 // events that Follow has handed out
	follow  func(ctx context.Context, after uint64) iter.Seq2[es.Recorded, error]
}

func newStore() *store {
	return &store{Store: esmem.New(es.NewCodec(es.Type[noted]()), time.Now)}
}

func (s *store) Last(ctx context.Context) (uint64, error) {
	defer s.looks.Add(1)
	if s.tornEnd.Load() {
		return 0, errTorn
	}
	return s.Store.Last(ctx)
}

func (s *store) Follow(ctx context.Context, after uint64) iter.Seq2[es.Recorded, error] {
	follow := s.Store.Follow
	if s.follow != nil {
		follow = s.follow
	}
	return func(yield func(es.Recorded, error) bool) {
		for r, err := range follow(ctx, after) {
			if err == nil {
				s.read.Add(1)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// note appends n events.
func (s *store) note(t *testing.T, n int) {
	t.Helper()
	for range n {
		last, _ := s.Store.Last(t.Context())
		id := fmt.Sprint("thing", last)
		if _, err := s.Append(t.Context(), es.Stream{Context: "test", Aggregate: "thing", ID: id}, 0, es.Meta{Command: id}, noted{int(last)}); err != nil {
			t.Fatal(err)
		}
	}
}

// endless yields events without end, each with size bytes of data.
func endless(size int) func(context.Context, uint64) iter.Seq2[es.Recorded, error] {
	data := make([]byte, size)
	return func(ctx context.Context, after uint64) iter.Seq2[es.Recorded, error] {
		return func(yield func(es.Recorded, error) bool) {
			for seq := after + 1; ctx.Err() == nil; seq++ {
				if !yield(es.Recorded{Seq: seq, Data: noted{}, Stored: es.Stored{Data: data}}, nil) {
					return
				}
			}
			yield(es.Recorded{}, ctx.Err())
		}
	}
}

// diary is a folder that remembers what arrived.
type diary struct {
	name  string
	apply func(ctx context.Context, batch []es.Recorded) error // before anything else; may be nil

	mu       sync.Mutex
	position uint64
	seen     []uint64
	applied  int // calls of Apply
}

func (d *diary) Name() string { return d.name }

func (d *diary) Position() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.position
}

func (d *diary) Apply(ctx context.Context, batch []es.Recorded) error {
	d.mu.Lock()
	d.applied++
	d.mu.Unlock()
	if d.apply != nil {
		if err := d.apply(ctx, batch); err != nil {
			return err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range batch {
		if r.Seq > d.position {
			d.seen, d.position = append(d.seen, r.Seq), r.Seq
		}
	}
	return nil
}

func (d *diary) calls() (applied, seen int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.applied, len(d.seen)
}

func follower(s es.Store, folders ...view.Folder) *view.Follower {
	return view.NewFollower(s, slog.New(slog.DiscardHandler), time.Now, folders...)
}

// run runs f until the end of the test or until stop is called, which returns
// what Run returned.
func run(t *testing.T, f *view.Follower) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(20 * time.Second):
			return errors.New("Run goes on after its context has ended")
		}
	})
	t.Cleanup(func() { _ = stop() })
	return stop
}

// within is a context of 20 seconds.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// eventually polls until ok holds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for ctx := within(t); !ok(); {
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("never: %s", what)
		}
	}
}

func upTo(n int) []uint64 {
	out := make([]uint64, n)
	for i := range out {
		out[i] = uint64(i + 1)
	}
	return out
}

type tally struct {
	Thing string `json:"thing"`
	Sum   int    `json:"sum"`
	Count int    `json:"count"`
}

// tallies is a view of ten documents.
func tallies(t *testing.T) *view.View[tally] {
	t.Helper()
	v, err := view.Open(t.Context(), viewmem.Backend{}, view.Spec[tally]{
		Name: "tallies", Version: 1, Indexes: []view.Index{{Name: "sum", Fields: []string{"-sum"}}},
		Keys: func(r es.Recorded) []string {
			if e, ok := r.Data.(noted); ok {
				return []string{fmt.Sprint("thing", e.N%10)}
			}
			return nil
		},
		Fold: func(key string, d *tally, r es.Recorded) bool {
			d.Thing, d.Sum, d.Count = key, d.Sum+r.Data.(noted).N, d.Count+1
			return true
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}
