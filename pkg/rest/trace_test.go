package rest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"kith/pkg/rest"
	"kith/pkg/tracing"
)

const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

// requests are the log's lines about requests.
func (a *api) requests() (lines []map[string]any) {
	a.t.Helper()
	for l := range bytes.Lines([]byte(a.log.String())) {
		var line map[string]any
		if err := json.Unmarshal(l, &line); err != nil {
			a.t.Fatal(err)
		}
		if line["msg"] == "request" {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestTraces(t *testing.T) {
	kept := tracetest.NewSpanRecorder()
	a := start(t, handlers{
		"fail":   func(echo.Context) error { panic(http.ErrAbortHandler) },
		"search": func(echo.Context) error { panic("x") },
		"events": func(c echo.Context) error { return c.NoContent(http.StatusOK) },
	}, func(c *rest.Config) {
		c.Tracer = tracing.New(sdk.NewTracerProvider(sdk.WithSpanProcessor(kept)))
	})
	a.Health(nil, a.registry)
	for _, tc := range []struct {
		name, method, target, body string
		header                     map[string]string
		span, says                 string
	}{
		{"a command goes on with the caller's trace", "POST", "/things", thing, map[string]string{"traceparent": parent}, "POST /api/test/things", "raiseThing 200"},
		{"a query begins one", "GET", "/things/a?x=secret", "", nil, "GET /api/test/things/:id", "getThing 422"},
		{"a look at headers alone is another", "HEAD", "/things/secret", "", nil, "HEAD /api/test/things/:id", "getThing 200"},
		{"a request of nobody", "GET", "/things", "", map[string]string{"Authorization": "Bearer secret"}, "GET /api/test/things", "listThings 401"},
		{"a panic", "POST", "/searches", "{}", nil, "POST /api/test/searches", "search 500"},
		{"a stream would last for hours", "GET", "/events", "", nil, "", ""},
		{"what is no operation", "GET", "/nowhere", "", nil, "", ""},
		{"a look whether it lives", "GET", "/healthz", "", nil, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := len(kept.Ended())
			a.do(tc.method, tc.target, tc.body, tc.header)
			spans, lines := kept.Ended()[before:], a.requests()
			if tc.span == "" {
				if len(spans) != 0 {
					t.Fatalf("there is a span %s", spans[0].Name())
				}
				return
			}
			if len(spans) != 1 || spans[0].Name() != tc.span {
				t.Fatalf("spans %v", spans)
			}
			s, said := spans[0], map[string]string{}
			for _, kv := range s.Attributes() {
				said[string(kv.Key)] = kv.Value.String()
			}
			if got := said["kith.operation"] + " " + said["http.response.status_code"]; got != tc.says || strings.Contains(strings.Join([]string{said["http.route"], got, s.Name()}, " "), "secret") {
				t.Errorf("it says %v", said)
			}
			if got := lines[len(lines)-1]["trace_id"]; got != s.SpanContext().TraceID().String() {
				t.Errorf("the log has %v, the span %s", got, s.SpanContext().TraceID())
			}
			if sent := tc.header["traceparent"]; sent != "" && (s.Parent().SpanID().String() != sent[36:52] || s.SpanContext().TraceID().String() != sent[3:35]) {
				t.Errorf("its parent is %v", s.Parent())
			}
		})
	}
	t.Run("one that is cut", func(t *testing.T) {
		before := len(kept.Ended())
		defer func() {
			if recover() == nil || len(kept.Ended()) != before+1 {
				t.Error("its span has not ended")
			}
		}()
		a.do("GET", "/fail", "", nil)
	})
}

func TestWithoutTracesTheCallersIsLogged(t *testing.T) {
	a := start(t, nil, nil)
	a.do("GET", "/things", "", map[string]string{"traceparent": parent})
	a.do("GET", "/things", "", map[string]string{"traceparent": "secret"})
	a.do("GET", "/things", "", nil)
	lines := a.requests()
	if len(lines) != 3 || lines[0]["trace_id"] != parent[3:35] || lines[1]["trace_id"] != nil || lines[2]["trace_id"] != nil {
		t.Errorf("the log has %v", lines)
	}
}
