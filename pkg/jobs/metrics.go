package jobs

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/classcode/maillage/pkg/telemetry"
)

// Metrics is what an operator watches of the jobs.
type Metrics struct {
	waiting *prometheus.GaugeVec
	oldest  *prometheus.GaugeVec
	dead    *prometheus.GaugeVec
	run     *prometheus.CounterVec
}

// The values of jobs_run_total's result.
const (
	resultDone    = "done"
	resultRetried = "retried" // rising without end: what the jobs need is away
	resultLater   = "put_off"
	resultDead    = "dead"
	resultLost    = "lost" // took longer than its lease: another replica has it, and may do it twice
)

// NewMetrics registers the collectors with reg, or finds those that another service of the same process registered; nil: nowhere.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	gauge := func(name, help string) *prometheus.GaugeVec {
		return telemetry.Register(reg, prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, []string{"kind"}))
	}
	return &Metrics{
		waiting: gauge("jobs_waiting", "Jobs whose hour has come and that are not done, counted up to 100 000."),
		oldest:  gauge("jobs_oldest_age_seconds", "Since when the oldest of them is due."),
		dead:    gauge("jobs_dead", "Jobs that were given up and are kept with their reason."),
		run: telemetry.Register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "jobs_run_total", Help: "Attempts by outcome: done, retried, put_off, dead, lost.",
		}, []string{"kind", "result"})),
	}
}
