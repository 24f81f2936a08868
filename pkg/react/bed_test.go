package react_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"kith/pkg/es"
	"kith/pkg/logtest"
	"kith/pkg/react"
	"kith/pkg/view"
)

type asked struct {
	N int `json:"n"`
}

func (asked) EventType() string { return "request.asked" }

type done struct {
	N int `json:"n"`
}

func (done) EventType() string { return "effect.done" }

type unknown struct{}

func (unknown) EventType() string { return "request.unknown" }

// bed is a server with a log, and what survives a restart of the process.
type bed struct {
	t     *testing.T
	ns    *server.Server
	dir   string
	port  int
	js    jetstream.JetStream
	codec *es.Codec
	logs  *logtest.Buffer
	reg   *prometheus.Registry
}

func newBed(t *testing.T) *bed {
	t.Helper()
	t.Parallel()
	b := &bed{t: t, logs: &logtest.Buffer{}, reg: prometheus.NewRegistry(), dir: t.TempDir(), port: server.RANDOM_PORT,
		codec: es.NewCodec(es.Type[asked](), es.Type[done]())}
	b.serve()
	t.Cleanup(func() { b.shutdown() })
	nc, err := nats.Connect(b.ns.ClientURL(), nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond), nats.ReconnectJitter(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "EVENTS", Subjects: []string{"evt.>"}, AllowDirect: true, DenyDelete: true, DenyPurge: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := react.ProvisionDead(t.Context(), js, 1); err != nil {
		t.Fatal(err)
	}
	b.js = js
	return b
}

// serve starts the server, again at the same address and with the same data.
func (b *bed) serve() {
	b.t.Helper()
	ns, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: b.port, JetStream: true, StoreDir: b.dir, NoSigs: true, NoLog: true})
	if err != nil {
		b.t.Fatal(err)
	}
	go ns.Start()
	if !ns.ReadyForConnections(10 * time.Second) {
		b.t.Fatal("the server is not ready")
	}
	b.ns, b.port = ns, ns.Addr().(*net.TCPAddr).Port
}

func (b *bed) shutdown() {
	b.ns.Shutdown()
	b.ns.WaitForShutdown()
}

// runner is what one process would have: it knows nothing but the log.
func (b *bed) runner(change ...func(*react.Config)) *react.Runner {
	b.t.Helper()
	progress := react.NewProgress()
	c := react.Config{
		JS: b.js, Codec: b.codec, Log: slog.New(slog.NewTextHandler(b.logs, nil)), Now: time.Now,
		Position: &position{b: b, progress: progress}, Progress: progress, Registry: b.reg,
		AckWait: time.Minute, RetryMin: 5 * time.Millisecond, RetryMax: 20 * time.Millisecond, Attempts: 3, Watch: 20 * time.Millisecond,
	}
	for _, f := range change {
		f(&c)
	}
	r, err := react.NewRunner(c)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// start runs reactors; stop ends them as SIGTERM would and waits.
func (b *bed) start(r *react.Runner, reactors ...react.Reactor) (stop func()) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx, reactors...) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			b.t.Errorf("Run: %v", err)
		}
	})
	b.t.Cleanup(stop)
	return stop
}

func (b *bed) append(s es.Stream, m es.Meta, codec *es.Codec, e es.Event) (uint64, error) {
	env, err := codec.EncodeEnvelope(s, m, time.Now(), e)
	if err != nil {
		return 0, err
	}
	msg := nats.NewMsg(s.Subject())
	msg.Header, msg.Data = env.Header, env.Data
	ack, err := b.js.PublishMsg(context.Background(), msg, jetstream.WithExpectLastSequencePerSubject(0))
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// ask appends the n-th request and returns its position.
func (b *bed) ask(n int, change ...func(*es.Meta)) uint64 {
	b.t.Helper()
	m := es.Meta{Command: "ask-" + strconv.Itoa(n), Actor: "anna", Traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
	for _, f := range change {
		f(&m)
	}
	seq, err := b.append(es.Stream{Context: "test", Aggregate: "request", ID: strconv.Itoa(n)}, m, b.codec, asked{n})
	if err != nil {
		b.t.Fatal(err)
	}
	return seq
}

// effect is a command of reactor because of r: one event, however often it is given.
func (b *bed) effect(reactor string, r es.Recorded) error {
	m := react.Command(r, reactor)
	_, err := b.append(es.Stream{Context: "test", Aggregate: "effect", ID: m.Command}, m, b.codec, done{r.Data.(asked).N})
	if e, ok := errors.AsType[*jetstream.APIError](err); ok && e.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence {
		return nil // it was given before
	}
	return err
}

func (b *bed) effects() int {
	b.t.Helper()
	s, err := b.js.Stream(context.Background(), "EVENTS")
	if err != nil {
		b.t.Fatal(err)
	}
	info, err := s.Info(context.Background(), jetstream.WithSubjectFilter("evt.test.effect.*"))
	if err != nil {
		b.t.Fatal(err)
	}
	return len(info.State.Subjects)
}

func (b *bed) letters(r *react.Runner) []react.Letter {
	b.t.Helper()
	all, err := r.DeadLetters().List(context.Background(), 0, react.MaxLetters)
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// settled waits until the reactor has settled every request that is its.
func (b *bed) settled(reactor string) {
	b.t.Helper()
	b.eventually("every request is settled", func() bool {
		ctx := context.Background()
		log, err := b.js.Stream(ctx, "EVENTS")
		if err != nil {
			return false
		}
		last := uint64(0)
		if msg, err := log.GetLastMsgForSubject(ctx, "evt.test.request.*"); err == nil {
			last = msg.Sequence
		} else if !errors.Is(err, jetstream.ErrMsgNotFound) {
			return false
		}
		c, err := b.js.Consumer(ctx, "EVENTS", reactor)
		if err != nil {
			return false
		}
		// What is pending reads 0 for a moment when a consumer is new.
		info := c.CachedInfo()
		return info.NumPending == 0 && info.NumAckPending == 0 && max(info.AckFloor.Stream+1, info.Config.OptStartSeq) > last
	})
}

// metric is the sum of a metric over the series that carry all labels.
func (b *bed) metric(name string, labels ...string) float64 {
	b.t.Helper()
	families, err := b.reg.Gather()
	if err != nil {
		b.t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			has := 0
			for _, l := range m.GetLabel() {
				for _, want := range labels {
					if l.GetName()+"="+l.GetValue() == want {
						has++
					}
				}
			}
			if has == len(labels) {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

func (b *bed) eventually(what string, ok func() bool) {
	b.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("never: %s\n%s", what, b.logs)
		}
	}
}

// position folds the log up to where it is asked to have come.
type position struct {
	b        *bed
	progress *react.Progress
	mu       sync.Mutex
}

var _ react.Position = (*view.Follower)(nil)

func (p *position) Wait(ctx context.Context, seq uint64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, err := p.b.js.Stream(ctx, "EVENTS")
	if err != nil {
		return err
	}
	for p.progress.Position() < seq {
		at := p.progress.Position() + 1
		msg, err := s.GetMsg(ctx, at)
		if err != nil {
			return err
		}
		rec := p.b.codec.DecodeEnvelope(at, msg.Subject, es.Stored{Header: msg.Header, Data: msg.Data})
		if err := p.progress.Apply(ctx, []es.Recorded{rec}); err != nil {
			return err
		}
	}
	return nil
}

// seen collects which events a handler was given, in order.
type seen struct {
	mu sync.Mutex
	n  []int
}

func (s *seen) add(r es.Recorded) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := r.Data.(asked).N
	s.n = append(s.n, n)
	times := 0
	for _, m := range s.n {
		if m == n {
			times++
		}
	}
	return times
}

func (s *seen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, n := range s.n {
		b.WriteString(strconv.Itoa(n))
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}
