package natsauth_test

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es/esjs"
	"kith/pkg/natsauth"
	"kith/pkg/react"
	"kith/pkg/vault"
)

// bed is a server that was started with the rendered configuration, with the
// streams that the user provision has made.
type bed struct {
	t    *testing.T
	ns   *server.Server
	dir  string
	logs *buffer
}

func newBed(t *testing.T) *bed {
	t.Helper()
	b := &bed{t: t, dir: t.TempDir(), logs: &buffer{}}
	public, err := natsauth.Seeds(b.dir, rand.NewChaCha8([32]byte{1}))
	if err != nil {
		t.Fatal(err)
	}
	var conf bytes.Buffer
	if err := natsauth.Render(&conf, public); err != nil {
		t.Fatal(err)
	}
	b.write("kith.conf", conf.String())
	path := b.write("server.conf", `listen: "127.0.0.1:-1"
jetstream { store_dir: "`+b.dir+`" }
include "kith.conf"
`)
	opts, err := server.ProcessConfigFile(path)
	if err != nil {
		t.Fatal(err)
	}
	opts.NoSigs, opts.NoLog = true, true
	if b.ns, err = server.NewServer(opts); err != nil {
		t.Fatal(err)
	}
	go b.ns.Start()
	t.Cleanup(func() { b.ns.Shutdown(); b.ns.WaitForShutdown() })
	if !b.ns.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server is not ready")
	}
	js := b.js(natsauth.Provision)
	for range 2 { // the second time it finds them
		if err := esjs.Provision(t.Context(), js, esjs.ProvisionConfig{}); err != nil {
			t.Fatal(err)
		}
		if err := vault.ProvisionKeys(t.Context(), js, 1); err != nil {
			t.Fatal(err)
		}
		if err := react.ProvisionDead(t.Context(), js, 1); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func (b *bed) write(name, text string) string {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return path
}

func (b *bed) log() *slog.Logger { return slog.New(slog.NewTextHandler(b.logs, nil)) }

func (b *bed) connect(user string, more ...nats.Option) *nats.Conn {
	b.t.Helper()
	opts, err := natsauth.Options(user, natsauth.SeedFile(b.dir, user), b.log())
	if err != nil {
		b.t.Fatal(err)
	}
	nc, err := nats.Connect(b.ns.ClientURL(), append(opts, more...)...)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(nc.Close)
	return nc
}

func (b *bed) js(user string) jetstream.JetStream {
	b.t.Helper()
	js, err := jetstream.New(b.connect(user))
	if err != nil {
		b.t.Fatal(err)
	}
	return js
}

func (b *bed) eventually(what string, ok func() bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 5*time.Second)
	defer cancel()
	for !ok() {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			b.t.Fatalf("never: %s\n%s", what, b.logs)
		}
	}
}

type buffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
