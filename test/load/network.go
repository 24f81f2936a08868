package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es/esjs"
	"kith/pkg/host"
	"kith/pkg/natsauth"
	"kith/pkg/view/viewmem"
	kith "kith/services/kith"
	"kith/services/kith/client"
	"kith/test/internal/deployment"
)

// network is a log on servers of its own, which everybody reaches over TCP.
type network struct {
	suffix string // of the names of its rows
	nodes  int    // servers, each with a copy of every event
}

func networks() []network { return []network{{"_tcp", 1}, {"_tcp3", 3}} }

const (
	// appender is the service that marks as read, and the user of the log as
	// whom everything else is appended.
	appender = "notification"
	// networkPeople leaves some to be helpers, networkRounds keeps a run short.
	networkPeople = 350
	networkRounds = 3
)

// programs is the folder of the programs that are run: those of Kith and, built
// into it, those that Kith needs.
func (b *bench) programs(ctx context.Context) (string, error) {
	if bin := os.Getenv("KITH_TEST_BIN"); bin != "" {
		return bin, nil
	}
	bin := filepath.Dir(b.binary)
	return bin, deployment.BuildServers(ctx, ".", bin)
}

// onNetwork measures the way of a request and appends where every service is a
// process of its own.
func (b *bench) onNetwork(ctx context.Context, n network) error {
	bin, err := b.programs(ctx)
	if err != nil {
		return err
	}
	note("starting every service as a process on %d NATS servers", n.nodes)
	dir := filepath.Join(b.dir, "network"+n.suffix)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	d, err := deployment.Start(ctx, bin, dir, deployment.Options{Nodes: n.nodes,
		Flags: map[string][]string{"membership": {"--administrators", kith.DevAdministrator}}})
	if err != nil {
		return err
	}
	defer func() {
		if err := d.Stop(); err != nil {
			note("the deployment did not end well: %v", err)
		}
	}()
	nc, js, err := d.Connect(appender)
	if err != nil {
		return err
	}
	defer nc.Close()
	s, err := siteOf(ctx, d, js)
	if err != nil {
		return err
	}
	if err := s.importUnits(ctx); err != nil {
		return fmt.Errorf("import units: %w", err)
	}
	people := b.size(networkPeople, 220)
	if err := s.importPeople(ctx, people); err != nil {
		return fmt.Errorf("import people: %w", err)
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	if b.wanted(partEndToEnd + n.suffix) {
		if err := b.endToEnd(ctx, s, people); err != nil {
			return fmt.Errorf("end to end: %w", err)
		}
	}
	if !b.wanted(partAppend + n.suffix) {
		return nil
	}
	clients, err := s.signIn(ctx, 0, 2*maxLanes)
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	// Elsewhere the others have processors of their own to read the log with.
	for _, name := range natsauth.Services() {
		if name != appender {
			if err := d.StopService(name); err != nil {
				return err
			}
		}
	}
	lanes := newCommands(d.Service(appender)[0].URL, maxLanes, clients)
	defer lanes.close()
	return b.appends(ctx, target{js: js, owner: appender, http: lanes}, b.size(networkRounds, 1))
}

// siteOf is d as people see it; js leads to its log.
func siteOf(ctx context.Context, d *deployment.Deployment, js jetstream.JetStream) (_ *site, err error) {
	s := &site{url: d.URL, http: client.Pool(512), last: esjs.Open(js, host.Codec(), host.Now).Last}
	if s.admin, err = client.SignIn(ctx, s.http, s.url, kith.DevAdministrator); err != nil {
		return nil, err
	}
	s.folded = func(ctx context.Context, last uint64) error {
		for _, name := range natsauth.Services() {
			for _, p := range d.Service(name) {
				c := &client.Client{Base: p.URL, Token: s.admin.Token, HTTP: s.http}
				c.Seen(last) // the answer waits until the process is there
				if err := c.Get(ctx, "/api/system/state", nil); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
		}
		return nil
	}
	return s, nil
}

// foldNetwork measures fold over the network. The servers do not flush: it is
// reading that is measured.
func (b *bench) foldNetwork(ctx context.Context, n network) error {
	bin, err := b.programs(ctx)
	if err != nil {
		return err
	}
	dir := filepath.Join(b.dir, "fold"+n.suffix)
	servers, err := deployment.StartServers(ctx, bin, dir, deployment.ServerOptions{Nodes: n.nodes, Sync: "1m"})
	if err != nil {
		return err
	}
	defer func() {
		if err := servers.Stop(); err != nil {
			note("the NATS servers did not end well: %v", err)
		}
	}()
	nc, err := nats.Connect(servers.URL)
	if err != nil {
		return err
	}
	defer nc.Close()
	events, data := b.size(100_000, 5_000), filepath.Join(dir, "data")
	note("preparing %d events to fold from %d NATS servers", events, n.nodes)
	if err := write(ctx, nc, data, events); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	if err := spread(ctx, nc, n.nodes); err != nil {
		return err
	}
	return b.folds(ctx, func(ctx context.Context) (*folding, error) {
		nc, err := nats.Connect(servers.URL)
		if err != nil {
			return nil, err
		}
		f, err := foldingAt(ctx, nc, data, viewmem.Backend{})
		if err != nil {
			nc.Close()
			return nil, err
		}
		unlisten := f.close
		f.close = func() { unlisten(); nc.Close() }
		return f, nil
	})
}

// spread copies the log to further servers and waits until all have it.
// Appending to several, the events of one aggregate would wait for each other.
func spread(ctx context.Context, nc *nats.Conn, nodes int) error {
	if nodes == 1 {
		return nil
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	s, err := js.Stream(ctx, esjs.StreamName)
	if err != nil {
		return err
	}
	c := s.CachedInfo().Config
	c.Replicas = nodes
	if s, err = js.UpdateStream(ctx, c); err != nil {
		return err
	}
	for deadline := time.Now().Add(settleLimit); time.Now().Before(deadline); time.Sleep(pollEvery) {
		info, err := s.Info(ctx)
		if err != nil && ctx.Err() != nil {
			return err
		}
		if err == nil && everywhere(info.Cluster, nodes) {
			return nil
		}
	}
	return errors.New("the log was not copied to every server")
}

// everywhere reports whether all nodes have what the leader has.
func everywhere(c *jetstream.ClusterInfo, nodes int) bool {
	if c == nil || len(c.Replicas) != nodes-1 {
		return false
	}
	for _, r := range c.Replicas {
		if !r.Current {
			return false
		}
	}
	return true
}
