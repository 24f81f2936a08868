package natsauth_test

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es/esjs"
	"kith/pkg/logtest"
	"kith/pkg/natsauth"
	"kith/pkg/natsd/natsdtest"
	"kith/pkg/react"
	"kith/pkg/sessions"
	"kith/pkg/vault"
)

// bed are servers that were started with the rendered configuration, with the
// streams that the user provision has made.
type bed struct {
	t    *testing.T
	ns   []*server.Server
	dir  string
	logs *logtest.Buffer

	connected int
}

func newBed(t *testing.T) *bed { return newBedOf(t, 1) }

func newBedOf(t *testing.T, servers int) *bed {
	t.Helper()
	b := &bed{t: t, dir: t.TempDir(), logs: &logtest.Buffer{}}
	public, err := natsauth.Seeds(b.dir, rand.NewChaCha8([32]byte{1}))
	if err != nil {
		t.Fatal(err)
	}
	var conf bytes.Buffer
	if err := natsauth.Render(&conf, public); err != nil {
		t.Fatal(err)
	}
	users := filepath.Join(b.dir, "kith.conf")
	if err := os.WriteFile(users, conf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	b.ns = natsdtest.Start(t, servers, func(t testing.TB) *server.Options {
		opts, err := server.ProcessConfigFile(users)
		if err != nil {
			t.Fatal(err)
		}
		return opts
	})
	js := b.js(natsauth.Provision)
	for range 2 { // the second time it finds them
		if err := esjs.Provision(t.Context(), js, esjs.ProvisionConfig{Replicas: servers}); err != nil {
			t.Fatal(err)
		}
		if err := vault.ProvisionKeys(t.Context(), js, servers); err != nil {
			t.Fatal(err)
		}
		if err := react.ProvisionDead(t.Context(), js, servers); err != nil {
			t.Fatal(err)
		}
		if err := sessions.Provision(t.Context(), js, servers); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func (b *bed) log() *slog.Logger { return slog.New(slog.NewTextHandler(b.logs, nil)) }

func (b *bed) connect(user string, more ...nats.Option) *nats.Conn {
	b.t.Helper()
	opts, err := natsauth.Options(user, natsauth.SeedFile(b.dir, user), b.log())
	if err != nil {
		b.t.Fatal(err)
	}
	nc, err := nats.Connect(b.ns[b.turn()].ClientURL(), append(opts, more...)...)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(nc.Close)
	return nc
}

// turn connects everybody to another server.
func (b *bed) turn() int {
	b.connected++
	return b.connected % len(b.ns)
}

func (b *bed) js(user string) jetstream.JetStream {
	b.t.Helper()
	js, err := natsauth.JetStream(b.connect(user), user)
	if err != nil {
		b.t.Fatal(err)
	}
	return js
}

func (b *bed) eventually(what string, ok func() bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 30*time.Second)
	defer cancel()
	for !ok() {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			b.t.Fatalf("never: %s\n%s", what, b.logs)
		}
	}
}
