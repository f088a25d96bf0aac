package domain

import (
	"cmp"
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Booking is something in use from one instant to another: what can be in use at one place at a time has no other way to get there.
type Booking struct {
	ID         string
	Kind       ResourceKind
	ResourceID string
	MeetingID  string // empty for equipment lent outside of any
	Quantity   int    // 1 for a room and for a professional, also when it is not given
	Start, End time.Time
	State      BookingState
	CauseID    string // the loan's, the professional's request; empty for a room
	Version    int64
	CreateTime time.Time // when it is asked for
}

// ResourceKind is what kind of thing is in use; the numbers are the contract's.
type ResourceKind int

// The kinds of resources.
const (
	ResourceRoom ResourceKind = iota + 1
	ResourceEquipment
	ResourceProfessional
)

// BookingState is whether a booking stands; the numbers are the contract's.
type BookingState int

// The states of a booking.
const (
	BookingHeld BookingState = iota + 1
	BookingReleased
)

// BookingQuery selects a meeting's bookings, those given back included, oldest first.
type BookingQuery struct {
	MeetingID string
	Page
}

// BookingReads finds bookings.
type BookingReads interface {
	Booking(ctx context.Context, id string) (Booking, error)
	Bookings(ctx context.Context, q BookingQuery) ([]Booking, error)
	// BookingsOf is the bookings that a meeting holds, by kind, resource and id.
	BookingsOf(ctx context.Context, meetingID string) ([]Booking, error)
	// BookingsAt is the bookings that hold a resource somewhen in [start, end), by start.
	BookingsAt(ctx context.Context, kind ResourceKind, resourceID string, start, end time.Time) ([]Booking, error)
}

// BookingWrites changes bookings.
type BookingWrites interface {
	// LockMeeting returns the meeting and makes every other change of it wait for the end of the transaction.
	LockMeeting(ctx context.Context, id string) (Meeting, error)
	// LockResource makes every other booking of the resource wait for the end of the transaction, and returns how many units can be
	// in use at once. One that nobody booked before has units.
	LockResource(ctx context.Context, kind ResourceKind, id string, units int) (quantity int, err error)
	InsertBooking(ctx context.Context, b Booking) error
	// UpdateBooking refuses when someone else has updated the version before.
	UpdateBooking(ctx context.Context, b Booking) error
}

// What a booking may be refused for.
var (
	ErrBookingNotFound = errs.Missing("booking", "réservation")
	ErrBookingPeriod   = errs.New(errs.Invalid, "BOOKING_PERIOD",
		"A booking must end after it begins.",
		"Une réservation doit finir après avoir commencé.")
	ErrBookingLong = errs.New(errs.Invalid, "BOOKING_TOO_LONG",
		"A booking lasts 31 days at most; make several.",
		"Une réservation dure au plus 31 jours ; faites-en plusieurs.")
	ErrBookingPast = errs.New(errs.Invalid, "BOOKING_IN_PAST",
		"A booking must end in the future.",
		"Une réservation doit finir dans l'avenir.")
	ErrBookingOutside = errs.New(errs.Invalid, "BOOKING_OUTSIDE_MEETING",
		"A booking for a meeting begins when the meeting does or before, and ends when it does or after.",
		"Une réservation pour un temps de rencontre commence avec lui ou avant, et finit avec lui ou après.")
	ErrBookingQuantity = errs.New(errs.Invalid, "BOOKING_QUANTITY",
		"Ask for one unit at least; there is one of each room and of each professional.",
		"Demandez au moins une unité ; chaque salle et chaque professionnel est unique.")
)

// Book takes a resource for a period, without a period for the meeting's: the database lets one of two that overlap have it, and the
// other is told what stands in the way. Whoever is refused leaves nothing behind, so that the transaction may go on.
func Book(ctx context.Context, tx Tx, b Booking) (Booking, error) {
	if b.MeetingID != "" {
		// The meeting first, here and wherever it moves or is called off: then a booking always fits a meeting that stands.
		m, err := tx.LockMeeting(ctx, b.MeetingID)
		if err != nil {
			return Booking{}, err
		}
		if b, err = b.of(m, b.CreateTime); err != nil {
			return Booking{}, err
		}
	}
	b.State, b.Version = BookingHeld, 1
	if b.Kind != ResourceEquipment {
		b.Quantity = cmp.Or(b.Quantity, 1)
	}
	if err := b.check(b.CreateTime); err != nil {
		return Booking{}, err
	}
	if err := lock(ctx, tx, b, b.Kind.field()); err != nil {
		return Booking{}, err
	}
	if err := tx.InsertBooking(ctx, b); err != nil {
		return Booking{}, err
	}
	return b, tx.Emit(ctx, Event{Name: "booking.held", State: b})
}

// of gives the booking the meeting's period when it has none, or checks that it covers the meeting.
func (b Booking) of(m Meeting, now time.Time) (Booking, error) {
	if _, planned := m.State.After(Cancel); !planned {
		return b, m.refused()
	}
	if m.Begun(now) {
		return b, ErrMeetingBegun.At("meeting_id")
	}
	if b.Start.IsZero() && b.End.IsZero() {
		b.Start, b.End = m.Start, m.End
	}
	switch {
	case !b.End.After(b.Start):
		return b, ErrBookingPeriod.At("end_time")
	case b.Start.After(m.Start):
		return b, ErrBookingOutside.At("start_time")
	case b.End.Before(m.End):
		return b, ErrBookingOutside.At("end_time")
	}
	return b, nil
}

// longestBooking is also what bounds the search for bookings that overlap.
const longestBooking = 31 * 24 * time.Hour

func (b Booking) check(now time.Time) error {
	switch {
	case b.Quantity < 1 || b.Quantity > 1 && b.Kind != ResourceEquipment:
		return ErrBookingQuantity.At("quantity")
	case !b.End.After(b.Start):
		return ErrBookingPeriod.At("end_time")
	case b.End.Sub(b.Start) > longestBooking:
		return ErrBookingLong.At("end_time")
	case !b.End.After(now):
		return ErrBookingPast.At("end_time")
	}
	return nil
}

// lock takes the resource, and only then looks whether the booking fits among the others; path is the field that asked for it.
func lock(ctx context.Context, tx Tx, b Booking, path string) error {
	quantity, err := tx.LockResource(ctx, b.Kind, b.ResourceID, b.Kind.units())
	if err != nil {
		return err
	}
	others, err := tx.BookingsAt(ctx, b.Kind, b.ResourceID, b.Start, b.End)
	if err != nil {
		return err
	}
	return b.fits(others, quantity, path)
}

// units is how much there is of a resource that nobody has counted: a stock of equipment has been, before anyone books it.
func (k ResourceKind) units() int {
	if k == ResourceEquipment {
		return 0
	}
	return 1
}

// field is where a request names a resource of this kind.
func (k ResourceKind) field() string {
	switch k {
	case ResourceRoom:
		return "room_id"
	case ResourceProfessional:
		return "professional_id"
	}
	return "quantity"
}
