// Package calendar writes meetings as iCalendar (RFC 5545), for mails and for feeds: the same meeting is the same entry in both.
package calendar

import (
	"strconv"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	// onTheClock is a time on the clocks of its zone.
	onTheClock = "20060102T150405"
	hour       = 3600 // seconds
)

// Entry is what is said of a meeting. Its texts are single lines.
type Entry struct {
	Meeting  domain.Meeting
	Stamp    time.Time
	Status   ics.ObjectStatus
	Summary  string
	Location string // empty when unknown
	URL      string // where it is joined from afar; empty for none
}

// Add adds a meeting, whose zone stands in the calendar already: a later version of it replaces an earlier one. Properties are added as they
// are: the library's setters look for an earlier one each time, which a feed of a thousand meetings would wait for.
func Add(c *ics.Calendar, zone *time.Location, entry Entry) *ics.VEvent {
	m := entry.Meeting
	e := c.AddEvent(m.ID)
	add(e, "DTSTAMP", inUTC(entry.Stamp))
	add(e, "SEQUENCE", strconv.FormatInt(m.Version, 10))
	addTime(e, "DTSTART", m.Start.In(zone))
	addTime(e, "DTEND", m.End.In(zone))
	add(e, "SUMMARY", entry.Summary)
	if entry.Location != "" {
		add(e, "LOCATION", entry.Location)
	}
	if entry.URL != "" {
		add(e, "URL", entry.URL)
	}
	add(e, "STATUS", string(entry.Status))
	return e
}

func add(e *ics.VEvent, name, value string) {
	e.Properties = append(e.Properties, ics.IANAProperty{BaseProperty: ics.BaseProperty{IANAToken: name, Value: value}})
}

// addTime writes an hour on the clocks of its zone; one that they show twice, in autumn, in UTC: nobody could tell which one is meant.
func addTime(e *ics.VEvent, name string, at time.Time) {
	_, offset := at.Zone()
	_, earlier := at.Add(-time.Hour).Zone()
	_, later := at.Add(time.Hour).Zone()
	if earlier-offset == hour || offset-later == hour {
		add(e, name, inUTC(at))
		return
	}
	e.Properties = append(e.Properties, ics.IANAProperty{BaseProperty: ics.BaseProperty{
		IANAToken: name, Value: at.Format(onTheClock), ICalParameters: map[string][]string{"TZID": {at.Location().String()}},
	}})
}

func inUTC(at time.Time) string { return at.UTC().Format(onTheClock + "Z") }
