package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/tracing"
)

// appends is a log whose appends are observed: each is a span, whose context
// the event carries, and each contradiction of the log is counted.
type appends struct {
	es.Store
	tracer    *tracing.Tracer
	conflicts *prometheus.CounterVec
}

// observed is store with its appends observed; it can be examined if store can.
func observed(store es.Store, tracer *tracing.Tracer, reg prometheus.Registerer) (es.Store, error) {
	a := appends{store, tracer, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "kith_append_conflicts_total",
		Help: "Appends that the log refused because the aggregate had gone on since this process read it; the command is decided anew.",
	}, []string{"context", "aggregate"})}
	if err := reg.Register(a.conflicts); err != nil {
		return nil, fmt.Errorf("app: metrics: %w", err)
	}
	if r, ok := store.(es.Ranger); ok {
		return struct {
			appends
			es.Ranger
		}{a, r}, nil
	}
	return a, nil
}

// Append implements es.Store.
func (a appends) Append(ctx context.Context, s es.Stream, after uint64, m es.Meta, e es.Event) (uint64, error) {
	var span tracing.Span
	if !m.Imported {
		ctx, span = a.tracer.Append(ctx, s, e.EventType())
	}
	if t := span.Traceparent(); t != "" {
		m.Traceparent = t
	}
	seq, err := a.Store.Append(ctx, s, after, m, e)
	// A repeated command meets its own event, not somebody else's.
	if errors.Is(err, es.ErrConflict) && !errors.Is(err, es.ErrRepeated) {
		a.conflicts.WithLabelValues(s.Context, s.Aggregate).Inc()
	}
	if seq > 0 {
		span.Appended(seq)
	}
	span.End(failure(err))
	return seq, err
}

// failure is the code that a span shows for the error of an append.
func failure(err error) string {
	switch {
	case err == nil, errors.Is(err, es.ErrRepeated):
		return ""
	case errors.Is(err, es.ErrConflict):
		return string(fault.Conflict)
	case errors.Is(err, es.ErrUnavailable):
		return string(fault.Unavailable)
	case errors.Is(err, es.ErrTooLarge):
		return string(fault.TooLarge)
	}
	return string(fault.CodeOf(err))
}
