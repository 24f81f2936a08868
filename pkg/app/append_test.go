package app_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/es/esmem"
	"kith/pkg/rest"
	"kith/pkg/tracing"
)

type noted struct {
	N int `json:"n"`
}

func (noted) EventType() string { return "thing.noted" }

// logOf opens a process and returns its log as modules see it.
func logOf(t *testing.T, w app.World) es.Store {
	t.Helper()
	var log es.Store
	if _, err := app.New(t.Context(), w, rest.Config{}, func(_ context.Context, core app.Core) (app.Module, error) {
		log = core.Events
		return app.Module{Name: "test"}, nil
	}); err != nil {
		t.Fatal(err)
	}
	return log
}

func TestAppendsAreObserved(t *testing.T) {
	kept := tracetest.NewSpanRecorder()
	w := world(t)
	w.Events = esmem.New(es.NewCodec(es.Type[noted]()), w.Clock.Now)
	w.Tracer = tracing.New(sdk.NewTracerProvider(sdk.WithSpanProcessor(kept)))
	log := logOf(t, w)
	if _, ok := log.(es.Ranger); !ok {
		t.Fatal("the log cannot be examined any more")
	}
	thing := es.Stream{Context: "test", Aggregate: "thing", ID: "a"}
	const callers = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
	ctx, request := w.Tracer.Request(t.Context(), "POST", "/things", "raiseThing", "")
	defer request.Answered(200)
	for _, step := range []struct {
		name  string
		ctx   context.Context
		after uint64
		meta  es.Meta
		fails error  // errAny: of no kind that is promised
		span  string // how it ended; "-": there is none
	}{
		{"within a request", ctx, 0, es.Meta{Command: "1", Traceparent: callers}, nil, ""},
		{"without one", t.Context(), 1, es.Meta{Command: "2", Traceparent: callers}, nil, "-"},
		{"history", ctx, 2, es.Meta{Command: "3", Imported: true, Traceparent: callers}, nil, "-"},
		{"contradicted", ctx, 1, es.Meta{Command: "4"}, es.ErrConflict, "conflict"},
		{"repeated too late", ctx, 0, es.Meta{Command: "2"}, es.ErrRepeated, ""},
		{"not valid", ctx, 3, es.Meta{}, errAny, "internal"},
	} {
		before := len(kept.Ended())
		seq, err := log.Append(step.ctx, thing, step.after, step.meta, noted{len(step.name)})
		if whatever := errors.Is(step.fails, errAny); (err == nil) != (step.fails == nil) || err != nil && !whatever && !errors.Is(err, step.fails) {
			t.Fatalf("%s: %v", step.name, err)
		}
		spans := kept.Ended()[before:]
		if step.span == "-" {
			if len(spans) != 0 {
				t.Errorf("%s: there is a span", step.name)
			}
		} else if len(spans) != 1 || spans[0].Status().Description != step.span {
			t.Errorf("%s: spans %v", step.name, spans)
		}
		for r, err := range log.Load(t.Context(), thing, seq-1) {
			if err != nil || step.fails != nil {
				break
			}
			want := callers
			if step.span != "-" {
				c := spans[0].SpanContext()
				want = "00-" + c.TraceID().String() + "-" + c.SpanID().String() + "-" + c.TraceFlags().String()
			}
			if r.Meta.Traceparent != want {
				t.Errorf("%s: the event carries %s, not %s", step.name, r.Meta.Traceparent, want)
			}
		}
	}
	if err := testutil.GatherAndCompare(w.Metrics, strings.NewReader(`
# HELP kith_append_conflicts_total Appends that the log refused because the aggregate had gone on since this process read it; the command is decided anew.
# TYPE kith_append_conflicts_total counter
kith_append_conflicts_total{aggregate="thing",context="test"} 1
`), "kith_append_conflicts_total"); err != nil {
		t.Error(err)
	}
}

var errAny = errors.New("any error")

// TestObservingAppendsCostsNothing compares the log with what modules see of it
// in a process without traces.
func TestObservingAppendsCostsNothing(t *testing.T) {
	w, nothing := world(t), nowhere{}
	w.Events = nothing
	log := logOf(t, w)
	thing, m, e := es.Stream{Context: "test", Aggregate: "thing", ID: "a"}, es.Meta{Command: "c"}, es.Event(noted{})
	ctx := context.Background()
	if n := testing.AllocsPerRun(100, func() { _, _ = log.Append(ctx, thing, 0, m, e) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// nowhere is a log that takes everything and keeps nothing.
type nowhere struct{ es.Store }

func (nowhere) Append(context.Context, es.Stream, uint64, es.Meta, es.Event) (uint64, error) {
	return 1, nil
}
