package domain

import (
	"context"

	"github.com/classcode/maillage/pkg/errs"
)

// Meeting is what the catalogue knows of a meeting: enough to tell whose practice sheets are whose.
type Meeting struct {
	ID          string
	OrganiserID string
	ModuleID    string
	CommuneCode string
	Date        string // where it takes place, "2026-11-24"
	Held        bool   // declared by its organiser
	Cancelled   bool
	Version     int64
}

// Seat is who holds a seat at a meeting.
type Seat struct {
	RegistrationID string
	MeetingID      string
	PersonID       string // empty once it was given back: nobody needs to be known then
	Version        int64
}

// MeetingReads finds what was heard of meetings.
type MeetingReads interface {
	Meeting(ctx context.Context, id string) (Meeting, error)
	// Group is who organises a meeting or holds a seat at it.
	Group(ctx context.Context, meetingID string) ([]string, error)
	OfGroup(ctx context.Context, meetingID, personID string) (bool, error)
}

// MeetingWrites keeps what is heard of meetings.
type MeetingWrites interface {
	// HoldMeeting keeps others from hearing of a meeting until the transaction ends, whether it was heard of before or not.
	HoldMeeting(ctx context.Context, id string) error
	// SaveMeeting tells whether the state was newer than the one that is kept.
	SaveMeeting(ctx context.Context, m Meeting) (bool, error)
	SaveSeat(ctx context.Context, s Seat) error
	// ForgetSeats leaves no person at a meeting's seats.
	ForgetSeats(ctx context.Context, meetingID string) error
}

// ErrMeetingNotFound says that the catalogue has heard of no such meeting.
var ErrMeetingNotFound = errs.Missing("meeting", "temps de rencontre")

// RecordMeeting takes in a meeting's state; nobody is known of one that is called off.
func RecordMeeting(ctx context.Context, tx Tx, m Meeting) error {
	organiser, err := known(ctx, tx, m.OrganiserID)
	if err != nil {
		return err
	}
	m.OrganiserID = organiser
	newer, err := tx.SaveMeeting(ctx, m)
	if err != nil || !newer || !m.Cancelled {
		return err
	}
	return tx.ForgetSeats(ctx, m.ID)
}

// RecordSeat takes in who holds a seat.
func RecordSeat(ctx context.Context, tx Tx, s Seat) error {
	if err := tx.HoldMeeting(ctx, s.MeetingID); err != nil {
		return err
	}
	m, err := tx.Meeting(ctx, s.MeetingID)
	if err != nil && errs.From(err).Kind != errs.NotFound {
		return err
	}
	if m.Cancelled {
		s.PersonID = ""
	}
	if s.PersonID, err = known(ctx, tx, s.PersonID); err != nil {
		return err
	}
	return tx.SaveSeat(ctx, s)
}
