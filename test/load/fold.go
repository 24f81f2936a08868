package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/app"
	"kith/pkg/es/esjs"
	"kith/pkg/host"
	"kith/pkg/vault"
	"kith/pkg/view"
	kith "kith/services/kith"
)

// fold measures how fast all views of all services are folded in memory,
// against reading the same messages with a consumer that does nothing with
// them. Rounds alternate; each folds in a process put together anew.
func (b *bench) fold(ctx context.Context) error {
	n := b.size(250_000, 10_000)
	note("preparing %d events to fold", n)
	data := filepath.Join(b.dir, "fold")
	if err := prepare(ctx, data, n); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	return b.folds(ctx, func(ctx context.Context) (*folding, error) {
		p, err := kith.Open(ctx, settings(data))
		if err != nil {
			return nil, err
		}
		return &folding{app: p.App, js: p.JS, run: p.Run, close: p.Close}, nil
	})
}

// folding is a process that has read nothing yet.
type folding struct {
	app   *app.App
	js    jetstream.JetStream // of the log
	run   func(context.Context) error
	close func()
}

// foldingAt puts all services around the log that nc leads to.
func foldingAt(ctx context.Context, nc *nats.Conn, data string, views view.Backend) (*folding, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	master, err := vault.LoadMaster(masterKey(data))
	if err != nil {
		return nil, err
	}
	l, err := host.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p, err := host.Open(ctx, host.World{JS: js, Views: views, Master: master, Data: data, Log: quiet()}, kith.Modules(settings(data))...)
	if err != nil {
		_ = l.Close()
		return nil, err
	}
	return &folding{app: p.App, js: js, run: func(ctx context.Context) error { return p.Run(ctx, l) }, close: func() { _ = l.Close() }}, nil
}

// folds reports how fast processes that open makes fold.
func (b *bench) folds(ctx context.Context, open func(context.Context) (*folding, error)) error {
	var folded, read, ratio, cost []float64
	rounds := b.size(3, 1)
	for round := range rounds + 1 {
		f, r, err := b.foldOnce(ctx, open, round == rounds)
		if err != nil {
			return err
		}
		note("folded %s, read %s", f, r)
		if round > 0 { // the first writes what services keep beside the log
			folded, read, ratio = append(folded, f.rate()), append(read, r.rate()), append(ratio, f.rate()/r.rate())
			cost = append(cost, float64(f.cpu.Nanoseconds())/1e3/float64(f.events))
		}
	}
	b.report(row{"fold_memory", median(folded), "events/s", median(read), median(ratio)})
	b.report(row{name: "fold_memory_cpu", value: median(cost), unit: "us/event"})
	return nil
}

// pass is one way through the log.
type pass struct {
	events uint64
	took   time.Duration
	cpu    time.Duration // of the process, the log's server in it included
}

func (p pass) rate() float64 { return float64(p.events) / p.took.Seconds() }

// String is for the progress on standard error.
func (p pass) String() string {
	return fmt.Sprintf("%.0f per second (%.1f µs of processor time each)", p.rate(), float64(p.cpu.Nanoseconds())/1e3/float64(p.events))
}

// passing measures f.
func passing(events uint64, f func() error) (pass, error) {
	begin, before := time.Now(), processorTime()
	err := f()
	return pass{events, time.Since(begin), processorTime() - before}, err
}

// processorTime is what this process has used so far.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// foldOnce is one round.
func (b *bench) foldOnce(ctx context.Context, open func(context.Context) (*folding, error), last bool) (folded, read pass, err error) {
	p, err := open(ctx)
	if err != nil {
		return folded, read, err
	}
	defer p.close()
	core := p.app.Core
	ctx, cancel := context.WithCancel(ctx)
	var parts sync.WaitGroup
	defer parts.Wait()
	defer cancel()
	end, err := core.Events.Last(ctx)
	if err != nil {
		return folded, read, err
	}
	runtime.GC()
	if read, err = passing(end, func() error { return readAll(ctx, p.js, end) }); err != nil {
		return folded, read, fmt.Errorf("read: %w", err)
	}
	runtime.GC()
	failed := make(chan error, 1)
	parts.Go(func() { failed <- p.run(ctx) })
	select {
	case <-core.Vault.Ready(): // folding begins with it
	case err := <-failed:
		return folded, read, fmt.Errorf("start: %w", err)
	}
	fold := func() error {
		if err := core.Follower.Wait(ctx, end); err != nil {
			return err
		}
		core.Follower.Fill(ctx) // what is folded after the start is part of it; sorting views is not
		return nil
	}
	if last {
		unwatched := fold
		fold = func() error { return b.watched("fold_memory", unwatched) }
	}
	if folded, err = passing(end, fold); err != nil {
		return folded, read, err
	}
	// What modules prepare before they are ready would complain of the end.
	for deadline := time.Now().Add(readyLimit); !p.app.Ready() && time.Now().Before(deadline); {
		time.Sleep(pollEvery)
	}
	return folded, read, nil
}

// readAll reads the log up to end with an ordered consumer that looks at nothing.
func readAll(ctx context.Context, js jetstream.JetStream, end uint64) error {
	c, err := js.OrderedConsumer(ctx, esjs.StreamName, jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy})
	if err != nil {
		return err
	}
	m, err := c.Messages()
	if err != nil {
		return err
	}
	defer m.Stop()
	for range end {
		if _, err := m.Next(); err != nil {
			return err
		}
	}
	return nil
}
