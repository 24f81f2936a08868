package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kith/services/kith/client"
)

const (
	helpersFrom = 200 // first of the people who are found by a topic of their own
	askersFrom  = 100
	askers      = 50
	// silence after which a request has not reached its helper.
	silence = 10 * time.Second
	// Least time between measured requests under load, and the load.
	interval   = 60 * time.Millisecond
	background = 20 // per second
)

// endToEnd measures from the moment a request is sent to the moment its helper
// reads of it on the live stream, one request at a time: first alone, then
// while others ask too.
func (b *bench) endToEnd(ctx context.Context, s *site, people int) error {
	n := min(b.size(250, 40), people-helpersFrom)
	e := &helpers{site: s, heard: make(chan arrival, 4096)}
	ctx, cancel := context.WithCancel(ctx)
	defer e.streams.Wait()
	defer cancel()
	note("signing in %d helpers", n)
	if err := e.prepare(ctx, n); err != nil {
		return err
	}
	note("one request at a time")
	quiet, flushes, err := e.measure(ctx, b, "end_to_end", 0)
	if err != nil {
		return err
	}
	b.reportTimes("end_to_end", quiet)
	b.reportTimes("flush", flushes)
	note("the same while others ask %d times a second", background)
	stop := e.load(ctx)
	busy, flushes, err := e.measure(ctx, b, "end_to_end_busy", interval)
	failures := stop()
	if err != nil {
		return err
	}
	b.reportTimes("end_to_end_busy", busy)
	b.reportTimes("flush_busy", flushes)
	if failures > 0 {
		return fmt.Errorf("%d requests of the background load failed", failures)
	}
	return nil
}

func (b *bench) reportTimes(name string, ms []float64) {
	b.report(row{name: name + "_p50", value: quantile(ms, 0.5), unit: "ms"})
	b.report(row{name: name + "_p99", value: quantile(ms, 0.99), unit: "ms"})
}

// helpers are people with a topic each, listening.
type helpers struct {
	*site
	askers  []*client.Client
	topics  []string
	heard   chan arrival
	streams sync.WaitGroup
}

// arrival is an item on a helper's stream.
type arrival struct {
	helper  int
	kind    string
	request string
	at      time.Time
}

func (e *helpers) prepare(ctx context.Context, n int) (err error) {
	if e.askers, err = e.signIn(ctx, askersFrom, askers); err != nil {
		return err
	}
	clients, err := e.signIn(ctx, helpersFrom, n)
	if err != nil {
		return err
	}
	for i := range n {
		e.topics = append(e.topics, rareWord(i))
	}
	err = inParallel(ctx, n, func(ctx context.Context, i int) error { return e.profile(ctx, clients[i], e.topics[i]) })
	if err != nil {
		return fmt.Errorf("change a profile: %w", err)
	}
	if err := e.settle(ctx); err != nil {
		return err
	}
	return inParallel(ctx, n, func(_ context.Context, i int) error { return e.listen(ctx, clients[i], i) })
}

func (e *helpers) profile(ctx context.Context, c *client.Client, topic string) error {
	h, err := c.Do(ctx, client.Request{Method: http.MethodGet, Path: "/api/membership/me/profile"}, nil)
	if err != nil {
		return err
	}
	_, err = c.Do(ctx, client.Request{Method: http.MethodPut, Path: "/api/membership/me/profile",
		Header: http.Header{"If-Match": {h.Get("ETag")}},
		Body:   map[string]any{"availability": "available", "can_help": []string{topic}}}, nil)
	return err
}

// listen opens a helper's stream and returns when it is ready.
func (e *helpers) listen(ctx context.Context, c *client.Client, helper int) error {
	body, err := c.Open(ctx, client.Request{Method: http.MethodGet, Path: "/api/notification/stream", Header: http.Header{"Accept": {"text/event-stream"}}})
	if err != nil {
		return err
	}
	ready := make(chan error, 1)
	e.streams.Go(func() {
		defer body.Close()
		err := serverSent(body, func(name string, data []byte) error {
			at := time.Now()
			if name == "ready" {
				ready <- nil
				return nil
			}
			a := arrival{helper: helper, at: at}
			var item struct{ Kind, Request string }
			if err := json.Unmarshal(data, &item); err != nil {
				return err
			}
			a.kind, a.request = item.Kind, item.Request
			select {
			case e.heard <- a:
			case <-ctx.Done():
			}
			return nil
		})
		select {
		case ready <- fmt.Errorf("the stream ended: %w", err):
		default:
		}
	})
	select {
	case err := <-ready:
		return err
	case <-time.After(silence):
		return errors.New("a stream is not ready")
	}
}

// serverSent reads server-sent events until in ends or each fails. It never returns nil.
func serverSent(in io.Reader, each func(name string, data []byte) error) error {
	var name string
	var data []byte
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		switch field, value, _ := strings.Cut(line, ":"); {
		case line == "" && name != "":
			if err := each(name, data); err != nil {
				return err
			}
			name, data = "", nil
		case field == "event":
			name = strings.TrimSpace(value)
		case field == "data":
			data = append(data, strings.TrimPrefix(value, " ")...)
		}
	}
	return errors.Join(lines.Err(), io.EOF)
}

// measure raises one request for each topic and returns the times in
// milliseconds, and beside them those of a bare flush after each: two flushes
// lie between a request and its helper, and a shared disk can be slow. every
// is the least time between two requests.
func (e *helpers) measure(ctx context.Context, b *bench, name string, every time.Duration) (times, flushes []float64, err error) {
	probe, err := os.Create(filepath.Join(b.dir, "probe"))
	if err != nil {
		return nil, nil, err
	}
	defer probe.Close()
	err = b.watched(name, func() error {
		for i, topic := range e.topics {
			begin := time.Now()
			id, err := raise(ctx, e.askers[i%len(e.askers)], uint64(i), topic)
			if err != nil {
				return err
			}
			at, err := e.arrived(ctx, i, id)
			if err != nil {
				return err
			}
			times = append(times, milliseconds(at.Sub(begin)))
			flushed := time.Now()
			if err := flush(probe); err != nil {
				return err
			}
			flushes = append(flushes, milliseconds(time.Since(flushed)))
			time.Sleep(every - time.Since(begin))
		}
		return nil
	})
	return times, flushes, err
}

// flush appends about as much as an event to f, down to the disk.
func flush(f *os.File) error {
	if _, err := f.Write(make([]byte, 1024)); err != nil {
		return err
	}
	return f.Sync()
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// arrived waits for the helper to be asked.
func (e *helpers) arrived(ctx context.Context, helper int, request string) (time.Time, error) {
	timeout := time.NewTimer(silence)
	defer timeout.Stop()
	for {
		select {
		case a := <-e.heard:
			if a.helper == helper && a.request == request && a.kind == "asked_to_help" {
				return a.at, nil
			}
		case <-timeout.C:
			return time.Time{}, fmt.Errorf("request %s has not reached its helper within %s", request, silence)
		case <-ctx.Done():
			return time.Time{}, ctx.Err()
		}
	}
}

// load lets others ask at a steady rate until stop is called, which returns
// how many of them failed.
func (e *helpers) load(ctx context.Context) (stop func() int64) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	var failures atomic.Int64
	wg.Go(func() {
		tick := time.NewTicker(time.Second / background)
		defer tick.Stop()
		for i := uint64(1 << 20); ; i++ {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			wg.Go(func() {
				if _, err := raise(ctx, e.askers[i%askers], i, ""); err != nil && ctx.Err() == nil {
					failures.Add(1)
				}
			})
		}
	})
	return func() int64 {
		cancel()
		wg.Wait()
		return failures.Load()
	}
}
