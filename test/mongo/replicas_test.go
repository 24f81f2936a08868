package mongo_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kith/pkg/es"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
	"kith/pkg/view/viewmongo"
)

// Two processes fold the same view at the same time, and a third lags behind.
func TestReplicasFoldTogether(t *testing.T) {
	g, db := newGate(t), database(t)
	log := history(7, 120)
	var wg sync.WaitGroup
	for seed := range 2 {
		v := open(t, backend(t, g, db, quick))
		random := rand.New(rand.NewPCG(1, uint64(seed)))
		wg.Go(func() {
			for rest := log; len(rest) > 0; {
				n := min(len(rest), 1+random.IntN(6))
				if err := v.Apply(context.Background(), rest[:n]); err != nil {
					t.Error(err)
					return
				}
				rest = rest[n:]
			}
		})
	}
	wg.Wait()
	want := inMemory(t, log)
	v := open(t, backend(t, g, db, quick))
	same(t, "hash", hash(t, v), want)
	if at := table(t, backend(t, g, db, quick)).Position(); at < 119 { // 120 touches nothing
		t.Fatalf("the checkpoint stands at %d", at)
	}
}

// A process that stood still folds batches that are long over.
func TestLateWritesChangeNothing(t *testing.T) {
	g, db := newGate(t), database(t)
	log := history(7, 60)
	late, quickOne := table(t, backend(t, g, db, quick)), open(t, backend(t, g, db, quick))
	apply(t, quickOne, log)
	want := inMemory(t, log)
	for len(log) > 0 {
		if err := late.Apply(t.Context(), log[:5]); err != nil {
			t.Fatal(err)
		}
		log = log[5:]
		same(t, "hash", hash(t, quickOne), want)
	}
	same(t, "checkpoint", table(t, backend(t, g, db, quick)).Position(), 60)
}

// The slow one has read before the quick one writes, and writes after it.
func TestWritesThatWereOvertaken(t *testing.T) {
	log := []es.Recorded{
		at(1, moved{Parcels: []string{"old", "gone", "stays"}, To: "a"}),
		at(2, moved{Parcels: []string{"old", "gone", "new", "brief"}, To: "b"}),
		at(3, moved{Parcels: []string{"stays"}, To: "c"}),
		at(4, moved{Parcels: []string{"gone", "brief"}, Lost: true}),
		at(5, moved{Parcels: []string{"old", "new"}, To: "d"}),
	}
	g, db := newGate(t), database(t)
	slow, overtaking := open(t, backend(t, g, db, quick)), open(t, backend(t, newGate(t), db, quick))
	apply(t, slow, log[:1])
	var once sync.Once
	g.set(func() {
		g.watch = func(statement) verdict {
			once.Do(func() { apply(t, overtaking, log) })
			return pass
		}
	})
	apply(t, slow, log[1:3])
	same(t, "hash", hash(t, slow), inMemory(t, log))
	same(t, "position of the slow one", slow.Position(), 3)
	same(t, "checkpoint", table(t, backend(t, g, db, quick)).Position(), 5)
	apply(t, slow, log[3:])
	same(t, "hash", hash(t, slow), inMemory(t, log))
}

// A collision does not say that the stored document is newer: the other may
// have inserted an older one in the moment of the upsert.
func TestCollisionWithAnOlderDocument(t *testing.T) {
	var log []es.Recorded
	for seq := 1; seq <= 6; seq++ {
		log = append(log, at(seq, moved{Parcels: []string{"a", "b", "c", "d"}, To: "t"}))
	}
	for at := range 5 { // four documents and the checkpoint
		g, db := newGate(t), database(t)
		slow := open(t, backend(t, newGate(t), db, quick))
		v := open(t, backend(t, g, db, quick))
		seen := 0
		g.set(func() {
			g.watch = func(s statement) verdict {
				if seen++; seen != at+1 {
					return pass
				}
				apply(t, slow, log[:4])
				return collide
			}
		})
		apply(t, v, log)
		same(t, "hash", hash(t, v), inMemory(t, log))
		same(t, "checkpoint", table(t, backend(t, g, db, quick)).Position(), 6)
	}
}

// A batch that touches more documents than one step writes is folded in
// several, and a document that is in two of them is changed by both.
func TestLargeBatch(t *testing.T) {
	if there.ferret && race {
		t.Skip("FerretDB with the race detector is too slow")
	}
	g := newGate(t)
	g.large = true
	v := open(t, backend(t, g, database(t), viewmongo.Options{Timeout: time.Minute}))
	var log []es.Recorded
	for seq := 1; seq <= 260; seq++ {
		log = append(log, at(seq, moved{Parcels: []string{fmt.Sprint("a", seq), fmt.Sprint("b", seq)}, To: "t", Stops: []string{"s"}}))
	}
	log = append(log, at(261, moved{Parcels: []string{"a1", "b255"}, To: "u"}), at(262, moved{Parcels: []string{"a2", "b256"}, Lost: true}))
	apply(t, v, log)
	same(t, "hash", hash(t, v), inMemory(t, log))
	same(t, "position", v.Position(), 262)
}

// Any log in any batches, by any of two processes, is the same as in memory.
func TestSameAsInMemory(t *testing.T) {
	g := newGate(t)
	keys := rapid.SliceOfN(rapid.SampledFrom([]string{"p", "q", "r", "pq", ""}), 0, 3)
	words := rapid.SampledFrom([]string{"", "\x00", "a", "a\x00", "b"})
	event := rapid.Custom(func(t *rapid.T) es.Event {
		if rapid.IntRange(0, 5).Draw(t, "what") == 0 {
			return passed{}
		}
		return moved{Parcels: keys.Draw(t, "parcels"), To: words.Draw(t, "to"), Stops: rapid.SliceOfN(words, 0, 3).Draw(t, "stops"),
			Size: rapid.SampledFrom([]uint64{0, 1, 1 << 63, 1<<64 - 1}).Draw(t, "size"), Lost: rapid.IntRange(0, 3).Draw(t, "lost") == 0}
	})
	rapid.Check(t, func(rt *rapid.T) {
		var log []es.Recorded
		for i, e := range rapid.SliceOfN(event, 1, 25).Draw(rt, "events") {
			log = append(log, at(i+1, e))
		}
		db := database(t)
		views := []*view.View[parcel]{open(rt, backend(t, g, db, quick)), open(rt, backend(t, g, db, quick))}
		done := []int{0, 0}
		for done[0] < len(log) || done[1] < len(log) {
			who := rapid.IntRange(0, 1).Draw(rt, "who")
			if done[who] == len(log) {
				who = 1 - who
			}
			n := rapid.IntRange(1, len(log)-done[who]).Draw(rt, "batch")
			again := rapid.IntRange(0, min(2, done[who])).Draw(rt, "again")
			apply(rt, views[who], log[done[who]-again:done[who]+n])
			done[who] += n
		}
		memory := open(rt, viewmem.Backend{})
		apply(rt, memory, log)
		same(rt, "hash", hash(rt, views[0]), hash(rt, memory))
		limit := rapid.IntRange(1, 3).Draw(rt, "limit")
		for _, q := range []view.Query{{Index: "to"}, {Index: "to", Equal: []any{"a"}}, {Index: "newest"}, {Index: "stop", Equal: []any{"a"}}, {Index: "stop", Equal: []any{""}}} {
			q.Limit = limit
			same(rt, "pages of "+q.Index, pages(rt, views[1], q), pages(rt, memory, q))
		}
	})
}

// pages are the documents and cursors of all pages.
func pages(t fatal, v *view.View[parcel], q view.Query) (all []any) {
	t.Helper()
	for {
		p, err := v.Find(context.Background(), q, nil)
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatalf("find: %v", err)
		}
		for _, d := range p.Items {
			all = append(all, d.To, d.Size, d.Changes, d.Stops, d.At)
		}
		if all = append(all, p.Next); p.Next == "" {
			return all
		}
		q.After = p.Next
	}
}
