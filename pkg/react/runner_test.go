package react_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/react"
	"kith/pkg/view"
)

var requests = []string{"evt.test.request.*"}

func TestCommand(t *testing.T) {
	r := es.Recorded{ID: "e1", Seq: 7, Meta: es.Meta{Command: "c2", Correlation: "c1", Actor: "anna", Traceparent: "tp"}}
	m := react.Command(r, "router", "remind", "ben")
	want := es.Meta{Command: es.ID("react", "router", "e1", "remind", "ben"), Cause: "e1", CauseSeq: 7, Correlation: "c1", Actor: "reactor:router", Traceparent: "tp"}
	if m != want {
		t.Errorf("Command = %+v, want %+v", m, want)
	}
	for name, other := range map[string]es.Meta{
		"another operation": react.Command(r, "router", "remind", "eva"),
		"another reactor":   react.Command(r, "mailer", "remind", "ben"),
		"another event":     react.Command(es.Recorded{ID: "e2"}, "router", "remind", "ben"),
	} {
		if other.Command == m.Command {
			t.Errorf("%s has the same command id", name)
		}
	}
	r.Meta.Correlation = "c0"
	if got := react.Command(r, "router").Correlation; got != "c0" {
		t.Errorf("correlation = %q, want that of the story", got)
	}
}

func TestDelivery(t *testing.T) {
	t.Run("an event whose handler died after its effect has one effect", func(t *testing.T) {
		b := newBed(t)
		b.ask(1)
		dying := make(chan struct{})
		stop := b.start(b.runner(), react.Reactor{Name: "r", Subjects: requests, From: react.Start, Handle: func(ctx context.Context, r es.Recorded) error {
			if err := b.effect("r", r); err != nil {
				return err
			}
			close(dying)
			<-ctx.Done()
			return ctx.Err()
		}})
		<-dying
		stop()
		var got seen
		b.start(b.runner(), react.Reactor{Name: "r", Subjects: requests, From: react.Start, Handle: func(_ context.Context, r es.Recorded) error {
			got.add(r)
			return b.effect("r", r)
		}})
		b.eventually("the event comes again", func() bool { return got.String() == "1" })
		b.settled("r")
		if n := b.effects(); n != 1 {
			t.Errorf("%d effects, want 1", n)
		}
	})

	t.Run("stopping in the middle neither acknowledges nor loses", func(t *testing.T) {
		b := newBed(t)
		b.ask(1)
		b.ask(2)
		begun := make(chan struct{})
		stop := b.start(b.runner(), react.Reactor{Name: "r", Subjects: requests, From: react.Start, Handle: func(ctx context.Context, r es.Recorded) error {
			close(begun)
			<-ctx.Done()
			return react.Permanent(ctx.Err()) // what an interrupted handler says about the event means nothing
		}})
		<-begun
		stop()
		var got seen
		second := b.runner()
		b.start(second, react.Reactor{Name: "r", Subjects: requests, From: react.Start, Handle: func(_ context.Context, r es.Recorded) error {
			got.add(r)
			return nil
		}})
		b.settled("r")
		if got.String() != "1 2" {
			t.Errorf("handled %q after the restart, want 1 2", got.String())
		}
		if n := len(b.letters(second)); n != 0 {
			t.Errorf("%d dead letters", n)
		}
	})

	t.Run("imported events are passed over", func(t *testing.T) {
		b := newBed(t)
		b.ask(1, func(m *es.Meta) { m.Imported = true })
		b.ask(2)
		var got seen
		b.start(b.runner(), react.Reactor{Name: "r", Subjects: requests, From: react.Start, Handle: func(_ context.Context, r es.Recorded) error { got.add(r); return nil }})
		b.settled("r")
		if got.String() != "2" {
			t.Errorf("handled %q, want 2", got.String())
		}
		if n := b.metric("kith_reactor_handled_total", "reactor=r", "outcome=imported"); n != 1 {
			t.Errorf("metric counts %v imported", n)
		}
	})

	t.Run("from now sees nothing old", func(t *testing.T) {
		b := newBed(t)
		b.ask(1)
		var got seen
		re := react.Reactor{Name: "r", Subjects: requests, From: react.Now, Handle: func(_ context.Context, r es.Recorded) error { got.add(r); return nil }}
		stop := b.start(b.runner(), re)
		b.settled("r")
		b.ask(2)
		b.eventually("the new event is handled", func() bool { return got.String() == "2" })
		stop()
		b.ask(3) // while nobody listens: not old
		b.start(b.runner(), re)
		b.eventually("the event of meanwhile is handled", func() bool { return got.String() == "2 3" })
	})

	t.Run("a handler begins when the process has folded the event", func(t *testing.T) {
		b := newBed(t)
		var p *react.Progress
		behind := make(chan uint64, 2)
		b.start(b.runner(func(c *react.Config) { p = c.Progress }), react.Reactor{Name: "r", Subjects: requests, From: react.Start, Handle: func(_ context.Context, r es.Recorded) error {
			behind <- r.Seq - min(p.Position(), r.Seq)
			return nil
		}})
		b.settled("r")
		b.ask(1)
		b.ask(2)
		for range 2 {
			if n := <-behind; n != 0 {
				t.Errorf("the process was %d events behind", n)
			}
		}
	})

	t.Run("a log that was away for a while is found again", func(t *testing.T) {
		b := newBed(t)
		var got seen
		b.start(b.runner(), react.Reactor{Name: "r", Subjects: requests, From: react.Now, Handle: func(_ context.Context, r es.Recorded) error { got.add(r); return nil }})
		b.settled("r")
		b.ask(1)
		b.eventually("the first is handled", func() bool { return got.String() == "1" })
		b.settled("r")
		b.shutdown()
		b.serve()
		b.eventually("the log is back", func() bool { _, err := b.js.Stream(t.Context(), "EVENTS"); return err == nil })
		b.ask(2)
		b.eventually("the second is handled", func() bool { return got.String() == "1 2" })
	})

	t.Run("no more is in flight than allowed, over all processes", func(t *testing.T) {
		b := newBed(t)
		for n := range 12 {
			b.ask(n)
		}
		var now, most, all atomic.Int32
		release := make(chan struct{})
		re := react.Reactor{Name: "r", Subjects: requests, From: react.Start, InFlight: 3, Handle: func(ctx context.Context, _ es.Recorded) error {
			n := now.Add(1)
			defer now.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			select {
			case <-release:
			case <-ctx.Done():
				return ctx.Err()
			}
			all.Add(1)
			return nil
		}}
		b.start(b.runner(), re)
		b.start(b.runner(), re)
		b.eventually("three are in flight", func() bool { return now.Load() == 3 })
		b.eventually("the lag shows", func() bool { return b.metric("kith_reactor_lag", "reactor=r") == 12 })
		close(release)
		b.settled("r")
		if all.Load() != 12 || most.Load() != 3 {
			t.Errorf("%d handled, at most %d at once; want 12 and 3", all.Load(), most.Load())
		}
		b.eventually("the lag is gone", func() bool { return b.metric("kith_reactor_lag", "reactor=r") == 0 })
	})

	t.Run("a slow handler keeps its event", func(t *testing.T) {
		b := newBed(t)
		b.ask(1)
		var got seen
		b.start(b.runner(func(c *react.Config) { c.AckWait = 3 * time.Second }), react.Reactor{Name: "r", Subjects: requests, From: react.Start, InFlight: 2, Handle: func(_ context.Context, r es.Recorded) error {
			got.add(r)
			<-time.After(7 * time.Second) // the log would have taken it back twice
			return nil
		}})
		b.eventually("it is handled", func() bool { return b.metric("kith_reactor_handled_total", "outcome=done") == 1 })
		b.settled("r")
		c, err := b.js.Consumer(t.Context(), "EVENTS", "r")
		if err != nil {
			t.Fatal(err)
		}
		if n := c.CachedInfo().Delivered.Consumer; n != 1 || got.String() != "1" {
			t.Errorf("delivered %d times, handled %q, want it once", n, got.String())
		}
	})
}

func TestFailure(t *testing.T) {
	type outcome struct {
		name    string
		err     error
		calls   int    // of the handler for the failing event, which fails 5 times
		code    string // of the dead letter, "" if there is none
		mention string
	}
	maria := "Maria Muster"
	for _, c := range []outcome{
		{"an unknown error is tried as often as allowed", errors.New(maria), 3, "internal", "errorString"},
		{"a lost conflict is tried as often as allowed", fmt.Errorf("x: %w", es.ErrConflict), 3, "conflict", ""},
		{"a timeout is tried as often as allowed", context.DeadlineExceeded, 3, "timeout", ""},
		{"an internal fault is tried as often as allowed", fault.New(fault.Internal, "broken"), 3, "internal", "broken"},
		{"a permanent error is not tried again", react.Permanent(fmt.Errorf("%s: %w", maria, es.ErrUnavailable)), 1, "unavailable", ""},
		{"a refused command is not tried again", fmt.Errorf("x: %w", &fault.Error{Code: fault.Forbidden, Detail: "Only members ask.", Err: errors.New(maria)}), 1, "forbidden", "Only members ask."},
		{"a reused command is not tried again", es.ErrReused, 1, "idempotency-key-reused", ""},
		{"an unreachable log does not count", fmt.Errorf("x: %w", es.ErrUnavailable), 6, "", ""},
		{"a process that is behind does not count", view.ErrBehind, 6, "", ""},
		{"a shed command does not count", fault.New(fault.TooMany, "later"), 6, "", ""},
		{"an access that is behind does not count", fault.New(fault.AccessBehind, "later"), 6, "", ""},
	} {
		t.Run(c.name+", and the rest goes on", func(t *testing.T) {
			b := newBed(t)
			seq := b.ask(1)
			b.ask(2)
			var got seen
			r := b.runner()
			b.start(r, react.Reactor{Name: "r", Subjects: requests, From: react.Start, Handle: func(_ context.Context, rec es.Recorded) error {
				if times := got.add(rec); rec.Data.(asked).N == 1 && times <= 5 {
					return c.err
				}
				return nil
			}})
			b.settled("r")
			if want := strings.Repeat("1 ", c.calls) + "2"; got.String() != want {
				t.Errorf("handled %q, want %q", got.String(), want)
			}
			letters := b.letters(r)
			if c.code == "" {
				if len(letters) != 0 {
					t.Errorf("dead letters: %+v", letters)
				}
				return
			}
			if len(letters) != 1 {
				t.Fatalf("%d dead letters, want 1", len(letters))
			}
			l := letters[0]
			if l.Seq != seq || l.Reactor != "r" || l.Type != "request.asked" || l.Subject != "evt.test.request.1" || l.Code != c.code || l.Attempts != c.calls || l.Time.IsZero() || !strings.Contains(l.Error, c.mention) {
				t.Errorf("letter = %+v", l)
			}
			if strings.Contains(fmt.Sprint(l), maria) || strings.Contains(b.logs.String(), maria) {
				t.Error("personal text has got into the letter or the log")
			}
			b.eventually("the metric counts it", func() bool { return b.metric("kith_dead_letters") == 1 })
		})
	}

	t.Run("a transient error is tried again until it succeeds", func(t *testing.T) {
		b := newBed(t)
		b.ask(1)
		var got seen
		r := b.runner()
		b.start(r, react.Reactor{Name: "r", Subjects: requests, From: react.Start, Handle: func(_ context.Context, rec es.Recorded) error {
			if got.add(rec) < 3 {
				return errors.New("not yet")
			}
			return b.effect("r", rec)
		}})
		b.settled("r")
		if got.String() != "1 1 1" || b.effects() != 1 || len(b.letters(r)) != 0 {
			t.Errorf("handled %q, %d effects, %d letters", got.String(), b.effects(), len(b.letters(r)))
		}
	})

	t.Run("a panic is a failure of the event, not of the process", func(t *testing.T) {
		b := newBed(t)
		b.ask(1)
		b.ask(2)
		r := b.runner()
		b.start(r, react.Reactor{Name: "r", Subjects: requests, From: react.Start, Handle: func(_ context.Context, rec es.Recorded) error {
			if rec.Data.(asked).N == 1 {
				panic("about Maria")
			}
			return b.effect("r", rec)
		}})
		b.settled("r")
		if l := b.letters(r); len(l) != 1 || l[0].Code != react.CodePanic || strings.Contains(b.logs.String(), "Maria") {
			t.Errorf("letters = %+v", l)
		}
		if b.effects() != 1 {
			t.Error("the rest did not go on")
		}
	})

	t.Run("a handler that hangs is ended and counted", func(t *testing.T) {
		b := newBed(t)
		b.ask(1)
		r := b.runner(func(c *react.Config) { c.Limit = 10 * time.Millisecond })
		b.start(r, react.Reactor{Name: "r", Subjects: requests, From: react.Start, Handle: func(ctx context.Context, _ es.Recorded) error {
			<-ctx.Done()
			return ctx.Err()
		}})
		b.settled("r")
		if l := b.letters(r); len(l) != 1 || l[0].Code != react.CodeTimeout {
			t.Errorf("letters = %+v", l)
		}
	})

	t.Run("an unreadable event is not handled", func(t *testing.T) {
		b := newBed(t)
		newer := es.NewCodec(es.Type[unknown]())
		if _, err := b.append(es.Stream{Context: "test", Aggregate: "request", ID: "u"}, es.Meta{Command: "u"}, newer, unknown{}); err != nil {
			t.Fatal(err)
		}
		b.ask(2)
		var got seen
		r := b.runner()
		b.start(r, react.Reactor{Name: "r", Subjects: requests, From: react.Start, Handle: func(_ context.Context, rec es.Recorded) error { got.add(rec); return nil }})
		b.settled("r")
		if l := b.letters(r); len(l) != 1 || l[0].Code != react.CodeUnreadable || l[0].Type != "request.unknown" || got.String() != "2" {
			t.Errorf("letters = %+v, handled %q", l, got.String())
		}
	})

	t.Run("an event of a newer version is left to a newer process", func(t *testing.T) {
		b := newBed(t)
		newer := es.NewCodec(es.Type[asked](), es.Type[unknown]())
		if _, err := b.append(es.Stream{Context: "test", Aggregate: "request", ID: "u"}, es.Meta{Command: "u"}, newer, unknown{}); err != nil {
			t.Fatal(err)
		}
		var older, got atomic.Int64
		b.start(b.runner(func(c *react.Config) { c.Attempts = 1 << 20 }), react.Reactor{Name: "r", Subjects: requests, From: react.Start,
			Handle: func(context.Context, es.Recorded) error { older.Add(1); return nil }})
		b.eventually("the older has tried", func() bool {
			return b.metric("kith_reactor_handled_total", "reactor=r", "outcome=retry") > 0
		})
		r := b.runner(func(c *react.Config) { c.Codec = newer })
		b.start(r, react.Reactor{Name: "r", Subjects: requests, From: react.Start,
			Handle: func(context.Context, es.Recorded) error { got.Add(1); return nil }})
		b.settled("r")
		if l := b.letters(r); len(l) != 0 || older.Load() != 0 || got.Load() == 0 {
			t.Errorf("letters = %+v, the older handled it %d times, the newer %d", l, older.Load(), got.Load())
		}
	})

	t.Run("an event that cannot be buried is not lost", func(t *testing.T) {
		b := newBed(t)
		b.ask(1)
		r := b.runner()
		var once sync.Once
		b.start(r, react.Reactor{Name: "r", Subjects: requests, From: react.Start, Handle: func(ctx context.Context, _ es.Recorded) error {
			once.Do(func() { // the stream refuses whatever has a body
				s, err := b.js.Stream(ctx, "DEAD")
				if err != nil {
					t.Error(err)
					return
				}
				c := s.CachedInfo().Config
				c.MaxMsgSize = 1
				if _, err := b.js.UpdateStream(ctx, c); err != nil {
					t.Error(err)
				}
			})
			return fault.New(fault.Conflict, "no")
		}})
		b.eventually("burying was tried twice", func() bool { return strings.Count(b.logs.String(), "cannot be written") >= 2 })
		if err := react.ProvisionDead(t.Context(), b.js, 1); err != nil {
			t.Fatal(err)
		}
		b.settled("r")
		if n := len(b.letters(r)); n != 1 {
			t.Errorf("%d dead letters, want 1", n)
		}
	})
}

func TestRunRefuses(t *testing.T) {
	b := newBed(t)
	nothing := func(context.Context, es.Recorded) error { return nil }
	good := react.Reactor{Name: "r", Subjects: requests, From: react.Now, Handle: nothing}
	change := func(f func(*react.Reactor)) []react.Reactor {
		re := good
		f(&re)
		return []react.Reactor{re}
	}
	for name, reactors := range map[string][]react.Reactor{
		"a bad name":            change(func(r *react.Reactor) { r.Name = "a.b" }),
		"no subjects":           change(func(r *react.Reactor) { r.Subjects = nil }),
		"subjects of others":    change(func(r *react.Reactor) { r.Subjects = []string{">"} }),
		"overlapping subjects":  change(func(r *react.Reactor) { r.Subjects = []string{"evt.test.>", "evt.test.request.*"} }),
		"no beginning":          change(func(r *react.Reactor) { r.From = 0 }),
		"no handler":            change(func(r *react.Reactor) { r.Handle = nil }),
		"two of the same name":  {good, good},
		"a stream that is none": nil,
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			r := b.runner()
			if reactors == nil {
				r = b.runner(func(c *react.Config) { c.Stream = "NONE" })
				reactors = []react.Reactor{good}
			}
			if err := r.Run(ctx, reactors...); err == nil || ctx.Err() != nil {
				t.Errorf("Run = %v, want a refusal at once", err)
			}
		})
	}
	t.Run("a consumer that acknowledges by itself", func(t *testing.T) {
		if _, err := b.js.CreateConsumer(t.Context(), "EVENTS", jetstream.ConsumerConfig{Durable: "auto", AckPolicy: jetstream.AckNonePolicy}); err != nil {
			t.Fatal(err)
		}
		if err := b.runner().Run(t.Context(), change(func(r *react.Reactor) { r.Name = "auto" })...); err == nil {
			t.Error("it was accepted")
		}
	})
	t.Run("no stream of dead letters", func(t *testing.T) {
		if err := b.js.DeleteStream(t.Context(), "DEAD"); err != nil {
			t.Fatal(err)
		}
		if err := b.runner().Run(t.Context(), good); err == nil {
			t.Error("it was accepted")
		}
	})
	t.Run("a runner without its parts", func(t *testing.T) {
		if _, err := react.NewRunner(react.Config{}); err == nil {
			t.Error("it was accepted")
		}
	})
}
