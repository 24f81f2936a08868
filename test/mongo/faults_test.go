package mongo_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"kith/pkg/es"
	"kith/pkg/view"
	"kith/pkg/view/viewmongo"
)

// A bulk that ends anywhere is finished by whoever applies the batch again, in
// this process or after a restart.
func TestCrashInTheMiddleOfABulk(t *testing.T) {
	log := history(5, 24)
	want := inMemory(t, log)
	for _, how := range []verdict{cutBefore, cutAfter} {
		for at := range 6 { // five documents and the checkpoint
			t.Run(fmt.Sprintf("%d/%d", how, at), func(t *testing.T) {
				t.Parallel()
				g := newGate(t)
				db := database(t)
				v := open(t, backend(t, g, db, quick))
				apply(t, v, log[:8])
				seen := 0
				g.set(func() {
					g.watch = func(statement) verdict {
						if seen++; seen == at+1 {
							return how
						}
						return pass
					}
				})
				err := v.Apply(context.Background(), log[8:])
				unavailable(t, "the interrupted batch", err)
				g.set(func() { g.watch = nil })

				restarted := open(t, backend(t, g, db, quick))
				apply(t, restarted, log[4:])
				same(t, "hash after a restart", hash(t, restarted), want)
				apply(t, v, log[8:])
				same(t, "hash after a repetition", hash(t, v), want)
				same(t, "position", v.Position(), 24)
			})
		}
	}
}

func TestDatabaseIsDownAtStart(t *testing.T) {
	g := newGate(t)
	g.set(func() { g.down = true })
	db := database(t)
	b := backend(t, g, db, viewmongo.Options{Timeout: time.Second})
	log := history(5, 20)
	v := open(t, b)
	same(t, "position", v.Position(), 0)
	start := time.Now()
	_, _, err := v.Get(t.Context(), "p1")
	unavailable(t, "get", err)
	_, err = v.Find(t.Context(), view.Query{Index: "to", Limit: 1}, nil)
	unavailable(t, "find", err)
	_, err = v.Hash(t.Context())
	unavailable(t, "hash", err)
	unavailable(t, "apply", v.Apply(t.Context(), log))
	_, err = v.Fresh(t.Context())
	unavailable(t, "fresh", err)
	if took := time.Since(start); took > 10*time.Second {
		t.Fatalf("five calls took %v", took)
	}
	_, err = v.Find(t.Context(), view.Query{Index: "none", Limit: 1}, nil)
	if !errors.Is(err, view.ErrQuery) {
		t.Fatalf("a bad query is not told from a database that is down: %v", err)
	}
	same(t, "position", v.Position(), 0)

	g.set(func() { g.down = false })
	for deadline := time.Now().Add(10 * time.Second); ; {
		if err := v.Apply(t.Context(), log); err == nil {
			break
		} else if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	same(t, "hash", hash(t, v), inMemory(t, log))

	g.set(func() { g.down = true }) // and once more while it runs
	_, _, err = v.Get(t.Context(), "p1")
	unavailable(t, "get", err)
	g.set(func() { g.down = false })
	for deadline := time.Now().Add(10 * time.Second); ; {
		if _, _, err := v.Get(t.Context(), "p1"); err == nil {
			break
		} else if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func TestSlowDatabase(t *testing.T) {
	g := newGate(t)
	v := open(t, backend(t, g, database(t), viewmongo.Options{Timeout: time.Second}))
	log := history(5, 20)
	apply(t, v, log[:10])
	g.set(func() { g.delay = 4 * time.Second })
	start := time.Now()
	_, _, err := v.Get(t.Context(), "p1")
	unavailable(t, "get", err)
	unavailable(t, "apply", v.Apply(t.Context(), log[10:]))
	if took := time.Since(start); took > 7*time.Second {
		t.Fatalf("two calls of a second took %v", took)
	}
	// Whoever gives up first is not told that the database is at fault.
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := v.Get(ctx, "p1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a query that was cut off: %v", err)
	}
	g.set(func() { g.delay = 0 })
	for deadline := time.Now().Add(10 * time.Second); v.Apply(t.Context(), log[10:]) != nil; {
		if time.Now().After(deadline) {
			t.Fatal("the view does not go on")
		}
	}
	same(t, "hash", hash(t, v), inMemory(t, log))
}

func TestCheckpointSurvivesARestart(t *testing.T) {
	g := newGate(t)
	db := database(t)
	log := history(5, 23)
	first := table(t, backend(t, g, db, quick))
	if err := first.Apply(t.Context(), log); err != nil {
		t.Fatal(err)
	}
	writes := 0
	g.set(func() { g.watch = func(statement) verdict { writes++; return pass } })
	second, err := backend(t, g, db, quick).Open(t.Context(), definition())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "position before the database was asked", second.Position(), 0)
	if err := ready(second); err != nil {
		t.Fatal(err)
	}
	same(t, "position after a restart", second.Position(), 23)
	if err := second.Apply(t.Context(), log); err != nil {
		t.Fatal(err)
	}
	same(t, "writes of a batch that was folded before", writes, 0)

	// What touches nothing is not worth a write each.
	for seq := 24; seq < 224; seq++ {
		if err := second.Apply(t.Context(), []es.Recorded{at(seq, passed{})}); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "position", second.Position(), 223)
	same(t, "writes for 200 events that touch nothing", writes, 1)
	if err := second.Apply(t.Context(), []es.Recorded{at(224+10_000, passed{})}); err != nil {
		t.Fatal(err)
	}
	same(t, "writes after many", writes, 2)
	same(t, "position after a restart", table(t, backend(t, g, db, quick)).Position(), 10_224)
}

func TestDocumentIsTooLarge(t *testing.T) {
	v := open(t, backend(t, newGate(t), database(t), quick))
	large := strings.Repeat("x", 17<<20)
	err := v.Apply(t.Context(), []es.Recorded{at(1, moved{Parcels: []string{"p"}, To: "t"}), at(2, moved{Parcels: []string{"big"}, To: large})})
	if !errors.Is(err, viewmongo.ErrTooLarge) || !strings.Contains(err.Error(), `"big" of view depot-parcels`) {
		t.Fatalf("got %.200v", err)
	}
	same(t, "position", v.Position(), 0)
}

// Documents that were folded for other indexes would not be found in these.
func TestChangedIndexes(t *testing.T) {
	g := newGate(t)
	b := backend(t, g, database(t), quick)
	apply(t, open(t, b), history(3, 3))
	s := parcels()
	s.Indexes[0].Fields = []string{"to", "size"}
	v, err := view.Open(t.Context(), b, s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Find(t.Context(), view.Query{Index: "to", Limit: 1}, nil); !errors.Is(err, viewmongo.ErrStale) {
		t.Fatalf("got error %v", err)
	}
	if _, err := v.Fresh(t.Context()); err != nil {
		t.Fatalf("it cannot be rebuilt: %v", err)
	}
}

func TestNamesThatCannotBeCollections(t *testing.T) {
	b := backend(t, newGate(t), database(t), quick)
	for _, name := range []string{"", "a$b", "system.x", "a b", strings.Repeat("x", 100)} {
		s := parcels()
		s.Name = name
		if _, err := view.Open(t.Context(), b, s); err == nil {
			t.Errorf("%q was accepted", name)
		}
	}
	if _, err := viewmongo.Connect(t.Context(), "nonsense://", "db", quick); err == nil {
		t.Error("a uri that is none was accepted")
	}
}

// What lies in the database is what is documented.
func TestStoredForm(t *testing.T) {
	db := database(t)
	v := open(t, backend(t, newGate(t), db, quick))
	apply(t, v, []es.Recorded{at(1, moved{Parcels: []string{"p", "q"}, To: "t", Stops: []string{"b", "a", "b"}, Size: math1}), at(2, moved{Parcels: []string{"q"}, Lost: true})})
	c := client(t, there.uri).Database(db).Collection("depot-parcels_v3")
	raw := func(id any) bson.M {
		var d bson.M
		if err := c.FindOne(t.Context(), bson.D{{Key: "_id", Value: id}}).Decode(&d); err != nil {
			t.Fatal(err)
		}
		return d
	}
	same(t, "checkpoint", raw(0), bson.M{"_id": int32(0), "seq": int64(2)})
	p := raw("p")
	if doc, _ := p["doc"].(string); !strings.HasPrefix(doc, `{"to":"t","weight":0.1,"size":18446744073709551615,"at":"2026-05-01T01:00:00.123456789Z"`) {
		t.Fatalf("document: %v", p["doc"])
	}
	same(t, "heads", p["h_stop"], bson.A{"610001", "620001"})
	same(t, "key", p["k_to"], "740001"+"0000000000000000"+"700001")
	same(t, "tombstone", raw("q"), bson.M{"_id": "q", "seq": int64(2)})
}

const math1 = 1<<64 - 1
