package domain

import (
	"context"
	"errors"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Registration is a person's seat at a meeting.
type Registration struct {
	ID         string
	MeetingID  string
	PersonID   string
	CampaignID string // the meeting's
	State      RegistrationState
	Version    int64
	CreateTime time.Time
}

// RegistrationState is where a registration stands; the numbers are the contract's.
type RegistrationState int

// The states of a registration.
const (
	RegistrationConfirmed RegistrationState = iota + 1
	RegistrationCancelled
	RegistrationPresent
	RegistrationAbsent
	RegistrationExcused
)

// RegistrationQuery selects a meeting's registrations, oldest first.
type RegistrationQuery struct {
	MeetingID string
	PersonID  string // "" for everyone's
	Page
}

// RegistrationReads finds registrations.
type RegistrationReads interface {
	Registration(ctx context.Context, id string) (Registration, error)
	Registrations(ctx context.Context, q RegistrationQuery) ([]Registration, error)
}

// RegistrationWrites changes registrations and seats.
type RegistrationWrites interface {
	// TakeSeat takes one of the meeting's seats, or refuses with ErrMeetingFull when there is none to take, for whatever reason.
	TakeSeat(ctx context.Context, meetingID string, now time.Time) (Meeting, error)
	// FreeSeat gives a seat back, or refuses with ErrMeetingClosed.
	FreeSeat(ctx context.Context, meetingID string, now time.Time) error
	// RegistrationOf is a person's registration for a meeting, or ErrRegistrationNotFound.
	RegistrationOf(ctx context.Context, meetingID, personID string) (Registration, error)
	// PutRegistration adds a registration or revives the person's cancelled one, and refuses with ErrAlreadyRegistered
	// when that person has a seat.
	PutRegistration(ctx context.Context, r Registration) (Registration, error)
	// UpdateRegistration refuses when someone else has updated the version before.
	UpdateRegistration(ctx context.Context, r Registration) error
	// Roll is the registrations that hold a seat, oldest first.
	Roll(ctx context.Context, meetingID string) ([]Registration, error)
}

// What a registration may be refused for.
var (
	ErrRegistrationNotFound = errs.Missing("registration", "inscription")
	ErrAlreadyRegistered    = errs.New(errs.AlreadyExists, "ALREADY_REGISTERED",
		"You are registered for this meeting already.",
		"Vous êtes déjà inscrit à ce temps de rencontre.")
	ErrMeetingFull = errs.New(errs.Precondition, "MEETING_FULL",
		"Every seat of this meeting is taken; try another meeting, or come back: a seat may be given back.",
		"Toutes les places de ce temps de rencontre sont prises ; essayez-en un autre, ou revenez : une place peut se libérer.")
	ErrMeetingClosed = errs.New(errs.Precondition, "MEETING_CLOSED",
		"This meeting has begun, taken place or been cancelled: its registrations no longer change.",
		"Ce temps de rencontre a commencé, a eu lieu ou a été annulé : ses inscriptions ne changent plus.")
)

// Request asks for a seat.
type Request struct {
	ID        string // of the registration to be
	MeetingID string
	PersonID  string
	Now       time.Time
}

// Outcome is a request's registration, or why there is none.
type Outcome struct {
	Registration Registration
	Err          error
}

// Register gives seats, first come, first served, with one outcome per request; a request that is refused leaves nothing
// behind, so that others of the same transaction may stand.
func Register(ctx context.Context, tx Tx, requests []Request) []Outcome {
	outcomes := make([]Outcome, len(requests))
	for i, r := range requests {
		outcomes[i].Registration, outcomes[i].Err = register(ctx, tx, r)
	}
	return outcomes
}

func register(ctx context.Context, tx Tx, r Request) (Registration, error) {
	// The seat first: the row that everyone wants is then locked once, and the foreign key finds it locked by us.
	m, err := tx.TakeSeat(ctx, r.MeetingID, r.Now)
	if errors.Is(err, ErrMeetingFull) {
		return Registration{}, refusal(ctx, tx, r)
	}
	if err != nil {
		return Registration{}, err
	}
	registered, err := tx.PutRegistration(ctx, Registration{
		ID: r.ID, MeetingID: r.MeetingID, PersonID: r.PersonID, CampaignID: m.CampaignID,
		State: RegistrationConfirmed, Version: 1, CreateTime: r.Now,
	})
	if errors.Is(err, ErrAlreadyRegistered) {
		if err := tx.FreeSeat(ctx, r.MeetingID, r.Now); err != nil {
			return Registration{}, err
		}
		return Registration{}, refusal(ctx, tx, r)
	}
	if err != nil {
		return Registration{}, err
	}
	return registered, tx.Emit(ctx, Event{Name: "registration.confirmed", State: registered})
}

// refusal finds out why there was no seat.
func refusal(ctx context.Context, tx Tx, r Request) error {
	m, err := tx.Meeting(ctx, r.MeetingID)
	switch {
	case errors.Is(err, ErrMeetingNotFound):
		return ErrMeetingNotFound.At("meeting_id")
	case err != nil:
		return err
	case !m.TakesRegistrations(r.Now):
		return ErrMeetingClosed.At("meeting_id").With("state", m.State.String())
	}
	own, err := tx.RegistrationOf(ctx, r.MeetingID, r.PersonID)
	switch {
	case err == nil && own.State != RegistrationCancelled:
		return ErrAlreadyRegistered.At("meeting_id").With("registration", own.ID)
	case err != nil && !errors.Is(err, ErrRegistrationNotFound):
		return err
	}
	return ErrMeetingFull.At("meeting_id")
}

// CancelRegistration gives a seat back; a seat given back before stays so.
func CancelRegistration(ctx context.Context, tx Tx, r Registration, now time.Time) (Registration, error) {
	if r.State == RegistrationCancelled {
		return r, nil
	}
	// The meeting first, as in register: two transactions that lock in the same order never wait for each other.
	err := tx.FreeSeat(ctx, r.MeetingID, now)
	if errors.Is(err, ErrMeetingClosed) {
		return Registration{}, ErrMeetingClosed.At("meeting_id")
	}
	if err != nil {
		return Registration{}, err
	}
	r.State, r.Version = RegistrationCancelled, r.Version+1
	if err := tx.UpdateRegistration(ctx, r); err != nil {
		return Registration{}, err
	}
	return r, tx.Emit(ctx, Event{Name: "registration.cancelled", State: r})
}
