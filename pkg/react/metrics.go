package react

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// Outcomes of handling an event, as the metric shows them.
const (
	outcomeDone     = "done"
	outcomeImported = "imported" // passed over
	outcomeRetry    = "retry"
	outcomeWait     = "wait" // nothing can succeed at the moment
	outcomeDead     = "dead"
	outcomeStopped  = "stopped" // the process stopped meanwhile
)

type metrics struct {
	handled   *prometheus.CounterVec
	lag       *prometheus.GaugeVec
	recreated *prometheus.CounterVec
	dead      prometheus.Gauge
}

// newMetrics registers the metrics, or shares those that another runner of the
// process has registered.
func newMetrics(reg prometheus.Registerer) (metrics, error) {
	var errs [4]error
	var m metrics
	m.handled, errs[0] = registered(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "kith_reactor_handled_total", Help: "Deliveries of events to reactors, by outcome."}, []string{"reactor", "outcome"}))
	m.lag, errs[1] = registered(reg, prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "kith_reactor_lag", Help: "Events that a reactor has not settled yet."}, []string{"reactor"}))
	m.recreated, errs[2] = registered(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "kith_reactor_recreated_total", Help: "Times the durable consumer of a reactor was lost and made again."}, []string{"reactor"}))
	m.dead, errs[3] = registered(reg, prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "kith_dead_letters", Help: "Dead letters that wait for replay or discard."}))
	return m, errors.Join(errs[:]...)
}

func registered[C prometheus.Collector](reg prometheus.Registerer, c C) (C, error) {
	if reg == nil {
		return c, nil
	}
	err := reg.Register(c)
	if already, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if same, ok := already.ExistingCollector.(C); ok {
			return same, nil
		}
	}
	return c, err
}
