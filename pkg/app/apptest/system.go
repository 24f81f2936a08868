// Package apptest runs modules in the test's process: the real HTTP stack and
// the real views on a log in memory, with reactors driven after every event.
package apptest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kith/api/sealed"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/es/esmem"
	"kith/pkg/fault"
	"kith/pkg/react"
	"kith/pkg/rest"
	"kith/pkg/rest/principal"
	"kith/pkg/vault"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
)

// System is a running process of some modules.
type System struct {
	App   *app.App
	Clock *Clock
	URL   string
	Log   *esmem.Store // for what no module would append

	t        testing.TB
	reactors *memoryReactors
	serial   int
}

// Clock is the process's time. It moves when the test says so.
type Clock struct {
	mu      sync.Mutex
	now     time.Time
	waiting []alarm
}

type alarm struct {
	at   time.Time
	ring chan time.Time
}

// Now is the present.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// After rings when the clock has been moved by d.
func (c *Clock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := alarm{c.now.Add(d), make(chan time.Time, 1)}
	c.waiting = append(c.waiting, a)
	return a.ring
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.waiting = slices.DeleteFunc(c.waiting, func(a alarm) bool {
		due := !a.at.After(c.now)
		if due {
			a.ring <- c.now
		}
		return due
	})
}

// Start runs modules until the test ends. codec knows all events of the product.
func Start(t testing.TB, codec *es.Codec, modules ...app.Constructor) *System {
	t.Helper()
	clock := &Clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	master, err := vault.NewMaster([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	store := esmem.New(codec, clock.Now)
	reactors := &memoryReactors{store: store}
	ctx, cancel := context.WithCancel(t.Context())
	a, err := app.New(ctx, app.World{
		Events: store, Views: viewmem.Backend{}, Master: master,
		Vault:    vault.New(master, vault.NewMemoryKeys(), rand.Reader),
		Reactors: func(f *view.Follower) (app.Reactors, error) { reactors.wait = f.Wait; return reactors, nil },
		Auth:     func(acc *access.Access) (rest.Authenticator, error) { return authenticator{acc}, nil },
		Log:      slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})), Metrics: prometheus.NewRegistry(),
		Clock: clock, Random: rand.Reader, Data: t.TempDir(),
	}, rest.Config{Heartbeat: 50 * time.Millisecond}, modules...)
	if err != nil {
		t.Fatal(err)
	}
	l, err := listen()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the process ended with: %v", err)
		}
	})
	s := &System{App: a, Clock: clock, URL: "http://" + l.Addr().String(), Log: store, t: t, reactors: reactors}
	s.until("ready", a.Ready)
	return s
}

// Append puts an event into the log that another service or an earlier time
// has brought about, and waits until it has been folded. Its personal texts
// are sealed; their owners get keys.
func (s *System) Append(actor string, stream es.Stream, e es.Event) uint64 {
	s.t.Helper()
	return s.AppendMeta(es.Meta{Actor: actor}, stream, e)
}

// AppendMeta is Append with more to say; a missing command id is made up.
func (s *System) AppendMeta(m es.Meta, stream es.Stream, e es.Event) uint64 {
	s.t.Helper()
	ctx := s.t.Context()
	s.serial++
	if m.Command == "" {
		m.Command = fmt.Sprintf("test-%d", s.serial)
	}
	core := s.App.Core
	after, err := core.Events.LastOf(ctx, stream)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := giveKeys(ctx, core.Vault, e); err != nil {
		s.t.Fatal(err)
	}
	event, err := core.Vault.Seal(ctx, es.EventID(stream, m.Command), e)
	if err != nil {
		s.t.Fatal(err)
	}
	seq, err := core.Events.Append(ctx, stream, after, m, event)
	if err != nil && !errors.Is(err, es.ErrRepeated) {
		s.t.Fatal(err)
	}
	s.Settle()
	return seq
}

// giveKeys makes sure that whose texts are in e can have them sealed.
func giveKeys(ctx context.Context, v *vault.Vault, e es.Event) error {
	_, err := sealed.Map(e, func(_ string, t sealed.Text) (sealed.Text, error) {
		person, _, _, ok := t.Plain()
		if !ok {
			return t, nil
		}
		if err := v.Create(ctx, person); !errors.Is(err, vault.ErrErased) {
			return t, err
		}
		return t, nil // sealing says so
	})
	return err
}

// Settle returns when every event has been folded and every reactor has
// handled every event, those that reactors caused among them.
func (s *System) Settle() {
	s.t.Helper()
	s.until("settled", func() bool {
		last, err := s.App.Core.Events.Last(s.t.Context())
		return err == nil && s.App.Core.Follower.Position() >= last && s.reactors.handled() >= last
	})
}

// Dead are the errors of events that a reactor gave up on.
func (s *System) Dead() []error {
	s.reactors.mu.Lock()
	defer s.reactors.mu.Unlock()
	return append([]error(nil), s.reactors.dead...)
}

func (s *System) until(what string, ok func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("not %s after 20 s", what)
		}
	}
}

// authenticator takes "Bearer <person id>" at its word, if the person is active;
// "Bearer <person id>#<token id>" is an API token of theirs.
type authenticator struct{ access *access.Access }

func (a authenticator) Authenticate(_ context.Context, authorization string) (principal.Principal, error) {
	person, ok := strings.CutPrefix(authorization, "Bearer ")
	if !ok || person == "" {
		return principal.Principal{}, fault.New(fault.Unauthenticated, "Send a bearer token.")
	}
	person, token, _ := strings.Cut(person, "#")
	if !a.access.Active(person) {
		return principal.Principal{}, fault.New(fault.Forbidden, "This person is not active.")
	}
	return principal.Principal{Person: person, TokenID: token}, nil
}

// memoryReactors handles events one after the other, each by every reactor,
// retrying what may succeed later.
type memoryReactors struct {
	store es.Store
	wait  func(context.Context, uint64) error

	mu   sync.Mutex
	upTo uint64
	dead []error
}

const attempts = 5

// Run implements app.Reactors.
func (m *memoryReactors) Run(ctx context.Context, reactors ...react.Reactor) error {
	for r, err := range m.store.Follow(ctx, 0) {
		if err != nil {
			return err
		}
		if err := m.wait(ctx, r.Seq); err != nil {
			return err
		}
		for _, reactor := range reactors {
			if !r.Meta.Imported && matches(reactor.Subjects, r.Stream.Subject()) {
				m.handle(ctx, reactor, r)
			}
		}
		m.mu.Lock()
		m.upTo = r.Seq
		m.mu.Unlock()
	}
	return ctx.Err()
}

func (m *memoryReactors) handle(ctx context.Context, reactor react.Reactor, r es.Recorded) {
	var err error
	for range attempts {
		if err = reactor.Handle(ctx, r); err == nil || errors.Is(err, context.Canceled) {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err != nil && ctx.Err() == nil {
		m.mu.Lock()
		m.dead = append(m.dead, fmt.Errorf("%s at %d (%s): %w", reactor.Name, r.Seq, r.Type, err))
		m.mu.Unlock()
	}
}

func (m *memoryReactors) handled() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.upTo
}

// matches reports whether one of the subject patterns with * and > fits.
func matches(patterns []string, subject string) bool {
	for _, p := range patterns {
		if match(strings.Split(p, "."), strings.Split(subject, ".")) {
			return true
		}
	}
	return false
}

func match(pattern, subject []string) bool {
	for i, p := range pattern {
		if p == ">" {
			return len(subject) > i
		}
		if i >= len(subject) || p != "*" && p != subject[i] {
			return false
		}
	}
	return len(pattern) == len(subject)
}
