package domain

import (
	"context"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Registration is a person's seat at a meeting, or place in the line for one.
type Registration struct {
	ID           string
	MeetingID    string
	PersonID     string
	CampaignID   string // the meeting's
	Mode         SeatMode
	Role         SeatRole
	State        RegistrationState
	Ticket       int64     // number in the waiting list; 0 for whoever never waited
	OfferExpires time.Time // zero unless a seat is offered
	Reason       string    // why it ended, as far as anybody said
	NameShared   bool      // the person lets the others see the name
	Version      int64
	CreateTime   time.Time
}

// Pool is the seats on which the registration stands.
func (r Registration) Pool() Pool { return Pool{r.MeetingID, r.Mode, r.Role} }

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
	// Roll is the registrations that hold a seat for good, oldest first.
	Roll(ctx context.Context, meetingID string) ([]Registration, error)
	// WaitingPositions is the rank of everyone who waits in a meeting's lists, from 1 in each, by registration.
	WaitingPositions(ctx context.Context, meetingID string) (map[string]int, error)
}

// RegistrationWrites changes registrations.
type RegistrationWrites interface {
	// RegistrationsOf is what those of the persons have who have a registration for a meeting.
	RegistrationsOf(ctx context.Context, meetingID string, persons []string) ([]Registration, error)
	// PutRegistrations adds registrations, or revives those that had ended, and returns what was stored: nothing for whoever
	// has a live one.
	PutRegistrations(ctx context.Context, all []Registration) ([]Registration, error)
	// UpdateRegistration refuses when someone else has updated the version before.
	UpdateRegistration(ctx context.Context, r Registration) error
	// UpdateRegistrations is UpdateRegistration for many, with few statements.
	UpdateRegistrations(ctx context.Context, all []Registration) error
	// LiveOn is the live registrations on a pool, those that wait in their order.
	LiveOn(ctx context.Context, p Pool) ([]Registration, error)
	// FirstWaiting is the next n in the waiting list of a pool.
	FirstWaiting(ctx context.Context, p Pool, n int) ([]Registration, error)
	// DueOffers is the offers in meetings whose deadline has come, in the order of their tickets.
	DueOffers(ctx context.Context, meetingIDs []string, now time.Time) ([]Registration, error)
	// OffersAfter is the offers of a meeting that last beyond an instant.
	OffersAfter(ctx context.Context, meetingID string, until time.Time) ([]Registration, error)
}

// What a registration may be refused for.
var (
	ErrRegistrationNotFound = errs.Missing("registration", "inscription")
	ErrAlreadyRegistered    = errs.New(errs.AlreadyExists, "ALREADY_REGISTERED",
		"You are registered for this meeting already.",
		"Vous êtes déjà inscrit à ce temps de rencontre.")
	ErrRegistrationState = errs.New(errs.Precondition, "REGISTRATION_STATE",
		"The state of this registration does not allow it; read the registration again.",
		"L'état de cette inscription ne le permet pas ; relisez-la.")
	ErrOfferLapsed = errs.New(errs.Precondition, "OFFER_LAPSED",
		"This offer was not answered in time: the seat has gone to the next in line. You may register again.",
		"Cette proposition n'a pas reçu de réponse à temps : la place est allée à la personne suivante. Vous pouvez vous réinscrire.")
)

// change is what becomes of a registration while its meeting's seats are held; it says so on the registration as it stands then.
func change(ctx context.Context, tx Tx, ref Registration, now time.Time, use func(*Seating, Registration) (Registration, error)) (Registration, error) {
	s, err := LockSeating(ctx, tx, ref.MeetingID, now)
	if err != nil {
		return Registration{}, err
	}
	current, err := tx.Registration(ctx, ref.ID)
	if err == nil && s.pool(current.Pool()) == nil { // on seats that were added while this transaction waited for the others
		err = errs.ErrAborted
	}
	if err != nil {
		return Registration{}, err
	}
	next, err := use(s, current)
	if err != nil {
		return Registration{}, err
	}
	return next, s.save(ctx)
}

// CancelRegistration gives a seat back, or a place in the line; what was given back before stays so. It concerns this person only,
// and whoever waits first.
func CancelRegistration(ctx context.Context, tx Tx, r Registration, reason string, now time.Time) (Registration, error) {
	return change(ctx, tx, r, now, func(s *Seating, r Registration) (Registration, error) {
		switch {
		case r.State == RegistrationCancelled:
			return r, nil
		case !s.open():
			return Registration{}, ErrMeetingClosed.At("meeting_id")
		}
		return s.end(ctx, r, GiveBack, reason)
	})
}

// Accept takes the seat that is offered; taken before, it stays taken. At the instant of its deadline the offer has lapsed.
func Accept(ctx context.Context, tx Tx, r Registration, now time.Time) (Registration, error) {
	return change(ctx, tx, r, now, func(s *Seating, r Registration) (Registration, error) {
		switch {
		case r.State == RegistrationConfirmed:
			return r, nil
		case r.State == RegistrationLapsed:
			return Registration{}, ErrOfferLapsed.At("id")
		case !s.open():
			return Registration{}, ErrMeetingClosed.At("meeting_id")
		}
		return s.to(ctx, r, AcceptOffer)
	})
}

// Decline leaves the seat that is offered to the next; declined before, or lapsed, it stays so.
func Decline(ctx context.Context, tx Tx, r Registration, reason string, now time.Time) (Registration, error) {
	return change(ctx, tx, r, now, func(s *Seating, r Registration) (Registration, error) {
		switch {
		case r.State == RegistrationDeclined || r.State == RegistrationLapsed:
			return r, nil
		case !s.open():
			return Registration{}, ErrMeetingClosed.At("meeting_id")
		}
		return s.end(ctx, r, DeclineOffer, reason)
	})
}

// end is a registration's end by its person's doing.
func (s *Seating) end(ctx context.Context, r Registration, move RegistrationMove, reason string) (Registration, error) {
	ended := r
	ended.Reason = strings.TrimSpace(reason)
	ended, err := s.to(ctx, ended, move)
	if err != nil {
		return Registration{}, err
	}
	return ended, s.leave(ctx, r)
}

// Switch takes a registration to the seats of another mode: a seat is given up only for another one, a place in a line also for the
// end of the other line.
func Switch(ctx context.Context, tx Tx, r Registration, mode SeatMode, now time.Time) (Registration, error) {
	return change(ctx, tx, r, now, func(s *Seating, r Registration) (Registration, error) {
		if r.Mode == mode {
			return r, nil
		}
		next := r
		next.Mode = mode
		pool := s.pool(next.Pool())
		switch {
		case !s.open():
			return Registration{}, ErrMeetingClosed.At("registration.meeting_id")
		case !s.has(next.Pool()):
			return Registration{}, ErrNoSuchSeats.At("registration.mode")
		case r.State == RegistrationConfirmed && pool.free() == 0:
			return Registration{}, ErrMeetingFull.At("registration.mode")
		case r.State != RegistrationConfirmed && r.State != RegistrationWaitlisted:
			return Registration{}, ErrRegistrationState.With("state", r.State.String())
		}
		next.State = RegistrationRequested
		pool.seat(&next)
		next, err := s.put(ctx, next, "registration.updated")
		if err != nil {
			return Registration{}, err
		}
		return next, s.leave(ctx, r)
	})
}

// ShareName lets the other participants see the person's name, or hides it from them; nobody else chooses that.
func ShareName(ctx context.Context, tx Tx, r Registration, by string, shared bool) (Registration, error) {
	switch {
	case by != r.PersonID:
		return Registration{}, errs.ErrDenied
	case r.NameShared == shared:
		return r, nil
	}
	r.NameShared, r.Version = shared, r.Version+1
	if err := tx.UpdateRegistration(ctx, r); err != nil {
		return Registration{}, err
	}
	return r, tx.Emit(ctx, Event{Name: "registration.updated", State: r})
}

// SetSeats gives the seats of a role and of a mode that the meeting has another number, and offers those that it adds to whoever waits.
func SetSeats(ctx context.Context, tx Tx, m Meeting, p Pool, capacity int, now time.Time) (Meeting, error) {
	if !m.TakesRegistrations(now) {
		return Meeting{}, ErrMeetingClosed.At("meeting_id").With("state", m.State.String())
	}
	p.MeetingID = m.ID
	p = p.or(m.Mode.usual(), LearnerSeat)
	if !m.Mode.seats(p.Mode) {
		return Meeting{}, ErrSeatMode.At("mode")
	}
	next, err := m.reseat(ctx, tx, "meeting.updated", now, func(s *Seating) error { return s.resize(ctx, p, capacity, "capacity") })
	if err != nil {
		return Meeting{}, err
	}
	return next, keepPlace(ctx, tx, m, next, now, "capacity")
}
