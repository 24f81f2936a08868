package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es"
	"kith/pkg/es/esjs"
	"kith/pkg/fault"
	"kith/pkg/host"
	"kith/pkg/vault"
	"kith/test/internal/deployment"
	"kith/test/internal/proc"
)

// Two versions of a service run side by side while the older one is replaced. The
// newer writes a schema of box.put that only adds, and an event that the older
// does not know.
func TestOlderAndNewerVersion(t *testing.T) {
	b := newBoxes(t)
	b.start(0, "older")
	b.start(1, "older")
	const workers, acts = 4, 90
	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() {
			for i := range acts {
				b.put(fmt.Sprintf("b%d", (worker+i)%3), fmt.Sprint(worker, "-", i), (worker+i)%2)
			}
		})
	}
	eventually(t, "a quarter is put", func() bool { return b.done.Load() > workers*acts/4 })
	b.stop(1)
	b.start(1, "newer")
	labelled := []string{"l0", "l1", "l2"}
	for _, box := range labelled {
		b.put(box, "first", 0)
		b.must(1, "/boxes/"+box+"/label", "label", "of "+box)
	}
	all.Wait()
	seen := b.position()

	t.Run("both have read all that was put", func(t *testing.T) {
		older, newer := b.contents(t, 0, seen), b.contents(t, 1, seen)
		one, two := b.schemas(t)
		if one == 0 || two == 0 {
			t.Fatalf("%d events are of schema 1 and %d of schema 2: the versions did not write side by side", one, two)
		}
		if older.Puts != one+two || older.Count != one+two {
			t.Errorf("the older version shows %+v, want %d puts of one thing", older, one+two)
		}
		if newer.Puts != one+two || newer.Count != one+2*two {
			t.Errorf("the newer version shows %+v, want %d puts of %d things", newer, one+two, one+2*two)
		}
	})
	t.Run("the older says what it cannot read", func(t *testing.T) {
		b.metric(t, 0, `kith_log_unreadable_events{why="newer"}`, len(labelled))
		b.metric(t, 0, `kith_log_unreadable_events{why="damaged"}`, 0)
		b.metric(t, 1, `kith_log_unreadable_events{why="newer"}`, 0)
		var said []string
		for line := range strings.Lines(b.running[0].Log()) {
			if strings.Contains(line, "a newer version writes events") {
				said = append(said, line)
			}
		}
		if len(said) != 1 || !strings.Contains(said[0], "type=box.labelled schema=1 first=") {
			t.Errorf("its log should name box.labelled, and nothing else, as what it cannot read: %q", said)
		}
	})
	t.Run("the older decides on nothing that it cannot read, and the newer does", func(t *testing.T) {
		if code, problem := b.post(0, "/boxes/l0/things", "second", "a pen"); code != http.StatusServiceUnavailable || problem != fault.Unavailable {
			t.Errorf("the older answered %d %s, want 503 %s", code, problem, fault.Unavailable)
		}
		b.must(1, "/boxes/l0/things", "second", "a pen")
	})
	t.Run("every event has its effect, and there is no dead letter", func(t *testing.T) { b.effects(t) })

	b.stop(0)
	b.start(0, "newer")
	t.Run("upgraded, both show the same", func(t *testing.T) {
		one, two := b.schemas(t)
		for n := range b.running {
			if got := b.contents(t, n, b.position()); got.Puts != one+two || got.Count != one+2*two {
				t.Errorf("process %d shows %+v, want %d puts of %d things", n, got, one+two, one+2*two)
			}
			b.metric(t, n, `kith_log_unreadable_events{why="newer"}`, 0)
		}
		live, refolded := b.contents(t, 1, b.position()), b.contents(t, 0, b.position())
		if live.Hash == "" || live.Hash != refolded.Hash {
			t.Errorf("the view that lived through it is %s, folded from the start it is %s", live.Hash, refolded.Hash)
		}
	})
	t.Run("nothing acknowledged is lost, and nothing is there twice", func(t *testing.T) { b.acknowledged(t) })
}

// boxes is a log with two processes of the service box.
type boxes struct {
	t       *testing.T
	dir     string
	servers *deployment.Servers
	js      jetstream.JetStream
	running [2]*proc.Process
	routes  [2]atomic.Pointer[string] // where they listen; nil: nowhere

	done atomic.Int64
	mu   sync.Mutex
	acks map[string]uint64 // position by command
}

func newBoxes(t *testing.T) *boxes {
	t.Helper()
	b := &boxes{t: t, dir: t.TempDir(), acks: map[string]uint64{}}
	for version, tags := range map[string]string{"older": "", "newer": "newer"} {
		cmd := exec.CommandContext(t.Context(), "go", "build", "-tags", tags, "-o", filepath.Join(b.dir, version), "./test/internal/box")
		cmd.Dir = "../.."
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("build the %s version: %v\n%s", version, err, out)
		}
	}
	// The test's own context ends before its clean-up, which ends the processes kindly.
	ctx := context.WithoutCancel(t.Context())
	var err error
	if b.servers, err = deployment.StartServers(ctx, bin(t), b.dir, deployment.ServerOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for n := range b.running {
			b.stop(n)
		}
		if err := b.servers.Stop(); err != nil {
			t.Error(err)
		}
	})
	nc, err := nats.Connect(b.servers.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	if b.js, err = jetstream.New(nc); err != nil {
		t.Fatal(err)
	}
	if err := host.Provision(ctx, b.js, 1, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.CreateMaster(b.masterKey()); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *boxes) masterKey() string { return filepath.Join(b.dir, "master.key") }

// start runs a version of the service as the nth process.
func (b *boxes) start(n int, version string) {
	b.t.Helper()
	p, err := proc.Launch(context.WithoutCancel(b.t.Context()), filepath.Join(b.dir, version), "--nats-url", b.servers.URL,
		"--nats-monitor", b.servers.Monitors[0], "--master-key", b.masterKey(), "--data", filepath.Join(b.dir, strconv.Itoa(n)),
		"--oidc-issuer", "http://127.0.0.1:1", "--oidc-audience", "nobody")
	if err != nil {
		b.t.Fatal(err)
	}
	b.running[n] = p
	b.routes[n].Store(&p.URL)
}

// stop ends a process, which must have survived until then.
func (b *boxes) stop(n int) {
	b.t.Helper()
	b.routes[n].Store(nil)
	if p := b.running[n]; p != nil {
		b.running[n] = nil
		if err := p.Stop(); err != nil {
			b.t.Error(err)
		}
	}
}

// put puts something into a box, first by the nth process, then by the other and
// so on, as whatever leads people to a service would.
func (b *boxes) put(box, key string, n int) {
	for deadline := time.Now().Add(20 * time.Second); ; n = 1 - n {
		code, problem := b.post(n, "/boxes/"+box+"/things", key, "a thing")
		switch {
		case code == http.StatusNoContent:
			b.done.Add(1)
			return
		case code == 0, problem == fault.Unavailable, problem == fault.Conflict:
		default:
			b.t.Errorf("put into %s by process %d: %d %s", box, n, code, problem)
			return
		}
		if time.Now().After(deadline) {
			b.t.Errorf("put into %s was not acknowledged", box)
			return
		}
	}
}

func (b *boxes) must(n int, path, key, word string) {
	b.t.Helper()
	if code, problem := b.post(n, path, key, word); code != http.StatusNoContent {
		b.t.Fatalf("%s by process %d: %d %s", path, n, code, problem)
	}
}

// post gives a command and keeps its acknowledgement. The status is 0 if there
// is no answer.
func (b *boxes) post(n int, path, key, word string) (status int, problem fault.Code) {
	url := b.routes[n].Load()
	if url == nil {
		return 0, ""
	}
	body, err := json.Marshal(map[string]string{"word": word})
	if err != nil {
		b.t.Error(err)
		return 0, ""
	}
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, *url+"/api/box"+path, bytes.NewReader(body))
	if err != nil {
		b.t.Error(err)
		return 0, ""
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		var p struct{ Code fault.Code }
		_ = json.NewDecoder(resp.Body).Decode(&p) // without a body it has no code
		return resp.StatusCode, p.Code
	}
	seq, err := strconv.ParseUint(resp.Header.Get("Kith-Seq"), 10, 64)
	if err != nil {
		b.t.Error(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.acks[es.ID("box", "/api/box"+path, key)] = seq
	return resp.StatusCode, ""
}

// position is the last that was acknowledged.
func (b *boxes) position() (last uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for seq := range maps.Values(b.acks) {
		last = max(last, seq)
	}
	return last
}

type shownBoxes struct {
	Puts, Count int
	Hash        string
}

// contents is what the nth process shows once it has read the log up to seq.
func (b *boxes) contents(t *testing.T, n int, seq uint64) (out shownBoxes) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, *b.routes[n].Load()+"/api/box/contents", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Kith-Seq", strconv.FormatUint(seq, 10))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("contents of process %d: %s, %v", n, resp.Status, err)
	}
	return out
}

// metric fails the test unless the nth process shows value for name.
func (b *boxes) metric(t *testing.T, n int, name string, value int) {
	t.Helper()
	resp, err := http.Get(*b.routes[n].Load() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if line := fmt.Sprintf("\n%s %d\n", name, value); !strings.Contains(string(text), line) {
		t.Errorf("process %d does not show%s", n, line)
	}
}

// log is every event so far; of those of the boxes the envelope alone is read.
func (b *boxes) log(t *testing.T) (all []es.Recorded) {
	t.Helper()
	log := esjs.Open(b.js, host.Codec(), host.Now)
	last, err := log.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range log.Range(t.Context(), 0, last) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// schemas counts the events that are there of each schema of box.put.
func (b *boxes) schemas(t *testing.T) (one, two int) {
	t.Helper()
	for _, r := range b.log(t) {
		switch {
		case r.Type != "box.put":
		case r.Schema == 1:
			one++
		case r.Schema == 2:
			two++
		}
	}
	return one, two
}

// effects waits until the reactor has counted every event of a box, and looks
// for events that were counted twice or given up.
func (b *boxes) effects(t *testing.T) {
	t.Helper()
	eventually(t, "every event is counted", func() bool {
		events, counted := 0, 0
		for _, r := range b.log(t) {
			if r.Stream.Aggregate == "tally" {
				counted++
			} else {
				events++
			}
		}
		if counted > events {
			t.Fatalf("%d events were counted %d times", events, counted)
		}
		return counted == events
	})
	dead, err := b.js.Stream(t.Context(), "DEAD")
	if err != nil {
		t.Fatal(err)
	}
	if n := dead.CachedInfo().State.Msgs; n != 0 {
		t.Errorf("there are %d dead letters", n)
	}
}

// acknowledged finds every acknowledged command in the log, once and where it
// was said to be.
func (b *boxes) acknowledged(t *testing.T) {
	t.Helper()
	times := map[string]int{}
	for _, r := range b.log(t) {
		times[r.Meta.Command]++
		if seq, ok := b.acks[r.Meta.Command]; ok && seq != r.Seq {
			t.Errorf("a command is at %d and was acknowledged at %d", r.Seq, seq)
		}
	}
	for command, seq := range b.acks {
		if times[command] != 1 {
			t.Errorf("what was acknowledged at %d is there %d times", seq, times[command])
		}
	}
}
