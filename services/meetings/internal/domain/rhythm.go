package domain

import (
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

const (
	week = 7 * 24 * time.Hour
	// usual is how long a meeting lasts when nobody says otherwise.
	usual = 2 * time.Hour
)

// What a module's dates may be refused for.
var (
	ErrDate = errs.New(errs.Invalid, "DATE_INVALID",
		`A date is written as "2026-11-30".`,
		"Une date s'écrit comme « 2026-11-30 ».")
	ErrHour = errs.New(errs.Invalid, "HOUR_INVALID",
		`An hour is written as "18:30", from 00:00 to 23:59.`,
		"Une heure s'écrit comme « 18:30 », de 00:00 à 23:59.")
	ErrSlotsGivenTwice = errs.New(errs.Invalid, "SLOTS_GIVEN_TWICE",
		"Give the slots or the module's first day, not both.",
		"Donnez les créneaux ou le premier jour du module, pas les deux.")
)

// Course is when a module is followed online, and at which hour its meetings take place.
type Course struct {
	StartDate string // its first day, "2026-11-30"
	Hour      string // as clocks show it, "18:30"
	TimeZone  string
	Length    time.Duration // of a meeting; 0 for two hours
	Choice    LocalChoice
}

// rhythm is after how many weeks of a module each of n meetings takes place: two after the first and the third, which is what a
// module of three or four weeks asks for; one alone in the middle, after the second; more of them after every week.
func rhythm(n int) []int {
	switch n {
	case 1:
		return []int{2}
	case 2:
		return []int{1, 3}
	}
	weeks := make([]int, n)
	for i := range weeks {
		weeks[i] = i + 1
	}
	return weeks
}

// Slots is when the n meetings of a module take place: on the day of the week on which it began, at the same hour.
func (c Course) Slots(n int) ([]Slot, error) {
	place, err := location(c.TimeZone, "time_zone")
	if err != nil {
		return nil, err
	}
	day, ok := strictly(dateLayout, c.StartDate)
	if !ok {
		return nil, ErrDate.At("module_start_date")
	}
	hour, err := time.Parse(hourLayout, c.Hour)
	if err != nil || len(c.Hour) != len(hourLayout) {
		return nil, ErrHour.At("local_start_hour")
	}
	length := c.Length
	if length == 0 {
		length = usual
	}
	wall := day.Add(time.Duration(hour.Hour())*time.Hour + time.Duration(hour.Minute())*time.Minute)
	slots := make([]Slot, n)
	for i, after := range rhythm(n) {
		start, err := instantOf(wall.Add(time.Duration(after)*week), place, c.Choice, "local_start_hour")
		if err != nil {
			return nil, err
		}
		slots[i] = Slot{start, start.Add(length)}
	}
	return slots, nil
}
