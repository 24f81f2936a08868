package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es/esjs"
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
	var folded, read, ratio []float64
	rounds := b.size(3, 1)
	for round := range rounds + 1 {
		f, r, err := b.foldOnce(ctx, data, round == rounds)
		if err != nil {
			return err
		}
		note("folded %.0f, read %.0f per second", f, r)
		if round > 0 { // the first writes what services keep beside the log
			folded, read, ratio = append(folded, f), append(read, r), append(ratio, f/r)
		}
	}
	b.report(row{"fold_memory", median(folded), "events/s", median(read), median(ratio)})
	return nil
}

// foldOnce returns the events per second of one round.
func (b *bench) foldOnce(ctx context.Context, data string, last bool) (folded, read float64, err error) {
	p, err := kith.Open(ctx, settings(data))
	if err != nil {
		return 0, 0, err
	}
	defer p.Close()
	runtime.GC()
	if read, err = readAll(ctx, p.JS); err != nil {
		return 0, 0, fmt.Errorf("read: %w", err)
	}
	core := p.App.Core
	ctx, cancel := context.WithCancel(ctx)
	parts := make(chan error, 2)
	go func() { parts <- core.Vault.Run(ctx) }()
	defer func() {
		cancel()
		<-parts
	}()
	select {
	case <-core.Vault.Ready():
	case err := <-parts:
		parts <- err
		return 0, 0, fmt.Errorf("read the keys: %w", err)
	}
	end, err := core.Events.Last(ctx)
	if err != nil {
		return 0, 0, err
	}
	runtime.GC()
	begin := time.Now()
	go func() { parts <- core.Follower.Run(ctx) }()
	defer func() {
		cancel()
		<-parts
	}()
	wait := func() error { return core.Follower.Wait(ctx, end) }
	if last {
		err = b.watched("fold_memory", wait)
	} else {
		err = wait()
	}
	return float64(end) / time.Since(begin).Seconds(), read, err
}

// readAll reads the log with an ordered consumer and returns messages per second.
func readAll(ctx context.Context, js jetstream.JetStream) (float64, error) {
	s, err := js.Stream(ctx, esjs.StreamName)
	if err != nil {
		return 0, err
	}
	n := s.CachedInfo().State.Msgs
	begin := time.Now()
	c, err := js.OrderedConsumer(ctx, esjs.StreamName, jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy})
	if err != nil {
		return 0, err
	}
	m, err := c.Messages()
	if err != nil {
		return 0, err
	}
	defer m.Stop()
	for range n {
		if _, err := m.Next(); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(begin).Seconds(), nil
}
