package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"kith/pkg/host"
	kith "kith/services/kith"
	"kith/services/kith/client"
)

// server is the all-in-one in this process.
type server struct {
	site
	process *kith.Process
	ended   chan error
	stop    context.CancelFunc
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
	s := &server{process: p, ended: make(chan error, 1), stop: cancel}
	s.site = site{url: p.URL(), http: client.Pool(512), last: p.App.Core.Events.Last,
		folded: func(ctx context.Context, _ uint64) error { return p.App.Core.Follower.CatchUp(ctx) }}
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
	m := memory{bench: b, site: &s.site}
	if err := m.people(ctx, people); err != nil {
		return err
	}
	if full {
		if err := m.requests(ctx, b.size(4000, 100)); err != nil {
			return err
		}
	}
	if b.wanted(partEndToEnd) {
		if err := b.endToEnd(ctx, &s.site, people); err != nil {
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
	lanes := newCommands(s.url, maxLanes, clients)
	defer lanes.close()
	return b.appends(ctx, target{js: s.process.JS, owner: "bench", http: lanes}, b.size(appendRounds, 1))
}

// maxLanes is the highest concurrency.
const maxLanes = 64
