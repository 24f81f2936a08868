// Package tracingtest has a collector of traces for tests.
package tracingtest

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Collector takes OTLP over HTTP and keeps it. It is safe for concurrent use.
type Collector struct {
	URL string // what a process is told

	t testing.TB

	mu    sync.Mutex
	spans []Span
	raw   bytes.Buffer
	held  chan struct{} // closed when answers need wait no longer; nil: they need not
	calls int
	fails int // status of answers; 0: it takes everything
}

// Span is a span as it was received.
type Span struct {
	Service, Version   string // of the process
	Name               string
	Kind               trace.Span_SpanKind
	Trace, ID, Parent  string   // hexadecimal; Parent is empty for a root
	Links              []string // ids of spans
	Attributes         map[string]string
	Failed             bool
	StartNano, EndNano uint64
}

// Start starts a collector that lives until the end of the test.
func Start(t testing.TB) *Collector {
	t.Helper()
	c := &Collector{t: t}
	s := httptest.NewServer(c)
	t.Cleanup(s.Close)
	c.URL = s.URL
	return c
}

// ServeHTTP implements http.Handler.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var sent collector.ExportTraceServiceRequest
	switch {
	case err != nil:
		return // the caller is gone
	case r.Method != http.MethodPost, r.URL.Path != "/v1/traces", r.Header.Get("Content-Type") != "application/x-protobuf":
		c.t.Errorf("the collector was sent %s %s of %s", r.Method, r.URL, r.Header.Get("Content-Type"))
	default:
		if err := proto.Unmarshal(body, &sent); err != nil {
			c.t.Errorf("the collector cannot read what it was sent: %v", err)
		}
	}
	c.mu.Lock()
	c.calls++
	held, fails := c.held, c.fails
	if fails == 0 {
		c.raw.Write(body)
		c.spans = append(c.spans, read(&sent)...)
	}
	c.mu.Unlock()
	if held != nil {
		select {
		case <-held:
		case <-r.Context().Done():
		}
	}
	if fails != 0 {
		w.WriteHeader(fails)
	}
}

// Spans are those received so far.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Span(nil), c.spans...)
}

// Raw is everything received so far, as it came.
func (c *Collector) Raw() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.raw.String()
}

// Calls is how often something was sent.
func (c *Collector) Calls() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls
}

// Hold keeps the answers of requests back that come from now on, until release,
// which may be called more than once.
func (c *Collector) Hold() (release func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	held := make(chan struct{})
	c.held = held
	return sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		close(held)
		c.held = nil
	})
}

// Refuse answers with status from now on and keeps nothing; 0: as before.
func (c *Collector) Refuse(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fails = status
}

func read(sent *collector.ExportTraceServiceRequest) (spans []Span) {
	for _, process := range sent.ResourceSpans {
		about := attributes(process.Resource.Attributes)
		for _, scope := range process.ScopeSpans {
			for _, s := range scope.Spans {
				span := Span{
					Service: about["service.name"], Version: about["service.version"], Name: s.Name, Kind: s.Kind,
					Trace: hex.EncodeToString(s.TraceId), ID: hex.EncodeToString(s.SpanId), Parent: hex.EncodeToString(s.ParentSpanId),
					Attributes: attributes(s.Attributes), Failed: s.Status.GetCode() == trace.Status_STATUS_CODE_ERROR,
					StartNano: s.StartTimeUnixNano, EndNano: s.EndTimeUnixNano,
				}
				for _, l := range s.Links {
					span.Links = append(span.Links, hex.EncodeToString(l.SpanId))
				}
				spans = append(spans, span)
			}
		}
	}
	return spans
}

func attributes(all []*common.KeyValue) map[string]string {
	out := map[string]string{}
	for _, kv := range all {
		switch v := kv.Value.Value.(type) {
		case *common.AnyValue_StringValue:
			out[kv.Key] = v.StringValue
		case *common.AnyValue_IntValue:
			out[kv.Key] = fmt.Sprint(v.IntValue)
		case *common.AnyValue_BoolValue:
			out[kv.Key] = fmt.Sprint(v.BoolValue)
		default:
			out[kv.Key] = v.(fmt.Stringer).String()
		}
	}
	return out
}
