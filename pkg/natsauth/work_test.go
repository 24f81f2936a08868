package natsauth_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/es/esjs"
	"kith/pkg/es/estest"
	"kith/pkg/fault"
	"kith/pkg/natsauth"
	"kith/pkg/react"
	"kith/pkg/sessions"
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
	t.Run("of one server", func(t *testing.T) { usesTheLog(newBed(t)) })
	t.Run("of three", func(t *testing.T) { usesTheLog(newBedOf(t, 3)) })
}

func usesTheLog(b *bed) {
	t := b.t
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
		// One of three servers may answer that has not got the newest event yet.
		b.eventually(name+" loads its events", func() bool {
			last, err := s.LastOf(ctx, thing("membership", "a"))
			if err != nil {
				t.Fatalf("%s: LastOf another's: %v", name, err)
			}
			loaded := 0
			for _, err := range s.Load(ctx, st, 0) {
				if err != nil {
					t.Fatalf("%s: Load: %v", name, err)
				}
				loaded++
			}
			for r, err := range s.Range(ctx, 0, want) {
				if err != nil {
					t.Fatalf("%s: Range: %v", name, err)
				}
				if _, ok := r.Stored.Header["Nats-Request-Info"]; ok {
					t.Errorf("%s: the way through accounts is stored with the event", name)
				}
				loaded++
			}
			return last == 1 && loaded == 1+int(want)
		})
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
		case <-time.After(20 * time.Second):
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

// TestAnswersStayWithTheService has the answers to all that a service may ask
// sent to subjects on which it may not publish. Within one account that would
// do what such a publish does: the server does not judge where an answer goes.
func TestAnswersStayWithTheService(t *testing.T) {
	t.Run("of one server", func(t *testing.T) { answersStay(newBed(t)) })
	t.Run("of three", func(t *testing.T) { answersStay(newBedOf(t, 3)) })
}

func answersStay(b *bed) {
	t, ctx := b.t, b.t.Context()
	for _, s := range services { // something to be answered with
		if _, err := esjs.Open(b.js(s), estest.Codec(), time.Now).Append(ctx, thing(s, "a"), 0, estest.Command("1"), estest.Opened{}); err != nil {
			t.Fatal(err)
		}
	}
	for r, owner := range reactors {
		_, err := b.js(owner).CreateConsumer(ctx, "EVENTS", jetstream.ConsumerConfig{
			Durable: r, AckPolicy: jetstream.AckExplicitPolicy, FilterSubject: "evt.community.box.*", DeliverPolicy: jetstream.DeliverAllPolicy,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, service := range services {
		t.Run(service, func(t *testing.T) {
			victim := services[(i+1)%len(services)]
			inbox, err := b.connect(victim).SubscribeSync(natsauth.InboxPrefix(victim) + ".>")
			if err != nil {
				t.Fatal(err)
			}
			targets := []string{
				"evt." + victim + ".box.b", "key.anna.identity", "dead.nobody.1", inbox.Subject[:len(inbox.Subject)-1] + "x",
				"kith.api.STREAM.DELETE.EVENTS", "$JS.API.STREAM.DELETE.EVENTS", "$JS.API.STREAM.PURGE.EVENTS",
				"$JS.API.STREAM.DELETE.KEYS", "$JS.API.STREAM.DELETE.DEAD",
			}
			for r, owner := range reactors {
				if owner != service {
					targets = append(targets, "$JS.API.CONSUMER.DELETE.EVENTS."+r, "kith.api.CONSUMER.MSG.NEXT.EVENTS."+r, "$JS.ACK.EVENTS."+r+".1.1.1.1.0")
				}
			}
			nc := b.connect(service, nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})) // acknowledgements as an answer are refused at once
			for _, target := range targets {
				for subject, payload := range map[string]string{
					"kith.api.STREAM.INFO.EVENTS": "", "kith.api.STREAM.INFO.KEYS": "", "kith.api.DIRECT.GET.EVENTS": `{"seq":1}`,
					"kith.api.DIRECT.GET.EVENTS.evt." + service + ".box.a": "", "kith.api.DIRECT.GET.KEYS": `{"seq":1}`,
					"kith.api.CONSUMER.MSG.NEXT.EVENTS.nobody": "1", "evt." + service + ".box.a": "",
				} {
					if subject == "evt."+service+".box.a" && !strings.HasPrefix(target, "$JS.API.STREAM.DELETE") {
						continue // one is enough: it is stored
					}
					if err := nc.PublishRequest(subject, target, []byte(payload)); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := nc.Flush(); err != nil {
				t.Fatal(err)
			}
			// What is asked last is answered last.
			if _, err := b.js(service).Stream(ctx, "EVENTS"); err != nil {
				t.Fatal(err)
			}
			if n, _, _ := inbox.Pending(); n > 0 {
				t.Errorf("%s got %d answers that %s had asked for", victim, n, service)
			}
		})
	}
	b.pushEverywhere()
	js := b.js(natsauth.Provision)
	stored := 4 * len(services) // of each service the first, and what it asked for with the three targets that are no other's
	for name, want := range map[string]uint64{"EVENTS": uint64(stored), "KEYS": 0, "DEAD": 0} {
		s, err := js.Stream(ctx, name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if last := s.CachedInfo().State.LastSeq; last != want {
			t.Errorf("%s ends at %d, want %d", name, last, want)
		}
	}
	for r, owner := range reactors {
		c, err := b.js(owner).Consumer(ctx, "EVENTS", r)
		if err != nil {
			t.Errorf("%s: %v", r, err)
			continue
		}
		if i := c.CachedInfo(); i.Delivered.Consumer != 0 || i.AckFloor.Consumer != 0 {
			t.Errorf("%s: %d were delivered, %d acknowledged", r, i.Delivered.Consumer, i.AckFloor.Consumer)
		}
	}
}

// pushEverywhere makes consumers that would push events to subjects of others,
// and waits until one to a subject with a listener has done so: the server
// pushes to clients only, so that none of the others becomes a command.
func (b *bed) pushEverywhere() {
	b.t.Helper()
	arrived, err := b.connect(natsauth.Provision).SubscribeSync(natsauth.InboxPrefix(natsauth.Provision) + ".control")
	if err != nil {
		b.t.Fatal(err)
	}
	nc := b.connect("matching")
	for n, to := range []string{
		"key.anna.identity", "dead.nobody.1", "$JS.API.STREAM.DELETE.EVENTS", "$JS.API.STREAM.PURGE.KEYS", "$JS.API.STREAM.DELETE.DEAD",
		"$JS.ACK.EVENTS.community-erasure.1.1.1.1.0", "kith.api.STREAM.DELETE.EVENTS", arrived.Subject,
	} {
		name := fmt.Sprint("push", n)
		create := fmt.Sprintf(`{"stream_name":"EVENTS","action":"create","config":{"name":%q,"deliver_policy":"all","ack_policy":"none","replay_policy":"instant","deliver_subject":%q}}`, name, to)
		answer, err := nc.RequestWithContext(b.t.Context(), "kith.api.CONSUMER.CREATE.EVENTS."+name, []byte(create))
		if err != nil || bytes.Contains(answer.Data, []byte(`"error"`)) {
			b.t.Fatalf("a consumer to %s: %v %s", to, err, answer.Data)
		}
	}
	if _, err := arrived.NextMsg(10 * time.Second); err != nil {
		b.t.Fatalf("the control: %v", err)
	}
}

func TestThePortalKeepsSessions(t *testing.T) {
	for _, servers := range []int{1, 3} {
		b := newBedOf(t, servers)
		s := sessions.New(b.js("portal"), []byte("secret"), rand.Reader)
		over := make(chan string, 8)
		ctx, stop := context.WithCancel(t.Context())
		followed := make(chan error, 1)
		go func() { followed <- s.Follow(ctx, func(key string) { over <- key }) }()
		_, id, err := s.Create(t.Context(), "ann", time.Now(), []byte("tokens"), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		n, err := s.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Update(t.Context(), n, time.Hour); err != nil {
			t.Fatal(err)
		}
		if many, err := s.EndAll(t.Context(), func(person string, _ time.Time) bool { return person == "ann" }); many != 1 || err != nil {
			t.Errorf("EndAll = %d, %v", many, err)
		}
		b.eventually("the end is heard of", func() bool { return len(over) > 0 && s.Count() == 0 })
		stop()
		if err := <-followed; err != nil {
			t.Error(err)
		}
		b.quiet()
	}
}
