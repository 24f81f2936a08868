package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es"
	"kith/pkg/es/esjs"
)

// Appended is the event that is appended: as long as most of the product's.
type Appended struct {
	Title string `json:"title"`
	Count int    `json:"count"`
}

// EventType implements es.Event.
func (Appended) EventType() string { return "item.appended" }

func appended(n int) Appended {
	return Appended{Title: "a title of the usual length, as people write them when they ask", Count: n}
}

// concurrencies at which appends are measured.
func concurrencies() []int { return []int{1, 8, 64} }

// work does one thing; worker is 0 to n-1, serial is never the same twice.
type work func(ctx context.Context, worker int, serial int64) error

// target is a log to append to, and a service that does it.
type target struct {
	js    jetstream.JetStream
	owner string // context in which js may publish
	http  *commands
}

// appends measures one event after the other by every worker in three ways:
// published as it will be stored, through a repository, and through an HTTP
// command. Rounds of the three alternate, so that whatever else happens on the
// machine happens to all.
func (b *bench) appends(ctx context.Context, to target, rounds int) error {
	codec := es.NewCodec(es.Type[Appended]())
	run := strconv.FormatInt(time.Now().UnixNano(), 36)
	ways := []struct {
		name string
		do   work
	}{
		{"raw", rawAppend(to, codec, run)},
		{"execute", executeAppend(esjs.Open(to.js, codec, time.Now), to.owner, run)},
		{"http", to.http.read},
	}
	var serial atomic.Int64
	for _, n := range concurrencies() {
		rate, ratio := make([][]float64, len(ways)), make([][]float64, len(ways))
		for round := range rounds + 1 {
			now := make([]pace, len(ways))
			for slice := range b.size(appendSlices, 2) {
				for i := range ways {
					i = (i + slice) % len(ways)
					if err := now[i].work(ctx, n, &serial, ways[i].do); err != nil {
						return fmt.Errorf("append %s: %w", ways[i].name, err)
					}
				}
			}
			note("append with %d: raw %.0f, execute %.0f, http %.0f per second", n, now[0].rate(), now[1].rate(), now[2].rate())
			if round == 0 {
				continue // everybody's first time is slower
			}
			for i := range ways {
				rate[i], ratio[i] = append(rate[i], now[i].rate()), append(ratio[i], now[i].rate()/now[0].rate())
			}
		}
		limit := median(rate[0])
		b.report(row{name: fmt.Sprintf("append_raw_%d", n), value: limit, unit: "events/s"})
		for i, w := range ways[1:] {
			b.report(row{fmt.Sprintf("append_%s_%d", w.name, n), median(rate[i+1]), "events/s", limit, median(ratio[i+1])})
		}
		for _, w := range ways {
			name := fmt.Sprintf("append_%s_%d", w.name, n)
			err := b.profiled(name, func() error {
				var p pace
				for range appendSlices {
					if err := p.work(ctx, n, &serial, w.do); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return fmt.Errorf("profile %s: %w", name, err)
			}
		}
	}
	return nil
}

// A round gives every way two seconds, in slices that take turns: flushes of a
// shared disk can be twice as slow a second later.
const (
	appendRounds = 4
	appendSlices = 10
	appendSlice  = 200 * time.Millisecond
)

// pace is how often something was done in how long.
type pace struct {
	done int64
	took time.Duration
}

func (p pace) rate() float64 { return float64(p.done) / p.took.Seconds() }

// work lets n workers do it for the length of a slice.
func (p *pace) work(ctx context.Context, n int, serial *atomic.Int64, do work) error {
	var wg sync.WaitGroup
	var done atomic.Int64
	failed := make(chan error, n)
	begin := time.Now()
	for w := range n {
		wg.Go(func() {
			for time.Since(begin) < appendSlice && ctx.Err() == nil {
				if err := do(ctx, w, serial.Add(1)); err != nil {
					failed <- err
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	p.took += time.Since(begin)
	p.done += done.Load()
	select {
	case err := <-failed:
		return err
	default:
		return ctx.Err()
	}
}

func itemStream(owner, run string, serial int64) es.Stream {
	return es.Stream{Context: owner, Aggregate: "item", ID: run + "-" + strconv.FormatInt(serial, 10)}
}

func itemMeta(serial int64) es.Meta {
	command := strconv.FormatInt(serial, 10)
	return es.Meta{Command: es.ID("append", command), Request: es.ID("request"), Correlation: es.ID("append", command),
		Actor: es.ID("person"), Access: uint64(serial)}
}

// rawAppend publishes envelopes to fresh subjects, with the expectation that the
// store gives them. Only what the store computes is left out: headers and data
// are ready.
func rawAppend(to target, codec *es.Codec, run string) work {
	run += "r"
	env, err := codec.EncodeEnvelope(itemStream(to.owner, run, 1), itemMeta(1), time.Now(), appended(1))
	return func(ctx context.Context, _ int, serial int64) error {
		if err != nil {
			return err
		}
		header := make(nats.Header, len(env.Header)+1)
		for k, v := range env.Header {
			header[k] = v
		}
		s := itemStream(to.owner, run, serial)
		header[nats.ExpectedLastSubjSeqHdr] = []string{"0"}
		_, err := to.js.PublishMsg(ctx, &nats.Msg{Subject: s.Subject(), Header: header, Data: env.Data})
		return err
	}
}

// executeAppend begins aggregates through a repository.
func executeAppend(store es.Store, owner, run string) work {
	type item struct{ count int }
	repo := &es.Repo[item]{Context: owner, Aggregate: "item", Store: store, Fold: func(s *item, r es.Recorded) {
		if e, ok := r.Data.(Appended); ok {
			s.count = e.Count
		}
	}}
	return func(ctx context.Context, _ int, serial int64) error {
		_, err := repo.Execute(ctx, itemStream(owner, run+"e", serial).ID, itemMeta(serial), func(s item) (es.Event, error) {
			if s.count != 0 {
				return nil, errors.New("the subject is not fresh")
			}
			return appended(int(serial)), nil
		})
		return err
	}
}
