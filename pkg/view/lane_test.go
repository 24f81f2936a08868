package view_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"kith/pkg/es"
)

// shelf is a diary that is kept outside of the process.
type shelf struct {
	*diary
	down atomic.Bool
	// stands is where it stands when it can be asked.
	stands uint64
}

func (s *shelf) Stored() bool { return true }

func (s *shelf) Ready(context.Context) error {
	if s.down.Load() {
		return errTorn
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.position = max(s.position, s.stands)
	return nil
}

func TestStoredFoldersHoldNobodyUp(t *testing.T) {
	t.Parallel()
	t.Run("a store that is down at the start and in between", func(t *testing.T) {
		s, memory, stored := newStore(), &diary{name: "memory"}, &shelf{diary: &diary{name: "stored"}, stands: 3}
		stored.down.Store(true)
		stored.apply = func(context.Context, []es.Recorded) error {
			if stored.down.Load() {
				return errTorn
			}
			return nil
		}
		s.note(t, 10)
		f := follower(s, memory, stored)
		run(t, f)
		if err := f.Decisions().Wait(within(t), 10); err != nil {
			t.Fatal(err)
		}
		eventually(t, "fresh", f.Fresh)
		if f.Position() != 0 || f.Decisions().Position() != 10 {
			t.Errorf("the process is at %d, its decisions at %d", f.Position(), f.Decisions().Position())
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if err := f.Wait(ctx, 10); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("what waits for everything got %v", err)
		}

		stored.down.Store(false)
		if err := f.CatchUp(within(t)); err != nil {
			t.Fatal(err)
		}
		stored.down.Store(true)
		s.note(t, 5)
		if err := f.Decisions().Wait(within(t), 15); err != nil {
			t.Fatal(err)
		}
		stored.down.Store(false)
		if err := f.Wait(within(t), 15); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(memory.seen, upTo(15)) || !slices.Equal(stored.seen, upTo(15)[3:]) {
			t.Errorf("arrived %v and, from where it stands, %v", memory.seen, stored.seen)
		}
	})

	t.Run("but none is ahead of what is in memory", func(t *testing.T) {
		s, memory, stored := newStore(), &diary{name: "memory"}, &shelf{diary: &diary{name: "stored"}}
		memory.apply = func(context.Context, []es.Recorded) error { time.Sleep(time.Millisecond); return nil }
		stored.apply = func(_ context.Context, batch []es.Recorded) error {
			if last := batch[len(batch)-1].Seq; memory.Position() < last {
				t.Errorf("event %d is folded while memory is at %d", last, memory.Position())
			}
			return nil
		}
		f := follower(s, memory, stored)
		run(t, f)
		for range 20 {
			s.note(t, 5)
		}
		if err := f.CatchUp(within(t)); err != nil {
			t.Fatal(err)
		}
	})
}
