package domain

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// What an answer may be refused for.
var (
	ErrAskNotSent = errs.New(errs.Precondition, "ASK_NOT_SENT",
		"Your turn has not come yet; you will be written to when it has.",
		"Votre tour n'est pas encore venu ; nous vous écrirons à ce moment.")
	ErrAskDeclined = errs.New(errs.Precondition, "ASK_DECLINED",
		"You have declined; tell the organiser if you can come after all.",
		"Vous avez décliné ; dites à l'organisateur si vous pouvez finalement venir.")
	ErrAskLapsed = errs.New(errs.Precondition, "ASK_LAPSED",
		"The time to answer is over; nothing is expected of you. Tell the organiser if you would still come.",
		"Le délai de réponse est passé ; on n'attend plus rien de vous. Dites à l'organisateur si vous viendriez encore.")
	ErrAskSuperseded = errs.New(errs.Precondition, "ASK_SUPERSEDED",
		"Somebody else comes to this meeting, or it has changed: you are no longer needed there. Thank you for answering.",
		"Quelqu'un d'autre vient à ce temps de rencontre, ou il a changé : on n'a plus besoin de vous. Merci d'avoir répondu.")
	ErrAskBegun = errs.New(errs.Precondition, "MEETING_BEGUN",
		"This meeting has begun: tell the organiser directly that you cannot come.",
		"Ce temps de rencontre a commencé : dites directement à l'organisateur que vous ne pouvez pas venir.")
	// ErrEngaged is what ErrProfessionalTaken means to the professional.
	ErrEngaged = errs.New(errs.Precondition, ErrProfessionalTaken.Reason,
		"You have accepted to come to another meeting at that time; withdraw from it first, or decline this one.",
		"Vous avez accepté de venir à un autre temps de rencontre à ce moment ; désistez-vous d'abord, ou déclinez celui-ci.")
)

// Answer is a professional's answer to an ask.
type Answer struct {
	AskID, MeetingID string
	Reason           string // for declining; may be empty
	BookingID        string // of the booking to be, for accepting
	Now              time.Time
}

// AcceptAsk engages the professional for the meeting: the first to accept comes, and nobody is at two places at a time. Accepting
// again is the same answer.
func AcceptAsk(ctx context.Context, tx Tx, q Answer) (Ask, error) {
	m, s, asks, a, err := q.open(ctx, tx)
	if err != nil || a.State == AskAccepted {
		return answered(a, err)
	}
	if err := a.refuses(AskSent); err != nil {
		return Ask{}, err
	}
	if !m.TakesRegistrations(q.Now) {
		return Ask{}, ErrSearchClosed.At("id").With("state", m.State.String())
	}
	s, err = s.after(ConfirmProfessional)
	if err != nil {
		return Ask{}, err
	}
	if err := engage(ctx, tx, *a, q); err != nil {
		return Ask{}, err
	}
	a.State, a.AnswerTime = AskAccepted, q.Now
	if err := a.save(ctx, tx, askEvents[AskAccepted]); err != nil {
		return Ask{}, err
	}
	// Who waits in line is asked when this professional withdraws.
	if err := supersede(ctx, tx, asks, AskSent); err != nil {
		return Ask{}, err
	}
	s.PersonID, s.ReopenCause = a.PersonID, 0
	_, err = s.save(ctx, tx, "search.confirmed")
	return answered(a, err)
}

func engage(ctx context.Context, tx Tx, a Ask, q Answer) error {
	_, err := Book(ctx, tx, Booking{
		ID: q.BookingID, Kind: ResourceProfessional, ResourceID: a.PersonID, MeetingID: a.MeetingID, CauseID: a.ID, CreateTime: q.Now,
	})
	if !errors.Is(err, ErrProfessionalTaken) {
		return err
	}
	engaged := ErrEngaged.At("id").Because(err)
	engaged.Meta = errs.From(err).Meta // from when to when, not for whom
	return engaged
}

// DeclineAsk says that the professional does not come or, after accepting, no longer. Declining again is the same answer.
func DeclineAsk(ctx context.Context, tx Tx, q Answer) (Ask, error) {
	m, s, asks, a, err := q.open(ctx, tx)
	if err != nil || a.State == AskDeclined {
		return answered(a, err)
	}
	if err := a.refuses(AskWaiting, AskSent, AskAccepted); err != nil {
		return Ask{}, err
	}
	event, cause := askEvents[AskDeclined], ReopenedDeclined
	if a.State == AskAccepted {
		if event, cause = "ask.withdrawn", ReopenedWithdrawn; m.Begun(q.Now) {
			return Ask{}, ErrAskBegun.At("id")
		}
		if s, err = freeProfessional(ctx, tx, s, cause); err != nil {
			return Ask{}, err
		}
	}
	a.State, a.AnswerTime, a.Reason = AskDeclined, q.Now, strings.TrimSpace(q.Reason)
	if err := a.save(ctx, tx, event); err != nil {
		return Ask{}, err
	}
	_, err = proceed(ctx, tx, m, s, asks, cause, q.Now)
	return answered(a, err)
}

// open finds the ask as it is once nobody else changes it any more.
func (q Answer) open(ctx context.Context, tx Tx) (m Meeting, s Search, asks []Ask, a *Ask, err error) {
	m, s, asks, err = openSearch(ctx, tx, q.MeetingID, q.Now)
	if err != nil {
		return m, s, nil, nil, err
	}
	i := slices.IndexFunc(asks, func(a Ask) bool { return a.ID == q.AskID })
	if i < 0 {
		return m, s, nil, nil, ErrAskNotFound.At("id")
	}
	return m, s, asks, &asks[i], nil
}

func answered(a *Ask, err error) (Ask, error) {
	if err != nil {
		return Ask{}, err
	}
	return *a, nil
}

// refuses says why an answer comes too early or too late, unless the ask is in one of these states.
func (a Ask) refuses(unless ...AskState) error {
	if slices.Contains(unless, a.State) {
		return nil
	}
	switch a.State {
	case AskWaiting:
		return ErrAskNotSent.At("id")
	case AskDeclined:
		return ErrAskDeclined.At("id")
	case AskLapsed:
		return ErrAskLapsed.At("id").With("deadline", a.Deadline.UTC().Format(time.RFC3339Nano))
	}
	return ErrAskSuperseded.At("id")
}

// freeProfessional frees the professional who was to come, and opens the search again.
func freeProfessional(ctx context.Context, tx Tx, s Search, cause ReopenCause) (Search, error) {
	if err := ReleaseBookings(ctx, tx, s.MeetingID, ResourceProfessional); err != nil {
		return Search{}, err
	}
	s.LostCount++
	return s.reopen(ctx, tx, cause)
}

// moveProfessional takes the professional along when a meeting moves; when they are engaged elsewhere at the new time, they are free
// again, and the search is open with this as its cause. Who is still asked must answer before the new start. The meeting was saved
// before, so that it is locked; the bookings of other kinds were moved before, since this one may give way.
func moveProfessional(ctx context.Context, tx Tx, m Meeting, held []Booking) error {
	s, err := tx.Search(ctx, m.ID)
	if errors.Is(err, ErrSearchNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	asks, err := tx.AsksOf(ctx, s.ID)
	if err != nil {
		return err
	}
	if err := shorten(ctx, tx, m, asks); err != nil {
		return err
	}
	for _, b := range held {
		err := lock(ctx, tx, b, "meeting.start_time")
		if err == nil {
			_, err := rebook(ctx, tx, []Booking{b}, "meeting.start_time")
			return err
		}
		if !errors.Is(err, ErrProfessionalTaken) {
			return err
		}
		if _, err := freeProfessional(ctx, tx, s, ReopenedPostponed); err != nil {
			return err
		}
		if err := supersede(ctx, tx, asks, AskAccepted); err != nil {
			return err
		}
	}
	return nil
}

// shorten brings deadlines forward to a start that is earlier than before.
func shorten(ctx context.Context, tx Tx, m Meeting, asks []Ask) error {
	for i := range asks {
		a := &asks[i]
		if a.State != AskSent || !a.Deadline.After(m.Start) {
			continue
		}
		a.Deadline = m.Start
		if err := a.save(ctx, tx, "ask.shortened"); err != nil {
			return err
		}
	}
	return nil
}

// dropAsks tells whoever could still answer that the meeting is off; who was to come is told by the meeting itself.
func dropAsks(ctx context.Context, tx Tx, meetingID string) error {
	s, err := tx.Search(ctx, meetingID)
	if errors.Is(err, ErrSearchNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	asks, err := tx.AsksOf(ctx, s.ID)
	if err != nil {
		return err
	}
	return supersede(ctx, tx, asks, AskWaiting, AskSent)
}
