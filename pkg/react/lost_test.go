package react_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"kith/pkg/es"
	"kith/pkg/react"
)

func TestLostConsumer(t *testing.T) {
	for name, from := range map[string]react.From{"now": react.Now, "start": react.Start} {
		t.Run("lost between two runs, a reactor from "+name+" goes on after its last effect", func(t *testing.T) {
			b := newBed(t)
			var first, second seen
			handler := func(s *seen) react.Reactor {
				return react.Reactor{Name: "r", Subjects: requests, From: from, Handle: func(_ context.Context, r es.Recorded) error {
					s.add(r)
					return b.effect("r", r)
				}}
			}
			stop := b.start(b.runner(), handler(&first))
			b.settled("r")
			b.ask(1)
			b.ask(2)
			b.eventually("both are handled", func() bool { return b.effects() == 2 })
			b.settled("r")
			stop()
			if err := b.js.DeleteConsumer(t.Context(), "EVENTS", "r"); err != nil {
				t.Fatal(err)
			}
			b.ask(3)
			b.start(b.runner(), handler(&second))
			b.eventually("the third is handled", func() bool { return b.effects() == 3 })
			b.settled("r")
			if second.String() != "3" {
				t.Errorf("handled %q after the loss, want 3", second.String())
			}
			if b.metric("kith_reactor_recreated_total", "reactor=r") != 1 || !strings.Contains(b.logs.String(), "level=ERROR") {
				t.Error("nobody was told of the loss")
			}
		})

		t.Run("lost while running, a reactor from "+name+" misses and repeats nothing", func(t *testing.T) {
			b := newBed(t)
			var got seen
			b.start(b.runner(), react.Reactor{Name: "r", Subjects: requests, From: from, Handle: func(_ context.Context, r es.Recorded) error {
				got.add(r) // leaves no trace in the log
				return nil
			}})
			b.settled("r")
			b.ask(1)
			b.eventually("the first is handled", func() bool { return got.String() == "1" })
			b.settled("r")
			if err := b.js.DeleteConsumer(t.Context(), "EVENTS", "r"); err != nil {
				t.Fatal(err)
			}
			b.ask(2)
			b.eventually("the second is handled", func() bool { return got.String() == "1 2" })
			b.settled("r")
		})
	}

	t.Run("lost while an event is being tried again, that event comes again", func(t *testing.T) {
		b := newBed(t)
		var got seen
		lost := make(chan struct{})
		r := b.runner(func(c *react.Config) { c.Attempts = 1000 })
		b.start(r, react.Reactor{Name: "r", Subjects: requests, From: react.Start, InFlight: 2, Handle: func(_ context.Context, rec es.Recorded) error {
			got.add(rec)
			if rec.Data.(asked).N == 1 {
				select {
				case <-lost:
				default:
					return errors.New("not yet")
				}
			}
			return b.effect("r", rec)
		}})
		b.ask(1)
		b.ask(2)
		b.eventually("the second has overtaken the first", func() bool { return b.effects() == 1 })
		if err := b.js.DeleteConsumer(t.Context(), "EVENTS", "r"); err != nil {
			t.Fatal(err)
		}
		close(lost)
		b.eventually("the first is handled", func() bool { return b.effects() == 2 })
	})

	t.Run("without any trace it begins as a new one", func(t *testing.T) {
		for name, c := range map[string]struct {
			from react.From
			want string
		}{"now": {react.Now, "2"}, "start": {react.Start, "1 2"}} {
			t.Run(name, func(t *testing.T) {
				b := newBed(t)
				b.ask(1)
				var got seen
				b.start(b.runner(), react.Reactor{Name: "r", Subjects: requests, From: c.from, Handle: func(_ context.Context, r es.Recorded) error { got.add(r); return nil }})
				b.settled("r")
				b.ask(2)
				b.eventually("the second is handled", func() bool { return strings.HasSuffix(got.String(), "2") })
				b.settled("r")
				if got.String() != c.want || b.metric("kith_reactor_recreated_total") != 0 {
					t.Errorf("handled %q, want %q", got.String(), c.want)
				}
			})
		}
	})
}

func TestChangedReactor(t *testing.T) {
	b := newBed(t)
	var got seen
	re := react.Reactor{Name: "r", Subjects: []string{"evt.test.request.1"}, From: react.Start, Handle: func(_ context.Context, r es.Recorded) error { got.add(r); return nil }}
	b.ask(1)
	stop := b.start(b.runner(), re)
	b.eventually("the first is handled", func() bool { return got.String() == "1" })
	b.settled("r")
	stop()
	re.Subjects, re.InFlight = []string{"evt.test.request.1", "evt.test.request.2"}, 4
	b.ask(2)
	b.start(b.runner(), re)
	b.eventually("what the new version listens to is handled, and nothing repeated", func() bool { return got.String() == "1 2" })
	c, err := b.js.Consumer(t.Context(), "EVENTS", "r")
	if err != nil || c.CachedInfo().Config.MaxAckPending != 4 {
		t.Errorf("consumer = %+v, %v", c, err)
	}
}

func TestProgress(t *testing.T) {
	ctx := context.Background()
	events := []es.Recorded{
		{Seq: 1, Meta: es.Meta{Actor: "anna"}},
		{Seq: 2, Meta: es.Meta{Actor: "reactor:a", CauseSeq: 1}},
		{Seq: 3, Meta: es.Meta{Actor: "reactor:b", CauseSeq: 2}},
		{Seq: 4, Meta: es.Meta{Actor: "reactor:b", CauseSeq: 1}},
		{Seq: 5, Meta: es.Meta{Actor: "anna", CauseSeq: 3}},
		{Seq: 6, Meta: es.Meta{Actor: "reactor:a", CauseSeq: 99}},
	}
	live := react.NewProgress()
	for range 2 { // a batch repeated changes nothing
		if err := live.Apply(ctx, events); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprint(live.Of("a"), live.Of("b"), live.Of("c"), live.Of("anna"), live.Position()); got != "1 2 0 0 6" {
		t.Errorf("progress = %s, want 1 2 0 0 6", got)
	}
	twin, err := live.Fresh(ctx)
	if err != nil {
		t.Fatal(err)
	}
	empty, _ := twin.Hash(ctx)
	for _, r := range events {
		if err := twin.Apply(ctx, []es.Recorded{r}); err != nil {
			t.Fatal(err)
		}
	}
	was, _ := live.Hash(ctx)
	if is, _ := twin.Hash(ctx); is != was || is == empty {
		t.Errorf("hash folded one by one = %s, at once %s, empty %s", is, was, empty)
	}
	other := react.NewProgress()
	if err := other.Swap(t.Context(), twin); err != nil || other.Of("b") != 2 || other.Position() != 6 {
		t.Errorf("swapped: %d at %d, %v", other.Of("b"), other.Position(), err)
	}
}
