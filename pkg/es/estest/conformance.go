// Package estest holds the conformance suite of logs and the scenarios that
// aggregates are tested with.
package estest

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kith/api/sealed"
	"kith/pkg/es"
)

// Log is a log under test.
type Log struct {
	Store es.Store
	// Raw stores st under subject past the Store, as any other writer could,
	// and returns the position.
	Raw func(t *testing.T, subject string, st es.Stored) uint64
}

// Open makes an empty log that lives until the end of t.
type Open func(t *testing.T, codec *es.Codec, now func() time.Time) Log

// patience is how long the suite waits for what must happen.
const patience = 30 * time.Second

// Conformance shows that a log keeps every promise of es.Store.
func Conformance(t *testing.T, open Open) {
	t.Run("append", func(t *testing.T) { conformAppend(t, open) })
	t.Run("repeat", func(t *testing.T) { conformRepeat(t, open) })
	t.Run("load", func(t *testing.T) { conformLoad(t, open) })
	t.Run("follow", func(t *testing.T) { conformFollow(t, open) })
	t.Run("envelope", func(t *testing.T) { conformEnvelope(t, open) })
	t.Run("range", func(t *testing.T) { conformRange(t, open) })
}

func conformAppend(t *testing.T, open Open) {
	t.Run("positions are one order over all streams", func(t *testing.T) {
		l := start(t, open)
		a1 := l.append("a", 0, "1", Opened{"a"})
		b1 := l.append("b", 0, "1", Opened{"b"})
		a2 := l.append("a", a1, "2", Put{Thing: "x", Count: 1})
		if got, want := []uint64{a1, b1, a2}, []uint64{1, 2, 3}; !slices.Equal(got, want) {
			t.Errorf("positions = %v, want %v", got, want)
		}
		l.wantLast("a", 3)
		l.wantLast("b", 2)
		l.wantLast("c", 0)
		if last, err := l.Store.Last(l.ctx); err != nil || last != 3 {
			t.Errorf("Last = %d, %v; want 3", last, err)
		}
	})
	t.Run("an empty log ends at 0", func(t *testing.T) {
		l := start(t, open)
		if last, err := l.Store.Last(l.ctx); err != nil || last != 0 {
			t.Errorf("Last = %d, %v; want 0", last, err)
		}
	})
	t.Run("a stream that is not empty conflicts with position 0", func(t *testing.T) {
		l := start(t, open)
		l.append("a", 0, "1", Opened{"a"})
		l.wantAppend("a", 0, "2", Opened{"b"}, 0, es.ErrConflict)
		l.wantTypes("a", 0, "box.opened")
	})
	t.Run("an old position conflicts", func(t *testing.T) {
		l := start(t, open)
		seq := l.append("a", 0, "1", Opened{"a"})
		l.append("a", seq, "2", Put{Thing: "x"})
		l.wantAppend("a", seq, "3", Put{Thing: "y"}, 0, es.ErrConflict)
	})
	t.Run("a position that does not exist conflicts", func(t *testing.T) {
		l := start(t, open)
		l.append("a", 0, "1", Opened{"a"})
		l.wantAppend("a", 7, "2", Put{Thing: "x"}, 0, es.ErrConflict)
		l.wantAppend("b", 1, "2", Opened{"x"}, 0, es.ErrConflict)
	})
	t.Run("another stream's events are no conflict", func(t *testing.T) {
		l := start(t, open)
		seq := l.append("a", 0, "1", Opened{"a"})
		l.append("b", 0, "1", Opened{"b"})
		l.wantAppend("a", seq, "2", Put{Thing: "x"}, 3, nil)
	})
	t.Run("of many writers at one position one wins", func(t *testing.T) {
		l := start(t, open)
		const writers = 16
		errs := make([]error, writers)
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				_, errs[i] = l.Store.Append(l.ctx, Box("a"), 0, Command(es.ID("writer", string(rune('a'+i)))), Opened{"a"})
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, es.ErrConflict) {
				t.Errorf("a loser got %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d writers won", won)
		}
		l.wantTypes("a", 0, "box.opened")
	})
	t.Run("an event over the limit is too large", func(t *testing.T) {
		l := start(t, open)
		l.wantAppend("a", 0, "1", Opened{strings.Repeat("x", es.MaxEvent)}, 0, es.ErrTooLarge)
		l.wantAppend("a", 0, "1", Opened{strings.Repeat("x", es.MaxEvent-len(`{"label":""}`))}, 1, nil)
	})
	t.Run("a bad stream, no command, an unknown type and a plain text are refused", func(t *testing.T) {
		l := start(t, open)
		for _, id := range []string{"", "*", ">", "a.b", "a b", "é", strings.Repeat("x", 65)} {
			if _, err := l.Store.Append(l.ctx, Box(id), 0, Command("1"), Opened{"a"}); err == nil {
				t.Errorf("appended to box %q", id)
			}
			if _, err := l.Store.LastOf(l.ctx, Box(id)); err == nil {
				t.Errorf("LastOf accepts box %q", id)
			}
			if _, err := collect(l.Store.Load(l.ctx, Box(id), 0)); err == nil {
				t.Errorf("Load accepts box %q", id)
			}
		}
		if _, err := l.Store.Append(l.ctx, Box("a"), 0, es.Meta{}, Opened{"a"}); err == nil {
			t.Error("appended without a command")
		}
		if _, err := l.Store.Append(l.ctx, Box("a"), 0, Command("1"), Strange{}); err == nil {
			t.Error("appended an unknown type")
		}
		plain := Put{Thing: "x", Note: sealed.New("p", sealed.Content, "secret")}
		l.wantAppend("a", 0, "1", plain, 0, sealed.ErrUnsealed)
		if last, err := l.Store.Last(l.ctx); err != nil || last != 0 {
			t.Errorf("Last = %d, %v; nothing should be stored", last, err)
		}
	})
	t.Run("an ended context stores nothing", func(t *testing.T) {
		l := start(t, open)
		ctx, cancel := context.WithCancel(l.ctx)
		cancel()
		if _, err := l.Store.Append(ctx, Box("a"), 0, Command("1"), Opened{"a"}); !errors.Is(err, context.Canceled) {
			t.Errorf("Append = %v", err)
		}
		l.wantLast("a", 0)
	})
}

func conformRepeat(t *testing.T, open Open) {
	t.Run("the same append again succeeds with its position", func(t *testing.T) {
		l := start(t, open)
		l.append("a", 0, "1", Opened{"a"})
		l.wantAppend("a", 0, "1", Opened{"a"}, 1, nil)
		l.wantAppend("a", 0, "1", Opened{"a"}, 1, nil)
		l.wantTypes("a", 0, "box.opened")
	})
	t.Run("and also after others came", func(t *testing.T) {
		l := start(t, open)
		seq := l.append("a", 0, "1", Opened{"a"})
		for _, c := range []string{"2", "3", "4"} {
			seq = l.append("a", seq, c, Put{Thing: c})
		}
		l.wantAppend("a", 0, "1", Opened{"a"}, 1, nil)
		l.wantAppend("a", 1, "2", Put{Thing: "2"}, 2, nil)
	})
	t.Run("behind another's event it names the position and says so", func(t *testing.T) {
		l := start(t, open)
		seq := l.append("a", 0, "1", Opened{"a"})
		l.append("a", seq, "2", Put{Thing: "x"})
		l.wantAppend("a", 0, "2", Put{Thing: "x"}, 2, es.ErrRepeated)
		l.wantAppend("a", 0, "2", Put{Thing: "x"}, 2, es.ErrConflict)
	})
	t.Run("with other content it names the position and says so", func(t *testing.T) {
		l := start(t, open)
		l.append("a", 0, "1", Opened{"a"})
		l.wantAppend("a", 0, "1", Opened{"b"}, 1, es.ErrRepeated)
		m := Command("1")
		m.Request = "other"
		if seq, err := l.Store.Append(l.ctx, Box("a"), 0, m, Opened{"a"}); seq != 1 || !errors.Is(err, es.ErrRepeated) {
			t.Errorf("another request: %d, %v", seq, err)
		}
		l.wantTypes("a", 0, "box.opened")
	})
	t.Run("the same command on another stream is another event", func(t *testing.T) {
		l := start(t, open)
		l.append("a", 0, "1", Opened{"a"})
		l.wantAppend("b", 0, "1", Opened{"a"}, 2, nil)
	})
}

func conformLoad(t *testing.T, open Open) {
	t.Run("a stream comes in order, without its neighbours", func(t *testing.T) {
		l := start(t, open)
		const n = 600 // more than one batch
		a, b := uint64(0), uint64(0)
		for i := range n {
			c := es.ID("c", string(rune(i)))
			a = l.append("a", a, c, Put{Thing: "x", Count: i})
			if i%3 == 0 {
				b = l.append("b", b, c, Put{Thing: "y", Count: i})
			}
		}
		all := l.load("a", 0)
		if len(all) != n {
			t.Fatalf("loaded %d of %d", len(all), n)
		}
		for i, r := range all {
			if p, ok := r.Data.(Put); !ok || p.Count != i || p.Thing != "x" {
				t.Fatalf("event %d is %+v", i, r.Data)
			}
			if i > 0 && r.Seq <= all[i-1].Seq {
				t.Fatalf("position %d after %d", r.Seq, all[i-1].Seq)
			}
		}
		for _, i := range []int{0, 1, 255, 256, 257, n - 2, n - 1} {
			if got := l.load("a", all[i].Seq); len(got) != n-1-i {
				t.Errorf("after event %d there are %d, want %d", i, len(got), n-1-i)
			}
		}
	})
	t.Run("nothing comes from a stream that does not exist", func(t *testing.T) {
		l := start(t, open)
		l.append("b", 0, "1", Opened{"b"})
		if got := l.load("a", 0); len(got) != 0 {
			t.Errorf("loaded %v", got)
		}
	})
	t.Run("the reader may stop", func(t *testing.T) {
		l := start(t, open)
		seq := l.append("a", 0, "1", Opened{"a"})
		l.append("a", seq, "2", Put{Thing: "x"})
		for r, err := range l.Store.Load(l.ctx, Box("a"), 0) {
			if err != nil || r.Seq != 1 {
				t.Fatalf("%d, %v", r.Seq, err)
			}
			break
		}
	})
	t.Run("large events come too", func(t *testing.T) {
		l := start(t, open)
		label, seq := strings.Repeat("x", es.MaxEvent-100), uint64(0)
		const n = 40 // over 10 MB
		for i := range n {
			seq = l.append("a", seq, es.ID("c", string(rune(i))), Opened{label})
		}
		if got := l.load("a", 0); len(got) != n {
			t.Errorf("loaded %d of %d", len(got), n)
		}
	})
	t.Run("an ended context is an error", func(t *testing.T) {
		l := start(t, open)
		l.append("a", 0, "1", Opened{"a"})
		ctx, cancel := context.WithCancel(l.ctx)
		cancel()
		if _, err := collect(l.Store.Load(ctx, Box("a"), 0)); !errors.Is(err, context.Canceled) {
			t.Errorf("Load = %v", err)
		}
	})
}

type log struct {
	Log
	t   *testing.T
	ctx context.Context
}

// now is the time of every append in the suite.
var now = time.Date(2026, 3, 4, 5, 6, 7, 890, time.FixedZone("CET", 3600))

func start(t *testing.T, open Open) *log {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return &log{open(t, Codec(), func() time.Time { return now }), t, ctx}
}

func (l *log) append(box string, after uint64, command string, e es.Event) uint64 {
	l.t.Helper()
	seq, err := l.Store.Append(l.ctx, Box(box), after, Command(command), e)
	if err != nil {
		l.t.Fatalf("append %s after %d: %v", command, after, err)
	}
	return seq
}

func (l *log) wantAppend(box string, after uint64, command string, e es.Event, seq uint64, want error) {
	l.t.Helper()
	got, err := l.Store.Append(l.ctx, Box(box), after, Command(command), e)
	if got != seq || !errors.Is(err, want) {
		l.t.Errorf("append %s after %d = %d, %v; want %d, %v", command, after, got, err, seq, want)
	}
}

func (l *log) load(box string, after uint64) []es.Recorded {
	l.t.Helper()
	all, err := collect(l.Store.Load(l.ctx, Box(box), after))
	if err != nil {
		l.t.Fatal(err)
	}
	return all
}

func (l *log) wantTypes(box string, after uint64, want ...string) {
	l.t.Helper()
	var got []string
	for _, r := range l.load(box, after) {
		got = append(got, r.Type)
	}
	if !slices.Equal(got, want) {
		l.t.Errorf("box %s after %d holds %v, want %v", box, after, got, want)
	}
}

func (l *log) wantLast(box string, want uint64) {
	l.t.Helper()
	if got, err := l.Store.LastOf(l.ctx, Box(box)); err != nil || got != want {
		l.t.Errorf("LastOf box %s = %d, %v; want %d", box, got, err, want)
	}
}

func collect(seq iter.Seq2[es.Recorded, error]) (all []es.Recorded, err error) {
	for r, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, r)
	}
	return all, nil
}
