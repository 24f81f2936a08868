package portal

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are those of signing in; requests are counted by the server.
type metrics struct {
	logins   *prometheus.CounterVec
	renewals *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer, sessions func() int) (metrics, error) {
	m := metrics{
		logins: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kith_portal_logins_total",
			Help: "Browsers that came back from the issuer, by outcome: ok, cancelled, or the code of what went wrong.",
		}, []string{"outcome"}),
		renewals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kith_portal_renewals_total",
			Help: "Attempts to renew the tokens of a session, by outcome: ok, or the code of what went wrong.",
		}, []string{"outcome"}),
	}
	count := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "kith_portal_sessions",
		Help: "Sessions of the deployment, as this process has seen their bucket.",
	}, func() float64 { return float64(sessions()) })
	for _, c := range []prometheus.Collector{m.logins, m.renewals, count} {
		if err := reg.Register(c); err != nil {
			return m, fmt.Errorf("portal: metrics: %w", err)
		}
	}
	return m, nil
}
