package main

import (
	"math"
	"strings"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{nil, 0},
		{[]float64{7}, 7},
		{[]float64{9, 1}, 5},
		{[]float64{3, 100, 1}, 3},
		{[]float64{4, 1, 1000, 2}, 3},
	} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v: %v, want %v", c.values, got, c.want)
		}
	}
	values := []float64{2, 1}
	if median(values); values[0] != 2 {
		t.Error("the rounds lost their order")
	}
}

func TestPercentile(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(100 - i)
	}
	for _, c := range []struct {
		values []float64
		p      int
		want   float64
	}{
		{nil, 99, 0},
		{[]float64{5}, 99, 5},
		{hundred, 99, 99},
		{hundred, 50, 50},
		{hundred, 100, 100},
		{hundred[:99], 99, 100},
	} {
		if got := percentile(c.values, c.p); got != c.want {
			t.Errorf("%d %% of %d values: %v, want %v", c.p, len(c.values), got, c.want)
		}
	}
}

func TestRatio(t *testing.T) {
	if got := ratio(3, 2); got != 1.5 {
		t.Error(got)
	}
	if got := ratio(3, 0); got != 0 || math.IsInf(got, 0) {
		t.Error("without a baseline:", got)
	}
}

func TestSettle(t *testing.T) {
	r := Row{Values: []float64{30, 10, 20}, Baselines: []float64{4, 6}}
	r.settle()
	if r.Value != 20 || r.Baseline != 5 || r.Ratio != 4 {
		t.Errorf("%+v", r)
	}
	r = Row{Value: 2, Baseline: 8}
	r.settle()
	if r.Value != 2 || r.Ratio != 0.25 {
		t.Errorf("%+v", r)
	}
}

func TestTable(t *testing.T) {
	text := table([]Row{
		{Name: "one", Value: 12345.6, Baseline: 1000, Ratio: 12.3456, Unit: "per second", Medium: "disk", Against: "pgbench"},
		{Name: "two", Value: 1.5, Unit: "seconds", Medium: "tmpfs"},
	})
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines:\n%s", len(lines), text)
	}
	if got := strings.Join(strings.Fields(lines[1]), " "); got != "one 12346 1000 12.35 per second disk pgbench" {
		t.Error(got)
	}
	if got := strings.Join(strings.Fields(lines[2]), " "); got != "two 1.50 - - seconds tmpfs" {
		t.Error(got)
	}
}
