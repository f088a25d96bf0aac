package domain

import (
	"context"
	"strconv"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

const (
	// CalendarLength is how many meetings a feed has at most, the nearest to now.
	CalendarLength = 1000
	// calendarPast is how long a meeting stays in a feed after its end.
	calendarPast = 365 * 24 * time.Hour
	// calendarCancelled is how long a meeting that was called off stays: every program that still reads the feed has then heard of it.
	calendarCancelled = 60 * 24 * time.Hour
	// maxCalendars is how many links a person may have at once: one for each program, and some for others.
	maxCalendars = 50
)

// CalendarKind is of whose meetings a feed is.
type CalendarKind int

// The kinds of feeds.
const (
	PersonCalendar CalendarKind = iota + 1
	GroupCalendar
	PlaceCalendar
	TerritoryCalendar
)

// Calendar is a feed of meetings, read by whoever holds its secret.
type Calendar struct {
	ID         string
	PersonID   string // who made it
	Kind       CalendarKind
	SubjectID  string // the person, group or place, or the territory's code
	Digest     string // of its secret, which is kept nowhere
	CreateTime time.Time
	RevokeTime time.Time // zero while its link serves
}

// CalendarQuery selects a person's feeds whose links serve.
type CalendarQuery struct {
	PersonID string
	Page
}

// CalendarReads finds feeds, and what is in them.
type CalendarReads interface {
	Calendar(ctx context.Context, id string) (Calendar, error)
	// CalendarOf is the feed with this digest of its secret, unless it was revoked.
	CalendarOf(ctx context.Context, digest string) (Calendar, error)
	Calendars(ctx context.Context, q CalendarQuery) ([]Calendar, error)
	// CalendarEntries is what is in a feed, by start.
	CalendarEntries(ctx context.Context, c Calendar, w CalendarWindow) ([]CalendarEntry, error)
}

// CalendarWrites changes feeds.
type CalendarWrites interface {
	InsertCalendar(ctx context.Context, c Calendar) error
	// RevokeCalendar ends a link that serves.
	RevokeCalendar(ctx context.Context, id string, now time.Time) error
}

// What a feed may be refused for.
var (
	ErrCalendarNotFound = errs.Missing("calendar", "calendrier")
	ErrCalendarSubject  = errs.New(errs.Invalid, "CALENDAR_SUBJECT",
		"A calendar is of one group, one place or one territory, or of nothing else than your own meetings.",
		"Un calendrier est celui d'un groupe, d'un lieu ou d'un territoire, ou sinon celui de vos propres rencontres.")
	ErrCalendarsMany = errs.New(errs.Precondition, "CALENDARS_MANY",
		"You have as many calendar links as there may be; revoke one that no longer serves.",
		"Vous avez autant de liens de calendrier que possible ; révoquez-en un qui ne sert plus.")
)

// CalendarWindow is how far a feed reaches.
type CalendarWindow struct {
	Now           time.Time
	EndedSince    time.Time // meetings that ended before are left out
	CancelledFrom time.Time // and those that were called off before
	Limit         int       // of the others, the nearest to now
}

// Window is how far a feed reaches that is read now.
func (Calendar) Window(now time.Time) CalendarWindow {
	return CalendarWindow{Now: now, EndedSince: now.Add(-calendarPast), CancelledFrom: now.Add(-calendarCancelled), Limit: CalendarLength}
}

// CalendarEntry is a meeting in a feed, and in a person's own feed, what that person is there.
type CalendarEntry struct {
	Meeting    Meeting // of it, what a calendar shows
	ModifyTime time.Time
	Seat       RegistrationState // 0 without a seat
	SeatMode   SeatMode
	Asked      bool // the person comes as a professional
}

// EntryStatus is whether a meeting in a calendar will take place.
type EntryStatus int

// The states of an entry.
const (
	EntryTentative EntryStatus = iota + 1
	EntryConfirmed
	EntryCancelled
)

// Status is what a calendar says of the meeting: nothing is certain before it is confirmed, nor while a seat is only offered.
func (e CalendarEntry) Status() EntryStatus {
	switch {
	case e.Meeting.State == MeetingCancelled:
		return EntryCancelled
	case e.Meeting.State == MeetingOpen, e.Seat == RegistrationOffered:
		return EntryTentative
	}
	return EntryConfirmed
}

// Remote reports whether the person of a feed takes part from afar; nobody goes to a place then.
func (e CalendarEntry) Remote() bool { return e.Meeting.Mode == MeetingRemote || e.SeatMode == Remote }

// Link is where the meeting is joined, for those in whose own feed it stands: whoever takes part from afar, or makes it take place.
func (e CalendarEntry) Link(c Calendar) string {
	takesPart := e.Seat == RegistrationConfirmed || e.Seat == RegistrationPresent || e.Asked
	switch {
	case c.Kind != PersonCalendar || e.Status() == EntryCancelled:
		return ""
	case e.Meeting.OrganiserID == c.SubjectID, takesPart && e.Remote():
		return e.Meeting.RemoteURL
	}
	return ""
}

// CreateCalendar makes a feed.
func CreateCalendar(ctx context.Context, tx Tx, c Calendar, now time.Time) (Calendar, error) {
	own, err := tx.Calendars(ctx, CalendarQuery{PersonID: c.PersonID, Page: Page{Limit: maxCalendars}})
	if err != nil {
		return Calendar{}, err
	}
	if len(own) == maxCalendars {
		return Calendar{}, ErrCalendarsMany.With("at_most", strconv.Itoa(maxCalendars))
	}
	c.CreateTime = now
	return c, tx.InsertCalendar(ctx, c)
}

// RevokeCalendar ends a feed's link; twice changes nothing.
func RevokeCalendar(ctx context.Context, tx Tx, id string, now time.Time) (Calendar, error) {
	c, err := tx.Calendar(ctx, id)
	if err != nil || !c.RevokeTime.IsZero() {
		return c, err
	}
	c.RevokeTime = now
	return c, tx.RevokeCalendar(ctx, id, now)
}
