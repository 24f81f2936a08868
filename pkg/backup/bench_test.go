package backup_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/backup"
	"kith/pkg/es"
)

// fill stores n events of the usual size, of n/5 aggregates, without waiting
// for each.
func (b *bed) fill(n int) {
	b.t.Helper()
	codec := es.NewCodec(es.Type[filled]())
	last := map[string]int{}
	var ack jetstream.PubAckFuture
	for i := 1; i <= n; i++ {
		s := es.Stream{Context: "test", Aggregate: "thing", ID: es.ID(strconv.Itoa(i % max(n/5, 1)))}
		command := es.ID("fill", strconv.Itoa(i))
		env, err := codec.EncodeEnvelope(s, es.Meta{Command: command, Request: command, Actor: s.ID, Access: uint64(i)},
			time.Now(), filled{Title: fmt.Sprintf("%0300d", i)})
		if err != nil {
			b.t.Fatal(err)
		}
		h := nats.Header(env.Header)
		h[nats.ExpectedLastSubjSeqHdr] = []string{strconv.Itoa(last[s.ID])}
		last[s.ID] = i
		if ack, err = b.js.PublishMsgAsync(&nats.Msg{Subject: s.Subject(), Header: h, Data: env.Data}, jetstream.WithStallWait(time.Minute)); err != nil {
			b.t.Fatal(err)
		}
	}
	<-b.js.PublishAsyncComplete()
	if a := <-ack.Ok(); int(a.Sequence) != n {
		b.t.Fatalf("the last event is at %d, not %d", a.Sequence, n)
	}
}

type filled struct {
	Title string `json:"title"`
}

func (filled) EventType() string { return "thing.filled" }

// BenchmarkBackup measures a log of 100,000 events; KITH_BACKUP_EVENTS says
// otherwise.
func BenchmarkBackup(b *testing.B) {
	n := 100_000
	if v, err := strconv.Atoi(os.Getenv("KITH_BACKUP_EVENTS")); err == nil {
		n = v
	}
	from, dir := newBed(b, 100*time.Millisecond), filepath.Join(b.TempDir(), "backup")
	for i := range 1000 {
		from.person(fmt.Sprint("p", i))
	}
	from.fill(n)
	rate := func(name string, do func()) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				do()
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
	rate("first", func() {
		if err := os.RemoveAll(dir); err != nil {
			b.Fatal(err)
		}
		from.backup(dir)
	})
	rate("nothing_new", func() { from.backup(dir) })
	rate("erasures_only", func() {
		if _, err := backup.RunErasures(b.Context(), dir, from.source()); err != nil {
			b.Fatal(err)
		}
	})
	rate("verify", func() {
		if err := verify(b, dir); err != nil {
			b.Fatal(err)
		}
	})
	rate("restore", func() {
		b.StopTimer()
		to := newBed(b, 0)
		b.StartTimer()
		if _, err := backup.Restore(b.Context(), dir, backup.Target{JS: to.js}); err != nil {
			b.Fatal(err)
		}
	})
}
