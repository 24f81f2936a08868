package esjs_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es"
	"kith/pkg/es/esjs"
	"kith/pkg/es/estest"
	"kith/pkg/natsd"
)

// boot runs a server that ends with t.
func boot(t testing.TB, c natsd.Config) *natsd.Server {
	t.Helper()
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	c.DontListen = c.Port == 0
	s, err := natsd.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Shutdown)
	return s
}

func client(t testing.TB, s *natsd.Server, opts ...jetstream.JetStreamOpt) jetstream.JetStream {
	t.Helper()
	nc, err := s.Conn()
	if err != nil {
		t.Fatal(err)
	}
	return stream(t, nc, opts...)
}

func stream(t testing.TB, nc *nats.Conn, opts ...jetstream.JetStreamOpt) jetstream.JetStream {
	t.Helper()
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func provisioned(t testing.TB, s *natsd.Server, c esjs.ProvisionConfig, opts ...jetstream.JetStreamOpt) jetstream.JetStream {
	t.Helper()
	js := client(t, s, opts...)
	if err := esjs.Provision(context.Background(), js, c); err != nil {
		t.Fatal(err)
	}
	return js
}

// raw publishes past the store.
func raw(t testing.TB, js jetstream.JetStream, subject string, st es.Stored) uint64 {
	t.Helper()
	ack, err := js.PublishMsg(context.Background(), &nats.Msg{Subject: subject, Header: st.Header, Data: st.Data})
	if err != nil {
		t.Fatal(err)
	}
	return ack.Sequence
}

func TestConformance(t *testing.T) {
	estest.Conformance(t, func(t *testing.T, codec *es.Codec, now func() time.Time) estest.Log {
		js := provisioned(t, boot(t, natsd.Config{}), esjs.ProvisionConfig{})
		return estest.Log{Store: esjs.Open(js, codec, now), Raw: func(t *testing.T, subject string, st es.Stored) uint64 {
			return raw(t, js, subject, st)
		}}
	})
}

func TestFollowRefusesAGap(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	// missing returns a log of five events without the one at seq.
	missing := func(t *testing.T, seq uint64) *esjs.Store {
		// A stream that allows deletes, as no provisioned one does.
		js := client(t, boot(t, natsd.Config{}))
		st, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: esjs.StreamName, Subjects: []string{esjs.Subjects}, AllowDirect: true})
		if err != nil {
			t.Fatal(err)
		}
		s := esjs.Open(js, estest.Codec(), time.Now)
		for i := range 5 {
			if _, err := s.Append(ctx, estest.Box("a"), uint64(i), estest.Command(strconv.Itoa(i)), estest.Opened{}); err != nil {
				t.Fatal(err)
			}
		}
		if err := st.DeleteMsg(ctx, seq); err != nil {
			t.Fatal(err)
		}
		return s
	}
	follow := func(s *esjs.Store, after uint64) (seen []uint64, end error) {
		for r, err := range s.Follow(ctx, after) {
			if end = err; err == nil {
				seen = append(seen, r.Seq)
			}
		}
		return seen, end
	}
	t.Run("between two events, where it is", func(t *testing.T) {
		seen, err := follow(missing(t, 3), 0)
		wantGap(t, err, "4 follows on 2")
		if len(seen) != 2 {
			t.Errorf("followed %v", seen)
		}
	})
	t.Run("at the end, before it waits there for ever", func(t *testing.T) {
		s := missing(t, 5)
		for _, after := range []uint64{0, 4, 5} {
			seen, err := follow(s, after)
			wantGap(t, err, "its last event, at 5, is missing")
			if len(seen) != 0 {
				t.Errorf("followed %v", seen)
			}
		}
	})
}

func wantGap(t *testing.T, err error, text string) {
	t.Helper()
	if !errors.Is(err, es.ErrGap) || !strings.Contains(err.Error(), text) {
		t.Errorf("error = %v, want a gap with %q", err, text)
	}
}
