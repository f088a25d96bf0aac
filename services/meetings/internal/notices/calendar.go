package notices

import (
	"cmp"
	"fmt"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/classcode/maillage/pkg/mail"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	// product names this program in a calendar, as RFC 5545 wants it.
	product = "-//maillage//notices//FR"
	// onTheClock is a time on the clocks of its zone.
	onTheClock = "20060102T150405"
)

// entry is what becomes of the meeting in the receiver's calendar.
type entry struct {
	method ics.Method
	status ics.ObjectStatus
	reply  ics.ParticipationStatus
}

var (
	expected   = entry{ics.MethodRequest, ics.ObjectStatusConfirmed, ics.ParticipationStatusAccepted}
	tentative  = entry{ics.MethodRequest, ics.ObjectStatusTentative, ics.ParticipationStatusTentative}
	calledOff  = entry{ics.MethodCancel, ics.ObjectStatusCancelled, ics.ParticipationStatusDeclined}
	entryKinds = map[domain.NoticeKind]entry{
		domain.NoticeConfirmed: expected, domain.NoticeReminder: expected, domain.NoticeShortReminder: expected,
		domain.NoticeChanged: expected, domain.NoticeMeetingConfirmed: expected, domain.NoticeSwapped: expected, domain.NoticeOffered: tentative,
		domain.NoticeLapsed: calledOff, domain.NoticeDeclined: calledOff, domain.NoticeCancelled: calledOff, domain.NoticeMeetingCancelled: calledOff,

		domain.NoticeAskAccepted: expected, domain.NoticeAskChanged: expected,
		domain.NoticeAskWithdrawn: calledOff, domain.NoticeAskFreed: calledOff, domain.NoticeAskMeetingCancelled: calledOff,
	}
)

// entry is nothing for who is not expected: there is no seat to write down.
func (s subjectMatter) entry() (entry, bool) {
	if s.Kind == domain.NoticeChanged {
		switch s.Addressee.State {
		case domain.RegistrationWaitlisted:
			return entry{}, false
		case domain.RegistrationOffered:
			return tentative, true
		}
	}
	e, ok := entryKinds[s.Kind]
	return e, ok
}

// calendars are the attachments that bring the receiver's calendar up to date (RFC 5546): the same meeting is the same entry, and a later
// version of it replaces an earlier one. What was left for another seat goes out, as an object of its own: an object has one method.
func (p *Post) calendars(s subjectMatter, w words) (all []mail.Calendar, err error) {
	if kind, ok := s.entry(); ok {
		at := spot{place: s.place}
		if s.Remote() {
			at = spot{}
			if kind == expected {
				at.link = address(s.Link())
			}
		}
		one, err := p.calendar(s, w, kind, s.Meeting, at)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	if s.Kind == domain.NoticeSwapped {
		one, err := p.calendar(s, w, calledOff, s.Other, spot{place: s.otherPlace})
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// spot is where the receiver goes, or the link that is followed instead.
type spot struct{ place, link string }

// calendar is what becomes of one meeting.
func (p *Post) calendar(s subjectMatter, w words, kind entry, m domain.Meeting, at spot) (mail.Calendar, error) {
	c := ics.NewCalendar()
	c.SetProductId(product)
	c.SetMethod(kind.method)
	zone, err := addZone(c, m.TimeZone, m.Start, m.End)
	if err != nil {
		return mail.Calendar{}, err
	}
	e := c.AddEvent(m.ID)
	e.SetDtStampTime(p.Now())
	e.SetSequence(int(m.Version))
	setTime(e, ics.ComponentPropertyDtStart, m.Start.In(zone))
	setTime(e, ics.ComponentPropertyDtEnd, m.End.In(zone))
	e.SetSummary(fill(w.event, "{module}", title(m)))
	if where := cmp.Or(at.place, at.link); where != "" {
		e.SetLocation(where)
	}
	if at.link != "" {
		e.SetURL(at.link)
	}
	e.SetStatus(kind.status)
	e.SetOrganizer("mailto:" + p.Mail.From().Email)
	e.AddAttendee("mailto:"+s.contact.GetEmail(), kind.reply)
	return mail.Calendar{Method: string(kind.method), Content: []byte(c.Serialize(ics.WithNewLineWindows))}, nil
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

// addZone describes the zone as far as it matters between two instants: RFC 5545 wants it beside each time that names it.
func addZone(c *ics.Calendar, name string, from, to time.Time) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("zone %q: %w", name, err)
	}
	described := c.AddTimezone(name)
	for at := from.In(zone); !at.After(to); {
		begin, end := at.ZoneBounds()
		_, offset := at.Zone()
		before := offset
		if !begin.IsZero() {
			_, before = begin.Add(-time.Second).Zone()
		} else {
			begin = time.Unix(0, 0).In(zone)
		}
		// What changes is written on the clocks that were right until then.
		observed := described.AddStandard()
		observed.SetProperty(ics.ComponentPropertyDtStart, begin.In(time.FixedZone("", before)).Format(onTheClock))
		observed.SetProperty("TZOFFSETFROM", utcOffset(before))
		observed.SetProperty("TZOFFSETTO", utcOffset(offset))
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
