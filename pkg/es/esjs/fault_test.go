package esjs_test

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es"
	"kith/pkg/es/esjs"
	"kith/pkg/es/estest"
	"kith/pkg/natsd"
)

// wire is the way from a client to the server, and can go deaf: what the
// client sends arrives, what the server answers does not.
type wire struct {
	mu    sync.Mutex
	deaf  bool
	conns []net.Conn
}

// Dial implements nats.CustomDialer.
func (w *wire) Dial(network, address string) (net.Conn, error) {
	c, err := net.Dial(network, address)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conns = append(w.conns, c)
	return &end{c, w}, nil
}

func (w *wire) setDeaf(deaf bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deaf = deaf
}

// cut ends every connection, and lets new ones hear again.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deaf = false
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.conns = nil
}

type end struct {
	net.Conn
	w *wire
}

func (e *end) Read(b []byte) (int, error) {
	for {
		n, err := e.Conn.Read(b)
		e.w.mu.Lock()
		deaf := e.w.deaf
		e.w.mu.Unlock()
		if err != nil || !deaf {
			return n, err
		}
	}
}

// wired is a log with a server that others can look into, and a client whose
// wire can be cut.
func wired(t *testing.T) (far jetstream.JetStream, near *esjs.Store, w *wire) {
	t.Helper()
	server := boot(t, natsd.Config{Port: natsd.RandomPort})
	far = provisioned(t, server, esjs.ProvisionConfig{})
	w = &wire{}
	nc, err := nats.Connect(server.ClientURL(), nats.SetCustomDialer(w), nats.ReconnectWait(10*time.Millisecond), nats.MaxReconnects(-1))
	if err != nil {
		t.Fatal(err)
	}
	return far, esjs.Open(stream(t, nc, jetstream.WithDefaultTimeout(500*time.Millisecond)), estest.Codec(), time.Now), w
}

// until waits for far to hold n events.
func until(t *testing.T, far jetstream.JetStream, n uint64) {
	t.Helper()
	s := esjs.Open(far, estest.Codec(), time.Now)
	for end := time.Now().Add(20 * time.Second); ; {
		last, err := s.Last(context.Background())
		if err == nil && last >= n {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the log ends at %d, %v; want %d", last, err, n)
		}
	}
}

func TestAnswerLost(t *testing.T) {
	ctx := context.Background()
	box := estest.Box("a")

	t.Run("an append goes on after a cut and stores one event", func(t *testing.T) {
		far, near, w := wired(t)
		w.setDeaf(true)
		type result struct {
			seq uint64
			err error
		}
		got := make(chan result, 1)
		go func() {
			seq, err := near.Append(ctx, box, 0, estest.Command("1"), estest.Opened{Label: "a"})
			got <- result{seq, err}
		}()
		until(t, far, 1) // stored, but its author cannot know
		w.cut()
		if r := <-got; r.seq != 1 || r.err != nil {
			t.Errorf("Append = %d, %v; want 1", r.seq, r.err)
		}
		wantOne(t, far)
	})
	t.Run("an append that gave up can be repeated and is one event", func(t *testing.T) {
		far, near, w := wired(t)
		w.setDeaf(true)
		short, cancel := context.WithCancel(ctx)
		defer cancel()
		failed := make(chan error, 1)
		go func() {
			_, err := near.Append(short, box, 0, estest.Command("1"), estest.Opened{Label: "a"})
			failed <- err
		}()
		until(t, far, 1)
		cancel()
		if err := <-failed; !errors.Is(err, es.ErrUnavailable) {
			t.Errorf("Append = %v, want unavailable", err)
		}
		w.cut()
		var seq uint64
		var err error
		for range 20 {
			if seq, err = near.Append(ctx, box, 0, estest.Command("1"), estest.Opened{Label: "a"}); !errors.Is(err, es.ErrUnavailable) {
				break
			}
		}
		if seq != 1 || err != nil {
			t.Errorf("repeated = %d, %v; want 1", seq, err)
		}
		wantOne(t, far)
	})
	t.Run("a server that never answers is unavailable for reading too", func(t *testing.T) {
		_, near, w := wired(t)
		w.setDeaf(true)
		if _, err := near.LastOf(ctx, box); !errors.Is(err, es.ErrUnavailable) {
			t.Errorf("LastOf = %v", err)
		}
		if _, err := near.Last(ctx); !errors.Is(err, es.ErrUnavailable) {
			t.Errorf("Last = %v", err)
		}
		for _, err := range near.Load(ctx, box, 0) {
			if !errors.Is(err, es.ErrUnavailable) {
				t.Errorf("Load = %v", err)
			}
		}
	})
	t.Run("a follower that hears nothing ends with its context", func(t *testing.T) {
		far, near, w := wired(t)
		raw(t, far, box.Subject(), es.Stored{})
		short, cancel := context.WithCancel(ctx)
		defer cancel()
		for _, err := range near.Follow(short, 0) {
			if err != nil {
				if !errors.Is(err, context.Canceled) {
					t.Errorf("Follow = %v", err)
				}
				break
			}
			w.setDeaf(true)
			time.AfterFunc(time.Millisecond, cancel)
		}
	})
}

func wantOne(t *testing.T, far jetstream.JetStream) {
	t.Helper()
	last, err := esjs.Open(far, estest.Codec(), time.Now).Last(context.Background())
	if last != 1 || err != nil {
		t.Errorf("the log ends at %d, %v; want 1", last, err)
	}
}

func TestFollowSurvivesCuts(t *testing.T) {
	far, near, w := wired(t)
	const n = 3000
	go func() {
		for i := range n {
			raw(t, far, "evt.test.box.a", es.Stored{Data: []byte(strconv.Itoa(i))})
		}
	}()
	want := uint64(1)
	for r, err := range near.Follow(context.Background(), 0) {
		if err != nil || r.Seq != want {
			t.Fatalf("at %d came %d, %v", want, r.Seq, err)
		}
		if want%1000 == 500 {
			w.cut()
		}
		if want++; want > n {
			break
		}
	}
}

// TestRestart stops the server while many append and one follows, and starts
// it again on the same files.
func TestRestart(t *testing.T) {
	conf := natsd.Config{Dir: t.TempDir(), Port: natsd.RandomPort}
	server := boot(t, conf)
	provisioned(t, server, esjs.ProvisionConfig{})
	host, port, err := net.SplitHostPort(strings.TrimPrefix(server.ClientURL(), "nats://"))
	if err != nil {
		t.Fatal(err)
	}
	conf.Host = host
	if conf.Port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	nc, err := nats.Connect(server.ClientURL(), nats.ReconnectWait(10*time.Millisecond), nats.ReconnectJitter(0, 0), nats.MaxReconnects(-1))
	if err != nil {
		t.Fatal(err)
	}
	s := esjs.Open(stream(t, nc, jetstream.WithDefaultTimeout(500*time.Millisecond)), estest.Codec(), time.Now)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	const writers, each = 4, 200
	var acked sync.Map // box/number → position
	var writing sync.WaitGroup
	half := make(chan bool, writers)
	for wr := range writers {
		box := "w" + strconv.Itoa(wr)
		writing.Go(func() {
			seq := uint64(0)
			for i := 0; i < each; {
				next, err := s.Append(ctx, estest.Box(box), seq, estest.Command(strconv.Itoa(i)), estest.Put{Thing: box, Count: i})
				switch {
				case err == nil:
					acked.Store(box+"/"+strconv.Itoa(i), next)
					seq = next
					if i++; i == each/2 {
						half <- true
					}
				case !errors.Is(err, es.ErrUnavailable):
					t.Errorf("append: %v", err)
					return
				}
			}
		})
	}
	go func() {
		<-half
		server.Shutdown()
		again, err := natsd.Start(conf)
		if err != nil {
			t.Errorf("restart: %v", err)
			cancel()
			return
		}
		t.Cleanup(again.Shutdown)
	}()
	seen := map[string]uint64{}
	for r, err := range s.Follow(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		p := r.Data.(estest.Put)
		key := p.Thing + "/" + strconv.Itoa(p.Count)
		if old, twice := seen[key]; twice {
			t.Fatalf("%s is stored at %d and %d", key, old, r.Seq)
		}
		if seen[key] = r.Seq; len(seen) == writers*each {
			break
		}
	}
	writing.Wait()
	acked.Range(func(key, seq any) bool {
		if seen[key.(string)] != seq {
			t.Errorf("%s was acknowledged at %d, and is at %d", key, seq, seen[key.(string)])
		}
		return true
	})
}
