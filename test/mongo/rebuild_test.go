package mongo_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"kith/pkg/view/viewmongo"
)

// A view is rebuilt in one process while another reads and folds it. Nobody
// sees a view that is half built, and nobody's documents go away under him.
func TestRebuildWhileAnotherProcessReads(t *testing.T) {
	g, db := newGate(t), database(t)
	log := history(7, 60)
	for i, r := range log { // a document that goes away was lost by the rebuild
		if e, ok := r.Data.(moved); ok {
			e.Lost = false
			log[i].Data = e
		}
	}
	one, other := open(t, backend(t, g, db, quick)), open(t, backend(t, g, db, quick))
	apply(t, one, log[:30])
	apply(t, other, log[:30])
	all, err := other.Len(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			n, err := other.Len(context.Background())
			if err != nil || n < all {
				t.Errorf("%d documents of %d, error %v", n, all, err)
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
	twin, err := one.Fresh(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	apply(t, twin, log[:10])
	apply(t, one, log[30:31])
	apply(t, twin, log[10:31])
	same(t, "hash of the twin", hash(t, twin), hash(t, one))
	if err := one.Swap(t.Context(), twin); err != nil {
		t.Fatal(err)
	}
	same(t, "position after the swap", one.Position(), 31)

	// The other one is ahead of the new documents, until the first catches up.
	apply(t, other, log[30:40])
	time.Sleep(quick.Retire / 3)
	apply(t, one, log[31:40])
	for deadline := time.Now().Add(30 * time.Second); len(collections(t, db, "depot-parcels")) > 1 && time.Now().Before(deadline); {
		time.Sleep(quick.Retire / 10)
	}
	same(t, "collections", collections(t, db, "depot-parcels"), []string{"depot-parcels_v3_1"})
	cancel()
	wg.Wait()
	apply(t, other, log[40:])
	want := inMemory(t, log)
	same(t, "hash in the other process", hash(t, other), want)
	same(t, "hash in the first", hash(t, one), want)
	restarted := table(t, backend(t, g, db, quick))
	same(t, "position after a restart", restarted.Position(), 60)
	same(t, "collections", collections(t, db, "depot-parcels"), []string{"depot-parcels_v3_1"})
}

// A process that is ahead of the new documents when the old ones go does not
// answer until they have caught up.
func TestRebuildThatNobodyFoldsOn(t *testing.T) {
	g, db := newGate(t), database(t)
	o := viewmongo.Options{Timeout: 2 * time.Second, Retire: 3 * time.Second}
	log := history(5, 40)
	one, ahead := open(t, backend(t, g, db, o)), open(t, backend(t, g, db, o))
	apply(t, one, log[:20])
	twin, err := one.Fresh(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	apply(t, twin, log[:20])
	apply(t, ahead, log[:30])
	if err := one.Swap(t.Context(), twin); err != nil {
		t.Fatal(err)
	}
	want := inMemory(t, log[:30])
	same(t, "hash while the old documents are there", hash(t, ahead), want)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(o.Retire / 10) {
		h, err := ahead.Hash(t.Context())
		if err != nil {
			unavailable(t, "hash", err)
			break
		}
		same(t, "hash", h, want)
		if time.Now().After(deadline) {
			t.Fatal("it still answers")
		}
	}
	unavailable(t, "apply", ahead.Apply(t.Context(), log[30:]))
	apply(t, one, log[20:30])
	apply(t, ahead, log[30:])
	same(t, "hash", hash(t, ahead), inMemory(t, log))
}

func TestAbandonedRebuild(t *testing.T) {
	g, db := newGate(t), database(t)
	b := backend(t, g, db, quick)
	log := history(5, 20)
	v := open(t, b)
	apply(t, v, log)
	first, err := v.Fresh(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	apply(t, first, log[:10])
	elsewhere := open(t, backend(t, g, db, quick))
	second, err := elsewhere.Fresh(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "collections", collections(t, db, "depot-parcels"), []string{"depot-parcels_v3", "depot-parcels_v3_2"})
	same(t, "position of the second", second.Position(), 0)
	apply(t, first, log[10:]) // its collection was dropped
	if err := v.Swap(t.Context(), first); err == nil || !strings.Contains(err.Error(), "another rebuild was begun") {
		t.Fatalf("the first rebuild was promoted: %v", err)
	}
	same(t, "hash", hash(t, v), inMemory(t, log))
	apply(t, second, log)
	if err := elsewhere.Swap(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	same(t, "hash after the second", hash(t, elsewhere), inMemory(t, log))
	if _, err := v.Fresh(t.Context()); err != nil { // leaves what readers may still use
		t.Fatal(err)
	}
	same(t, "collections", collections(t, db, "depot-parcels"), []string{"depot-parcels_v3", "depot-parcels_v3_2", "depot-parcels_v3_3"})
}

// An interrupted promotion is either done or not, and can be repeated.
func TestInterruptedPromotion(t *testing.T) {
	for _, how := range []verdict{cutBefore, cutAfter} {
		t.Run(fmt.Sprint(how), func(t *testing.T) {
			g, db := newGate(t), database(t)
			v := open(t, backend(t, g, db, quick))
			log := history(5, 20)
			apply(t, v, log[:19])
			twin, err := v.Fresh(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			apply(t, twin, log)
			g.set(func() {
				g.watch = func(s statement) verdict {
					if s.Collection == "live_views" {
						return how
					}
					return pass
				}
			})
			unavailable(t, "swap", v.Swap(t.Context(), twin))
			g.set(func() { g.watch = nil })
			restarted := table(t, backend(t, g, db, quick))
			same(t, "position", restarted.Position(), map[verdict]uint64{cutBefore: 19, cutAfter: 20}[how])
			if err := v.Swap(t.Context(), twin); err != nil {
				t.Fatal(err)
			}
			same(t, "hash", hash(t, v), inMemory(t, log))
		})
	}
}

func collections(t *testing.T, db, prefix string) []string {
	t.Helper()
	names, err := client(t, there.uri).Database(db).ListCollectionNames(t.Context(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	names = slices.DeleteFunc(names, func(n string) bool { return !strings.HasPrefix(n, prefix) })
	slices.Sort(names)
	return names
}
