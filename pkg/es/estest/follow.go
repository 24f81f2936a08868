package estest

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"kith/pkg/es"
)

func conformFollow(t *testing.T, open Open) {
	t.Run("everything comes once and in order while many write", func(t *testing.T) {
		l := start(t, open)
		const writers, each = 8, 100
		var wg sync.WaitGroup
		defer wg.Wait()
		for w := range writers {
			box := string(rune('a' + w))
			wg.Go(func() {
				seq := uint64(0)
				for i := range each {
					var err error
					if seq, err = l.Store.Append(l.ctx, Box(box), seq, Command(es.ID("c", string(rune(i)))), Put{Thing: box, Count: i}); err != nil {
						t.Errorf("append: %v", err)
						return
					}
				}
			})
		}
		next := map[string]int{}
		want := uint64(1)
		for r, err := range l.Store.Follow(l.ctx, 0) {
			if err != nil {
				t.Fatal(err)
			}
			p := r.Data.(Put)
			if r.Seq != want || p.Count != next[p.Thing] {
				t.Fatalf("at %d came %d, event %d of box %s", want, r.Seq, p.Count, p.Thing)
			}
			next[p.Thing]++
			if want++; want > writers*each {
				break
			}
		}
	})
	t.Run("it begins after a position and waits for what is new", func(t *testing.T) {
		l := start(t, open)
		l.append("a", 0, "1", Opened{"a"})
		l.append("b", 0, "1", Opened{"b"})
		for after := range uint64(3) {
			want := after + 1
			for r, err := range l.Store.Follow(l.ctx, after) {
				if err != nil || r.Seq != want {
					t.Fatalf("after %d came %d, %v", want-1, r.Seq, err)
				}
				if want++; want == 3 {
					l.append("c", 0, "1", Opened{"c"}) // repeated in later rounds
				}
				if want > 3 {
					break
				}
			}
			if after == 1 {
				l.wantLast("c", 3)
			}
		}
	})
	t.Run("it sees what is appended to an empty log", func(t *testing.T) {
		l := start(t, open)
		got := make(chan es.Recorded, 1)
		go func() {
			defer close(got)
			for r, err := range l.Store.Follow(l.ctx, 0) {
				if err != nil {
					t.Error(err)
				}
				got <- r
				return
			}
		}()
		l.append("a", 0, "1", Opened{"a"})
		if r := <-got; !reflect.DeepEqual(r.Data, Opened{"a"}) {
			t.Errorf("came %+v", r)
		}
	})
	t.Run("a position beyond the end is no place to begin", func(t *testing.T) {
		l := start(t, open)
		l.append("a", 0, "1", Opened{"a"})
		if all, err := collect(l.Store.Follow(l.ctx, 5)); !errors.Is(err, es.ErrGap) || len(all) != 0 {
			t.Errorf("Follow = %v, %v", all, err)
		}
	})
	t.Run("it ends with its context", func(t *testing.T) {
		l := start(t, open)
		l.append("a", 0, "1", Opened{"a"})
		ctx, cancel := context.WithCancel(l.ctx)
		ended := make(chan error, 1)
		go func() {
			_, err := collect(func(yield func(es.Recorded, error) bool) {
				for r, err := range l.Store.Follow(ctx, 0) {
					if err == nil {
						time.AfterFunc(time.Millisecond, cancel) // while it waits
					}
					if !yield(r, err) {
						return
					}
				}
			})
			ended <- err
		}()
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Follow = %v", err)
			}
		case <-l.ctx.Done():
			t.Error("still following")
		}
	})
}

func conformEnvelope(t *testing.T, open Open) {
	full := es.Meta{
		Command: "c1", Request: "r1", Cause: "e0", CauseSeq: 41, Correlation: "c0", Actor: "reactor:x", Reason: "due",
		Access: 42, OccurredAt: time.Date(2012, 1, 2, 3, 4, 5, 6000, time.UTC), Imported: true,
		Traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
	}
	t.Run("what is known about an event comes back", func(t *testing.T) {
		l := start(t, open)
		for i, m := range []es.Meta{full, {Command: "c2"}} {
			box := string(rune('a' + i))
			seq, err := l.Store.Append(l.ctx, Box(box), 0, m, Put{Thing: "x", Count: 3})
			if err != nil {
				t.Fatal(err)
			}
			if m.Correlation == "" {
				m.Correlation = m.Command
			}
			r := l.load(box, 0)[0]
			want := es.Recorded{
				Seq: seq, ID: es.EventID(Box(box), m.Command), Stream: Box(box), Type: "box.put", Schema: 2,
				Time: now.UTC(), Meta: m, Data: Put{Thing: "x", Count: 3}, Stored: r.Stored,
			}
			if !reflect.DeepEqual(r, want) {
				t.Errorf("loaded\n%+v, want\n%+v", r, want)
			}
		}
	})
	t.Run("loading and following give the same", func(t *testing.T) {
		l := start(t, open)
		if _, err := l.Store.Append(l.ctx, Box("a"), 0, full, Put{Thing: "x", Count: 3}); err != nil {
			t.Fatal(err)
		}
		loaded := l.load("a", 0)[0]
		for followed, err := range l.Store.Follow(l.ctx, 0) {
			if err != nil || !reflect.DeepEqual(loaded, followed) {
				t.Errorf("loaded\n%+v, followed\n%+v, %v", loaded, followed, err)
			}
			break
		}
	})
	header := func(typ, schema string) map[string][]string {
		return map[string][]string{"ce-id": {"x"}, "ce-type": {typ}, "ce-schema": {schema}, "ce-command": {"c"}, "ce-time": {"2026-01-01T00:00:00Z"}}
	}
	with := func(k, v string) map[string][]string {
		h := header("box.put", "2")
		h[k] = []string{v}
		return h
	}
	t.Run("an older version is lifted", func(t *testing.T) {
		l := start(t, open)
		l.Raw(t, Box("a").Subject(), es.Stored{Header: header("box.put", "1"), Data: []byte(`{"thing":"x","unknown":1}`)})
		if r := l.load("a", 0)[0]; !reflect.DeepEqual(r.Data, Put{Thing: "x", Count: 1}) || r.Schema != 1 {
			t.Errorf("loaded %+v", r)
		}
	})
	t.Run("a newer version is read as far as it is known, if it says that it can be", func(t *testing.T) {
		l := start(t, open)
		data := []byte(`{"thing":"x","count":3,"colour":"red"}`)
		for _, schema := range []string{"3;2", "7;1"} {
			l.Raw(t, Box("a").Subject(), es.Stored{Header: header("box.put", schema), Data: data})
		}
		for i, r := range l.load("a", 0) {
			if !reflect.DeepEqual(r.Data, Put{Thing: "x", Count: 3}) || r.Schema != []int{3, 7}[i] {
				t.Errorf("loaded %+v", r)
			}
		}
	})
	t.Run("what cannot be read comes as unreadable and stops nobody", func(t *testing.T) {
		l := start(t, open)
		good := []byte(`{"thing":"x","count":1}`)
		for _, st := range []es.Stored{
			{Header: header("box.put", "2"), Data: []byte(`{"thing":`)},
			{Header: header("box.strange", "1"), Data: []byte(`{}`)},
			{Header: header("box.put", "3"), Data: good},
			{Header: header("box.put", "4;3"), Data: good},
			{Header: header("box.put", "3;x"), Data: good},
			{Header: header("box.put", "0"), Data: good},
			{Header: header("box.put", "-1"), Data: good},
			{Header: with("ce-time", "yesterday"), Data: good},
			{Header: with("ce-actor", "a;x"), Data: good},
			{Data: good},
			{},
		} {
			l.Raw(t, Box("a").Subject(), st)
		}
		n := len(l.load("a", 0))
		l.append("a", uint64(n), "1", Opened{"a"})
		l.Raw(t, "evt.odd", es.Stored{Header: header("box.put", "2"), Data: good})
		loaded := l.load("a", 0)
		for i, r := range loaded[:n] {
			if u, ok := r.Data.(es.Unreadable); !ok || u.Err == nil {
				t.Errorf("event %d is %+v", i, r.Data)
			}
		}
		if !reflect.DeepEqual(loaded[n].Data, Opened{"a"}) {
			t.Errorf("the last event is %+v", loaded[n])
		}
		for r, err := range l.Store.Follow(l.ctx, 0) {
			if err != nil {
				t.Fatal(err)
			}
			if _, bad := r.Data.(es.Unreadable); bad == (r.Seq == uint64(n)+1) {
				t.Errorf("at %d followed %+v", r.Seq, r.Data)
			}
			if r.Seq == uint64(n)+2 {
				break
			}
		}
	})
}
