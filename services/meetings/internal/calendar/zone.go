package calendar

import (
	"fmt"
	"time"

	ics "github.com/arran4/golang-ical"
)

// AddZone describes the zone as far as it matters between two instants: RFC 5545 wants it beside each time that names it.
func AddZone(c *ics.Calendar, name string, from, to time.Time) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("zone %q: %w", name, err)
	}
	described := c.AddTimezone(name)
	for at := from.In(zone); !at.After(to); {
		begin, end := at.ZoneBounds()
		_, offset := at.Zone()
		before := offset
		if begin.Unix() > 0 {
			_, before = begin.Add(-time.Second).Zone()
		} else { // since ever: many zones begin at a meridian, which is some seconds off
			begin = time.Unix(0, 0).In(zone)
		}
		observed := ics.NewStandard()
		// What changes is written on the clocks that were right until then.
		observed.SetProperty(ics.ComponentPropertyDtStart, begin.In(time.FixedZone("", before)).Format(onTheClock))
		observed.SetProperty("TZOFFSETFROM", utcOffset(before))
		observed.SetProperty("TZOFFSETTO", utcOffset(offset))
		if at.IsDST() {
			described.Components = append(described.Components, &ics.Daylight{ComponentBase: observed.ComponentBase})
		} else {
			described.Components = append(described.Components, observed)
		}
		if end.IsZero() {
			break
		}
		at = end.In(zone)
	}
	return zone, nil
}

func utcOffset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	return fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
}
