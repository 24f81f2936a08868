package rest

import (
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are rate, errors and duration per route, and what is in flight.
type metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight map[string]prometheus.Gauge // by kind
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kith_http_requests_total",
			Help: "Requests answered, by method, route and class of status.",
		}, []string{"method", "route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "kith_http_request_duration_seconds",
			Help:    "Time from the header of a request to the end of its answer; streams are not counted.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route", "status"}),
		inFlight: map[string]prometheus.Gauge{},
	}
	inFlight := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "kith_http_in_flight",
		Help: "Requests being answered, by kind: command, query or stream.",
	}, []string{"kind"})
	for _, kind := range []string{"command", "query", "stream"} {
		m.inFlight[kind] = inFlight.WithLabelValues(kind)
	}
	for _, c := range []prometheus.Collector{m.requests, m.duration, inFlight} {
		if err := reg.Register(c); err != nil {
			return nil, fmt.Errorf("rest: metrics: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) observe(method, route string, status int, took time.Duration, k *call) {
	method, class := methodLabel(method), statusLabel(status)
	m.requests.WithLabelValues(method, route, class).Inc()
	if k == nil || !k.op.stream {
		m.duration.WithLabelValues(method, route, class).Observe(took.Seconds())
	}
}

// methodLabel keeps made-up methods out of labels and log.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

func statusLabel(status int) string {
	switch {
	case status < 200:
		return "1xx"
	case status < 300:
		return "2xx"
	case status < 400:
		return "3xx"
	case status < 500:
		return "4xx"
	}
	return "5xx"
}
