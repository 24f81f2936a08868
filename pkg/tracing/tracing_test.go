package tracing_test

import (
	"context"
	"strings"
	"testing"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"kith/pkg/es"
	"kith/pkg/tracing"
)

const (
	sampled   = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	unsampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		name, traceparent string
		valid, sampled    bool
	}{
		{"recorded", sampled, true, true},
		{"not recorded", unsampled, true, false},
		{"with flags that are not known yet", sampled[:53] + "03", true, true},
		{"nothing", "", false, false},
		{"another version", "01" + sampled[2:], false, false},
		{"upper case", strings.ToUpper(sampled), false, false},
		{"upper case flags", sampled[:53] + "0F", false, false},
		{"flags that are no number", sampled[:53] + "+1", false, false},
		{"no trace", "00-" + strings.Repeat("0", 32) + sampled[35:], false, false},
		{"no span", sampled[:36] + strings.Repeat("0", 16) + sampled[52:], false, false},
		{"other separators", strings.ReplaceAll(sampled, "-", "_"), false, false},
		{"too long", sampled + "-x", false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if c := tracing.Parse(tc.traceparent); c.IsValid() != tc.valid || c.IsSampled() != tc.sampled {
				t.Errorf("valid %t, sampled %t", c.IsValid(), c.IsSampled())
			}
		})
	}
}

// bed is a tracer whose spans are kept.
func bed(sampler sdk.Sampler) (*tracing.Tracer, *tracetest.SpanRecorder) {
	kept := tracetest.NewSpanRecorder()
	return tracing.New(sdk.NewTracerProvider(sdk.WithSampler(sdk.ParentBased(sampler)), sdk.WithSpanProcessor(kept))), kept
}

func event(traceparent string) *es.Recorded {
	return &es.Recorded{Seq: 7, Type: "thing.noted", Meta: es.Meta{Traceparent: traceparent}}
}

var thing = es.Stream{Context: "test", Aggregate: "thing", ID: "secret"}

func TestWhatFollowsFromACommandIsLinkedToIt(t *testing.T) {
	tr, kept := bed(sdk.AlwaysSample())
	ctx, request := tr.Request(t.Context(), "POST", "/things", "raiseThing", sampled)
	_, appended := tr.Append(ctx, thing, "thing.noted")
	e := event(appended.Traceparent())
	appended.Appended(e.Seq)
	appended.End("")
	request.Answered(201)
	tr.Fold("test-things", e).End("failed")
	ctx, reaction := tr.React(t.Context(), "test-router", e, true)
	tr.Send(ctx, "mail", "asked_to_help").End("550")
	reaction.End("")

	spans := map[string]sdk.ReadOnlySpan{}
	for _, s := range kept.Ended() {
		spans[s.Name()] = s
	}
	req, app, fold, react, send := spans["POST /things"], spans["append thing.noted"], spans["fold test-things"], spans["react test-router"], spans["send mail"]
	if len(spans) != 5 || req == nil || app == nil || fold == nil || react == nil || send == nil {
		t.Fatalf("spans are %v", spans)
	}
	if got := req.Parent().SpanID().String(); got != sampled[36:52] || req.SpanContext().TraceID().String() != sampled[3:35] {
		t.Errorf("the request's parent is %s in %s", got, req.SpanContext().TraceID())
	}
	if app.Parent().SpanID() != req.SpanContext().SpanID() {
		t.Error("the append is not of the request")
	}
	for _, s := range []sdk.ReadOnlySpan{fold, react} {
		if l := s.Links(); len(l) != 1 || l[0].SpanContext.SpanID() != app.SpanContext().SpanID() || s.Parent().IsValid() {
			t.Errorf("%s has links %v and parent %v", s.Name(), l, s.Parent())
		}
	}
	if send.Parent().SpanID() != react.SpanContext().SpanID() {
		t.Error("the mail is not of the reactor")
	}
	for _, tc := range []struct {
		span sdk.ReadOnlySpan
		kind trace.SpanKind
		says string
	}{
		{req, trace.SpanKindServer, "http.request.method=POST http.route=/things kith.operation=raiseThing http.response.status_code=201"},
		{app, trace.SpanKindProducer, "kith.stream=test.thing kith.event.type=thing.noted kith.event.position=7"},
		{fold, trace.SpanKindConsumer, "kith.view=test-things kith.event.type=thing.noted kith.event.position=7 error.type=failed"},
		{react, trace.SpanKindConsumer, "kith.reactor=test-router kith.event.type=thing.noted kith.event.position=7 kith.dead_letter=true"},
		{send, trace.SpanKindClient, "kith.message=asked_to_help error.type=550"},
	} {
		var said []string
		for _, a := range tc.span.Attributes() {
			said = append(said, string(a.Key)+"="+a.Value.String())
		}
		if got := strings.Join(said, " "); got != tc.says || tc.span.SpanKind() != tc.kind {
			t.Errorf("%s is a %s and says %s", tc.span.Name(), tc.span.SpanKind(), got)
		}
	}
}

func TestWhatIsNotRecordedHasNoSpans(t *testing.T) {
	tr, kept := bed(sdk.NeverSample())
	ctx, request := tr.Request(t.Context(), "POST", "/things", "raiseThing", "")
	_, appended := tr.Append(ctx, thing, "thing.noted")
	if got := appended.Traceparent(); got != "" || tracing.ID(ctx) != "" {
		t.Errorf("the event would carry %q, the log show %q", got, tracing.ID(ctx))
	}
	request.Answered(500)
	old := event(sampled)
	old.Meta.Imported = true
	for _, e := range []*es.Recorded{event(""), event(unsampled), event("broken"), old} {
		tr.Fold("test-things", e).End("")
		ctx, span := tr.React(t.Context(), "test-router", e, false)
		tr.Send(ctx, "mail", "asked_to_help").End("")
		span.End("")
	}
	ctx, request = tr.Request(t.Context(), "GET", "/things", "listThings", unsampled)
	if request.Answered(200); tracing.ID(ctx) != unsampled[3:35] {
		t.Errorf("the caller's trace is lost: %q", tracing.ID(ctx))
	}
	if got := kept.Started(); len(got) != 0 {
		t.Errorf("spans are %v", got)
	}
}

// TestNothingIsAllocatedWithoutTraces holds for a process that has tracing off,
// and for what is not sampled where it is on.
func TestNothingIsAllocatedWithoutTraces(t *testing.T) {
	on, _ := bed(sdk.AlwaysSample())
	e, ctx := event(sampled), context.Background()
	for _, tc := range []struct {
		name        string
		tr          *tracing.Tracer
		traceparent string
	}{
		{"off", nil, sampled},
		{"off, without a trace", nil, ""},
		{"on, an event without a trace", on, ""},
		{"on, an event that is not sampled", on, unsampled},
	} {
		e.Meta.Traceparent = tc.traceparent
		if n := testing.AllocsPerRun(100, func() {
			in, span := tc.tr.Append(ctx, thing, "thing.noted")
			span.Appended(7)
			_ = span.Traceparent()
			span.End("")
			tc.tr.Fold("test-things", e).End("")
			in, span = tc.tr.React(in, "test-router", e, false)
			tc.tr.Send(in, "mail", "asked_to_help").End("")
			span.Answered(200)
		}); n != 0 {
			t.Errorf("%s: %v allocations", tc.name, n)
		}
	}
	if n := testing.AllocsPerRun(100, func() {
		in, span := (*tracing.Tracer)(nil).Request(ctx, "GET", "/things", "listThings", "")
		_ = tracing.ID(in)
		span.Answered(200)
	}); n != 0 {
		t.Errorf("a request: %v allocations", n)
	}
}

func BenchmarkFollows(b *testing.B) {
	on, _ := bed(sdk.AlwaysSample())
	for _, bc := range []struct {
		name string
		tr   *tracing.Tracer
		e    *es.Recorded
	}{{"off", nil, event(sampled)}, {"untraced", on, event("")}, {"unsampled", on, event(unsampled)}, {"sampled", on, event(sampled)}} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bc.tr.Fold("test-things", bc.e).End("")
			}
		})
	}
}
