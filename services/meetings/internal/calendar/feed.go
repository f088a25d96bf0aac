package calendar

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	// product names this program in a feed, as RFC 5545 wants it.
	product = "-//maillage//calendars//FR"
	// refresh is how often a program should read the feed again: what changes on the day itself, people are written.
	refresh = "PT1H"
)

// Feed is a calendar to which programs subscribe. It has no method: nobody is invited by it, and a stamp then says when an entry was last
// revised (RFC 5545, 3.8.7.2), so that the same feed has the same bytes.
type Feed struct {
	Name    string
	Entries []Entry
	// Busy says that these are the reader's own hours.
	Busy bool
}

// Bytes is the feed as programs read it.
func (f Feed) Bytes() ([]byte, error) {
	c := ics.NewCalendar()
	c.SetProductId(product)
	c.SetName(f.Name)
	c.SetRefreshInterval(refresh)
	c.SetXPublishedTTL(refresh)
	zones, err := addZones(c, f.Entries)
	if err != nil {
		return nil, err
	}
	for _, entry := range f.Entries {
		e := Add(c, zones[entry.Meeting.TimeZone], entry)
		add(e, "CREATED", inUTC(entry.Meeting.CreateTime))
		add(e, "LAST-MODIFIED", inUTC(entry.Stamp))
		if !f.Busy || entry.Status == ics.ObjectStatusCancelled {
			add(e, "TRANSP", string(ics.TransparencyTransparent))
		}
	}
	var out bytes.Buffer
	if err := c.SerializeTo(&out, ics.WithNewLineWindows); err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	return out.Bytes(), nil
}

// addZones describes each zone from the first of its meetings to the last.
func addZones(c *ics.Calendar, entries []Entry) (map[string]*time.Location, error) {
	spans := map[string]domain.Slot{}
	for _, entry := range entries {
		m := entry.Meeting
		span, known := spans[m.TimeZone]
		if !known || m.Start.Before(span.Start) {
			span.Start = m.Start
		}
		if m.End.After(span.End) {
			span.End = m.End
		}
		spans[m.TimeZone] = span
	}
	zones := make(map[string]*time.Location, len(spans))
	for _, name := range slices.Sorted(maps.Keys(spans)) { // in one order: the same feed has the same bytes
		zone, err := AddZone(c, name, spans[name].Start, spans[name].End)
		if err != nil {
			return nil, err
		}
		zones[name] = zone
	}
	return zones, nil
}
