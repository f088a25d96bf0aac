package notices

import (
	"cmp"

	ics "github.com/arran4/golang-ical"

	"github.com/classcode/maillage/pkg/mail"
	"github.com/classcode/maillage/services/meetings/internal/calendar"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// product names this program in a calendar, as RFC 5545 wants it.
const product = "-//maillage//notices//FR"

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
	zone, err := calendar.AddZone(c, m.TimeZone, m.Start, m.End)
	if err != nil {
		return mail.Calendar{}, err
	}
	e := calendar.Add(c, zone, calendar.Entry{
		Meeting: m, Stamp: p.Now(), Status: kind.status, Summary: fill(w.event, "{module}", title(m)),
		Location: cmp.Or(at.place, at.link), URL: at.link,
	})
	e.SetOrganizer("mailto:" + p.Mail.From().Email)
	e.AddAttendee("mailto:"+s.contact.GetEmail(), kind.reply)
	return mail.Calendar{Method: string(kind.method), Content: []byte(c.Serialize(ics.WithNewLineWindows))}, nil
}
