package vault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"kith/api/sealed"
	"kith/pkg/vault"
)

func TestMemoryKeys(t *testing.T) {
	conformance(t, func(*testing.T) vault.Keys { return vault.NewMemoryKeys() })
}

func TestStreamKeys(t *testing.T) {
	conformance(t, func(t *testing.T) vault.Keys {
		js, _ := startServer(t)
		return vault.NewStreamKeys(js)
	})
}

// conformance is what every implementation of vault.Keys must pass.
func conformance(t *testing.T, open func(*testing.T) vault.Keys) {
	id := vault.ID{Person: "p1", Class: sealed.Identity}
	other := vault.ID{Person: "p1", Class: sealed.Content}

	t.Run("a key that was never made is missing, not erased", func(t *testing.T) {
		if _, err := open(t).Get(t.Context(), id); !errors.Is(err, vault.ErrNoKey) {
			t.Fatalf("got %v, want ErrNoKey", err)
		}
	})
	t.Run("a created key is found", func(t *testing.T) {
		k := open(t)
		if _, err := k.Create(t.Context(), id, []byte("one")); err != nil {
			t.Fatal(err)
		}
		rec, err := k.Get(t.Context(), id)
		if err != nil || string(rec.Wrapped) != "one" || rec.Erasure != "" {
			t.Fatalf("got %+v, %v", rec, err)
		}
		if _, err := k.Get(t.Context(), other); !errors.Is(err, vault.ErrNoKey) {
			t.Fatalf("the other class: got %v, want ErrNoKey", err)
		}
	})
	t.Run("of many creators all get the winner's key", func(t *testing.T) {
		k := open(t)
		got := make([]vault.Record, 8)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() {
				rec, err := k.Create(t.Context(), id, fmt.Appendf(nil, "key %d", i))
				if err != nil {
					t.Error(err)
				}
				got[i] = rec
			})
		}
		wg.Wait()
		stands, err := k.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, rec := range got {
			if !bytes.Equal(rec.Wrapped, stands.Wrapped) {
				t.Fatalf("a creator got %q, the store holds %q", rec.Wrapped, stands.Wrapped)
			}
		}
	})
	t.Run("an erased key leaves a marker, the first one, and is never made again", func(t *testing.T) {
		k := open(t)
		if _, err := k.Create(t.Context(), id, []byte("one")); err != nil {
			t.Fatal(err)
		}
		for _, erasure := range []string{"e1", "e2"} {
			if err := k.Erase(t.Context(), id, erasure); err != nil {
				t.Fatal(err)
			}
		}
		want := func(rec vault.Record, err error) {
			t.Helper()
			if err != nil || rec.Erasure != "e1" || rec.Wrapped != nil {
				t.Fatalf("got %+v, %v; want the marker of e1", rec, err)
			}
		}
		want(k.Get(t.Context(), id))
		want(k.Create(t.Context(), id, []byte("two")))
	})
	t.Run("several may erase at once, even while somebody creates", func(t *testing.T) {
		k := open(t)
		for round := range 10 {
			id := vault.ID{Person: fmt.Sprintf("p%d", round), Class: sealed.Content}
			if _, err := k.Create(t.Context(), id, []byte("one")); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					if err := k.Erase(t.Context(), id, "e1"); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Go(func() {
				if _, err := k.Create(t.Context(), id, []byte("two")); err != nil {
					t.Error(err)
				}
			})
			wg.Wait()
			if rec, err := k.Get(t.Context(), id); err != nil || rec.Erasure != "e1" {
				t.Fatalf("got %+v, %v", rec, err)
			}
		}
	})
	t.Run("erasing what never had a key leaves a marker too", func(t *testing.T) {
		k := open(t)
		if err := k.Erase(t.Context(), id, "e1"); err != nil {
			t.Fatal(err)
		}
		if rec, err := k.Get(t.Context(), id); err != nil || rec.Erasure != "e1" {
			t.Fatalf("got %+v, %v", rec, err)
		}
	})
	t.Run("an erasure without its event is refused", func(t *testing.T) {
		if err := open(t).Erase(t.Context(), id, ""); err == nil {
			t.Fatal("accepted")
		}
	})
	t.Run("ids that could be wildcards or unknown classes are refused", func(t *testing.T) {
		k := open(t)
		for _, bad := range []vault.ID{
			{Person: "", Class: sealed.Identity}, {Person: "*", Class: sealed.Identity},
			{Person: "a.b", Class: sealed.Identity}, {Person: "p1", Class: "other"}, {Person: ">", Class: sealed.Content},
		} {
			if _, err := k.Create(t.Context(), bad, []byte("x")); err == nil {
				t.Errorf("Create accepted %q", bad)
			}
			if err := k.Erase(t.Context(), bad, "e1"); err == nil {
				t.Errorf("Erase accepted %q", bad)
			}
		}
	})
	t.Run("a follower catches up with an empty store", func(t *testing.T) {
		f := follow(t, open(t))
		await(t, f.caughtUp)
	})
	t.Run("a follower sees what stands, then what comes", func(t *testing.T) {
		k := open(t)
		gone := vault.ID{Person: "p2", Class: sealed.Content}
		for _, id := range []vault.ID{id, other, gone} {
			if _, err := k.Create(t.Context(), id, []byte("key of "+id.String())); err != nil {
				t.Fatal(err)
			}
		}
		if err := k.Erase(t.Context(), gone, "e1"); err != nil {
			t.Fatal(err)
		}
		f := follow(t, k)
		await(t, f.caughtUp)
		if rec := f.get(other); string(rec.Wrapped) != "key of p1.content" {
			t.Fatalf("caught up with %+v", rec)
		}
		if rec := f.get(gone); rec.Erasure != "e1" || rec.Wrapped != nil {
			t.Fatalf("caught up with %+v of an erased key", rec)
		}
		if err := k.Erase(t.Context(), id, "e2"); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the follower hears of the erasure", func() bool { return f.get(id).Erasure == "e2" })
	})
	t.Run("an error of the follower ends following", func(t *testing.T) {
		k := open(t)
		if _, err := k.Create(t.Context(), id, []byte("one")); err != nil {
			t.Fatal(err)
		}
		boom := errors.New("boom")
		err := k.Follow(t.Context(), func(vault.ID, vault.Record) error { return boom }, func() {})
		if !errors.Is(err, boom) {
			t.Fatalf("got %v", err)
		}
	})
}

type follower struct {
	caughtUp chan struct{}
	mu       sync.Mutex
	seen     map[vault.ID]vault.Record
}

func (f *follower) get(id vault.ID) vault.Record {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen[id]
}

func follow(t *testing.T, k vault.Keys) *follower {
	t.Helper()
	f := &follower{caughtUp: make(chan struct{}), seen: map[vault.ID]vault.Record{}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- k.Follow(ctx, func(id vault.ID, rec vault.Record) error {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.seen[id] = rec
			return nil
		}, func() { close(f.caughtUp) })
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("follow: %v", err)
		}
	})
	return f
}

func await(t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(10 * time.Second):
		t.Fatal("waited 10 s in vain")
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}
