package esjs_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es"
	"kith/pkg/es/esjs"
	"kith/pkg/es/estest"
	"kith/pkg/natsd/natsdtest"
)

// TestThreeReplicas shows that the promises hold where the server names
// conflicts otherwise, and answers reads from replicas that lag.
func TestThreeReplicas(t *testing.T) {
	nodes := natsdtest.Start(t, 3, nil)
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
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	try := func(what string, do func(context.Context) error) {
		for {
			short, done := context.WithTimeout(ctx, 5*time.Second)
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
