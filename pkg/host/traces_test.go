package host

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kith/pkg/es"
	"kith/pkg/logtest"
	"kith/pkg/tracing"
	"kith/pkg/tracing/tracingtest"
)

// collected is a process's way to a collector, which is asked every 2 ms.
type collected struct {
	*spans
	to  *tracingtest.Collector
	log *logtest.Buffer
	reg *prometheus.Registry
}

func collect(t *testing.T, path string, ratio float64) *collected {
	t.Helper()
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "2") // milliseconds
	c := &collected{to: tracingtest.Start(t), log: &logtest.Buffer{}, reg: prometheus.NewRegistry()}
	var err error
	c.spans, err = Traces{Endpoint: c.to.URL + path, Ratio: ratio}.open(t.Context(), "kith-test", slog.New(slog.NewTextHandler(c.log, nil)), c.reg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.close(0) })
	return c
}

// requests makes the spans of n requests.
func (c *collected) requests(t *testing.T, n int, traceparent string) {
	tracer := c.tracer()
	for i := range n {
		_, s := tracer.Request(t.Context(), "GET", fmt.Sprint("/", i), "test", traceparent)
		s.Answered(http.StatusOK)
	}
}

func (c *collected) count(t *testing.T, outcome string) (sum float64) {
	t.Helper()
	all, err := c.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		for _, m := range f.GetMetric() {
			if f.GetName() == "kith_trace_spans_total" && m.GetLabel()[0].GetValue() == outcome {
				sum += m.GetCounter().GetValue()
			}
		}
	}
	return sum
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestWhatIsLeftIsSentAtTheEnd(t *testing.T) {
	for _, path := range []string{"", "/"} {
		c := collect(t, path, 1)
		c.requests(t, 3, "")
		c.close(flushLimit)
		got := c.to.Spans()
		if len(got) != 3 || got[0].Name != "GET /0" || got[0].Service != "kith-test" || got[0].Version != Version() || c.count(t, "sent") != 3 {
			t.Errorf("%q: the collector has %+v, %v sent", path, got, c.count(t, "sent"))
		}
		if log := c.log.String(); log != "" {
			t.Errorf("it logged %s", log)
		}
	}
}

func TestWhatIsTraced(t *testing.T) {
	for _, tc := range []struct {
		name        string
		ratio       float64
		traceparent string
		all         bool
	}{
		{"everything", 1, "", true},
		{"nothing", 0, "", false},
		{"what the caller records", 0, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true},
		{"not what the caller does not", 1, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := collect(t, "", tc.ratio)
			c.requests(t, 10, tc.traceparent)
			c.close(flushLimit)
			if got := len(c.to.Spans()); got != 0 && !tc.all || got != 10 && tc.all {
				t.Errorf("%d of 10", got)
			}
		})
	}
	t.Run("what follows from something traced", func(t *testing.T) {
		c := collect(t, "", 0)
		ctx, request := c.tracer().Request(t.Context(), "POST", "/", "test", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
		e := &es.Recorded{Seq: 1, Meta: es.Meta{Traceparent: request.Traceparent()}}
		c.tracer().Fold("test-view", e).End("")
		if _, s := c.tracer().React(t.Context(), "test-reactor", e, false); s == (tracing.Span{}) {
			t.Error("the reactor has no span")
		} else {
			s.End("")
		}
		request.Answered(http.StatusOK)
		if c.close(flushLimit); len(c.to.Spans()) != 3 || tracing.ID(ctx) == "" {
			t.Errorf("the collector has %+v", c.to.Spans())
		}
	})
}

// TestACollectorThatHangs shows that nobody waits for it: neither who makes
// spans, many more than are kept for it, nor who ends the process.
func TestACollectorThatHangs(t *testing.T) {
	c := collect(t, "", 1)
	defer c.to.Hold()()
	c.requests(t, 1, "")
	eventually(t, "the collector has been sent something", func() bool { return c.to.Calls() > 0 })
	c.requests(t, 5000, "")
	before := time.Now()
	c.close(10 * time.Millisecond)
	if took := time.Since(before); took >= exportLimit {
		t.Errorf("the end took %s", took)
	}
	if n := c.to.Calls(); n != 1 {
		t.Errorf("it was sent something %d times while it answered nothing", n)
	}
}

func TestACollectorThatFailsIsLoggedOnce(t *testing.T) {
	c := collect(t, "", 1)
	lost := 0
	for _, status := range []int{http.StatusServiceUnavailable, http.StatusBadRequest} {
		c.to.Refuse(status)
		for range 3 {
			c.requests(t, 1, "")
			lost++
			eventually(t, "it is lost", func() bool { return c.count(t, "lost") == float64(lost) })
		}
	}
	c.to.Refuse(0)
	c.requests(t, 1, "")
	eventually(t, "one is sent", func() bool { return c.count(t, "sent") == 1 })
	c.close(flushLimit)
	if log := c.log.String(); strings.Count(log, "\n") != 2 || !strings.Contains(log, "does not take traces") || !strings.Contains(log, "takes traces again") {
		t.Errorf("it logged\n%s", log)
	}
}
