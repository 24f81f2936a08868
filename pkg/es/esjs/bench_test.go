package esjs_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es"
	"kith/pkg/es/esjs"
	"kith/pkg/es/estest"
	"kith/pkg/natsd"
)

var workers = []int{1, 8, 64}

// share splits b.N over n workers and reports events per second.
func share(b *testing.B, n int, work func(worker, i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for w := range n {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				work(w, int(i))
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func benchEvent(i int) es.Event {
	return estest.Put{Thing: "a thing with a name of the usual length, as titles have it", Count: i}
}

func benchMeta(w, i int) es.Meta {
	return es.Meta{
		Command: es.ID(strconv.Itoa(w), strconv.Itoa(i)), Request: es.ID("request"), Correlation: es.ID("first"),
		Actor: es.ID("person"), Access: uint64(i),
	}
}

// BenchmarkAppendRaw publishes what Append stores, with the same expectation
// and id: the ceiling for BenchmarkAppendStore.
func BenchmarkAppendRaw(b *testing.B) {
	for _, n := range workers {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			js := provisioned(b, boot(b, natsd.Config{}), esjs.ProvisionConfig{})
			env, err := estest.Codec().EncodeEnvelope(estest.Box("a"), benchMeta(0, 1), time.Now(), benchEvent(1))
			if err != nil {
				b.Fatal(err)
			}
			last := make([]uint64, n)
			share(b, n, func(w, i int) {
				h := make(nats.Header, len(env.Header)+1)
				for k, v := range env.Header {
					h[k] = v
				}
				h.Set(nats.ExpectedLastSubjSeqHdr, strconv.FormatUint(last[w], 10))
				ack, err := js.PublishMsg(context.Background(), &nats.Msg{Subject: estest.Box(strconv.Itoa(w)).Subject(), Header: h, Data: env.Data})
				if err != nil {
					b.Error(err)
					return
				}
				last[w] = ack.Sequence
			})
		})
	}
}

func BenchmarkAppendStore(b *testing.B) {
	for _, n := range workers {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			s := esjs.Open(provisioned(b, boot(b, natsd.Config{}), esjs.ProvisionConfig{}), estest.Codec(), time.Now)
			last := make([]uint64, n)
			share(b, n, func(w, i int) {
				seq, err := s.Append(context.Background(), estest.Box(strconv.Itoa(w)), last[w], benchMeta(w, i), benchEvent(i))
				if err != nil {
					b.Error(err)
					return
				}
				last[w] = seq
			})
		})
	}
}

// BenchmarkFollow reads the same events with a bare ordered consumer and with
// the store, which decodes them.
func BenchmarkFollow(b *testing.B) {
	const n = 200_000
	js := provisioned(b, boot(b, natsd.Config{Sync: time.Minute}), esjs.ProvisionConfig{})
	fill(b, js, n)
	ctx := context.Background()
	each := func(b *testing.B, read func() error) {
		for b.Loop() {
			if err := read(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "events/s")
	}
	b.Run("raw", func(b *testing.B) {
		each(b, func() error {
			c, err := js.OrderedConsumer(ctx, esjs.StreamName, jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy})
			if err != nil {
				return err
			}
			m, err := c.Messages(jetstream.PullMaxMessages(4096))
			if err != nil {
				return err
			}
			defer m.Stop()
			for range n {
				if _, err := m.Next(); err != nil {
					return err
				}
			}
			return nil
		})
	})
	b.Run("store", func(b *testing.B) {
		s := esjs.Open(js, estest.Codec(), time.Now)
		each(b, func() error {
			for r, err := range s.Follow(ctx, 0) {
				if err != nil {
					return err
				}
				if _, ok := r.Data.(estest.Put); !ok {
					return fmt.Errorf("%+v", r)
				}
				if r.Seq == n {
					return nil
				}
			}
			return nil
		})
	})
}

// fill stores n events over a tenth as many boxes, fast.
func fill(b *testing.B, js jetstream.JetStream, n int) {
	b.Helper()
	codec := estest.Codec()
	for i := range n {
		env, err := codec.EncodeEnvelope(estest.Box(strconv.Itoa(i%(n/10))), benchMeta(0, i), time.Now(), benchEvent(i))
		if err != nil {
			b.Fatal(err)
		}
		h := nats.Header(env.Header)
		if _, err := js.PublishMsgAsync(&nats.Msg{Subject: estest.Box(strconv.Itoa(i % (n / 10))).Subject(), Header: h, Data: env.Data}); err != nil {
			b.Fatal(err)
		}
	}
	<-js.PublishAsyncComplete()
}
