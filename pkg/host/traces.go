package host

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"kith/pkg/tracing"
)

// Traces says where spans go and how many there are.
type Traces struct {
	Endpoint string  `env:"KITH_OTLP_ENDPOINT,OTEL_EXPORTER_OTLP_ENDPOINT" help:"URL of an OpenTelemetry collector that takes OTLP over HTTP, as http://collector:4318; empty: no traces."`
	Ratio    float64 `default:"0.1" help:"Share of requests that are traced, 0 to 1; a request that says whether its trace is recorded has it its way."`
}

// check notes what is wrong with the settings.
func (t Traces) check(wrong Wrong) {
	if t.Endpoint != "" {
		// The URL is not shown: what is wrong with it may be a password.
		switch u, err := url.Parse(t.Endpoint); {
		case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "":
			wrong("otlp-endpoint", "is not the URL of a collector, as http://collector:4318")
		case u.User != nil:
			wrong("otlp-endpoint", "must not hold a user or password: put what the collector asks for into OTEL_EXPORTER_OTLP_HEADERS")
		case u.RawQuery != "", u.Fragment != "":
			wrong("otlp-endpoint", "must not hold a query or fragment")
		}
	}
	if !(t.Ratio >= 0 && t.Ratio <= 1) {
		wrong("otlp-ratio", "must be within 0 and 1")
	}
}

const (
	tracesPath  = "v1/traces"     // what OTLP over HTTP puts behind the endpoint
	exportLimit = 5 * time.Second // for one batch of spans
	flushLimit  = 5 * time.Second // for what is left at the end
)

// spans is the way of a process's spans to the collector. A nil one has none.
type spans struct{ provider *sdk.TracerProvider }

// open begins to send spans of service. Nobody waits for the collector: what it
// does not take is lost, and counted.
func (t Traces) open(ctx context.Context, service string, log *slog.Logger, reg prometheus.Registerer) (*spans, error) {
	if t.Endpoint == "" {
		return nil, nil
	}
	u, err := url.Parse(t.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("otlp-endpoint: %w", err)
	}
	otlp, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(u.JoinPath(tracesPath).String()),
		otlptracehttp.WithTimeout(exportLimit), otlptracehttp.WithRetry(otlptracehttp.RetryConfig{}))
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	to := &exporter{SpanExporter: otlp, log: log, outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "kith_trace_spans_total", Help: "Spans given to the collector, by outcome: sent or lost. What is lost because too many wait is in neither.",
	}, []string{"outcome"})}
	if err := reg.Register(to.outcomes); err != nil {
		return nil, fmt.Errorf("traces: metrics: %w", err)
	}
	for _, outcome := range []string{outcomeSent, outcomeLost} {
		to.outcomes.WithLabelValues(outcome) // shown as 0 from the start
	}
	return &spans{sdk.NewTracerProvider(
		sdk.WithBatcher(to), sdk.WithSampler(linked{sdk.ParentBased(sdk.TraceIDRatioBased(t.Ratio))}),
		sdk.WithResource(resource.NewSchemaless(semconv.ServiceName(service), semconv.ServiceVersion(Version()))),
	)}, nil
}

// tracer makes the spans that are sent, nil if none are.
func (s *spans) tracer() *tracing.Tracer {
	if s == nil {
		return nil
	}
	return tracing.New(s.provider)
}

// close sends what is left, for limit at most.
func (s *spans) close(limit time.Duration) {
	if s == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	_ = s.provider.Shutdown(ctx) // what was lost has been logged and counted
}

// linked samples what is linked to something sampled, and else what Sampler does:
// the steps of a story that are traces of their own are recorded all or none.
type linked struct{ sdk.Sampler }

// ShouldSample implements sdk.Sampler.
func (l linked) ShouldSample(p sdk.SamplingParameters) sdk.SamplingResult {
	for _, link := range p.Links {
		if link.SpanContext.IsSampled() {
			return sdk.AlwaysSample().ShouldSample(p)
		}
	}
	return l.Sampler.ShouldSample(p)
}

// What becomes of spans, as the metric shows it.
const (
	outcomeSent = "sent"
	outcomeLost = "lost"
)

// exporter counts what becomes of spans, and logs when that changes: a collector
// that is down would otherwise be in the log with every batch.
type exporter struct {
	sdk.SpanExporter
	log      *slog.Logger
	outcomes *prometheus.CounterVec
	failing  atomic.Bool
}

// ExportSpans implements sdk.SpanExporter. It returns no error, which the SDK
// would only print.
func (e *exporter) ExportSpans(ctx context.Context, batch []sdk.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, batch)
	outcome := outcomeSent
	if err != nil {
		outcome = outcomeLost
	}
	e.outcomes.WithLabelValues(outcome).Add(float64(len(batch)))
	if was := e.failing.Swap(err != nil); was != (err != nil) {
		if err != nil {
			e.log.Warn("the collector does not take traces; they are lost until it does", "error", err)
		} else {
			e.log.Info("the collector takes traces again")
		}
	}
	return nil
}
