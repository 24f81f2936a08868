package view_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"kith/pkg/es"
	"kith/pkg/tracing"
	"kith/pkg/view"
)

const sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

// noteTraced appends the n-th event, with a trace.
func (s *store) noteTraced(t *testing.T, n int, change ...func(*es.Meta)) {
	t.Helper()
	id := fmt.Sprint("traced", n)
	m := es.Meta{Command: id, Traceparent: sampled}
	for _, f := range change {
		f(&m)
	}
	if _, err := s.Append(t.Context(), es.Stream{Context: "test", Aggregate: "thing", ID: id}, 0, m, noted{n}); err != nil {
		t.Fatal(err)
	}
}

func TestSpansAreMadeOfWhatIsNew(t *testing.T) {
	kept := tracetest.NewSpanRecorder()
	tracer := tracing.New(sdk.NewTracerProvider(sdk.WithSpanProcessor(kept)))
	names := func() (all []string) {
		for _, span := range kept.Ended() {
			all = append(all, fmt.Sprint(span.Name(), " ", span.Status().Description))
		}
		return all
	}
	s := newStore()
	s.noteTraced(t, 1)
	f := follower(s, &diary{name: "diary"}, tallies(t))
	f.Trace(tracer)
	stop := run(t, f)
	eventually(t, "the log's end has been seen", f.Fresh)
	if got := names(); got != nil {
		t.Fatalf("what was in the log at the start made %q", got)
	}

	s.note(t, 1) // without a trace
	s.noteTraced(t, 2, func(m *es.Meta) { m.Imported = true })
	s.noteTraced(t, 3)
	if err := f.CatchUp(within(t)); err != nil {
		t.Fatal(err)
	}
	if got := names(); !slices.Equal(got, []string{"fold tallies "}) {
		t.Fatalf("spans are %q", got)
	}

	if _, err := f.Rebuild(within(t), "tallies", nil); err != nil {
		t.Fatal(err)
	}
	if got := names(); len(got) != 1 {
		t.Fatalf("a rebuild made %q", got[1:])
	}
	_ = stop()

	t.Run("a view that cannot be folded at once has a span for each try", func(t *testing.T) {
		v := &faulty{View: tallies(t)}
		f := follower(s, &diary{name: "diary"}, v)
		f.Trace(tracer)
		run(t, f)
		eventually(t, "the log's end has been seen", f.Fresh)
		before := len(names())
		v.fails.Store(true)
		s.noteTraced(t, 4)
		if err := f.CatchUp(within(t)); err != nil {
			t.Fatal(err)
		}
		if got := names()[before:]; !slices.Equal(got, []string{"fold tallies failed", "fold tallies "}) {
			t.Fatalf("spans are %q", got)
		}
	})
}

// faulty is a view that fails once when fails is set.
type faulty struct {
	*view.View[tally]
	fails atomic.Bool
}

func (v *faulty) Apply(ctx context.Context, batch []es.Recorded) error {
	if v.fails.Swap(false) {
		return errTorn
	}
	return v.View.Apply(ctx, batch)
}
