package domain

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestMoves(t *testing.T) {
	for name, c := range map[string]struct {
		moves []Move
		want  MeetingState
	}{
		"whole life":           {[]Move{Confirm, Declare, Countersign, Close}, MeetingClosed},
		"postponed":            {[]Move{Confirm, Postpone}, MeetingOpen},
		"postponed twice":      {[]Move{Postpone, Confirm, Postpone, Confirm}, MeetingConfirmed},
		"cancelled":            {[]Move{Confirm, Cancel}, MeetingCancelled},
		"declared unconfirmed": {[]Move{Declare}, 0},
		"cancelled once held":  {[]Move{Confirm, Declare, Cancel}, 0},
		"postponed once held":  {[]Move{Confirm, Declare, Postpone}, 0},
		"attested undeclared":  {[]Move{Confirm, Countersign}, 0},
		"confirmed twice":      {[]Move{Confirm, Confirm}, 0},
		"revived":              {[]Move{Cancel, Postpone}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			state, ok := MeetingOpen, true
			for _, m := range c.moves {
				if state, ok = state.After(m); !ok {
					break
				}
			}
			if ok != (c.want != 0) || ok && state != c.want {
				t.Fatalf("%v, %v; want %v", state, ok, c.want)
			}
		})
	}
}

// Whatever is tried, in whatever order, a meeting's life keeps to DOMAIN's line.
func TestLife(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		state := MeetingOpen
		past := []MeetingState{state}
		for _, move := range rapid.SliceOfN(rapid.SampledFrom([]Move{Confirm, Postpone, Declare, Countersign, Close, Cancel}), 1, 30).Draw(t, "moves") {
			next, ok := state.After(move)
			if !ok && next != state {
				t.Fatalf("refused move %d went from %v to %v", move, state, next)
			}
			if ok && (state == MeetingCancelled || state == MeetingClosed) {
				t.Fatalf("left %v", state)
			}
			state = next
			past = append(past, state)
		}
		for later, needed := range map[MeetingState]MeetingState{
			MeetingHeld: MeetingConfirmed, MeetingAttested: MeetingHeld, MeetingClosed: MeetingAttested,
		} {
			if i := slices.Index(past, later); i >= 0 && !slices.Contains(past[:i], needed) {
				t.Fatalf("%v without %v before: %v", later, needed, past)
			}
		}
		if held := slices.Index(past, MeetingHeld); held >= 0 {
			for _, s := range past[held:] {
				if s == MeetingCancelled || s.ToCome() {
					t.Fatalf("%v after it was held: %v", s, past)
				}
			}
		}
	})
}
