package domain

import (
	"context"
	"slices"

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
	// HoldMeetings keeps others from hearing of meetings until the transaction ends, whether they were heard of before or not, and
	// tells which of them are called off.
	HoldMeetings(ctx context.Context, ids []string) (calledOff []string, err error)
	// SaveMeeting tells whether the state was newer than the one that is kept.
	SaveMeeting(ctx context.Context, m Meeting) (bool, error)
	// SaveSeats keeps the seats that are newer than what is kept; none is there twice.
	SaveSeats(ctx context.Context, all []Seat) error
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

// RecordSeats takes in who holds seats; of those heard of one seat the newest counts.
func RecordSeats(ctx context.Context, tx Tx, all []Seat) error {
	newest := make(map[string]Seat, len(all))
	var meetings, people []string
	for _, s := range all {
		if s.Version >= newest[s.RegistrationID].Version {
			newest[s.RegistrationID] = s
		}
		meetings, people = append(meetings, s.MeetingID), append(people, s.PersonID)
	}
	slices.Sort(meetings) // two transactions that hold several do not wait for each other in a circle
	calledOff, err := tx.HoldMeetings(ctx, slices.Compact(meetings))
	if err != nil {
		return err
	}
	erased, err := tx.Erased(ctx, people...)
	if err != nil {
		return err
	}
	seats := make([]Seat, 0, len(newest))
	for _, s := range newest {
		if slices.Contains(calledOff, s.MeetingID) || slices.Contains(erased, s.PersonID) {
			s.PersonID = ""
		}
		seats = append(seats, s)
	}
	return tx.SaveSeats(ctx, seats)
}
