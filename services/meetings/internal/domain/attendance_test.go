package domain

import (
	"slices"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

func roll(states ...RegistrationState) []Registration {
	all := make([]Registration, len(states))
	for i, s := range states {
		id := string(rune('a' + i))
		all[i] = Registration{ID: id, PersonID: "person-" + id, State: s, Version: 1}
	}
	return all
}

// sheetOf is a sheet on which something was said of everyone but those who are confirmed.
func sheetOf(states ...RegistrationState) (s AttendanceSheet) {
	for i, r := range roll(states...) {
		line := AttendanceLine{Registration: r}
		if r.State != RegistrationConfirmed {
			line.Way, line.Rank = BySheet, i+1
			s.Version = i + 1
		}
		s.Lines = append(s.Lines, line)
	}
	return s
}

func line(id string, state RegistrationState, reason string) Attendance {
	return Attendance{RegistrationID: id, State: state, Reason: reason}
}

func TestSay(t *testing.T) {
	half := func(state RegistrationState) Attendance {
		return Attendance{RegistrationID: "a", State: state, Part: Morning}
	}
	for name, c := range map[string]struct {
		hours         float64
		lines         []Attendance
		changed       int
		reason, field string
	}{
		"all":               {2, []Attendance{line("a", RegistrationPresent, ""), line("b", RegistrationAbsent, "")}, 2, "", ""},
		"one":               {2, []Attendance{line("b", RegistrationExcused, "")}, 1, "", ""},
		"as before":         {2, []Attendance{line("c", RegistrationPresent, "")}, 0, "", ""},
		"as before, why":    {2, []Attendance{line("c", RegistrationPresent, "still")}, 0, "", ""},
		"second mind":       {2, []Attendance{line("c", RegistrationAbsent, "left at once")}, 1, "", ""},
		"without a reason":  {2, []Attendance{line("c", RegistrationAbsent, "")}, 0, "ATTENDANCE_REASON_REQUIRED", "attendances[0].reason"},
		"a blank reason":    {2, []Attendance{line("c", RegistrationAbsent, " \u200b")}, 0, "ATTENDANCE_REASON_REQUIRED", "attendances[0].reason"},
		"another's":         {2, []Attendance{line("a", RegistrationPresent, ""), line("z", RegistrationPresent, "")}, 0, "REGISTRATION_OF_ANOTHER_MEETING", "attendances[1].registration_id"},
		"twice":             {2, []Attendance{line("a", RegistrationPresent, ""), line("a", RegistrationAbsent, "")}, 0, "REGISTRATION_TWICE", "attendances[1].registration_id"},
		"twice, agree":      {2, []Attendance{line("c", RegistrationPresent, ""), line("c", RegistrationPresent, "")}, 0, "REGISTRATION_TWICE", "attendances[1].registration_id"},
		"half a day":        {6, []Attendance{half(RegistrationPresent)}, 1, "", ""},
		"half of an hour":   {4, []Attendance{half(RegistrationPresent)}, 0, "ATTENDANCE_PART", "attendances[0].part"},
		"half a day absent": {6, []Attendance{half(RegistrationAbsent)}, 0, "ATTENDANCE_PART", "attendances[0].part"},
	} {
		t.Run(name, func(t *testing.T) {
			slot := at(0, c.hours)
			changes, err := sheetOf(RegistrationConfirmed, RegistrationConfirmed, RegistrationPresent).say(Meeting{Start: slot.Start, End: slot.End}, c.lines)
			refusedAs(t, err, c.reason, c.field)
			if err == nil && len(changes) != c.changed {
				t.Fatalf("changes %+v; want %d", changes, c.changed)
			}
		})
	}
}

// What two sheets say differently is decided with a reason, also in favour of what stands.
func TestDecide(t *testing.T) {
	sheet := sheetOf(RegistrationPresent)
	sheet.Lines[0].Disputed = true
	refusedAs(t, sheet.settled("id"), "ATTENDANCE_DISPUTED", "id")
	for reason, want := range map[string]int{"": 0, "I saw them": 1} {
		changes, err := sheet.say(Meeting{}, []Attendance{line("a", RegistrationPresent, reason)})
		if err != nil || len(changes) != want {
			t.Fatalf("%q: %v, %v; want %d", reason, changes, err, want)
		}
	}
}

func TestMerge(t *testing.T) {
	m := Meeting{Start: at(0, 2).Start, End: at(0, 2).End}
	said := func(l Attendance, minutes int) Attendance {
		l.Said = m.Start.Add(time.Duration(minutes) * time.Minute)
		return l
	}
	for name, c := range map[string]struct {
		version           int
		line              Attendance
		changed, disputed int
		reason            string
	}{
		"not said yet":          {0, said(line("a", RegistrationAbsent, ""), 1), 1, 0, ""},
		"the same":              {0, said(line("b", RegistrationPresent, ""), 1), 0, 0, ""},
		"contradicts":           {0, said(line("b", RegistrationAbsent, ""), 1), 1, 1, ""},
		"contradicts meanwhile": {1, said(line("b", RegistrationAbsent, "sure"), 1), 1, 1, ""},
		"corrects, known":       {2, said(line("b", RegistrationAbsent, "left"), 1), 1, 0, ""},
		"no reason, known":      {2, said(line("b", RegistrationAbsent, ""), 1), 1, 1, ""},
		"too early":             {0, said(line("a", RegistrationAbsent, ""), -31), 0, 0, "SAID_TIME"},
		"to come":               {0, said(line("a", RegistrationAbsent, ""), 61), 0, 0, "SAID_TIME"},
		"before anyone came":    {0, said(line("a", RegistrationAbsent, ""), -30), 1, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := OfflineSheet{Version: c.version, Lines: []Attendance{c.line}, Now: m.Start.Add(time.Hour)}
			changes, err := o.changes(m, sheetOf(RegistrationConfirmed, RegistrationPresent))
			if c.reason != "" {
				refusedAs(t, err, c.reason, "lines[0].said_time")
				return
			}
			disputed := 0
			for _, change := range changes {
				if change.Disputed {
					disputed++
				}
			}
			if err != nil || len(changes) != c.changed || disputed != c.disputed {
				t.Fatalf("%+v, %v; want %d, %d disputed", changes, err, c.changed, c.disputed)
			}
		})
	}
}

func TestComplete(t *testing.T) {
	refusedAs(t, complete(roll(RegistrationPresent, RegistrationAbsent, RegistrationExcused), "id"), "", "")
	refusedAs(t, complete(roll(RegistrationAbsent, RegistrationExcused), "id"), "NOBODY_PRESENT", "id")
	refusedAs(t, complete(nil, "id"), "NOBODY_PRESENT", "id")
	err := complete(roll(RegistrationPresent, RegistrationConfirmed, RegistrationConfirmed), "id")
	refusedAs(t, err, "ATTENDANCE_INCOMPLETE", "id")
	if missing := errs.From(err).Meta["missing"]; missing != "2" {
		t.Fatalf("%q are missing; want 2", missing)
	}
}

func TestParts(t *testing.T) {
	begin := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	m := Meeting{OrganiserID: "person-b", Start: begin, End: begin.Add(7 * time.Hour)}
	sheet := sheetOf(RegistrationPresent, RegistrationPresent, RegistrationAbsent, RegistrationPresent, RegistrationPresent)
	sheet.Lines[0].Part, sheet.Lines[1].Part, sheet.Lines[3].Part, sheet.Lines[4].Part = Morning, Afternoon, WholeMeeting, Afternoon
	sheet.Lines[4].Role = FacilitatorSeat
	half := 210 * time.Minute
	want := []part{
		{"person-b", Organiser, 2 * half}, {"person-a", Participant, half}, {"person-d", Participant, 2 * half}, {"person-e", Facilitator, 2 * half},
	}
	if got := partsIn(m, sheet); !slices.Equal(got, want) {
		t.Fatalf("%v; want %v", got, want)
	}
	for _, gone := range []string{"", "11111111-1111-8111-8111-111111111111"} { // the organiser was erased
		m.OrganiserID = gone
		for _, p := range partsIn(m, sheet) {
			if p.personID == gone || p.role == Organiser {
				t.Errorf("organised by %q, attested: %+v", gone, p)
			}
		}
	}
}
