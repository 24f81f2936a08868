package viewmem_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"kith/pkg/es"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
)

const (
	benchEvents = 200_000
	benchViews  = 10
	benchDocs   = 20_000
)

// happened is a fact about one thing; two of the ten views care for it.
type happened struct {
	Thing, Group string
	At           time.Time
	Moves        bool
}

func (happened) EventType() string { return "thing.happened" }

type benchDoc struct {
	ID    string    `json:"id"`
	Group string    `json:"group"`
	At    time.Time `json:"at"`
	Count int       `json:"count"`
	Tags  []string  `json:"tags"`
}

// written is a log that is there already and says nothing new.
type written []es.Recorded

func (w written) Follow(ctx context.Context, after uint64) iter.Seq2[es.Recorded, error] {
	return func(yield func(es.Recorded, error) bool) {
		for _, r := range w[after:] {
			if !yield(r, nil) {
				return
			}
		}
		<-ctx.Done()
		yield(es.Recorded{}, ctx.Err())
	}
}
func (w written) Last(context.Context) (uint64, error) { return uint64(len(w)), nil }
func (written) LastOf(context.Context, es.Stream) (uint64, error) {
	return 0, nil
}
func (written) Load(context.Context, es.Stream, uint64) iter.Seq2[es.Recorded, error] {
	return func(func(es.Recorded, error) bool) {}
}
func (written) Append(context.Context, es.Stream, uint64, es.Meta, es.Event) (uint64, error) {
	return 0, es.ErrUnavailable
}

func benchLog() written {
	log := make(written, benchEvents)
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range log {
		n := i * 7919 % benchDocs
		log[i] = es.Recorded{Seq: uint64(i + 1), Type: "thing.happened", Stream: es.Stream{Context: "bench", Aggregate: "thing", ID: strconv.Itoa(i % (benchViews / 2))},
			Data: happened{Thing: fmt.Sprintf("thing%05d", n), Group: fmt.Sprintf("group%03d", n%200),
				At: start.Add(time.Duration(i) * time.Second), Moves: i%4 == 0}}
	}
	return log
}

func benchSpec(i int) view.Spec[benchDoc] {
	return view.Spec[benchDoc]{
		Name:    "bench" + strconv.Itoa(i),
		Indexes: []view.Index{{Name: "group", Fields: []string{"group", "-at"}}, {Name: "tag", Fields: []string{"tags", "id"}}},
		Keys: func(r es.Recorded) []string {
			switch e := r.Data.(type) {
			case happened:
				if (r.Seq+uint64(i))%(benchViews/2) == 0 {
					return []string{e.Thing}
				}
			}
			return nil
		},
		Fold: func(key string, d *benchDoc, r es.Recorded) bool {
			e := r.Data.(happened)
			if d.ID == "" || e.Moves {
				d.At = e.At
			}
			d.ID, d.Group, d.Count = key, e.Group, d.Count+1
			if d.Tags == nil {
				d.Tags = []string{"a", e.Group}
			}
			return true
		},
	}
}

// BenchmarkFold folds 200,000 events through a follower and ten views with two
// indexes each; every event touches one document in two of them, and a quarter
// of them moves it in an index.
func BenchmarkFold(b *testing.B) {
	log := benchLog()
	b.ReportAllocs()
	for b.Loop() {
		folders := make([]view.Folder, benchViews)
		for i := range folders {
			v, err := view.Open(b.Context(), viewmem.Backend{}, benchSpec(i))
			if err != nil {
				b.Fatal(err)
			}
			folders[i] = v
		}
		ctx, cancel := context.WithCancel(b.Context())
		f := view.NewFollower(log, slog.New(slog.DiscardHandler), time.Now, folders...)
		done := make(chan error, 1)
		go func() { done <- f.Run(ctx) }()
		if err := f.Wait(ctx, benchEvents); err != nil {
			b.Fatal(err)
		}
		cancel()
		<-done
	}
	b.ReportMetric(float64(benchEvents)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
