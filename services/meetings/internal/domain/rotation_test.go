package domain

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/classcode/maillage/pkg/errs"
)

// valid checks a plan: everyone somewhere in every slot, nowhere twice, and no workshop above its seats.
func valid(t interface{ Fatalf(string, ...any) }, plan [][]int, capacities []int, slots, participants int) {
	if len(plan) != participants {
		t.Fatalf("%d rows for %d participants", len(plan), participants)
	}
	for s := range slots {
		there := make([]int, len(capacities))
		for p := range plan {
			if len(plan[p]) != slots || plan[p][s] < 0 || plan[p][s] >= len(capacities) {
				t.Fatalf("participant %d: %v", p, plan[p])
			}
			there[plan[p][s]]++
		}
		for w, n := range there {
			if n > capacities[w] {
				t.Fatalf("workshop %d has %d of %d in slot %d", w, n, capacities[w], s)
			}
		}
	}
	for p := range plan {
		seen := map[int]bool{}
		for _, w := range plan[p] {
			if seen[w] {
				t.Fatalf("participant %d visits %d twice: %v", p, w, plan[p])
			}
			seen[w] = true
		}
	}
}

func TestPlanRotation(t *testing.T) {
	for name, c := range map[string]struct {
		capacities          []int
		slots, participants int
		reason              string
		missing, atMost     string
	}{
		"latin square":         {[]int{5, 5, 5}, 3, 15, "", "", ""},
		"two of five":          {[]int{10, 10, 10, 10, 10}, 2, 50, "", "", ""},
		"uneven":               {[]int{30, 5, 5}, 2, 20, "", "", ""},
		"one of three":         {[]int{1, 1, 1}, 1, 3, "", "", ""},
		"nobody":               {[]int{1}, 1, 0, "", "", ""},
		"no slot":              {[]int{1}, 0, 5, "", "", ""},
		"more slots than that": {[]int{5, 5}, 3, 2, "ROTATION_FEW_WORKSHOPS", "", ""},
		"no workshop":          {nil, 1, 2, "ROTATION_FEW_WORKSHOPS", "", ""},
		"one seat short":       {[]int{5, 5, 4}, 3, 15, "ROTATION_FEW_SEATS", "3", "12"},
		"big room, once each":  {[]int{30, 5, 5}, 3, 20, "ROTATION_FEW_SEATS", "10", "15"},
		"no seat at all":       {[]int{0, 0}, 2, 1, "ROTATION_FEW_SEATS", "2", "0"},
		"fewer than none":      {[]int{-3, 4}, 1, 5, "ROTATION_FEW_SEATS", "1", "4"},
	} {
		t.Run(name, func(t *testing.T) {
			plan, err := PlanRotation(c.capacities, c.slots, c.participants)
			if c.reason == "" {
				if err != nil {
					t.Fatal(err)
				}
				valid(t, plan, c.capacities, c.slots, c.participants)
				return
			}
			e := errs.From(err)
			if e == nil || e.Reason != c.reason || e.Meta["missing"] != c.missing || e.Meta["participants_at_most"] != c.atMost {
				t.Fatalf("%v %v; want %s with %s and %s", err, e.Meta, c.reason, c.missing, c.atMost)
			}
		})
	}
}

// Whatever plan is found is one, and when none is found, none exists: small cases are searched to the end.
func TestRotationIsRightOrImpossible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		capacities := rapid.SliceOfN(rapid.IntRange(0, 3), 0, 4).Draw(t, "capacities")
		slots, participants := rapid.IntRange(0, 3).Draw(t, "slots"), rapid.IntRange(0, 4).Draw(t, "participants")
		plan, err := PlanRotation(capacities, slots, participants)
		if err == nil {
			valid(t, plan, capacities, slots, participants)
			return
		}
		if participants > 0 && possible(capacities, slots, participants) {
			t.Fatalf("refused, but there is a plan: %v", err)
		}
	})
}

// possible tries every plan.
func possible(capacities []int, slots, participants int) bool {
	left := make([][]int, slots)
	for s := range left {
		left[s] = append([]int{}, capacities...)
	}
	visited := make([][]bool, participants)
	for p := range visited {
		visited[p] = make([]bool, len(capacities))
	}
	var try func(visit int) bool
	try = func(visit int) bool {
		if visit == slots*participants {
			return true
		}
		p, s := visit/slots, visit%slots
		for w := range capacities {
			if visited[p][w] || left[s][w] == 0 {
				continue
			}
			visited[p][w] = true
			left[s][w]--
			if try(visit + 1) {
				return true
			}
			visited[p][w] = false
			left[s][w]++
		}
		return false
	}
	return try(0)
}

// Large rotations are as right as small ones, and filled to the last seat; and they stay a matter of a moment.
func TestLargeRotations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		capacities := rapid.SliceOfN(rapid.IntRange(0, 40), 1, 12).Draw(t, "capacities")
		slots := rapid.IntRange(1, len(capacities)).Draw(t, "slots")
		participants := 0
		for _, c := range capacities {
			participants += c
		}
		plan, err := PlanRotation(capacities, slots, participants)
		if e := errs.From(err); err != nil && e.Reason == "ROTATION_FEW_SEATS" { // the most that fit, and not one more
			var fits int
			for _, digit := range e.Meta["participants_at_most"] {
				fits = fits*10 + int(digit-'0')
			}
			if _, err := PlanRotation(capacities, slots, fits+1); err == nil {
				t.Fatalf("%d fit, and it said %d", fits+1, fits)
			}
			participants = fits
			plan, err = PlanRotation(capacities, slots, participants)
			if err != nil {
				t.Fatalf("%d do not fit: %v", participants, err)
			}
		} else if err != nil {
			t.Fatal(err)
		}
		valid(t, plan, capacities, slots, participants)
	})
	began := time.Now()
	capacities := filled(20, 100)
	plan, err := PlanRotation(capacities, 10, 2000)
	if err != nil {
		t.Fatal(err)
	}
	valid(t, plan, capacities, 10, 2000)
	if took := time.Since(began); took > 10*time.Second {
		t.Fatalf("20 000 visits took %v", took)
	}
}
