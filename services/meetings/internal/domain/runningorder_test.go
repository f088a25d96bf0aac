package domain

import (
	"testing"
	"time"
)

func letters(order []Phase) (s string) {
	for _, p := range order {
		s += string(" WRPBSC"[p.Kind])
	}
	return s
}

func TestRunningOrder(t *testing.T) {
	begin := time.Date(2026, time.November, 24, 17, 30, 0, 0, time.UTC)
	for minutes, want := range map[int]string{
		5: "P", 30: "P", 45: "WRPSC", 60: "WRPSC", 90: "WRPSC", 120: "WRPSC", 150: "WRPBPSC", 180: "WRPBPSC", 240: "WRPBPSC", 300: "WRPBPSC", 420: "WRPBPBPSC", 720: "WRPBPBPBPBPBPSC",
	} {
		if got := letters((Meeting{Start: begin, End: begin.Add(time.Duration(minutes) * time.Minute)}).RunningOrder()); got != want {
			t.Errorf("%d minutes: %s, want %s", minutes, got, want)
		}
	}
	two := (Meeting{Start: begin, End: begin.Add(2 * time.Hour)}).RunningOrder()
	for i, want := range []time.Duration{10, 15, 65, 20, 10} {
		if got := two[i].End.Sub(two[i].Start); got != want*time.Minute {
			t.Errorf("phase %d of two hours takes %v", i+1, got)
		}
	}
	if got := (Meeting{Start: begin, End: begin}).RunningOrder(); got != nil {
		t.Errorf("no time at all: %v", got)
	}
}

// Whatever a meeting's length: every minute is in one phase, nothing is empty, nobody works for more than two hours at a stretch.
func TestRunningOrderIsWhole(t *testing.T) {
	begin := time.Date(2026, time.October, 24, 20, 0, 0, 0, time.UTC) // over midnight and the change of the clocks
	for length := time.Minute; length <= 24*time.Hour; length += time.Minute {
		m := Meeting{Start: begin, End: begin.Add(length)}
		at, worked := m.Start, time.Duration(0)
		for _, p := range m.RunningOrder() {
			if !p.Start.Equal(at) || !p.End.After(p.Start) {
				t.Fatalf("%v: %v begins at %v, the one before ended at %v", length, p, p.Start, at)
			}
			at = p.End
			worked += p.End.Sub(p.Start)
			if p.Kind == PhaseBreak {
				worked = 0
			}
			if p.Kind == PhasePractice && p.End.Sub(p.Start) > unbroken && length > unbroken {
				t.Fatalf("%v: a practice of %v", length, p.End.Sub(p.Start))
			}
			if worked > unbroken+35*time.Minute {
				t.Fatalf("%v: %v without a break", length, worked)
			}
		}
		if !at.Equal(m.End) {
			t.Fatalf("%v: the last phase ends at %v", length, at)
		}
	}
}
