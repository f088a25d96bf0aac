package domain

import (
	"context"
	"errors"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// SwapState is where a swap stands; the numbers are the contract's.
type SwapState int

// The states of a swap.
const (
	SwapOpen SwapState = iota + 1
	SwapDone
	SwapWithdrawn
	SwapLapsed
)

// Swap offers a confirmed seat for one at another group's meeting of the same module and position.
type Swap struct {
	ID              string
	RegistrationID  string // whose seat is offered
	PersonID        string // the registration's
	MeetingID       string // the registration's
	WantedMeetingID string
	State           SwapState
	AcceptedBy      string // empty until done
	Version         int64
	CreateTime      time.Time
	Expires         time.Time // the earlier start as planned at that time; at this instant it has lapsed
	EndTime         time.Time // zero while open
}

// SwapQuery selects a person's swaps and those that are open to the person's seats, oldest first.
type SwapQuery struct {
	PersonID string
	Page
}

// RegistrationVersion is what a registration became.
type RegistrationVersion struct {
	ID      string
	Version int64
}

// SwapReads finds swaps.
type SwapReads interface {
	// Swapped is what these registrations became by a swap, each with the swap's id.
	Swapped(ctx context.Context, registrationIDs []string) (map[RegistrationVersion]string, error)
	Swap(ctx context.Context, id string) (Swap, error)
	Swaps(ctx context.Context, q SwapQuery) ([]Swap, error)
	// DueSwaps is some that nobody accepted in time.
	DueSwaps(ctx context.Context, now time.Time, limit int) ([]Swap, error)
}

// SwapWrites changes swaps.
type SwapWrites interface {
	// OpenSwap is a person's open proposal, or ErrSwapNotFound.
	OpenSwap(ctx context.Context, personID string) (Swap, error)
	// InsertSwap refuses when the person has made another proposal meanwhile.
	InsertSwap(ctx context.Context, s Swap) error
	// KeepSwapped remembers that a swap has made these registrations what they are.
	KeepSwapped(ctx context.Context, swapID string, all []Registration) error
	// UpdateSwap refuses when someone else has updated the version before.
	UpdateSwap(ctx context.Context, s Swap) error
}

// What a swap may be refused for.
var (
	ErrSwapNotFound = errs.Missing("swap", "échange")
	ErrSwapOther    = errs.New(errs.Precondition, "SWAP_OTHER_MODULE",
		"Seats are swapped between meetings of two groups for the same module and of the same rank; choose such a meeting.",
		"On échange sa place entre les rencontres de deux groupes pour le même module et de même rang ; choisissez-en une telle.")
	ErrSwapSeat = errs.New(errs.Precondition, "SWAP_SEAT",
		"Only a confirmed seat can be swapped, against one of the same role; read both registrations again.",
		"On n'échange qu'une place confirmée, contre une place de même rôle ; relisez les deux inscriptions.")
	ErrSwapOpen = errs.New(errs.Precondition, "SWAP_OPEN",
		"You have another open proposal; withdraw it before making a new one.",
		"Vous avez une autre proposition en cours ; retirez-la avant d'en faire une nouvelle.")
	ErrSwapOneself = errs.New(errs.Precondition, "SWAP_WITH_ONESELF",
		"This is your own proposal; somebody else accepts it.",
		"C'est votre propre proposition ; c'est à une autre personne de l'accepter.")
	ErrSwapOver = errs.New(errs.Precondition, "SWAP_OVER",
		"This proposal has been accepted, withdrawn, or was not accepted in time.",
		"Cette proposition a été acceptée ou retirée, ou n'a pas été acceptée à temps.")
)

// At is the swap as it stands at an instant: a proposal that nobody accepted has lapsed by itself.
func (s Swap) At(now time.Time) Swap {
	if s.State == SwapOpen && !now.Before(s.Expires) {
		s.State, s.EndTime = SwapLapsed, s.Expires
	}
	return s
}

// ProposeSwap offers a registration's seat, by its person.
func ProposeSwap(ctx context.Context, tx Tx, s Swap, by string, now time.Time) (Swap, error) {
	own, err := tx.Registration(ctx, s.RegistrationID)
	switch {
	case err != nil:
		return Swap{}, errs.From(err).At("swap.registration_id")
	case own.PersonID != by:
		return Swap{}, errs.ErrDenied
	case own.State != RegistrationConfirmed:
		return Swap{}, ErrSwapSeat.At("swap.registration_id").With("state", own.State.String())
	}
	s.PersonID, s.MeetingID, s.State, s.Version, s.CreateTime = own.PersonID, own.MeetingID, SwapOpen, 1, now
	if s.Expires, err = swappable(ctx, tx, s, now); err != nil {
		return Swap{}, err
	}
	if err := noLiveSeat(ctx, tx, s.WantedMeetingID, s.PersonID, "swap.wanted_meeting_id"); err != nil {
		return Swap{}, err
	}
	if err := makeRoom(ctx, tx, s.PersonID, now); err != nil {
		return Swap{}, err
	}
	if err := tx.InsertSwap(ctx, s); err != nil {
		return Swap{}, err
	}
	return s, tx.Emit(ctx, Event{Name: "swap.proposed", State: s})
}

// swappable is until when the seats of two meetings can be swapped.
func swappable(ctx context.Context, tx Tx, s Swap, now time.Time) (time.Time, error) {
	own, err := tx.Meeting(ctx, s.MeetingID)
	if err != nil {
		return time.Time{}, err
	}
	wanted, err := tx.Meeting(ctx, s.WantedMeetingID)
	switch {
	case err != nil:
		return time.Time{}, errs.From(err).At("swap.wanted_meeting_id")
	case own.GroupID == wanted.GroupID || own.ModuleID != wanted.ModuleID || own.Position != wanted.Position:
		return time.Time{}, ErrSwapOther.At("swap.wanted_meeting_id")
	case !own.TakesRegistrations(now):
		return time.Time{}, ErrMeetingClosed.At("swap.registration_id").With("state", own.State.String())
	case !wanted.TakesRegistrations(now):
		return time.Time{}, ErrMeetingClosed.At("swap.wanted_meeting_id").With("state", wanted.State.String())
	case wanted.Start.Before(own.Start):
		return wanted.Start, nil
	}
	return own.Start, nil
}

// noLiveSeat refuses a second registration for a meeting.
func noLiveSeat(ctx context.Context, tx Tx, meetingID, personID, path string) error {
	of, err := tx.RegistrationsOf(ctx, meetingID, []string{personID})
	if err == nil && len(of) > 0 && of[0].State.Live() {
		err = ErrAlreadyRegistered.At(path).With("registration", of[0].ID)
	}
	return err
}

// makeRoom ends the person's proposal before, if it has lapsed already.
func makeRoom(ctx context.Context, tx Tx, personID string, now time.Time) error {
	before, err := tx.OpenSwap(ctx, personID)
	switch {
	case errors.Is(err, ErrSwapNotFound):
		return nil
	case err != nil:
		return err
	case before.At(now).State == SwapOpen:
		return ErrSwapOpen.With("swap", before.ID)
	}
	_, err = before.end(ctx, tx, SwapLapsed, before.Expires)
	return err
}

var swapEvents = map[SwapState]string{SwapDone: "swap.done", SwapWithdrawn: "swap.withdrawn", SwapLapsed: "swap.lapsed"}

func (s Swap) end(ctx context.Context, tx Tx, state SwapState, at time.Time) (Swap, error) {
	s.State, s.EndTime, s.Version = state, at, s.Version+1
	if err := tx.UpdateSwap(ctx, s); err != nil {
		return Swap{}, err
	}
	return s, tx.Emit(ctx, Event{Name: swapEvents[state], State: s})
}

// WithdrawSwap takes a proposal back; withdrawn before, or lapsed, it stays so.
func WithdrawSwap(ctx context.Context, tx Tx, s Swap, now time.Time) (Swap, error) {
	switch s = s.At(now); s.State {
	case SwapWithdrawn, SwapLapsed:
		return s, nil
	case SwapDone:
		return Swap{}, ErrSwapOver
	}
	return s.end(ctx, tx, SwapWithdrawn, now)
}

// LapseSwaps notes which proposals nobody accepted in time; it reports whether more may wait.
func LapseSwaps(ctx context.Context, store Store, now time.Time) (more bool, err error) {
	const some = 100
	err = store.Write(ctx, func(tx Tx) error {
		due, err := tx.DueSwaps(ctx, now, some)
		if err != nil {
			return err
		}
		for _, s := range due {
			if _, err := s.end(ctx, tx, SwapLapsed, s.Expires); err != nil {
				return err
			}
		}
		more = len(due) == some
		return nil
	})
	return more, err
}
