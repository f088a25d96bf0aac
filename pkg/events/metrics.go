package events

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/classcode/maillage/pkg/telemetry"
)

// Metrics is what an operator watches of the events: the outbox's backlog, damage to streams, consumers that retry or give up.
type Metrics struct {
	unpublished *prometheus.GaugeVec
	oldest      *prometheus.GaugeVec
	gaps        *prometheus.CounterVec
	published   *prometheus.CounterVec
	consumed    *prometheus.CounterVec
	dead        *prometheus.CounterVec
}

// The values of consumed_total's result.
const (
	resultOK      = "ok"
	resultRetried = "retried" // rising without end: a dependency is down
	resultDead    = "dead"
)

// NewMetrics registers the collectors with reg, or finds those that another service of the same process registered; nil: nowhere.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return telemetry.Register(reg, prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels))
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return telemetry.Register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels))
	}
	return &Metrics{
		unpublished: gauge("outbox_unpublished", "Events in the outbox that are not in the stream yet, counted up to 100 000.", "service"),
		oldest:      gauge("outbox_oldest_age_seconds", "Age of the oldest event that is not in the stream yet.", "service"),
		gaps:        counter("stream_gap_total", "Times a stream was found wiped, cut short or with holes.", "service"),
		published:   counter("published_total", "Events the stream acknowledged, duplicates left out.", "service"),
		consumed:    counter("consumed_total", "Deliveries by outcome: ok, retried, dead.", "consumer", "result"),
		dead:        counter("deadletter_total", "Messages moved to the dead letters.", "consumer"),
	}
}
