// Package natsdtest runs NATS servers that keep a log together, for tests.
package natsdtest

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// limit is how long a loaded machine may take to start a server, and the
// servers to find each other.
const limit = time.Minute

// Cluster is servers on loopback that end with the test.
type Cluster struct {
	Nodes []*server.Server // that have been started

	t       testing.TB
	size    int
	options func(testing.TB) *server.Options
}

// New is a cluster of size servers, none of which runs yet; others can come to
// it when these are Ready. Options are what differs from a server that lets
// everybody in, such as users and permissions; they are asked for before each
// start, and nil is nothing.
func New(t testing.TB, size int, options func(testing.TB) *server.Options) *Cluster {
	if options == nil {
		options = func(testing.TB) *server.Options { return &server.Options{} }
	}
	return &Cluster{t: t, size: size, options: options}
}

// Start runs all servers of a New cluster and returns when they are Ready.
func Start(t testing.TB, size int, options func(testing.TB) *server.Options) []*server.Server {
	t.Helper()
	c := New(t, size, options)
	for range size {
		c.Add()
	}
	c.Ready()
	return c.Nodes
}

// Add starts the next server and returns when it listens.
func (c *Cluster) Add() *server.Server {
	c.t.Helper()
	o := c.options(c.t)
	o.ServerName, o.Host, o.Port = fmt.Sprintf("n%d", len(c.Nodes)), "127.0.0.1", server.RANDOM_PORT
	o.JetStream, o.StoreDir, o.NoSigs, o.NoLog = true, c.t.TempDir(), true, true
	if c.size > 1 {
		o.Cluster = server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: server.RANDOM_PORT}
		o.Routes = c.routes()
	}
	ns, err := server.NewServer(o)
	if err != nil {
		c.t.Fatal(err)
	}
	go ns.Start()
	c.t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
	if !ns.ReadyForConnections(limit) {
		c.t.Fatalf("%s does not listen after %s", ns.Name(), limit)
	}
	c.Nodes = append(c.Nodes, ns)
	return ns
}

// routes lead to the servers that listen already, whose ports nobody else can
// take any more. Later servers come by themselves, and tell the others. The
// server takes the number of its routes for the size of the cluster: those that
// are missing lead to port 0, where nobody can ever listen.
func (c *Cluster) routes() []*url.URL {
	routes := make([]*url.URL, c.size)
	for i := range routes {
		routes[i] = &url.URL{Scheme: "nats", Host: "127.0.0.1:0"}
		if i < len(c.Nodes) {
			routes[i].Host = c.Nodes[i].ClusterAddr().String()
		}
	}
	return routes
}

// Ready waits until a stream can have a copy on every server.
func (c *Cluster) Ready() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), limit)
	defer cancel()
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	for c.missing() != "" {
		select {
		case <-every.C:
		case <-ctx.Done():
			c.t.Fatalf("the servers keep no log after %s: %s", limit, c.missing())
		}
	}
}

// missing says what is still in the way of a stream; "" if nothing is.
func (c *Cluster) missing() string {
	if c.size == 1 {
		return ""
	}
	leader := slices.IndexFunc(c.Nodes, (*server.Server).JetStreamIsLeader)
	if leader < 0 {
		return "they have no leader"
	}
	for _, ns := range c.Nodes {
		if what := c.unaware(ns, c.Nodes[leader].Name()); what != "" {
			return ns.Name() + " " + what
		}
	}
	// The leader places streams on those whose state it has been told, which
	// comes later than that they are online.
	if known := c.Nodes[leader].JetStreamClusterPeers(); len(known) != len(c.Nodes) {
		return fmt.Sprintf("their leader knows the state of %v alone", known)
	}
	return ""
}

// unaware says what ns does not know of the others; "" if it knows all.
func (c *Cluster) unaware(ns *server.Server, leader string) string {
	state, err := ns.Jsz(nil)
	switch {
	case err != nil:
		return err.Error()
	case state.Meta == nil || state.Meta.Leader != leader:
		return "does not know the leader"
	case !ns.JetStreamIsCurrent():
		return "is behind"
	case len(state.Meta.Replicas) != len(c.Nodes)-1:
		return fmt.Sprintf("knows %d others", len(state.Meta.Replicas))
	}
	for _, peer := range state.Meta.Replicas {
		if peer.Offline || ns.Name() == leader && !peer.Current {
			return fmt.Sprintf("sees that %s is offline or behind", peer.Name)
		}
	}
	return ""
}
