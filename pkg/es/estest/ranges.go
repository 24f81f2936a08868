package estest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"kith/pkg/es"
)

// conformRange is for stores that are an es.Ranger too.
func conformRange(t *testing.T, open Open) {
	ranger := func(t *testing.T) (*log, es.Ranger) {
		l := start(t, open)
		r, ok := l.Store.(es.Ranger)
		if !ok {
			t.Skip("the store has no Range")
		}
		return l, r
	}
	t.Run("what was acknowledged a moment ago is there", func(t *testing.T) {
		l, r := ranger(t)
		for i := range uint64(200) {
			seq := l.append("a", i, es.ID("c", fmt.Sprint(i)), Opened{"small"})
			got, err := collect(r.Range(l.ctx, seq-1, seq))
			if err != nil || len(got) != 1 || got[0].Seq != seq {
				t.Fatalf("event %d: %+v, %v", seq, got, err)
			}
		}
	})
	t.Run("a stretch is what following gives there", func(t *testing.T) {
		l, r := ranger(t)
		label := strings.Repeat("x", 40<<10) // several batches by size and by number
		last := map[string]uint64{}
		const n = 600
		for i := range n {
			box := string(rune('a' + i%7))
			e := Opened{"small"}
			if i%3 == 0 {
				e = Opened{label}
			}
			last[box] = l.append(box, last[box], es.ID("c", string(rune(i))), e)
		}
		var followed []es.Recorded
		for rec, err := range l.Store.Follow(l.ctx, 0) {
			if err != nil {
				t.Fatal(err)
			}
			if followed = append(followed, rec); len(followed) == n {
				break
			}
		}
		for _, stretch := range [][2]uint64{{0, n}, {0, 1}, {n - 1, n}, {17, 400}, {300, n + 50}, {5, 5}, {9, 3}, {n, n + 1}, {n + 7, n + 9}} {
			got, err := collect(r.Range(l.ctx, stretch[0], stretch[1]))
			if err != nil {
				t.Fatal(err)
			}
			var want []es.Recorded
			if to := min(stretch[1], n); stretch[0] < to {
				want = followed[stretch[0]:to]
			}
			if len(got) != len(want) {
				t.Fatalf("after %d to %d came %d events, want %d", stretch[0], stretch[1], len(got), len(want))
			}
			for i := range got {
				if !reflect.DeepEqual(got[i], want[i]) {
					t.Fatalf("after %d to %d came\n%+v, want\n%+v", stretch[0], stretch[1], got[i], want[i])
				}
			}
		}
	})
	t.Run("some streams alone are what all have of them", func(t *testing.T) {
		l, r := ranger(t)
		last := map[string]uint64{}
		const n = 700
		for i := range n {
			box := string(rune('a' + i*i%5))
			last[box] = l.append(box, last[box], es.ID("c", fmt.Sprint(i)), Opened{"small"})
		}
		box := Box("b")
		for _, of := range []es.Stream{{Context: box.Context}, {Context: box.Context, Aggregate: box.Aggregate}, box, {Context: "elsewhere"}, {Context: box.Context, Aggregate: "other"}} {
			for _, stretch := range [][2]uint64{{0, n}, {0, n + 50}, {17, 400}, {5, 5}, {9, 3}, {n, n + 1}} {
				got, err := collect(r.RangeOf(l.ctx, of, stretch[0], stretch[1]))
				if err != nil {
					t.Fatal(err)
				}
				all, err := collect(r.Range(l.ctx, stretch[0], stretch[1]))
				if err != nil {
					t.Fatal(err)
				}
				want := slices.DeleteFunc(all, func(r es.Recorded) bool { return !r.Stream.In(of) })
				if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
					t.Fatalf("of %v after %d to %d came %d events, want %d", of, stretch[0], stretch[1], len(got), len(want))
				}
			}
		}
		for _, of := range []es.Stream{{}, {Context: "*"}, {Context: "a", ID: "b"}, {Context: "a", Aggregate: ">"}} {
			if got, err := collect(r.RangeOf(l.ctx, of, 0, n)); err == nil {
				t.Errorf("of %+v came %d events and no error", of, len(got))
			}
		}
	})
	t.Run("headers that look like the server's own come back as stored", func(t *testing.T) {
		l, r := ranger(t)
		l.Raw(t, Box("a").Subject(), es.Stored{Header: map[string][]string{"Nats-Subject": {"evt.x.y.z"}, "ce-id": {"1", "2"}}, Data: []byte("{}")})
		got, err := collect(r.Range(l.ctx, 0, 1))
		if err != nil || len(got) != 1 {
			t.Fatalf("%v, %v", got, err)
		}
		for followed, err := range l.Store.Follow(l.ctx, 0) {
			if err != nil || !reflect.DeepEqual(got[0], followed) {
				t.Errorf("ranged\n%+v, followed\n%+v, %v", got[0], followed, err)
			}
			break
		}
	})
	t.Run("an ended context is an error", func(t *testing.T) {
		l, r := ranger(t)
		l.append("a", 0, "1", Opened{"a"})
		ctx, cancel := context.WithCancel(l.ctx)
		cancel()
		if _, err := collect(r.Range(ctx, 0, 1)); !errors.Is(err, context.Canceled) {
			t.Errorf("Range = %v", err)
		}
	})
	t.Run("the caller may stop anywhere", func(t *testing.T) {
		l, r := ranger(t)
		l.append("a", 0, "1", Opened{"a"})
		l.append("b", 0, "1", Opened{"b"})
		for rec, err := range r.Range(l.ctx, 0, 2) {
			if err != nil || rec.Seq != 1 {
				t.Fatalf("%d, %v", rec.Seq, err)
			}
			break
		}
	})
}
