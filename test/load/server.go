package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"kith/pkg/host"
	kith "kith/services/kith"
	"kith/services/kith/cli"
	"kith/services/kith/client"
)

// server is the all-in-one in this process.
type server struct {
	*kith.Process
	http  *http.Client
	admin *client.Client
	ended chan error
	stop  context.CancelFunc
}

const (
	readyLimit  = time.Minute
	settleLimit = 3 * time.Minute
	pollEvery   = 10 * time.Millisecond
)

func settings(data string) kith.Settings {
	return kith.Settings{Settings: host.Settings{Addr: "127.0.0.1:0", Data: data, Log: "error"}, Target: []string{"all"}, Dev: true}
}

// serve starts the all-in-one with its data in dir and waits until the
// administrator can sign in.
func serve(ctx context.Context, dir string) (*server, error) {
	ctx, cancel := context.WithCancel(ctx)
	p, err := kith.Open(ctx, settings(filepath.Join(dir, "data")))
	if err != nil {
		cancel()
		return nil, err
	}
	s := &server{Process: p, http: client.Pool(512), ended: make(chan error, 1), stop: cancel}
	go func() { s.ended <- p.Run(ctx) }()
	for deadline := time.Now().Add(readyLimit); ; time.Sleep(pollEvery) {
		if p.App.Ready() {
			if s.admin, err = client.SignIn(ctx, s.http, p.URL(), kith.DevAdministrator); err == nil {
				return s, nil
			}
		}
		select {
		case err := <-s.ended:
			cancel()
			return nil, fmt.Errorf("the all-in-one ended: %w", err)
		default:
		}
		if time.Now().After(deadline) {
			s.close()
			return nil, fmt.Errorf("the all-in-one was not ready within %s: %w", readyLimit, err)
		}
	}
}

func (s *server) close() {
	s.stop()
	if err := <-s.ended; err != nil {
		note("the all-in-one did not end well: %v", err)
	}
}

// settle waits until the log has not grown for a second and all of it is folded.
func (s *server) settle(ctx context.Context) error {
	var before uint64
	for deadline := time.Now().Add(settleLimit); time.Now().Before(deadline); {
		last, err := s.App.Core.Events.Last(ctx)
		if err != nil {
			return err
		}
		if last == before {
			return s.App.Core.Follower.CatchUp(ctx)
		}
		before = last
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errors.New("the log has not come to rest")
}

func login(n int) string { return fmt.Sprintf("p%05d@load.example", n) }

const units = 40

func (s *server) importUnits(ctx context.Context) error {
	var csv strings.Builder
	csv.WriteString("id,parent_id,name,kind\nroot,,The organisation,organisation\n")
	for i := range units {
		fmt.Fprintf(&csv, "u%02d,root,Department %d,department\n", i, i)
	}
	_, err := cli.ImportCSV(ctx, s.admin, "units", []byte(csv.String()), nil, func(uint64, uint64) {})
	return err
}

// importPeople imports people 0 to n-1.
func (s *server) importPeople(ctx context.Context, n int) error {
	var csv strings.Builder
	csv.WriteString("external_id,name,email,unit_id,site,language,active\n")
	language := []string{"en", "de"}
	for i := range n {
		fmt.Fprintf(&csv, "s%05d,%s,%s,u%02d,Site %d,%s,true\n", i, personName(i), login(i), i%units, i%7, language[i%2])
	}
	_, err := cli.ImportCSV(ctx, s.admin, "people", []byte(csv.String()), nil, func(uint64, uint64) {})
	return err
}

// signIn gets tokens for people from to from+n-1.
func (s *server) signIn(ctx context.Context, from, n int) ([]*client.Client, error) {
	all := make([]*client.Client, n)
	return all, inParallel(ctx, n, func(ctx context.Context, i int) (err error) {
		all[i], err = client.SignIn(ctx, s.http, s.URL(), login(from+i))
		return err
	})
}

// inParallel does n things, eight at a time.
func inParallel(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		g.Go(func() error { return do(ctx, i) })
	}
	return g.Wait()
}

// heap is what is in use, in bytes, once the log's own caches have run out.
func heap() float64 {
	time.Sleep(6 * time.Second) // the server keeps blocks of the log for some seconds
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// onServer measures memory, the way of a request and appends on one server.
func (b *bench) onServer(ctx context.Context) error {
	s, err := serve(ctx, filepath.Join(b.dir, "server"))
	if err != nil {
		return err
	}
	defer s.close()
	full := b.wanted(partMemory) || b.wanted(partEndToEnd)
	people := maxLanes
	if full {
		people = b.size(11_500, 600)
	}
	if err := s.importUnits(ctx); err != nil {
		return fmt.Errorf("import units: %w", err)
	}
	m := memory{bench: b, server: s}
	if err := m.people(ctx, people); err != nil {
		return err
	}
	if full {
		if err := m.requests(ctx, b.size(4000, 100)); err != nil {
			return err
		}
	}
	if b.wanted(partEndToEnd) {
		if err := b.endToEnd(ctx, s, people); err != nil {
			return fmt.Errorf("end to end: %w", err)
		}
	}
	if !b.wanted(partAppend) {
		return nil
	}
	if full {
		people = 4 * maxLanes
	}
	clients, err := s.signIn(ctx, 0, people)
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	lanes := newCommands(s.URL(), maxLanes, clients)
	defer lanes.close()
	return b.appends(ctx, s.JS, lanes)
}

// maxLanes is the highest concurrency.
const maxLanes = 64
