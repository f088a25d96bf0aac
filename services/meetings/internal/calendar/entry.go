// Package calendar writes meetings as iCalendar (RFC 5545), for mails and for feeds: the same meeting is the same entry in both.
package calendar

import (
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// onTheClock is a time on the clocks of its zone.
const onTheClock = "20060102T150405"

// Entry is what is said of a meeting. Its texts are single lines.
type Entry struct {
	Meeting  domain.Meeting
	Stamp    time.Time
	Status   ics.ObjectStatus
	Summary  string
	Location string // empty when unknown
	URL      string // where it is joined from afar; empty for none
}

// Add adds a meeting, whose zone stands in the calendar already: a later version of it replaces an earlier one.
func Add(c *ics.Calendar, zone *time.Location, entry Entry) *ics.VEvent {
	m := entry.Meeting
	e := c.AddEvent(m.ID)
	e.SetDtStampTime(entry.Stamp)
	e.SetSequence(int(m.Version))
	setTime(e, ics.ComponentPropertyDtStart, m.Start.In(zone))
	setTime(e, ics.ComponentPropertyDtEnd, m.End.In(zone))
	e.SetSummary(entry.Summary)
	if entry.Location != "" {
		e.SetLocation(entry.Location)
	}
	if entry.URL != "" {
		e.SetURL(entry.URL)
	}
	e.SetStatus(entry.Status)
	return e
}

// setTime writes an hour on the clocks of its zone; one that they show twice, in autumn, in UTC: nobody could tell which one is meant.
func setTime(e *ics.VEvent, property ics.ComponentProperty, at time.Time) {
	shown := at.Format(onTheClock)
	if at.Add(time.Hour).Format(onTheClock) == shown || at.Add(-time.Hour).Format(onTheClock) == shown {
		e.SetProperty(property, at.UTC().Format(onTheClock+"Z"))
		return
	}
	e.SetProperty(property, shown, ics.WithTZID(at.Location().String()))
}
