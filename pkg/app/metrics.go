package app

import (
	"github.com/prometheus/client_golang/prometheus"

	"kith/pkg/view"
)

// lags shows how far the views of a process are behind the log, and what of it
// they cannot read.
type lags struct{ follower *view.Follower }

// Describe implements prometheus.Collector.
func (l lags) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(l, to) }

// Collect implements prometheus.Collector.
func (l lags) Collect(to chan<- prometheus.Metric) {
	gauge := func(lane, name, help string, value float64) {
		to <- prometheus.MustNewConstMetric(prometheus.NewDesc("kith_view_"+name, help, []string{"lane"}, nil), prometheus.GaugeValue, value, lane)
	}
	for _, lag := range l.follower.Lags() {
		gauge(lag.Lane, "position", "Last event that every view of the lane has folded.", float64(lag.Position))
		gauge(lag.Lane, "lag_events", "Events behind the log's end, as it was last seen.", float64(lag.Events))
		gauge(lag.Lane, "lag_seconds", "Seconds since the lane was known to be at the log's end.", lag.Age.Seconds())
	}
	newer, damaged := l.follower.Unreadable()
	unreadable := prometheus.NewDesc("kith_log_unreadable_events", "Events of the log that this process cannot read and its views pass over: damaged, or of a newer version.", []string{"why"}, nil)
	to <- prometheus.MustNewConstMetric(unreadable, prometheus.GaugeValue, float64(newer), "newer")
	to <- prometheus.MustNewConstMetric(unreadable, prometheus.GaugeValue, float64(damaged), "damaged")
}
