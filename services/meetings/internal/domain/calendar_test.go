package domain

import (
	"testing"
	"time"
)

func TestCalendarStatus(t *testing.T) {
	for name, c := range map[string]struct {
		state MeetingState
		seat  RegistrationState
		want  EntryStatus
	}{
		"open": {MeetingOpen, 0, EntryTentative}, "open, with a seat": {MeetingOpen, RegistrationConfirmed, EntryTentative},
		"confirmed": {MeetingConfirmed, 0, EntryConfirmed}, "confirmed, with a seat": {MeetingConfirmed, RegistrationConfirmed, EntryConfirmed},
		"a seat that is offered": {MeetingConfirmed, RegistrationOffered, EntryTentative},
		"held":                   {MeetingHeld, RegistrationPresent, EntryConfirmed}, "attested": {MeetingAttested, RegistrationAbsent, EntryConfirmed},
		"closed": {MeetingClosed, 0, EntryConfirmed}, "called off": {MeetingCancelled, RegistrationConfirmed, EntryCancelled},
		"called off while offered": {MeetingCancelled, RegistrationOffered, EntryCancelled},
	} {
		if got := (CalendarEntry{Meeting: Meeting{State: c.state}, Seat: c.seat}).Status(); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// The link to join is for those who join by it, and for whoever organises.
func TestCalendarLink(t *testing.T) {
	const link = "https://visio.example/x"
	own, group := Calendar{Kind: PersonCalendar, SubjectID: "anne"}, Calendar{Kind: GroupCalendar, SubjectID: "anne"}
	for name, c := range map[string]struct {
		calendar  Calendar
		mode      MeetingMode
		state     MeetingState
		organiser string
		seat      RegistrationState
		seatMode  SeatMode
		asked     bool
		want      string
	}{
		"a remote meeting":        {own, MeetingRemote, MeetingConfirmed, "", RegistrationConfirmed, Remote, false, link},
		"who only hopes":          {own, MeetingRemote, MeetingConfirmed, "", RegistrationOffered, Remote, false, ""},
		"who has no seat":         {own, MeetingRemote, MeetingConfirmed, "", 0, 0, false, ""},
		"hybrid, from afar":       {own, MeetingHybrid, MeetingConfirmed, "", RegistrationConfirmed, Remote, false, link},
		"hybrid, at the place":    {own, MeetingHybrid, MeetingConfirmed, "", RegistrationConfirmed, InPerson, false, ""},
		"the organiser":           {own, MeetingHybrid, MeetingOpen, "anne", 0, 0, false, link},
		"a professional":          {own, MeetingRemote, MeetingConfirmed, "", 0, 0, true, link},
		"a group's feed":          {group, MeetingRemote, MeetingConfirmed, "anne", RegistrationConfirmed, Remote, false, ""},
		"what was called off":     {own, MeetingRemote, MeetingCancelled, "anne", RegistrationConfirmed, Remote, false, ""},
		"who was there, long ago": {own, MeetingRemote, MeetingAttested, "", RegistrationPresent, Remote, false, link},
	} {
		e := CalendarEntry{
			Meeting: Meeting{Mode: c.mode, State: c.state, OrganiserID: c.organiser, RemoteURL: link}, Seat: c.seat, SeatMode: c.seatMode, Asked: c.asked,
		}
		if got := e.Link(c.calendar); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestCalendarReach(t *testing.T) {
	now := time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)
	w := Calendar{}.Window(now)
	if now.Sub(w.EndedSince) != 365*24*time.Hour || now.Sub(w.CancelledFrom) != 60*24*time.Hour || w.Limit != 1000 {
		t.Errorf("%+v", w)
	}
}
