package domain

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever is tried, in whatever order, what was handed out comes back once, and nothing comes back that was not handed out.
func TestLoanLife(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		state := LoanReserved
		past := []LoanState{state}
		for _, move := range rapid.SliceOfN(rapid.SampledFrom([]LoanMove{HandOut, Return, CancelLoan}), 1, 20).Draw(t, "moves") {
			next, ok := state.After(move)
			if !ok && next != state {
				t.Fatalf("refused move %d went from %v to %v", move, state, next)
			}
			if ok && (state == LoanReturned || state == LoanCancelled) {
				t.Fatalf("left %v", state)
			}
			if ok {
				past = append(past, next)
			}
			state = next
		}
		line := []LoanState{LoanReserved, LoanOut, LoanReturned}
		if !slices.Equal(past, line[:min(len(past), len(line))]) && !slices.Equal(past, []LoanState{LoanReserved, LoanCancelled}) {
			t.Fatalf("%v is no loan's life", past)
		}
	})
}

func TestLate(t *testing.T) {
	due := at(10, 0).Start
	for name, c := range map[string]struct {
		state LoanState
		after time.Duration
		want  bool
	}{
		"out, before":       {LoanOut, -time.Hour, false},
		"out, when due":     {LoanOut, 0, false},
		"out, just after":   {LoanOut, time.Microsecond, true},
		"returned, after":   {LoanReturned, time.Hour, false},
		"reserved, after":   {LoanReserved, time.Hour, false},
		"never handed out":  {LoanCancelled, time.Hour, false},
		"out, a year after": {LoanOut, 365 * 24 * time.Hour, true},
	} {
		if got := (Loan{State: c.state, Due: due}).Late(due.Add(c.after)); got != c.want {
			t.Errorf("%s: late is %v", name, got)
		}
	}
}
