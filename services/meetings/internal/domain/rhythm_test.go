package domain

import (
	"slices"
	"testing"
	"time"
)

func TestCourse(t *testing.T) {
	for name, c := range map[string]struct {
		course        Course
		n             int
		want          []string // local starts
		reason, field string
	}{
		"two":                   {Course{StartDate: "2026-11-30", Hour: "18:30"}, 2, []string{"2026-12-07T18:30", "2026-12-21T18:30"}, "", ""},
		"across a clock change": {Course{StartDate: "2026-10-12", Hour: "18:30"}, 2, []string{"2026-10-19T18:30", "2026-11-02T18:30"}, "", ""},
		"one":                   {Course{StartDate: "2026-11-30", Hour: "09:00"}, 1, []string{"2026-12-14T09:00"}, "", ""},
		"three":                 {Course{StartDate: "2026-11-30", Hour: "09:00"}, 3, []string{"2026-12-07T09:00", "2026-12-14T09:00", "2026-12-21T09:00"}, "", ""},
		"leap year":             {Course{StartDate: "2028-02-22", Hour: "23:59"}, 1, []string{"2028-03-07T23:59"}, "", ""},
		"in the gap":            {Course{StartDate: "2026-03-22", Hour: "02:30"}, 2, nil, "LOCAL_TIME_MISSING", "local_start_hour"},
		"twice":                 {Course{StartDate: "2026-10-18", Hour: "02:30"}, 2, nil, "LOCAL_TIME_TWICE", "local_start_hour"},
		"twice, chosen":         {Course{StartDate: "2026-10-18", Hour: "02:30", Choice: LaterOne}, 2, []string{"2026-10-25T02:30", "2026-11-08T02:30"}, "", ""},
		"no date":               {Course{StartDate: "le 30", Hour: "18:30"}, 2, nil, "DATE_INVALID", "module_start_date"},
		"short date":            {Course{StartDate: "2026-11-3", Hour: "18:30"}, 2, nil, "DATE_INVALID", "module_start_date"},
		"no such day":           {Course{StartDate: "2026-11-31", Hour: "18:30"}, 2, nil, "DATE_INVALID", "module_start_date"},
		"no hour":               {Course{StartDate: "2026-11-30"}, 2, nil, "HOUR_INVALID", "local_start_hour"},
		"hour 24":               {Course{StartDate: "2026-11-30", Hour: "24:00"}, 2, nil, "HOUR_INVALID", "local_start_hour"},
		"short hour":            {Course{StartDate: "2026-11-30", Hour: "8:30"}, 2, nil, "HOUR_INVALID", "local_start_hour"},
	} {
		t.Run(name, func(t *testing.T) {
			c.course.TimeZone = "Europe/Paris"
			slots, err := c.course.Slots(c.n)
			refusedAs(t, err, c.reason, c.field)
			var got []string
			for _, s := range slots {
				got = append(got, Local(s.Start, "Europe/Paris"))
				if s.End.Sub(s.Start) != 2*time.Hour {
					t.Errorf("%v lasts %v; want two hours", s.Start, s.End.Sub(s.Start))
				}
			}
			if !slices.Equal(got, c.want) {
				t.Fatalf("%v; want %v", got, c.want)
			}
		})
	}
}

func TestPlannedSlots(t *testing.T) {
	course := &Course{StartDate: "2026-11-30", Hour: "18:30", TimeZone: "Europe/Paris"}
	for name, c := range map[string]struct {
		plan          Plan
		reason, field string
	}{
		"slots":     {Plan{Slots: []Slot{at(1, 2), at(4, 2)}}, "", ""},
		"course":    {Plan{Course: course}, "", ""},
		"both":      {Plan{Course: course, Slots: []Slot{at(1, 2), at(4, 2)}}, "SLOTS_GIVEN_TWICE", "slots"},
		"too early": {Plan{Course: &Course{StartDate: "2026-11-01", Hour: "18:30", TimeZone: "Europe/Paris"}}, "START_IN_PAST", "module_start_date"},
		"year 9999": {Plan{Course: &Course{StartDate: "9999-11-01", Hour: "18:30", TimeZone: "Europe/Paris"}}, "START_TOO_FAR", "module_start_date"},
	} {
		t.Run(name, func(t *testing.T) {
			c.plan.MeetingCount, c.plan.Now = 2, now
			_, err := c.plan.slots()
			refusedAs(t, err, c.reason, c.field)
		})
	}
}
