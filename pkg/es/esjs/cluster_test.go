package esjs_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es"
	"kith/pkg/es/esjs"
	"kith/pkg/es/estest"
)

// cluster runs three servers that end with t.
func cluster(t *testing.T) []*server.Server {
	t.Helper()
	const size = 3
	var routes, addresses []string
	for range size {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // all three ports are taken before any is given back
		addresses = append(addresses, l.Addr().String())
		routes = append(routes, "nats://"+l.Addr().String())
	}
	var nodes []*server.Server
	for i, a := range addresses {
		var port int
		if _, err := fmt.Sscanf(a, "127.0.0.1:%d", &port); err != nil {
			t.Fatal(err)
		}
		ns, err := server.NewServer(&server.Options{
			ServerName: fmt.Sprintf("n%d", i), Host: "127.0.0.1", Port: server.RANDOM_PORT,
			JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true,
			Cluster: server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: port},
			Routes:  server.RoutesFromStr(routes[0] + "," + routes[1] + "," + routes[2]),
		})
		if err != nil {
			t.Fatal(err)
		}
		nodes = append(nodes, ns)
	}
	return nodes
}

// running starts a cluster. A port that was free may be taken by another test
// before a node has it; then other ports are tried.
func running(t *testing.T) []*server.Server {
	t.Helper()
	for range 5 {
		nodes := cluster(t)
		for _, ns := range nodes {
			go ns.Start()
			t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
		}
		if !slices.ContainsFunc(nodes, func(ns *server.Server) bool { return !ns.ReadyForConnections(10 * time.Second) }) {
			return nodes
		}
		for _, ns := range nodes {
			ns.Shutdown()
		}
	}
	t.Fatal("the cluster does not start")
	return nil
}

// TestThreeReplicas shows that the promises hold where the server names
// conflicts otherwise, and answers reads from replicas that lag.
func TestThreeReplicas(t *testing.T) {
	nodes := running(t)
	leader := func(ns *server.Server) bool { return ns.JetStreamIsLeader() }
	for end := time.Now().Add(20 * time.Second); !slices.ContainsFunc(nodes, leader); {
		if time.Now().After(end) {
			t.Fatal("the cluster elects no leader")
		}
	}
	nc, err := nats.Connect(nodes[0].ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	js := stream(t, nc)
	estest.Conformance(t, func(t *testing.T, codec *es.Codec, now func() time.Time) estest.Log {
		replaceStream(t, js, nodes)
		return estest.Log{Store: esjs.Open(js, codec, now), Raw: func(t *testing.T, subject string, st es.Stored) uint64 {
			return raw(t, js, subject, st)
		}}
	})
}

// replaceStream empties the log, which no permission of a service allows. It
// repeats what a cluster refuses while its nodes find each other.
func replaceStream(t *testing.T, js jetstream.JetStream, nodes []*server.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	try := func(what string, do func(context.Context) error) {
		for {
			short, done := context.WithTimeout(ctx, 2*time.Second)
			err := do(short)
			done()
			if err == nil {
				return
			}
			if ctx.Err() != nil {
				t.Fatalf("%s: %v", what, err)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	try("delete", func(ctx context.Context) error {
		if err := js.DeleteStream(ctx, esjs.StreamName); !errors.Is(err, jetstream.ErrStreamNotFound) {
			return err
		}
		return nil
	})
	// A node that has not heard of it yet would go on answering reads.
	try("forget", func(context.Context) error {
		for _, ns := range nodes {
			state, err := ns.Jsz(&server.JSzOptions{})
			if err != nil {
				return err
			}
			if state.Streams > 0 {
				return fmt.Errorf("%s still has the stream", ns.Name())
			}
		}
		return nil
	})
	try("provision", func(ctx context.Context) error { return esjs.Provision(ctx, js, esjs.ProvisionConfig{Replicas: 3}) })
	// A new stream is announced before its leader listens: it must refuse an
	// expectation that nothing can meet, and answer a read.
	try("write", func(ctx context.Context) error {
		_, err := js.Publish(ctx, "evt.test.probe.none", nil, jetstream.WithExpectLastSequence(1<<40))
		if _, refused := errors.AsType[*jetstream.APIError](err); refused {
			return nil
		}
		return fmt.Errorf("an impossible expectation: %w", err)
	})
	try("read", func(ctx context.Context) error {
		s, err := js.Stream(ctx, esjs.StreamName)
		if err != nil {
			return err
		}
		if _, err = s.GetLastMsgForSubject(ctx, "evt.test.probe.none"); errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil
		}
		return fmt.Errorf("a subject without messages: %w", err)
	})
}
