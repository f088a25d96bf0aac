package domain

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the table of states into the documentation")

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
		"opened twice":         {[]Move{Open}, 0},
		"closed too early":     {[]Move{Confirm, Declare, Close}, 0},
		"returned":             {[]Move{Confirm, Declare, ReturnToOrganiser}, MeetingConfirmed},
		"returned, again":      {[]Move{Confirm, Declare, ReturnToOrganiser, Declare, Countersign}, MeetingAttested},
		"returned undeclared":  {[]Move{Confirm, ReturnToOrganiser}, 0},
		"lost its organiser":   {[]Move{Confirm, LoseOrganiser, Confirm}, MeetingConfirmed},
		"lost it once held":    {[]Move{Confirm, Declare, LoseOrganiser}, 0},
		"returned too late":    {[]Move{Confirm, Declare, Countersign, ReturnToOrganiser}, 0},
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

var allMoves = []Move{Open, Confirm, Postpone, Declare, ReturnToOrganiser, Countersign, Close, Cancel, LoseOrganiser}

// Whatever is tried, in whatever order, a meeting's life keeps to DOMAIN's line.
func TestLife(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		state := rapid.SampledFrom([]MeetingState{MeetingDraft, MeetingOpen}).Draw(t, "first")
		past := []MeetingState{state}
		for _, move := range rapid.SliceOfN(rapid.SampledFrom(allMoves), 1, 40).Draw(t, "moves") {
			next, ok := state.After(move)
			if !ok && next != state {
				t.Fatalf("refused move %v went from %v to %v", move, state, next)
			}
			if ok && (state == MeetingCancelled || state == MeetingClosed) {
				t.Fatalf("left %v", state)
			}
			if ok && next == MeetingDraft {
				t.Fatalf("%v led back to a draft", move)
			}
			if ok && state == MeetingHeld && next != MeetingAttested && move != ReturnToOrganiser {
				t.Fatalf("%v led from held to %v", move, next)
			}
			state = next
			past = append(past, state)
		}
		for later, needed := range map[MeetingState]MeetingState{
			MeetingConfirmed: MeetingOpen, MeetingHeld: MeetingConfirmed, MeetingAttested: MeetingHeld, MeetingClosed: MeetingAttested,
		} {
			if i := slices.Index(past, later); i >= 0 && !slices.Contains(past[:i], needed) {
				t.Fatalf("%v without %v before: %v", later, needed, past)
			}
		}
		// What was held is planned again only as it is returned, and never once somebody has attested it.
		if attested := slices.Index(past, MeetingAttested); attested >= 0 {
			for _, s := range past[attested:] {
				if s == MeetingCancelled || s == MeetingHeld || s.Planned() {
					t.Fatalf("%v after it was attested: %v", s, past)
				}
			}
		}
	})
}

// Every state may be reached, and from every state a terminal one.
func TestEveryStateIsReached(t *testing.T) {
	all := []MeetingState{MeetingDraft, MeetingOpen, MeetingConfirmed, MeetingHeld, MeetingAttested, MeetingClosed, MeetingCancelled}
	reached := func(from MeetingState) map[MeetingState]bool {
		seen, next := map[MeetingState]bool{}, []MeetingState{from}
		for len(next) > 0 {
			s := next[0]
			next = next[1:]
			if seen[s] {
				continue
			}
			seen[s] = true
			for _, move := range allMoves {
				if to, ok := s.After(move); ok {
					next = append(next, to)
				}
			}
		}
		return seen
	}
	for _, s := range all {
		if !reached(MeetingDraft)[s] {
			t.Errorf("nothing leads to %v", s)
		}
		if onward := reached(s); !onward[MeetingClosed] && !onward[MeetingCancelled] {
			t.Errorf("%v never ends", s)
		}
	}
}

// However a meeting's dates are moved, its count of postponements never falls, and rises exactly when those who could register are told
// of a later start.
func TestPostponementsAreCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Meeting{State: rapid.SampledFrom([]MeetingState{MeetingDraft, MeetingOpen}).Draw(t, "first"), Start: at(1, 0).Start}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			before := m
			if move := rapid.SampledFrom(append(allMoves, 0)).Draw(t, "move"); move != 0 {
				if state, ok := m.State.After(move); ok && move != Postpone {
					m.State = state
				}
				continue
			}
			if !m.State.Planned() {
				continue
			}
			m = m.movedTo(m.Start.Add(time.Duration(rapid.IntRange(-50, 50).Draw(t, "hours"))*time.Hour), Reason{Cause: HealthRisk})
			counted := m.PostponedCount - before.PostponedCount
			later := m.Start.After(before.Start) && before.State.ToCome()
			if counted != 0 && counted != 1 || (counted == 1) != later || later && m.State != MeetingOpen || !later && m.State != before.State {
				t.Fatalf("from %+v to %+v", before, m)
			}
		}
	})
}

const statesPage = "../../../../docs/meetings.md"

// The table of the documentation is the one of the code.
func TestStatesPage(t *testing.T) {
	var table strings.Builder
	table.WriteString("| move | from | to |\n|---|---|---|\n")
	for _, move := range allMoves {
		var from []string
		to := MeetingState(0)
		for s := MeetingDraft; s <= MeetingCancelled; s++ {
			if next, ok := s.After(move); ok {
				from, to = append(from, s.String()), next
			}
		}
		fmt.Fprintf(&table, "| %v | %s | %v |\n", move, strings.Join(from, ", "), to)
	}
	page, err := os.ReadFile(statesPage)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- states -->\n", "<!-- /states -->"
	head, rest, _ := strings.Cut(string(page), begin)
	written, tail, found := strings.Cut(rest, end)
	if *update {
		err = os.WriteFile(statesPage, []byte(head+begin+table.String()+end+tail), 0o644)
	} else if !found || written != table.String() {
		t.Fatalf("%s says\n%s\nthe code says\n%s\nrenew it with -update", statesPage, written, table.String())
	}
	if err != nil {
		t.Fatal(err)
	}
}
