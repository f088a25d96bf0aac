package domain

import (
	"context"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Acceptance is a person's will to give a seat for the one that a swap offers.
type Acceptance struct {
	SwapID         string
	RegistrationID string // the person's at the wanted meeting; when empty, whichever the person has there
	PersonID       string
	Now            time.Time
	NewID          func() string
}

// AcceptSwap swaps two confirmed seats: both old registrations are cancelled and the persons get each other's seat, or nothing
// happens. A registration keeps its person for ever, since links of mails and attendance name it; so the persons are not exchanged
// in it. It returns the registration that the accepting person gets; accepted before by the same person, it stays so.
func AcceptSwap(ctx context.Context, tx Tx, a Acceptance) (Swap, Registration, error) {
	s, err := tx.Swap(ctx, a.SwapID)
	if err != nil {
		return Swap{}, Registration{}, errs.From(err).At("id")
	}
	// The seats first, as everyone does who changes registrations; what is read after stays so.
	seatings, err := lockSeatings(ctx, tx, sorted(s.MeetingID, s.WantedMeetingID), a.Now)
	if err != nil {
		return Swap{}, Registration{}, err
	}
	if s, err = tx.Swap(ctx, a.SwapID); err != nil {
		return Swap{}, Registration{}, err
	}
	theirs, err := a.seat(ctx, tx, s)
	if err != nil {
		return Swap{}, Registration{}, err
	}
	switch s = s.At(a.Now); {
	case s.State == SwapDone && s.AcceptedBy == a.PersonID:
		got, err := registrationOf(ctx, tx, s.MeetingID, a.PersonID)
		return s, got, err
	case s.State != SwapOpen:
		return Swap{}, Registration{}, ErrSwapOver.At("id")
	case s.PersonID == a.PersonID:
		return Swap{}, Registration{}, ErrSwapOneself.At("id")
	}
	ours, err := tx.Registration(ctx, s.RegistrationID)
	if err != nil {
		return Swap{}, Registration{}, err
	}
	x := exchange{tx: tx, swapID: s.ID, now: a.Now, seatings: seatings, pair: [2]Registration{ours, theirs}}
	got, err := x.do(ctx, a.NewID)
	if err != nil {
		return Swap{}, Registration{}, err
	}
	s.AcceptedBy = a.PersonID
	s, err = s.end(ctx, tx, SwapDone, a.Now)
	return s, got, err
}

func sorted(ids ...string) []string { slices.Sort(ids); return ids }

// seat is the registration that the accepting person gives; the swap does not exist for whoever has none at the wanted meeting.
func (a Acceptance) seat(ctx context.Context, tx Tx, s Swap) (Registration, error) {
	r, err := registrationOf(ctx, tx, s.WantedMeetingID, a.PersonID)
	switch {
	case err != nil && s.PersonID == a.PersonID:
		return Registration{}, ErrSwapOneself.At("id")
	case err != nil, a.RegistrationID != "" && r.ID != a.RegistrationID:
		return Registration{}, ErrSwapNotFound.At("id").Because(err)
	}
	return r, nil
}

func registrationOf(ctx context.Context, tx Tx, meetingID, personID string) (Registration, error) {
	of, err := tx.RegistrationsOf(ctx, meetingID, []string{personID})
	switch {
	case err != nil:
		return Registration{}, err
	case len(of) == 0:
		return Registration{}, ErrRegistrationNotFound
	}
	return of[0], nil
}

// exchange is two registrations whose meetings' seats are held.
type exchange struct {
	tx       Tx
	swapID   string
	now      time.Time
	seatings map[string]*Seating
	pair     [2]Registration
}

// do gives each person the other's seat, and returns what the second one gets. Neither meeting counts another number of seats.
func (x exchange) do(ctx context.Context, newID func() string) (Registration, error) {
	if err := x.check(ctx); err != nil {
		return Registration{}, err
	}
	var left []Registration
	for _, r := range x.pair {
		given, err := x.seatings[r.MeetingID].to(ctx, r, GiveBack)
		if err != nil {
			return Registration{}, err
		}
		left = append(left, given)
	}
	crossed := []Registration{x.crossed(0, newID()), x.crossed(1, newID())}
	stored, err := x.tx.PutRegistrations(ctx, crossed)
	if err == nil && len(stored) != len(crossed) {
		err = errs.ErrAborted
	}
	if err != nil {
		return Registration{}, err
	}
	if err := x.tx.KeepSwapped(ctx, x.swapID, append(left, stored...)); err != nil {
		return Registration{}, err
	}
	var got Registration
	for _, r := range stored {
		if r.PersonID == x.pair[1].PersonID {
			got = r
		}
		if err := x.tx.Emit(ctx, Event{Name: registrationEvents[r.State], State: r}); err != nil {
			return Registration{}, err
		}
	}
	return got, saveAll(ctx, x.seatings) // offers that had lapsed
}

func (x exchange) check(ctx context.Context) error {
	for i, r := range x.pair {
		other := x.pair[1-i]
		switch {
		case !x.seatings[r.MeetingID].open():
			return ErrMeetingClosed.At("id")
		case r.State != RegistrationConfirmed || r.Role != other.Role:
			return ErrSwapSeat.At("id").With("state", r.State.String())
		}
		if err := noLiveSeat(ctx, x.tx, other.MeetingID, r.PersonID, "id"); err != nil {
			return err
		}
	}
	return nil
}

// crossed is the other's seat for the person of one of the registrations.
func (x exchange) crossed(i int, id string) Registration {
	own, other := x.pair[i], x.pair[1-i]
	return Registration{
		ID: id, MeetingID: other.MeetingID, PersonID: own.PersonID, CampaignID: other.CampaignID, Mode: other.Mode, Role: other.Role,
		State: RegistrationConfirmed, NameShared: own.NameShared, Version: 1, CreateTime: x.now,
	}
}
