package domain

import (
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// at is a slot that begins after so many hours and lasts so many.
func at(begin, length float64) Slot {
	start := now.Add(time.Duration(begin * float64(time.Hour)))
	return Slot{start, start.Add(time.Duration(length * float64(time.Hour)))}
}

func refusedAs(t *testing.T, err error, reason, field string) {
	t.Helper()
	if reason == "" {
		if err != nil {
			t.Fatalf("%v; want none", err)
		}
		return
	}
	e := errs.From(err)
	if e == nil || e.Reason != reason || len(e.Fields) != 1 || e.Fields[0].Path != field {
		t.Fatalf("%v; want %s at %s", err, reason, field)
	}
}

func TestSlots(t *testing.T) {
	for name, c := range map[string]struct {
		slots         []Slot
		reason, field string
	}{
		"two":             {[]Slot{at(1, 2), at(48, 2)}, "", ""},
		"one at once":     {[]Slot{at(1, 2), at(3, 2)}, "", ""},
		"a whole day":     {[]Slot{at(1, 24), at(48, 2)}, "", ""},
		"too few":         {[]Slot{at(1, 2)}, "SLOTS_COUNT", "slots"},
		"too many":        {[]Slot{at(1, 2), at(4, 2), at(8, 2)}, "SLOTS_COUNT", "slots"},
		"now":             {[]Slot{at(0, 2), at(48, 2)}, "START_IN_PAST", "slots[0].start_time"},
		"past":            {[]Slot{at(1, 2), at(-48, 2)}, "START_IN_PAST", "slots[1].start_time"},
		"no length":       {[]Slot{at(1, 0), at(48, 2)}, "END_BEFORE_START", "slots[0].end_time"},
		"backwards":       {[]Slot{at(1, 2), at(48, -1)}, "END_BEFORE_START", "slots[1].end_time"},
		"more than a day": {[]Slot{at(1, 2), at(48, 24.01)}, "MEETING_TOO_LONG", "slots[1].end_time"},
		"overlapping":     {[]Slot{at(1, 2), at(2.9, 2)}, "SLOTS_OVERLAP", "slots[1].start_time"},
		"out of order":    {[]Slot{at(48, 2), at(1, 2)}, "SLOTS_OVERLAP", "slots[1].start_time"},
	} {
		t.Run(name, func(t *testing.T) { refusedAs(t, checkSlots(c.slots, 2, now), c.reason, c.field) })
	}
}

func TestZone(t *testing.T) {
	for zone, reason := range map[string]string{
		"Europe/Paris": "", "Indian/Reunion": "", "Pacific/Tahiti": "", "America/Miquelon": "", "UTC": "",
		"": "TIME_ZONE_UNKNOWN", "Local": "TIME_ZONE_UNKNOWN", "Europe/Lutece": "TIME_ZONE_UNKNOWN", "+02:00": "TIME_ZONE_UNKNOWN",
		"../Europe/Paris": "TIME_ZONE_UNKNOWN", "/etc/localtime": "TIME_ZONE_UNKNOWN",
	} {
		t.Run(zone, func(t *testing.T) { refusedAs(t, CheckZone(zone, "time_zone"), reason, "time_zone") })
	}
}

func TestChange(t *testing.T) {
	planned := Meeting{State: MeetingConfirmed, Start: at(48, 2).Start, End: at(48, 2).End, TimeZone: "Europe/Paris", Capacity: 10, Version: 3}
	hour := func(h float64) *time.Time { start := at(h, 0).Start; return &start }
	number := func(n int) *int { return &n }
	for name, c := range map[string]struct {
		change        Change
		reason, field string
		state         MeetingState
		postponed     int
	}{
		"later":          {Change{Start: hour(72), End: hour(74)}, "", "", MeetingOpen, 1},
		"minutes later":  {Change{Start: hour(48.5)}, "", "", MeetingOpen, 1},
		"earlier":        {Change{Start: hour(47)}, "", "", MeetingConfirmed, 0},
		"longer":         {Change{End: hour(52)}, "", "", MeetingConfirmed, 0},
		"same start":     {Change{Start: hour(48)}, "", "", MeetingConfirmed, 0},
		"more seats":     {Change{Capacity: number(1000)}, "", "", MeetingConfirmed, 0},
		"past":           {Change{Start: hour(-1)}, "START_IN_PAST", "meeting.start_time", 0, 0},
		"past its end":   {Change{Start: hour(72)}, "END_BEFORE_START", "meeting.end_time", 0, 0},
		"much earlier":   {Change{Start: hour(1)}, "MEETING_TOO_LONG", "meeting.end_time", 0, 0},
		"no seat":        {Change{Capacity: number(0)}, "CAPACITY_RANGE", "meeting.capacity", 0, 0},
		"negative seats": {Change{Capacity: number(-5)}, "CAPACITY_RANGE", "meeting.capacity", 0, 0},
		"too many seats": {Change{Capacity: number(10_001)}, "CAPACITY_RANGE", "meeting.capacity", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.change.apply(planned, now)
			refusedAs(t, err, c.reason, c.field)
			if err == nil && (got.State != c.state || got.PostponedCount != c.postponed) {
				t.Fatalf("%v, postponed %d; want %v, %d", got.State, got.PostponedCount, c.state, c.postponed)
			}
		})
	}
}
