package domain

import (
	"context"
	"errors"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Outlook is what it would come to if somebody did something now: a change when it is zero, nothing when it was done before, or a
// refusal. Looking ahead locks nothing and changes nothing; what is done afterwards has the last word.
type Outlook struct {
	Done    bool
	Refusal error
	Waits   bool // the change is for the waiting list, not for a seat
}

// At is the registration as it stands at an instant, also before anybody has noted that its offer has lapsed. A meeting that is off
// keeps its registrations as they were.
func (r Registration) At(m Meeting, now time.Time) Registration {
	if r.State == RegistrationOffered && !now.Before(r.OfferExpires) && m.State.ToCome() {
		r.State, r.OfferExpires = RegistrationLapsed, time.Time{}
	}
	return r
}

// Foresee looks ahead to AcceptOffer, DeclineOffer or GiveBack.
func (r Registration) Foresee(move RegistrationMove, m Meeting, now time.Time) Outlook {
	r = r.At(m, now)
	lapsed := r.State == RegistrationLapsed
	_, allowed := r.State.After(move)
	switch {
	case r.State == registrationMoves[move].to, lapsed && move == DeclineOffer:
		return Outlook{Done: true}
	case lapsed && move == AcceptOffer:
		return Outlook{Refusal: ErrOfferLapsed}
	case !m.TakesRegistrations(now):
		return Outlook{Refusal: ErrMeetingClosed}
	case !allowed:
		return Outlook{Refusal: ErrRegistrationState}
	}
	return Outlook{}
}

// ForeseeRegistration looks ahead to a person's registration for a meeting; own is what the person has there, zero when nothing.
func ForeseeRegistration(m Meeting, own Registration, now time.Time) Outlook {
	pool := m.meant()
	switch {
	case own.At(m, now).State.Live():
		return Outlook{Done: true}
	case !m.TakesRegistrations(now):
		return Outlook{Refusal: ErrMeetingClosed}
	case pool.Capacity == 0:
		return Outlook{Refusal: ErrNoSuchSeats}
	case pool.free() == 0 && pool.Waiting >= maxWaiting:
		return Outlook{Refusal: ErrWaitingListFull}
	}
	return Outlook{Waits: pool.free() == 0}
}

// meant is the seats of whoever names none, as a seating means them: in person where there are such, and remote otherwise.
func (m Meeting) meant() (pool Seats) {
	for _, s := range m.Seats {
		if usual := s.Mode == InPerson; s.Role == LearnerSeat && s.Capacity > 0 && (usual || pool.Capacity == 0) {
			pool = s
		}
	}
	return pool
}

// ForeseeAccept looks ahead to AcceptAsk.
func (a Ask) ForeseeAccept(m Meeting, now time.Time) Outlook {
	a = a.At(now)
	switch refusal := a.refuses(AskSent, AskAccepted); {
	case a.State == AskAccepted:
		return Outlook{Done: true}
	case refusal != nil:
		return Outlook{Refusal: refusal}
	case !m.TakesRegistrations(now):
		return Outlook{Refusal: ErrSearchClosed}
	}
	return Outlook{}
}

// ForeseeDecline looks ahead to DeclineAsk.
func (a Ask) ForeseeDecline(m Meeting, now time.Time) Outlook {
	a = a.At(now)
	switch refusal := a.refuses(AskWaiting, AskSent, AskAccepted, AskDeclined); {
	case a.State == AskDeclined:
		return Outlook{Done: true}
	case refusal != nil:
		return Outlook{Refusal: refusal}
	case a.State == AskAccepted && m.Begun(now):
		return Outlook{Refusal: ErrAskBegun}
	}
	return Outlook{}
}

// Foresee looks ahead to a vote, which may be changed as long as people vote.
func (p Poll) Foresee(now time.Time) Outlook {
	if !p.voting(now) {
		return Outlook{Refusal: ErrPollClosed}
	}
	return Outlook{}
}

// ForeseeFeedback looks ahead to GiveFeedback.
func ForeseeFeedback(ctx context.Context, from Store, m Meeting, personID string, now time.Time) (Outlook, error) {
	given, err := from.Responded(ctx, m.ID, personID)
	if err != nil || given {
		return Outlook{Done: given}, err
	}
	if err := m.asks(now); err != nil {
		return Outlook{Refusal: err}, nil
	}
	if personID == m.OrganiserID {
		return Outlook{}, nil
	}
	seat, err := ownSeat(ctx, from, m.ID, personID)
	if err == nil && seat.State != RegistrationPresent || errors.Is(err, ErrRegistrationNotFound) {
		return Outlook{Refusal: ErrFeedbackStranger}, nil
	}
	return Outlook{}, err
}

// SwapOutlook is a swap as the person sees it who may accept it.
type SwapOutlook struct {
	Outlook
	Swap           Swap
	Offered, Given Meeting      // what the person gets and gives
	Seat           Registration // that the person gives; once swapped, that the person got
}

// swapReads is what it takes to look ahead to a swap.
type swapReads interface {
	SwapReads
	MeetingReads
	RegistrationReads
}

// Foresee looks ahead to AcceptSwap. The swap does not exist for whoever has no seat to give for it.
func (a Acceptance) Foresee(ctx context.Context, from swapReads) (o SwapOutlook, err error) {
	if o.Swap, err = from.Swap(ctx, a.SwapID); err != nil {
		return o, errs.From(err).At("id")
	}
	o.Swap = o.Swap.At(a.Now)
	if o.Seat, err = ownSeat(ctx, from, o.Swap.WantedMeetingID, a.PersonID); errors.Is(err, ErrRegistrationNotFound) {
		return o, ErrSwapNotFound.At("id")
	}
	if err != nil {
		return o, err
	}
	if o.Offered, err = from.Meeting(ctx, o.Swap.MeetingID); err != nil {
		return o, err
	}
	if o.Given, err = from.Meeting(ctx, o.Swap.WantedMeetingID); err != nil {
		return o, err
	}
	switch {
	case o.Swap.State == SwapDone && o.Swap.AcceptedBy == a.PersonID:
		o.Done = true
		o.Seat, err = ownSeat(ctx, from, o.Swap.MeetingID, a.PersonID)
	case o.Swap.State != SwapOpen:
		o.Refusal = ErrSwapOver
	case o.Swap.PersonID == a.PersonID:
		o.Refusal = ErrSwapOneself
	default:
		o.Refusal, err = o.exchangeable(ctx, from, a.Now)
	}
	return o, err
}

// exchangeable is why the two seats cannot be exchanged at present, in the order in which an exchange looks.
func (o SwapOutlook) exchangeable(ctx context.Context, from swapReads, now time.Time) (refusal, err error) {
	theirs, err := from.Registration(ctx, o.Swap.RegistrationID)
	if err != nil {
		return nil, err
	}
	pair, meetings := [2]Registration{theirs, o.Seat}, [2]Meeting{o.Offered, o.Given}
	for i, r := range pair {
		switch {
		case !meetings[i].TakesRegistrations(now):
			return ErrMeetingClosed, nil
		case r.State != RegistrationConfirmed || r.Role != pair[1-i].Role:
			return ErrSwapSeat, nil
		}
		other, err := ownSeat(ctx, from, meetings[1-i].ID, r.PersonID)
		switch {
		case err == nil && other.At(meetings[1-i], now).State.Live():
			return ErrAlreadyRegistered, nil
		case err != nil && !errors.Is(err, ErrRegistrationNotFound):
			return nil, err
		}
	}
	return nil, nil
}

func ownSeat(ctx context.Context, from RegistrationReads, meetingID, personID string) (Registration, error) {
	own, err := from.Registrations(ctx, RegistrationQuery{MeetingID: meetingID, PersonID: personID, Page: Page{Limit: 1}})
	if err == nil && len(own) == 0 {
		err = ErrRegistrationNotFound
	}
	if err != nil {
		return Registration{}, err
	}
	return own[0], nil
}
