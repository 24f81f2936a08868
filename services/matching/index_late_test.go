package matching

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"kith/api/events/community"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/view"
)

// reader opens every text to words with the id of its event, and fails while broken.
type reader struct{ broken atomic.Bool }

func (r *reader) Reveal(_ context.Context, t sealed.Text) (string, bool, error) {
	if r.broken.Load() {
		return "", false, errors.New("no key")
	}
	box, err := t.Box()
	return "rooting a phone " + box.Event, err == nil, nil
}

// sealedBy is a sealed text of an event.
func sealedBy(person, event string) sealed.Text {
	return sealed.Seal(sealed.Box{Person: person, Class: sealed.Content, Event: event, Field: "body", Bytes: make([]byte, 40)})
}

// asked are n requests from position from on, each answered.
func asked(from, n int) []es.Recorded {
	var out []es.Recorded
	for i := range n {
		id := fmt.Sprint("q", from+i)
		at := es.Recorded{Stream: es.Stream{Context: community.Context, Aggregate: community.Request, ID: id}, Time: time.Unix(int64(from+i), 0)}
		raised, answered := at, at
		raised.Seq, raised.Data = uint64(2*(from+i)-1), community.RequestRaised{Community: "c", Asker: "ann", Kind: community.Problem,
			Title: sealedBy("ann", id), Tags: []string{"root"}, Language: "en"}
		answered.Seq, answered.Data = uint64(2*(from+i)), community.RequestResponded{Response: "a", Author: "ben",
			Body: sealedBy("ben", id+"a")}
		out = append(out, raised, answered)
	}
	return out
}

func TestIndexIsFilledAfterTheStart(t *testing.T) {
	ctx, log := t.Context(), slog.New(slog.DiscardHandler)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	hash := func(x *index) string {
		t.Helper()
		sum, err := x.Hash(ctx)
		must(err)
		return sum
	}
	at := newIndex(&reader{}, log)
	at.Fill(ctx)
	must(at.Apply(ctx, asked(1, 300)))
	want := hash(at)

	t.Run("who asks before waits", func(t *testing.T) {
		x := newIndex(&reader{}, log)
		must(x.Apply(ctx, asked(1, 300)))
		if x.Position() != 600 {
			t.Errorf("it has been given everything up to 600, not %d", x.Position())
		}
		short, stop := context.WithTimeout(ctx, time.Millisecond)
		defer stop()
		if err := x.read(short, func(*known) { t.Error("read before it was filled") }); !errors.Is(err, view.ErrBehind) {
			t.Errorf("read = %v", err)
		}
		got := make(chan string)
		go func() {
			sum, _ := x.Hash(ctx)
			got <- sum
		}()
		x.Fill(ctx)
		if sum := <-got; sum != want {
			t.Error("it holds something else than one that was filled at once")
		}
	})
	t.Run("what comes meanwhile comes after", func(t *testing.T) {
		x := newIndex(&reader{}, log)
		must(x.Apply(ctx, asked(1, 100)))
		warm := make(chan struct{})
		go func() { defer close(warm); x.Fill(ctx) }()
		for n := 101; n <= 300; n++ {
			must(x.Apply(ctx, asked(n, 1)))
			must(x.Apply(ctx, asked(n-1, 2))) // again: it is passed over
		}
		<-warm
		if hash(x) != want {
			t.Error("it holds something else than one that was filled at once")
		}
	})
	t.Run("a missing key holds it up and loses nothing", func(t *testing.T) {
		r := &reader{}
		r.broken.Store(true)
		x := newIndex(r, log)
		must(x.Apply(ctx, asked(1, 300)))
		ended, stop := context.WithTimeout(ctx, 10*time.Millisecond)
		defer stop()
		x.Fill(ended)
		if _, err := x.Hash(ended); !errors.Is(err, view.ErrBehind) {
			t.Errorf("Hash = %v", err)
		}
		r.broken.Store(false)
		x.Fill(ctx)
		if hash(x) != want {
			t.Error("it holds something else than one that was filled at once")
		}
	})
	t.Run("a twin folds at once and takes its place", func(t *testing.T) {
		x := newIndex(&reader{}, log)
		must(x.Apply(ctx, asked(1, 10)))
		twin, err := x.Fresh(ctx)
		must(err)
		must(twin.Apply(ctx, asked(1, 300)))
		x.Fill(ctx)
		must(x.Swap(ctx, twin))
		if hash(x) != want || x.Position() != 600 {
			t.Errorf("at %d it holds something else", x.Position())
		}
	})
}
