package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// Row is one figure, beside what it is measured against.
type Row struct {
	Name      string    `json:"name"`
	Value     float64   `json:"value"`
	Unit      string    `json:"unit"`
	Baseline  float64   `json:"baseline"` // 0: there is none
	Ratio     float64   `json:"ratio"`    // value to baseline; 0 without one
	Against   string    `json:"against"`
	Medium    string    `json:"medium"`
	Rounds    int       `json:"rounds"`
	Round     float64   `json:"round_seconds,omitempty"`
	InFlight  int       `json:"in_flight"`
	Failed    int64     `json:"failed"` // calls of ours that were not answered as they should
	Values    []float64 `json:"values,omitempty"`
	Baselines []float64 `json:"baselines,omitempty"`
}

// settle takes the medians of the rounds; a value or a baseline without rounds stays.
func (r *Row) settle() {
	if len(r.Values) > 0 {
		r.Value = median(r.Values)
	}
	if len(r.Baselines) > 0 {
		r.Baseline = median(r.Baselines)
	}
	r.Ratio = ratio(r.Value, r.Baseline)
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// percentile is the smallest value that p percent of the values do not exceed.
func percentile(values []float64, p int) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

func ratio(value, baseline float64) float64 {
	if baseline == 0 {
		return 0
	}
	return value / baseline
}

func table(rows []Row) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "row\tvalue\tbaseline\tratio\tunit\tmedium\tagainst\t")
	for _, r := range rows {
		baseline, times := "-", "-"
		if r.Baseline != 0 {
			baseline, times = figure(r.Baseline), fmt.Sprintf("%.2f", r.Ratio)
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", r.Name, figure(r.Value), baseline, times, r.Unit, r.Medium, r.Against)
	}
	_ = w.Flush()
	return b.String()
}

// figure leaves out the digits that two runs never share.
func figure(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.2f", v)
}
