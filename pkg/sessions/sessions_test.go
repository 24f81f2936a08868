package sessions_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/fault"
	"kith/pkg/natsd"
	"kith/pkg/sessions"
)

// bucket runs a server with an empty bucket.
func bucket(t *testing.T) (jetstream.JetStream, *natsd.Server) {
	t.Helper()
	ns, err := natsd.Start(natsd.Config{Dir: t.TempDir(), DontListen: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ns.Shutdown)
	nc, err := ns.Conn(nats.Name("test"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it finds it
		if err := sessions.Provision(t.Context(), js, 1); err != nil {
			t.Fatal(err)
		}
	}
	return js, ns
}

func open(js jetstream.JetStream, secret string) *sessions.Store {
	return sessions.New(js, []byte(secret), rand.Reader)
}

// ends are the keys of sessions that were seen to end.
type ends struct {
	mu   sync.Mutex
	keys []string
}

func (e *ends) add(key string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.keys = append(e.keys, key)
}

func (e *ends) has(key string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, k := range e.keys {
		if k == key {
			return true
		}
	}
	return false
}

func follow(t *testing.T, s *sessions.Store) *ends {
	t.Helper()
	e := &ends{}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Follow(ctx, e.add) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Follow = %v", err)
		}
	})
	return e
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

var began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func create(t *testing.T, s *sessions.Store, person, value string, life time.Duration) (sessions.Session, string) {
	t.Helper()
	n, id, err := s.Create(t.Context(), person, began, []byte(value), life)
	if err != nil {
		t.Fatal(err)
	}
	return n, id
}

func TestASessionIsOneForEveryProcess(t *testing.T) {
	js, _ := bucket(t)
	one, other := open(js, "secret"), open(js, "secret")
	made, id := create(t, one, "ann", "tokens", time.Hour)
	got, err := other.Get(t.Context(), id)
	if err != nil || got.Person != "ann" || string(got.Value) != "tokens" || !got.Began.Equal(began) || got.Key != made.Key {
		t.Fatalf("Get = %+v, %v", got, err)
	}
	got.Value = []byte("fresh")
	if _, err := other.Update(t.Context(), got, time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := one.Update(t.Context(), made, time.Hour); !errors.Is(err, sessions.ErrChanged) {
		t.Errorf("an older one was written over a newer: %v", err)
	}
	if got, err = one.Get(t.Context(), id); err != nil || string(got.Value) != "fresh" {
		t.Errorf("Get = %q, %v", got.Value, err)
	}
	t.Run("and ends for every process", func(t *testing.T) {
		seen := follow(t, one)
		eventually(t, "it is counted", func() bool { return one.Count() == 1 })
		if err := other.End(t.Context(), got.Key); err != nil {
			t.Fatal(err)
		}
		if _, err := one.Get(t.Context(), id); !errors.Is(err, sessions.ErrNone) {
			t.Errorf("Get = %v", err)
		}
		if _, err := one.Update(t.Context(), got, time.Hour); !errors.Is(err, sessions.ErrChanged) {
			t.Errorf("a session that has ended lives again: %v", err)
		}
		eventually(t, "the other process hears of it", func() bool { return seen.has(got.Key) && one.Count() == 0 })
	})
}

func TestNobodyElsesIsOpened(t *testing.T) {
	js, _ := bucket(t)
	s := open(js, "secret")
	n, id := create(t, s, "ann", "tokens", time.Hour)
	_, others := create(t, s, "ben", "bens", time.Hour)
	for name, id := range map[string]string{
		"nothing": "", "a key": n.Key, "padding": id + "=", "a newline": id + "\n", "a wildcard": "*",
		"short": id[:42], "long": strings.Repeat(id, 100), "unknown": strings.Repeat("A", 43), "another encoding of the same": id[:42] + string(id[42]+1),
	} {
		if got, err := s.Get(t.Context(), id); !errors.Is(err, sessions.ErrNone) {
			t.Errorf("%s: Get = %+v, %v", name, got, err)
		}
	}
	if _, err := open(js, "other secret").Get(t.Context(), id); !errors.Is(err, sessions.ErrNone) {
		t.Errorf("with another secret: %v", err)
	}
	// Ben's value in Ann's place.
	st, err := js.Stream(t.Context(), sessions.Stream)
	if err != nil {
		t.Fatal(err)
	}
	ben, err := s.Get(t.Context(), others)
	if err != nil {
		t.Fatal(err)
	}
	m, err := st.GetLastMsgForSubject(t.Context(), "$KV.sessions."+ben.Key)
	if err != nil {
		t.Fatal(err)
	}
	moved := nats.NewMsg("$KV.sessions." + n.Key)
	moved.Data, moved.Header = m.Data, m.Header
	moved.Header.Del(nats.ExpectedLastSubjSeqHdr)
	if _, err := js.PublishMsg(t.Context(), moved); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(t.Context(), id); !errors.Is(err, sessions.ErrNone) {
		t.Errorf("a moved value opened as %+v, %v", got, err)
	}
	if bytes.Contains(m.Data, []byte("bens")) {
		t.Error("the value is not encrypted")
	}
}

func TestASessionEndsWithItsLife(t *testing.T) {
	js, _ := bucket(t)
	s := open(js, "secret")
	seen := follow(t, s)
	n, id := create(t, s, "ann", "tokens", time.Second)
	eventually(t, "it is over, and everybody hears of it", func() bool {
		_, err := s.Get(t.Context(), id)
		return errors.Is(err, sessions.ErrNone) && seen.has(n.Key)
	})
}

func TestEndAll(t *testing.T) {
	js, _ := bucket(t)
	s, other := open(js, "secret"), open(js, "secret")
	_, anns := create(t, s, "ann", "1", time.Hour)
	follow(t, s)
	_, elsewhere := create(t, other, "ann", "2", time.Hour) // not seen here yet, perhaps
	_, bens := create(t, s, "ben", "3", time.Hour)
	of := func(who string, before time.Time) func(string, time.Time) bool {
		return func(person string, at time.Time) bool { return person == who && at.Before(before) }
	}
	if n, err := s.EndAll(t.Context(), of("ann", began)); n != 0 || err != nil {
		t.Errorf("of those begun before: %d, %v", n, err)
	}
	if n, err := s.EndAll(t.Context(), of("ann", began.Add(time.Second))); n != 2 || err != nil {
		t.Errorf("EndAll = %d, %v", n, err)
	}
	for _, id := range []string{anns, elsewhere} {
		if _, err := s.Get(t.Context(), id); !errors.Is(err, sessions.ErrNone) {
			t.Errorf("a session goes on: %v", err)
		}
	}
	if _, err := s.Get(t.Context(), bens); err != nil {
		t.Errorf("another's has ended: %v", err)
	}
}

func TestALostServerIsNoEndOfASession(t *testing.T) {
	js, ns := bucket(t)
	s := open(js, "secret")
	n, id := create(t, s, "ann", "1", time.Hour)
	ns.Shutdown()
	ctx, stop := context.WithTimeout(t.Context(), time.Second)
	defer stop()
	if _, err := s.Get(ctx, id); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("Get = %v", err)
	}
	if err := s.End(ctx, n.Key); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("End = %v", err)
	}
}
