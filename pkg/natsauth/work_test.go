package natsauth_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/es/esjs"
	"kith/pkg/es/estest"
	"kith/pkg/fault"
	"kith/pkg/react"
	"kith/pkg/vault"
)

func thing(service, id string) es.Stream {
	return es.Stream{Context: service, Aggregate: "box", ID: id}
}

// quiet fails the test if the server has refused anything.
func (b *bed) quiet() {
	b.t.Helper()
	if text := b.logs.String(); strings.Contains(text, "refuses") {
		b.t.Errorf("the server has refused something:\n%s", text)
	}
}

func TestEveryServiceUsesTheLog(t *testing.T) {
	b := newBed(t)
	ctx := t.Context()
	for i, name := range services {
		s := esjs.Open(b.js(name), estest.Codec(), time.Now)
		want, st := uint64(i+1), thing(name, "a")
		if seq, err := s.Append(ctx, st, 0, estest.Command("1"), estest.Opened{Label: "a"}); seq != want || err != nil {
			t.Fatalf("%s: Append = %d, %v", name, seq, err)
		}
		if _, err := s.Append(ctx, st, 0, estest.Command("2"), estest.Opened{Label: "b"}); !errors.Is(err, es.ErrConflict) {
			t.Errorf("%s: Append against the expectation = %v", name, err)
		}
		if last, err := s.Last(ctx); last != want || err != nil {
			t.Errorf("%s: Last = %d, %v", name, last, err)
		}
		if last, err := s.LastOf(ctx, thing("membership", "a")); last != 1 || err != nil {
			t.Errorf("%s: LastOf another's = %d, %v", name, last, err)
		}
		loaded := 0
		for _, err := range s.Load(ctx, st, 0) {
			if err != nil {
				t.Fatalf("%s: Load: %v", name, err)
			}
			loaded++
		}
		for _, err := range s.Range(ctx, 0, want) {
			if err != nil {
				t.Fatalf("%s: Range: %v", name, err)
			}
			loaded++
		}
		if loaded != 1+int(want) {
			t.Errorf("%s: %d events loaded", name, loaded)
		}
		for r, err := range s.Follow(ctx, 0) {
			if err != nil {
				t.Fatalf("%s: Follow: %v", name, err)
			}
			if r.Seq == want {
				break
			}
		}
	}
	b.quiet()
}

func TestAppendToAnothersSubjectFailsAtOnceAndSaysWhy(t *testing.T) {
	b := newBed(t)
	s := esjs.Open(b.js("matching"), estest.Codec(), time.Now)
	for range 2 { // the second refusal is not mistaken for the first
		start := time.Now()
		_, err := s.Append(t.Context(), thing("membership", "a"), 0, estest.Command("1"), estest.Opened{})
		if !errors.Is(err, esjs.ErrRefused) || errors.Is(err, es.ErrUnavailable) || time.Since(start) > 3*time.Second {
			t.Fatalf("Append = %v after %s", err, time.Since(start))
		}
		for _, want := range []string{"evt.membership.box.a", "kith provision"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q is not in: %v", want, err)
			}
		}
	}
	b.eventually("the log names service, subject and way out", func() bool {
		text := b.logs.String()
		return strings.Contains(text, "service=matching") && strings.Contains(text, "subject=evt.membership.box.a") &&
			strings.Contains(text, "run kith provision and reload")
	})
	if seq, err := s.Append(t.Context(), thing("matching", "a"), 0, estest.Command("1"), estest.Opened{}); seq != 1 || err != nil {
		t.Errorf("its own afterwards: Append = %d, %v", seq, err)
	}
}

func TestKeys(t *testing.T) {
	b := newBed(t)
	master, err := vault.NewMaster([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	open := func(name string) *vault.Vault { return vault.New(master, vault.NewStreamKeys(b.js(name)), rand.Reader) }
	writer := open("membership")
	if err := writer.Create(ctx, "anna"); err != nil {
		t.Fatal(err)
	}
	readers := map[string]*vault.Vault{}
	ended := make(chan error, len(services))
	for _, name := range services {
		v := open(name)
		readers[name] = v
		go func() { ended <- v.Run(ctx) }()
		select {
		case <-v.Ready():
		case <-time.After(5 * time.Second):
			t.Fatalf("%s does not follow the keys", name)
		}
	}
	e := note{sealed.New("anna", sealed.Identity, "Anna")}
	for name, v := range readers {
		if _, err := v.Seal(ctx, "event", e); err != nil {
			t.Errorf("%s seals: %v", name, err)
		}
		// Past what it follows, too.
		if rec, err := vault.NewStreamKeys(b.js(name)).Get(ctx, vault.ID{Person: "anna", Class: sealed.Content}); err != nil || len(rec.Wrapped) == 0 {
			t.Errorf("%s gets a key: %v", name, err)
		}
	}
	if err := writer.Shred(ctx, "anna", sealed.Identity, "erasure"); err != nil {
		t.Fatal(err)
	}
	for name, v := range readers {
		b.eventually(name+" has dropped the key", func() bool {
			_, err := v.Seal(ctx, "event", e)
			return errors.Is(err, vault.ErrErased)
		})
	}
	cancel()
	for range services {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	b.quiet()
}

type note struct {
	Text sealed.Text `json:"text"`
}

func (note) EventType() string { return "note.noted" }

// folded is a process that is never behind.
type folded struct{}

func (folded) Wait(context.Context, uint64) error { return nil }

func (b *bed) runner(js jetstream.JetStream) *react.Runner {
	b.t.Helper()
	r, err := react.NewRunner(react.Config{
		JS: js, Codec: estest.Codec(), Log: b.log(), Now: time.Now, Position: folded{}, Progress: react.NewProgress(),
		RetryMin: time.Millisecond, Attempts: 2, Watch: 10 * time.Millisecond,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// TestReactors runs every reactor with the key of its service: it handles one
// event, leaves a dead letter for another, replays the one and discards none.
func TestReactors(t *testing.T) {
	b := newBed(t)
	for _, event := range []string{"good", "bad"} {
		s := esjs.Open(b.js("community"), estest.Codec(), time.Now)
		if _, err := s.Append(t.Context(), thing("community", event), 0, estest.Command(event), estest.Opened{}); err != nil {
			t.Fatal(err)
		}
	}
	for name, service := range reactors {
		t.Run(name, func(t *testing.T) {
			js := b.js(service)
			r := b.runner(js)
			var healed, good atomic.Bool
			re := react.Reactor{
				Name: name, Subjects: []string{"evt.community.box.*"}, From: react.Start, InFlight: 2,
				Handle: func(_ context.Context, r es.Recorded) error {
					if r.Stream.ID == "bad" && !healed.Load() {
						return fault.New(fault.Invalid, "bad")
					}
					good.Store(true)
					return nil
				},
			}
			if len(name)%2 == 0 {
				re.Subjects = append(re.Subjects, "evt.membership.person.*") // the other way to make a consumer
			}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			ended := make(chan error, 1)
			go func() { ended <- r.Run(ctx, re) }()
			letters := r.DeadLetters(re)
			b.eventually("both events are settled", func() bool {
				l, err := letters.Get(ctx, name+".2")
				return good.Load() && err == nil && l.Reactor == name
			})
			b.eventually("nothing is left to acknowledge", func() bool {
				c, err := js.Consumer(ctx, "EVENTS", name)
				return err == nil && c.CachedInfo().NumAckPending == 0 && c.CachedInfo().NumPending == 0
			})
			healed.Store(true)
			if err := letters.Replay(ctx, name+".2"); err != nil {
				t.Errorf("Replay = %v", err)
			}
			if all, err := letters.List(ctx, 0, react.MaxLetters); err != nil || len(all) != 0 {
				t.Errorf("List = %v, %v", all, err)
			}
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
	if all, err := b.runner(b.js("audit")).DeadLetters().List(t.Context(), 0, react.MaxLetters); err != nil || len(all) != 0 {
		t.Errorf("audit: List = %v, %v", all, err)
	}
	b.quiet()
}

// TestAnswersGoWhereTheyAreAskedTo shows the limit that the package's comment
// names: the server does not judge where an answer goes. If this fails, the
// server has become stricter, and the comment is out of date.
func TestAnswersGoWhereTheyAreAskedTo(t *testing.T) {
	b := newBed(t)
	nc := b.connect("matching")
	if err := nc.PublishRequest("$JS.API.STREAM.INFO.EVENTS", "evt.membership.person.x", nil); err != nil {
		t.Fatal(err)
	}
	s := esjs.Open(b.js("audit"), estest.Codec(), time.Now)
	b.eventually("the answer is stored as another's event", func() bool {
		last, err := s.Last(t.Context())
		return err == nil && last == 1
	})
	b.quiet()
}
