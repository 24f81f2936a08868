package react_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/logtest"
	"kith/pkg/react"
)

// refusing buries every event until mended.
func refusing(b *bed, mended *atomic.Bool) react.Reactor {
	return react.Reactor{Name: "r", Subjects: requests, From: react.Start, Handle: func(_ context.Context, r es.Recorded) error {
		if !mended.Load() {
			return fault.New(fault.Conflict, "The request is closed.")
		}
		return b.effect("r", r)
	}}
}

func TestDeadLetters(t *testing.T) {
	ctx := context.Background()

	t.Run("replaying brings about the effect and removes the letter", func(t *testing.T) {
		b := newBed(t)
		b.ask(1)
		b.ask(2)
		var mended atomic.Bool
		re, r := refusing(b, &mended), b.runner()
		b.start(r, re)
		b.settled("r")
		dead := r.DeadLetters(re)
		mended.Store(true)
		if err := dead.Replay(ctx, "r.1"); err != nil {
			t.Fatal(err)
		}
		if l := b.letters(r); len(l) != 1 || l[0].ID != "r.2" || b.effects() != 1 {
			t.Errorf("letters = %+v, %d effects", l, b.effects())
		}
		if err := dead.Replay(ctx, "r.1"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("replaying again = %v, want NotFound", err)
		}
	})

	t.Run("a replay that fails keeps the letter, with the new reason", func(t *testing.T) {
		b := newBed(t)
		b.ask(1)
		var calls atomic.Int32
		re := react.Reactor{Name: "r", Subjects: requests, From: react.Start, Handle: func(context.Context, es.Recorded) error {
			if calls.Add(1) == 1 {
				return fault.New(fault.Conflict, "first")
			}
			return fault.New(fault.Forbidden, "second")
		}}
		r := b.runner()
		b.start(r, re)
		b.settled("r")
		if err := r.DeadLetters(re).Replay(ctx, "r.1"); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("Replay = %v, want the handler's error", err)
		}
		if l := b.letters(r); len(l) != 1 || l[0].Code != "forbidden" || l[0].Error != "second" || l[0].Attempts != 2 {
			t.Errorf("letters = %+v", l)
		}
	})

	t.Run("a replay waits for a place among those in flight", func(t *testing.T) {
		b := newBed(t)
		b.ask(1)
		var mended atomic.Bool
		entered, leave := make(chan struct{}), make(chan struct{})
		re := refusing(b, &mended)
		inner := re.Handle
		re.Handle = func(ctx context.Context, r es.Recorded) error {
			if r.Data.(asked).N == 2 {
				close(entered)
				<-leave
			}
			return inner(ctx, r)
		}
		r := b.runner()
		b.start(r, re)
		b.settled("r")
		mended.Store(true)
		b.ask(2)
		<-entered
		short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		if err := r.DeadLetters(re).Replay(short, "r.1"); !errors.Is(err, context.DeadlineExceeded) || b.effects() != 0 {
			t.Errorf("Replay = %v beside the one in flight", err)
		}
		close(leave)
		if err := r.DeadLetters(re).Replay(ctx, "r.1"); err != nil {
			t.Error(err)
		}
		b.eventually("both have their effect", func() bool { return b.effects() == 2 })
	})

	t.Run("discarding removes the letter and says who did so and why", func(t *testing.T) {
		b := newBed(t)
		b.ask(1)
		var mended atomic.Bool
		r := b.runner()
		b.start(r, refusing(b, &mended))
		b.settled("r")
		dead := r.DeadLetters()
		for name, err := range map[string]error{
			"no actor":   dead.Discard(ctx, "r.1", "", "obsolete"),
			"no reason":  dead.Discard(ctx, "r.1", "adam", ""),
			"a long one": dead.Discard(ctx, "r.1", "adam", strings.Repeat("x", 201)),
		} {
			if fault.CodeOf(err) != fault.Invalid {
				t.Errorf("%s: %v, want Invalid", name, err)
			}
		}
		if err := dead.Discard(ctx, "r.1", "adam", "obsolete"); err != nil {
			t.Fatal(err)
		}
		if len(b.letters(r)) != 0 || !strings.Contains(b.logs.String(), "actor=adam reason=obsolete") {
			t.Error("it is still there, or nobody knows who removed it")
		}
		b.eventually("the metric falls", func() bool { return b.metric("kith_dead_letters") == 0 })
	})

	t.Run("an event buried twice by a reactor is one letter, by two reactors two", func(t *testing.T) {
		b := newBed(t)
		b.ask(1)
		var mended atomic.Bool
		re := refusing(b, &mended)
		other := re
		other.Name = "s"
		stop := b.start(b.runner(), re, other)
		b.settled("r")
		b.settled("s")
		stop()
		for _, name := range []string{"r", "s"} { // no trace in the log: it starts over
			if err := b.js.DeleteConsumer(ctx, "EVENTS", name); err != nil {
				t.Fatal(err)
			}
		}
		again := b.runner()
		b.start(again, re, other)
		b.settled("r")
		b.settled("s")
		if l := b.letters(again); len(l) != 2 || l[0].ID == l[1].ID {
			t.Errorf("letters = %+v, want one of each reactor", l)
		}
	})

	t.Run("listing goes on where it ended", func(t *testing.T) {
		b := newBed(t)
		for n := range 5 {
			b.ask(n)
		}
		var mended atomic.Bool
		r := b.runner()
		b.start(r, refusing(b, &mended))
		b.settled("r")
		if err := r.DeadLetters().Discard(ctx, "r.2", "adam", "obsolete"); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for after := uint64(0); ; {
			page, err := r.DeadLetters().List(ctx, after, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, l := range page {
				ids, after = append(ids, l.ID), l.Place
			}
		}
		if got := strings.Join(ids, " "); got != "r.1 r.3 r.4 r.5" {
			t.Errorf("letters = %s", got)
		}
	})

	t.Run("what is not there or not possible is refused", func(t *testing.T) {
		b := newBed(t)
		b.ask(1)
		var mended atomic.Bool
		r := b.runner()
		b.start(r, refusing(b, &mended))
		b.settled("r")
		dead := r.DeadLetters()
		for _, id := range []string{"r.99", "r", "r.", ".1", "r.*", "*.1", "r.1.1", ">"} {
			if _, err := dead.Get(ctx, id); fault.CodeOf(err) != fault.NotFound {
				t.Errorf("Get(%q) = %v, want NotFound", id, err)
			}
		}
		if err := dead.Replay(ctx, "r.1"); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("replay where the reactor does not run = %v, want Conflict", err)
		}
		if _, err := dead.List(ctx, 0, 0); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("List of 0 = %v, want Invalid", err)
		}
	})
}

// clock stands still until it is moved.
type clock struct {
	now  time.Time
	wake chan time.Time
}

func (c *clock) Now() time.Time                         { return c.now }
func (c *clock) After(d time.Duration) <-chan time.Time { return c.wake }

func TestDue(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var logs logtest.Buffer
	c := &clock{now: time.Date(2031, 5, 1, 8, 0, 0, 0, time.UTC), wake: make(chan time.Time)}
	ticks := make(chan time.Time)
	n := 0
	d := react.Due{Name: "reminders", Every: time.Hour, Tick: func(_ context.Context, now time.Time) error {
		n++
		ticks <- now
		switch n {
		case 1:
			return errors.New("Maria is away")
		case 2:
			panic("Maria")
		}
		return nil
	}}
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx, c, slog.New(slog.NewTextHandler(&logs, nil))) }()
	for i := range 3 { // a failure and a panic are followed by the next tick
		if now := <-ticks; !now.Equal(time.Date(2031, 5, 1, 8+i, 0, 0, 0, time.UTC)) {
			t.Errorf("tick %d at %s", i, now)
		}
		if i < 2 {
			c.now = c.now.Add(time.Hour)
			c.wake <- c.now
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if s := logs.String(); strings.Count(s, "due=reminders") != 2 || strings.Contains(s, "Maria") {
		t.Errorf("log = %s", s)
	}
	if err := (react.Due{Name: "x"}).Run(context.Background(), c, slog.Default()); err == nil {
		t.Error("a ticker without interval was accepted")
	}
}
