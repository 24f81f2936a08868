package natsdtest_test

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/natsd/natsdtest"
)

// TestStart shows that servers are ready when Start returns: whichever is
// asked, the first attempt to place a stream on all of them succeeds.
func TestStart(t *testing.T) {
	for _, size := range []int{1, 3} {
		nodes := natsdtest.Start(t, size, nil)
		for _, ns := range nodes {
			nc, err := nats.Connect(ns.ClientURL())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(nc.Close)
			js, err := jetstream.New(nc)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: ns.Name(), Subjects: []string{ns.Name()}, Replicas: size}); err != nil {
				t.Errorf("%d servers, through %s: %v", size, ns.Name(), err)
			}
		}
	}
}

// TestOptions shows that a server is what the test says.
func TestOptions(t *testing.T) {
	nodes := natsdtest.Start(t, 1, func(testing.TB) *server.Options { return &server.Options{Username: "ann", Password: "secret"} })
	if nc, err := nats.Connect(nodes[0].ClientURL()); err == nil {
		nc.Close()
		t.Error("a stranger was let in")
	}
	nc, err := nats.Connect(nodes[0].ClientURL(), nats.UserInfo("ann", "secret"))
	if err != nil {
		t.Fatal(err)
	}
	nc.Close()
}
