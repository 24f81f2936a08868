package react_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/react"
	"kith/pkg/tracing"
)

func TestTraces(t *testing.T) {
	b, kept := newBed(t), tracetest.NewSpanRecorder()
	tracer := tracing.New(sdk.NewTracerProvider(sdk.WithSpanProcessor(kept)))
	b.ask(1)
	b.ask(2, func(m *es.Meta) { m.Traceparent = "" })
	b.ask(3, func(m *es.Meta) { m.Imported = true })
	b.ask(4)
	var calls atomic.Int32
	re := react.Reactor{Name: "r", Subjects: requests, From: react.Start, Handle: func(ctx context.Context, r es.Recorded) error {
		traced := tracing.ID(ctx) != ""
		switch n := r.Data.(asked).N; {
		case n == 1 && !traced:
			return fault.New(fault.Internal, "the span is not in the context")
		case n == 1 && calls.Add(1) == 1:
			return errors.New("secret")
		case n == 4 && calls.Add(1) < 4:
			return fault.New(fault.Conflict, "secret")
		}
		return nil
	}}
	r := b.runner(func(c *react.Config) { c.Tracer = tracer })
	b.start(r, re)
	b.settled("r")
	if err := r.DeadLetters(re).Replay(t.Context(), "r.4"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range kept.Ended() {
		line := s.Name()
		for _, a := range s.Attributes() {
			switch a.Key {
			case "kith.event.position", "kith.dead_letter", "error.type":
				line += fmt.Sprint(" ", a.Value.String())
			}
		}
		if l := s.Links(); len(l) != 1 || l[0].SpanContext.SpanID().String() != "b7ad6b7169203331" {
			t.Errorf("%s is linked to %v", line, l)
		}
		got = append(got, line)
	}
	if want := []string{"react r 1 false internal", "react r 1 false", "react r 4 false conflict", "react r 4 true"}; !slices.Equal(got, want) {
		t.Errorf("spans are %q, want %q", got, want)
	}
}
