package domain

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// SeatMode is where someone takes part; the numbers are the contract's.
type SeatMode int

// The modes of a seat.
const (
	InPerson SeatMode = iota + 1
	Remote
)

// SeatRole is the part that someone takes; the numbers are the contract's.
type SeatRole int

// The roles of a seat.
const (
	LearnerSeat SeatRole = iota + 1
	FacilitatorSeat
)

// Pool names the seats of a meeting for one mode and one role.
type Pool struct {
	MeetingID string
	Mode      SeatMode
	Role      SeatRole
}

// Seats is how many persons a pool takes. Nobody waits while a seat is free: the database holds that, as it holds the capacity.
type Seats struct {
	Pool
	CampaignID string    // the meeting's, empty outside of any
	Capacity   int       // in persons
	Taken      int       // seats that are confirmed or offered
	Waiting    int       // persons in the waiting list
	Tickets    int64     // numbers of the waiting list given so far
	Closes     time.Time // the meeting's start; zero once its seats no longer change
}

// SeatReads finds seats.
type SeatReads interface {
	// Seats is the seats of a meeting, by mode and role.
	Seats(ctx context.Context, meetingID string) ([]Seats, error)
	// NextDue is some meetings with offers whose deadline has come.
	NextDue(ctx context.Context, now time.Time, limit int) ([]string, error)
}

// SeatWrites changes seats.
type SeatWrites interface {
	// TakeSeats takes as many seats of each pool as wanted says, and returns the pools in which they were free, with nobody
	// waiting before; in the others nothing is taken.
	TakeSeats(ctx context.Context, wanted []Wanted, now time.Time) ([]Taken, error)
	// LockSeats is the seats of meetings, which nobody else changes before the transaction ends.
	LockSeats(ctx context.Context, meetingIDs []string) ([]Seats, error)
	// SaveSeats stores seats that are locked, and adds pools that are new. It refuses with ErrCapacityBelowTaken what would
	// sell a seat twice.
	SaveSeats(ctx context.Context, all []Seats) error
}

// Wanted is how many seats of a pool are asked for.
type Wanted struct {
	Pool
	Count int
}

// Taken is seats of which some were taken.
type Taken struct {
	Seats
	Workshop bool // of a programme: a person has one in each slot
}

const (
	// maxCapacity is the contract's.
	maxCapacity = 10_000
	// maxWaiting keeps a waiting list within what anybody could hope for.
	maxWaiting = 50_000
	// offerTime is how long an offered seat is held at most.
	offerTime = 24 * time.Hour
)

// What seats may be refused for.
var (
	ErrCapacityRange = errs.New(errs.Invalid, "CAPACITY_RANGE",
		"A meeting has between 1 and 10 000 seats.",
		"Un temps de rencontre a entre 1 et 10 000 places.")
	ErrCapacityBelowTaken = errs.New(errs.Precondition, "CAPACITY_BELOW_TAKEN",
		"More seats than that are taken or offered; leave at least as many.",
		"Plus de places sont déjà prises ou proposées ; laissez-en au moins autant.")
	ErrSeatsSeveral = errs.New(errs.Precondition, "SEATS_SEVERAL",
		"This meeting has seats of several kinds; say which ones with setSeats.",
		"Ce temps de rencontre a des places de plusieurs sortes ; précisez lesquelles avec setSeats.")
	ErrNoSuchSeats = errs.New(errs.Precondition, "NO_SUCH_SEATS",
		"This meeting has no seats of this mode and role; choose among its seats.",
		"Ce temps de rencontre n'a pas de places de ce mode et de ce rôle ; choisissez parmi ses places.")
	ErrSeatMode = errs.New(errs.Precondition, "SEATS_NOT_OF_MODE",
		"This meeting is not held in this mode; change the meeting's mode first, then its seats.",
		"Ce temps de rencontre ne se tient pas de cette façon ; changez d'abord son mode, puis ses places.")
	ErrMeetingFull = errs.New(errs.Precondition, "MEETING_FULL",
		"Every seat of this meeting is taken; join the waiting list, or try another meeting.",
		"Toutes les places de ce temps de rencontre sont prises ; inscrivez-vous sur la liste d'attente, ou essayez-en un autre.")
	ErrWaitingListFull = errs.New(errs.Precondition, "WAITING_LIST_FULL",
		"So many people wait for this meeting that nobody else is taken; try another meeting.",
		"Tant de personnes attendent ce temps de rencontre que la liste est close ; essayez-en un autre.")
	ErrMeetingClosed = errs.New(errs.Precondition, "MEETING_CLOSED",
		"This meeting has begun, taken place or been cancelled: its registrations no longer change.",
		"Ce temps de rencontre a commencé, a eu lieu ou a été annulé : ses inscriptions ne changent plus.")
)

// or gives what is not said its usual value.
func (p Pool) or(mode SeatMode, role SeatRole) Pool {
	if p.Mode == 0 {
		p.Mode = mode
	}
	if p.Role == 0 {
		p.Role = role
	}
	return p
}

// usual is the pool of whoever says nothing, at most meetings; Seating.meant knows the others.
func (p Pool) usual() Pool { return p.or(InPerson, LearnerSeat) }

// open reports whether registrations may still change.
func (s Seats) open(now time.Time) bool { return now.Before(s.Closes) }

// free is the seats that may be given at once.
func (s Seats) free() int {
	if s.Waiting > 0 {
		return 0
	}
	return s.Capacity - s.Taken
}

// offerUntil is the deadline of an offer made now.
func (s Seats) offerUntil(now time.Time) time.Time {
	if until := now.Add(offerTime); until.Before(s.Closes) {
		return until
	}
	return s.Closes
}

// seatsOf is the seats with which a meeting opens: all of them for learners, at its place when it has one.
func seatsOf(m Meeting) []Seats {
	s := Seats{Pool: Pool{MeetingID: m.ID}.or(m.Mode.usual(), LearnerSeat), CampaignID: m.CampaignID, Capacity: m.Capacity}
	if m.State.ToCome() {
		s.Closes = m.Start
	}
	return []Seats{s}
}

// with sums up a meeting's seats.
func (m Meeting) with(seats []Seats) Meeting {
	m.Seats, m.Capacity, m.Taken, m.Waiting = seats, 0, 0, 0
	for _, s := range seats {
		m.Capacity, m.Taken, m.Waiting = m.Capacity+s.Capacity, m.Taken+s.Taken, m.Waiting+s.Waiting
	}
	return m
}

// WithSeats is a meeting with its seats and their sums, as a store reads it.
func WithSeats(m Meeting, seats []Seats) Meeting { return m.with(seats) }
