package natsauth_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es/esjs"
	"kith/pkg/logtest"
	"kith/pkg/natsauth"
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
	b.write("kith.conf", conf.String())
	ports := free(t, servers)
	for n := range servers {
		name := "n" + strconv.Itoa(n)
		text := `server_name: ` + name + `
listen: "127.0.0.1:-1"
jetstream { store_dir: "` + filepath.Join(b.dir, name) + `" }
include "kith.conf"
`
		if servers > 1 {
			text += fmt.Sprintf("cluster { name: kith, listen: %q, routes: [%q, %q] }\n", ports[n], "nats://"+ports[(n+1)%servers], "nats://"+ports[(n+2)%servers])
		}
		b.ns = append(b.ns, b.start(b.write(name+".conf", text)))
	}
	for _, ns := range b.ns {
		if !ns.ReadyForConnections(15 * time.Second) {
			t.Fatal("a server is not ready")
		}
	}
	if servers > 1 {
		b.eventually("the servers form a cluster", func() bool {
			return slices.ContainsFunc(b.ns, func(s *server.Server) bool { return s.JetStreamIsLeader() && len(s.JetStreamClusterPeers()) == servers })
		})
	}
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

// free returns addresses that nobody listens on.
func free(t *testing.T, n int) (addresses []string) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		addresses = append(addresses, l.Addr().String())
	}
	return addresses
}

func (b *bed) start(config string) *server.Server {
	b.t.Helper()
	opts, err := server.ProcessConfigFile(config)
	if err != nil {
		b.t.Fatal(err)
	}
	opts.NoSigs, opts.NoLog = true, true
	ns, err := server.NewServer(opts)
	if err != nil {
		b.t.Fatal(err)
	}
	go ns.Start()
	b.t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
	return ns
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
	ctx, cancel := context.WithTimeout(b.t.Context(), 15*time.Second)
	defer cancel()
	for !ok() {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			b.t.Fatalf("never: %s\n%s", what, b.logs)
		}
	}
}
