package view_test

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kith/pkg/es"
	"kith/pkg/view"
)

func TestFollowerHandsEverythingOn(t *testing.T) {
	t.Parallel()
	t.Run("once and in order to every folder, and then to who wants the applied", func(t *testing.T) {
		s, one, ahead := newStore(), &diary{name: "one"}, &diary{name: "ahead", position: 5}
		s.note(t, 10)
		f := follower(s, one)
		f.Add(ahead)
		var mu sync.Mutex
		var applied []uint64
		f.OnApplied(func(batch []es.Recorded) {
			mu.Lock()
			defer mu.Unlock()
			for _, r := range batch {
				if one.Position() < r.Seq || ahead.Position() < r.Seq {
					t.Errorf("event %d is said to be applied before it is", r.Seq)
				}
				applied = append(applied, r.Seq)
			}
		})
		stop := run(t, f)
		for range 20 {
			s.note(t, 25)
		}
		if err := f.CatchUp(within(t)); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the last batch is said to be applied", func() bool { mu.Lock(); defer mu.Unlock(); return len(applied) >= 510 })
		if err := stop(); !errors.Is(err, context.Canceled) {
			t.Fatalf("Run: %v", err)
		}
		if !slices.Equal(one.seen, upTo(510)) || !slices.Equal(ahead.seen, upTo(510)[5:]) || !slices.Equal(applied, upTo(510)) {
			t.Fatalf("arrived %v, %v, applied %v", one.seen, ahead.seen, applied)
		}
		if f.Position() != 510 || len(f.Folders()) != 2 {
			t.Fatalf("position %d with %d folders", f.Position(), len(f.Folders()))
		}
	})

	t.Run("after a failure to the failing folder alone", func(t *testing.T) {
		s, failures := newStore(), 2
		before, failing, after := &diary{name: "before"}, &diary{name: "failing"}, &diary{name: "after"}
		failing.apply = func(context.Context, []es.Recorded) error {
			if failures--; failures >= 0 {
				return errTorn
			}
			return nil
		}
		s.note(t, 1)
		f := follower(s, before, failing, after)
		run(t, f)
		if err := f.Wait(within(t), 1); err != nil {
			t.Fatal(err)
		}
		for d, want := range map[*diary]int{before: 1, failing: 3, after: 1} {
			if applied, seen := d.calls(); applied != want || seen != 1 {
				t.Fatalf("%s: %d calls, %d events", d.name, applied, seen)
			}
		}
	})

	t.Run("from where persistent folders stand", func(t *testing.T) {
		s := newStore()
		s.note(t, 7)
		f := follower(s, &diary{name: "a", position: 7}, &diary{name: "b", position: 7})
		run(t, f)
		if err := f.CatchUp(within(t)); err != nil {
			t.Fatal(err)
		}
		eventually(t, "fresh", f.Fresh)
		if s.read.Load() != 0 {
			t.Fatalf("%d events were read again", s.read.Load())
		}
	})
}

func TestFollowerWaits(t *testing.T) {
	s := newStore()
	gate := make(chan struct{})
	d := &diary{name: "d", apply: func(ctx context.Context, _ []es.Recorded) error {
		select {
		case <-gate:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
	f := follower(s, d)
	run(t, f)
	if err := f.CatchUp(within(t)); err != nil {
		t.Fatalf("catch up with an empty log: %v", err)
	}
	s.note(t, 1)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Wait(ended, 1); !errors.Is(err, view.ErrBehind) || !errors.Is(err, context.Canceled) {
		t.Fatalf("wait for what is not folded: %v", err)
	}
	if err := f.Wait(ended, 0); err != nil {
		t.Fatalf("wait for what is reached, with an ended context: %v", err)
	}
	waiting := make(chan error, 2)
	go func() { waiting <- f.Wait(within(t), 1) }()
	go func() { waiting <- f.CatchUp(within(t)) }()
	close(gate)
	for range 2 {
		if err := <-waiting; err != nil {
			t.Fatal(err)
		}
	}
	s.tornEnd.Store(true)
	if err := f.CatchUp(within(t)); !errors.Is(err, errTorn) {
		t.Fatalf("catch up with a log that cannot be seen: %v", err)
	}
}

// TestFresh moves the clock; the follower looks at the log's end every second.
func TestFresh(t *testing.T) {
	t.Parallel()
	s := newStore()
	s.note(t, 3)
	var offset atomic.Int64
	now := func() time.Time { return time.Unix(offset.Load(), 0) }
	var stuck atomic.Bool
	gate := make(chan struct{})
	d := &diary{name: "d", apply: func(ctx context.Context, _ []es.Recorded) error {
		if stuck.Load() {
			select {
			case <-gate:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}}
	f := view.NewFollower(s, slog.New(slog.DiscardHandler), now, d)
	offset.Store(1_000_000)
	if f.Fresh() {
		t.Fatal("fresh before it has read anything")
	}
	look := func() { // a whole look at the end, from now on
		n := s.looks.Load()
		eventually(t, "two looks at the log's end", func() bool { return s.looks.Load() >= n+2 })
	}
	stuck.Store(true)
	run(t, f)
	look()
	if f.Fresh() {
		t.Fatal("fresh though the end was seen from afar only")
	}
	stuck.Store(false)
	gate <- struct{}{}
	eventually(t, "fresh at the log's end", f.Fresh)

	s.tornEnd.Store(true)
	look()
	offset.Add(30)
	if !f.Fresh() {
		t.Fatal("not fresh 30 seconds after the end was seen")
	}
	offset.Add(1)
	if f.Fresh() {
		t.Fatal("fresh though the end has not been seen for 31 seconds")
	}
	s.tornEnd.Store(false)
	eventually(t, "fresh again when the end can be seen", f.Fresh)

	stuck.Store(true)
	s.note(t, 1)
	look()
	offset.Add(31)
	look()
	if f.Fresh() {
		t.Fatal("fresh though an event has not been folded for 31 seconds")
	}
	close(gate)
	eventually(t, "fresh again when the event is folded", f.Fresh)
}

func TestFollowerReadsAheadWithinBounds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ size, most int }{
		"of events": {1, 8192},
		"of bytes":  {1 << 20, 32},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore()
			s.follow = endless(c.size)
			batches, gate := make(chan int), make(chan struct{})
			d := &diary{name: "slow", apply: func(ctx context.Context, batch []es.Recorded) error {
				for _, step := range []func() bool{
					func() bool {
						select {
						case batches <- len(batch):
							return true
						case <-ctx.Done():
							return false
						}
					},
					func() bool {
						select {
						case <-gate:
							return true
						case <-ctx.Done():
							return false
						}
					},
				} {
					if !step() {
						return ctx.Err()
					}
				}
				return nil
			}}
			stop := run(t, follower(s, d))
			taken := 0
			for range 5 {
				n := <-batches
				if taken += n; n > c.most {
					t.Fatalf("a batch of %d events", n)
				}
				full := int64(taken + c.most + 1) // one is in the reader's hand
				eventually(t, "the reader is as far ahead as it may", func() bool { return s.read.Load() >= full })
				if read := s.read.Load(); read > full {
					t.Fatalf("%d events were read, of which %d were taken", read, taken)
				}
				gate <- struct{}{}
			}
			<-batches // the folder is stuck and the buffer fills up
			if err := stop(); !errors.Is(err, context.Canceled) {
				t.Fatalf("Run with a full buffer: %v", err)
			}
		})
	}
}

func TestRunEnds(t *testing.T) {
	blocked := func(ctx context.Context, _ []es.Recorded) error { <-ctx.Done(); return ctx.Err() }
	for name, c := range map[string]struct {
		apply func(context.Context, []es.Recorded) error
		note  int
		calls int // of Apply to wait for
	}{
		"while it waits for events":     {nil, 0, 0},
		"while a folder works":          {blocked, 1, 1},
		"while a folder is tried again": {func(context.Context, []es.Recorded) error { return errTorn }, 1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s, d := newStore(), &diary{name: "d", apply: c.apply}
			s.note(t, c.note)
			stop := run(t, follower(s, d))
			eventually(t, "the state to stop in", func() bool { n, _ := d.calls(); return n >= c.calls && s.looks.Load() > 0 })
			if err := stop(); !errors.Is(err, context.Canceled) {
				t.Fatalf("Run: %v", err)
			}
		})
	}
	t.Run("with the error when reading fails", func(t *testing.T) {
		s := newStore()
		s.follow = func(context.Context, uint64) iter.Seq2[es.Recorded, error] {
			return func(yield func(es.Recorded, error) bool) { yield(es.Recorded{}, errTorn) }
		}
		if err := follower(s, &diary{}).Run(within(t)); !errors.Is(err, errTorn) {
			t.Fatalf("Run: %v", err)
		}
	})
	t.Run("with an error when the store stops without one", func(t *testing.T) {
		s := newStore()
		s.follow = func(context.Context, uint64) iter.Seq2[es.Recorded, error] {
			return func(func(es.Recorded, error) bool) {}
		}
		if err := follower(s).Run(within(t)); err == nil {
			t.Fatal("Run ended as if all were well")
		}
	})
	t.Run("at once with an ended context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := follower(newStore()).Run(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("Run: %v", err)
		}
	})
}
