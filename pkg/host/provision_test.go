package host_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/host"
	"kith/pkg/logtest"
	"kith/pkg/natsd/natsdtest"
)

// provisioning is an attempt that has begun.
type provisioning struct {
	t     *testing.T
	js    jetstream.JetStream
	logs  logtest.Buffer
	ended chan error
}

// provision begins to provision so many copies through the first server of c.
func provision(ctx context.Context, t *testing.T, c *natsdtest.Cluster, copies int) *provisioning {
	t.Helper()
	p := &provisioning{t: t, ended: make(chan error, 1)}
	nc, err := nats.Connect(c.Nodes[0].ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	if p.js, err = jetstream.New(nc); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- host.Provision(ctx, p.js, copies, slog.New(slog.NewTextHandler(&p.logs, nil))) }()
	return p
}

// says waits until the log has what is waited for.
func (p *provisioning) says(what string) {
	p.t.Helper()
	says(p.t, &p.logs, what, p.ended)
}

func says(t *testing.T, logs *logtest.Buffer, what string, ended <-chan error) {
	t.Helper()
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	for !strings.Contains(logs.String(), what) {
		select {
		case err := <-ended:
			t.Fatalf("ended with %v before it said %q", err, what)
		case <-every.C:
		}
	}
}

// succeeds waits until it is done, with so many copies.
func (p *provisioning) succeeds(copies int) {
	t := p.t
	t.Helper()
	if err := <-p.ended; err != nil {
		t.Fatalf("%v\n%s", err, &p.logs)
	}
	for _, name := range []string{"EVENTS", "KEYS", "DEAD"} {
		s, err := p.js.Stream(t.Context(), name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := s.CachedInfo().Config.Replicas; got != copies {
			t.Errorf("%s has %d copies", name, got)
		}
	}
}

// TestProvisionWaits shows an operator who starts all at once.
func TestProvisionWaits(t *testing.T) {
	t.Run("for a leader", func(t *testing.T) {
		c := natsdtest.New(t, 3, nil)
		c.Add()
		p := provision(t.Context(), t, c, 3)
		p.says("the NATS servers are not ready")
		c.Add()
		c.Add()
		p.succeeds(3)
	})
	t.Run("for servers that the leader has not heard of", func(t *testing.T) {
		c := natsdtest.New(t, 3, nil)
		for range 3 {
			c.Add()
		}
		c.Ready()
		p := provision(t.Context(), t, c, 5)
		p.says("no suitable peers")
		c.Add()
		c.Add()
		p.succeeds(5)
	})
}

// late is the way to a server that nobody can go before it is open.
type late struct{ open atomic.Bool }

func (l *late) Dial(network, address string) (net.Conn, error) {
	if !l.open.Load() {
		return nil, errors.New("nobody listens yet")
	}
	return net.Dial(network, address)
}

func TestReach(t *testing.T) {
	c := natsdtest.New(t, 1, func(testing.TB) *server.Options { return &server.Options{Username: "ann", Password: "secret"} })
	url := c.Add().ClientURL()
	var logs logtest.Buffer
	log := slog.New(slog.NewTextHandler(&logs, nil))

	t.Run("a server that nobody may enter as a stranger is not waited for", func(t *testing.T) {
		if _, err := host.Reach(t.Context(), url, log); !errors.Is(err, nats.ErrAuthorization) || logs.String() != "" {
			t.Errorf("Reach = %v, and it waited:\n%s", err, &logs)
		}
	})
	t.Run("a server that starts is waited for", func(t *testing.T) {
		way, ended := &late{}, make(chan error, 1)
		go func() {
			nc, err := host.Reach(t.Context(), url, log, nats.UserInfo("ann", "secret"), nats.SetCustomDialer(way))
			if err == nil {
				nc.Close()
			}
			ended <- err
		}()
		says(t, &logs, "nobody listens yet", ended)
		way.open.Store(true)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestProvisionGivesUp shows that what does not pass is said at once, and that
// nobody waits longer than the caller wants.
func TestProvisionGivesUp(t *testing.T) {
	t.Run("one server never has three copies", func(t *testing.T) {
		c := natsdtest.New(t, 1, nil)
		c.Add()
		p := provision(t.Context(), t, c, 3)
		if err := <-p.ended; err == nil || p.logs.String() != "" {
			t.Errorf("Provision = %v, and it waited:\n%s", err, &p.logs)
		}
	})
	t.Run("servers that never find each other", func(t *testing.T) {
		c := natsdtest.New(t, 3, nil)
		c.Add()
		ctx, stop := context.WithCancel(t.Context())
		p := provision(ctx, t, c, 3)
		p.says("the NATS servers are not ready")
		stop()
		if err := <-p.ended; err == nil {
			t.Error("Provision has succeeded")
		}
	})
}
