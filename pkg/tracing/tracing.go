// Package tracing makes the spans of a process. It alone decides what a span is
// called and what it says, so that no id of a person and nothing that people
// wrote gets into one: routes, types, names of views, positions and codes do.
//
// A trace begins with a request. The event that a command appends carries the
// context of its append span in the header traceparent; what follows from the
// event later and elsewhere is a trace of its own with a link to that span.
// There are no spans for what is read again: at a start, in a rebuild, and of
// imported history.
package tracing

import (
	"context"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"kith/pkg/es"
)

// Tracer makes spans. A nil Tracer makes none and allocates nothing. It is safe
// for concurrent use.
type Tracer struct{ tracer trace.Tracer }

// New makes a Tracer of p, nil if p is.
func New(p trace.TracerProvider) *Tracer {
	if p == nil {
		return nil
	}
	return &Tracer{p.Tracer("kith", trace.WithSchemaURL(semconv.SchemaURL))}
}

// Request is the span of an HTTP request, within the trace of the caller if
// traceparent, the header of that name, is one. method and route are those of
// the contract. The context has the caller's trace also if there is no span.
func (t *Tracer) Request(ctx context.Context, method, route, operation, traceparent string) (context.Context, Span) {
	if parent := Parse(traceparent); parent.IsValid() {
		ctx = trace.ContextWithRemoteSpanContext(ctx, parent)
	}
	if t == nil {
		return ctx, Span{}
	}
	return t.start(ctx, method+" "+route, trace.SpanKindServer,
		trace.WithAttributes(semconv.HTTPRequestMethodKey.String(method), semconv.HTTPRoute(route), keyOperation.String(operation)))
}

// Append is the span of appending an event of type typ to s, if ctx has a span.
func (t *Tracer) Append(ctx context.Context, s es.Stream, typ string) (context.Context, Span) {
	if t == nil || !within(ctx) {
		return ctx, Span{}
	}
	return t.start(ctx, "append "+typ, trace.SpanKindProducer,
		trace.WithAttributes(keyStream.String(s.Context+"."+s.Aggregate), keyType.String(typ)))
}

// Follows reports whether what r brings about has spans.
func (t *Tracer) Follows(r *es.Recorded) bool {
	return t != nil && !r.Meta.Imported && Parse(r.Meta.Traceparent).IsSampled()
}

// Fold is the span of a view that folds r, if Follows.
func (t *Tracer) Fold(view string, r *es.Recorded) Span {
	if !t.Follows(r) {
		return Span{}
	}
	_, s := t.start(context.Background(), "fold "+view, trace.SpanKindConsumer, cause(r),
		trace.WithAttributes(keyView.String(view), keyType.String(r.Type), position(r.Seq)))
	return s
}

// React is the span of a try of a reactor to handle r, if Follows. dead marks
// the replay of a dead letter.
func (t *Tracer) React(ctx context.Context, reactor string, r *es.Recorded, dead bool) (context.Context, Span) {
	if !t.Follows(r) {
		return ctx, Span{}
	}
	return t.start(ctx, "react "+reactor, trace.SpanKindConsumer, cause(r),
		trace.WithAttributes(keyReactor.String(reactor), keyType.String(r.Type), position(r.Seq), keyDead.Bool(dead)))
}

// Send is the span of handing a message of some kind over to channel, if ctx
// has a span.
func (t *Tracer) Send(ctx context.Context, channel, kind string) Span {
	if t == nil || !within(ctx) {
		return Span{}
	}
	_, s := t.start(ctx, "send "+channel, trace.SpanKindClient, trace.WithAttributes(keyMessage.String(kind)))
	return s
}

// start returns ctx as it was and no span if the trace is not sampled.
func (t *Tracer) start(ctx context.Context, name string, kind trace.SpanKind, o ...trace.SpanStartOption) (context.Context, Span) {
	in, span := t.tracer.Start(ctx, name, append(o, trace.WithSpanKind(kind))...)
	if !span.IsRecording() {
		return ctx, Span{}
	}
	return in, Span{span}
}

// Attributes that no convention has a name for.
const (
	keyOperation = attribute.Key("kith.operation") // its id in the contract
	keyStream    = attribute.Key("kith.stream")    // "<context>.<aggregate>"
	keyType      = attribute.Key("kith.event.type")
	keyPosition  = attribute.Key("kith.event.position")
	keyView      = attribute.Key("kith.view")
	keyReactor   = attribute.Key("kith.reactor")
	keyDead      = attribute.Key("kith.dead_letter")
	keyMessage   = attribute.Key("kith.message")
)

func position(seq uint64) attribute.KeyValue { return keyPosition.Int64(int64(seq)) }

func cause(r *es.Recorded) trace.SpanStartOption {
	return trace.WithLinks(trace.Link{SpanContext: Parse(r.Meta.Traceparent)})
}

func within(ctx context.Context) bool { return trace.SpanFromContext(ctx).IsRecording() }

// Span is one step of a trace. The methods of the zero Span do nothing.
type Span struct{ span trace.Span }

// Traceparent is what makes another step follow from this one, "" for the zero
// Span.
func (s Span) Traceparent() string {
	if s.span == nil {
		return ""
	}
	c := s.span.SpanContext()
	return "00-" + c.TraceID().String() + "-" + c.SpanID().String() + "-" + c.TraceFlags().String()
}

// Appended notes the position of the event.
func (s Span) Appended(seq uint64) {
	if s.span != nil {
		s.span.SetAttributes(position(seq))
	}
}

// Answered ends the span of a request with the status of its answer; one of
// 500 and above is a failure.
func (s Span) Answered(status int) {
	if s.span == nil {
		return
	}
	s.span.SetAttributes(semconv.HTTPResponseStatusCode(status))
	failure := ""
	if status >= 500 {
		failure = strconv.Itoa(status)
	}
	s.End(failure)
}

// End ends the span. failure is a code, never a text; "" says that it went well.
func (s Span) End(failure string) {
	if s.span == nil {
		return
	}
	if failure != "" {
		s.span.SetStatus(codes.Error, failure)
		s.span.SetAttributes(semconv.ErrorTypeKey.String(failure))
	}
	s.span.End()
}

// ID is the id of the trace that ctx belongs to, "" if it belongs to none.
func ID(ctx context.Context) string {
	if c := trace.SpanContextFromContext(ctx); c.HasTraceID() {
		return c.TraceID().String()
	}
	return ""
}

// Parse reads a W3C trace context of version 00. What is none gives one that is
// not valid: the recommendation asks to drop it rather than to refuse it.
func Parse(traceparent string) trace.SpanContext {
	v := traceparent
	if len(v) != 55 || v[:3] != "00-" || v[35] != '-' || v[52] != '-' || strings.ToLower(v[53:]) != v[53:] {
		return trace.SpanContext{}
	}
	id, noTrace := trace.TraceIDFromHex(v[3:35])
	span, noSpan := trace.SpanIDFromHex(v[36:52])
	flags, noFlags := strconv.ParseUint(v[53:], 16, 8)
	if noTrace != nil || noSpan != nil || noFlags != nil {
		return trace.SpanContext{}
	}
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: span, TraceFlags: trace.TraceFlags(flags), Remote: true})
}
