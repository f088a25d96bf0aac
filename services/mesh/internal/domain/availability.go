package domain

import (
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // containers have no zones of their own

	"github.com/classcode/maillage/pkg/errs"
)

// Availability is a part of a day of the week, in minutes of that day's wall clock: 0 is midnight, 1440 the next one.
type Availability struct {
	Weekday    int // 1 is Monday, 7 Sunday, as in ISO 8601
	Start, End int
}

// Absence is a number of whole local days, both included, as "2026-12-24".
type Absence struct{ First, Last string }

// Calendar is when a professional may be asked to come, by rules of their own.
type Calendar struct {
	TimeZone       string
	Availabilities []Availability
	Absences       []Absence
}

// Free is whether a professional is free for a period.
type Free int

// The answers, numbered as in the contract.
const (
	FreeYes Free = iota + 1
	FreeOutsideHours
	FreeAway
	FreeUnknown
)

// Period is when a meeting takes place.
type Period struct{ Start, End time.Time }

// longestPeriod is how long a meeting lasts at most; without a bound the walk over the days would have none.
const longestPeriod = 24 * time.Hour

// What a calendar or a period may be refused for.
var (
	ErrTimeZone = errs.New(errs.Invalid, "TIME_ZONE_UNKNOWN",
		`This time zone is not known; give an IANA name such as "Europe/Paris".`,
		"Ce fuseau horaire est inconnu ; donnez un nom IANA comme « Europe/Paris ».")
	ErrAvailabilityEmpty = errs.New(errs.Invalid, "AVAILABILITY_EMPTY",
		"This availability ends before it begins; hours that pass midnight are two availabilities.",
		"Cette disponibilité finit avant de commencer ; des heures qui passent minuit sont deux disponibilités.")
	ErrDate = errs.New(errs.Invalid, "DATE_INVALID",
		"There is no such date; write it as 2026-12-24.",
		"Cette date n'existe pas ; écrivez-la comme 2026-12-24.")
	ErrAbsenceEmpty = errs.New(errs.Invalid, "ABSENCE_EMPTY",
		"This absence ends before it begins.",
		"Cette absence finit avant de commencer.")
	ErrPeriod = errs.New(errs.Invalid, "PERIOD_INVALID",
		"Give both a beginning and an end, the end later and at most 24 hours after.",
		"Donnez un début et une fin, la fin après le début et au plus 24 heures plus tard.")
)

// check says what is wrong with a calendar, in the field of the profile where it is.
func (c Calendar) check() error {
	if _, err := zone(c.TimeZone); err != nil {
		return ErrTimeZone.At("professional.time_zone")
	}
	for i, a := range c.Availabilities {
		if a.End <= a.Start {
			return ErrAvailabilityEmpty.At(fmt.Sprintf("professional.availabilities[%d].end", i))
		}
	}
	for i, a := range c.Absences {
		if err := a.check(fmt.Sprintf("professional.absences[%d].", i)); err != nil {
			return err
		}
	}
	return nil
}

func (a Absence) check(prefix string) error {
	_, first := time.Parse(time.DateOnly, a.First)
	_, last := time.Parse(time.DateOnly, a.Last)
	switch {
	case first != nil:
		return ErrDate.At(prefix + "first_date")
	case last != nil:
		return ErrDate.At(prefix + "last_date")
	case a.Last < a.First:
		return ErrAbsenceEmpty.At(prefix + "last_date")
	}
	return nil
}

// Check refuses what is no period of a meeting.
func (p Period) Check() error {
	if length := p.End.Sub(p.Start); p.Start.IsZero() || p.End.IsZero() || length <= 0 || length > longestPeriod {
		return ErrPeriod.At("end_time")
	}
	return nil
}

// Free says whether the calendar leaves the whole of a period free. Absences come first: whoever is away is so at any hour.
func (c Calendar) Free(p Period) Free {
	where, err := zone(c.TimeZone)
	if err != nil { // checked when it was written; a zone that the world has given up since
		return FreeUnknown
	}
	start, end := p.Start.In(where), p.End.In(where)
	first, last := start.Format(time.DateOnly), end.Add(-time.Nanosecond).Format(time.DateOnly)
	away := func(a Absence) bool { return a.First <= last && first <= a.Last }
	switch {
	case slices.ContainsFunc(c.Absences, away):
		return FreeAway
	case len(c.Availabilities) == 0:
		return FreeUnknown
	case c.covers(start, end):
		return FreeYes
	}
	return FreeOutsideHours
}

// covers walks through the period, each time to the latest end of an availability that holds the hour reached.
func (c Calendar) covers(at, end time.Time) bool {
	for at.Before(end) {
		next := at
		for _, a := range c.Availabilities {
			if from, to := a.on(at); !from.After(at) && to.After(next) {
				next = to
			}
		}
		if !next.After(at) {
			return false
		}
		at = next
	}
	return true
}

// on is the availability on the day of an hour, which is the zero time on other days of the week. Its hours are the wall clock's, so
// that a change of the clock moves them as it moves people.
func (a Availability) on(at time.Time) (from, to time.Time) {
	if int(at.Weekday()+6)%7+1 != a.Weekday {
		return at, at
	}
	y, m, d := at.Date()
	return time.Date(y, m, d, 0, a.Start, 0, 0, at.Location()), time.Date(y, m, d, 0, a.End, 0, 0, at.Location())
}

func zone(name string) (*time.Location, error) {
	// The standard library also accepts these two, which mean something else on each machine.
	if name == "" || name == "Local" {
		return nil, ErrTimeZone
	}
	return time.LoadLocation(name)
}
