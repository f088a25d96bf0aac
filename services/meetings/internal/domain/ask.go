package domain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Ask is the question to one professional whether they come to a meeting.
type Ask struct {
	ID         string
	SearchID   string
	MeetingID  string
	PersonID   string
	Rank       int // among all of the search, from 1
	State      AskState
	For        time.Time     // the meeting's start when it was made
	Patience   time.Duration // how long its answer may take, once it is sent
	Deadline   time.Time     // zero while it waits
	SendTime   time.Time     // zero while it waits
	AnswerTime time.Time     // zero before
	Reason     string        // what was said when declining
	Version    int64
	CreateTime time.Time
}

// AskState is where an ask stands; the numbers are the contract's.
type AskState int

// The states of an ask.
const (
	AskWaiting AskState = iota + 1
	AskSent
	AskAccepted
	AskDeclined
	AskLapsed
	AskSuperseded
)

// AskMode is how several professionals are asked; the numbers are the contract's.
type AskMode int

// The modes.
const (
	OneByOne AskMode = iota + 1
	Together
)

// AskQuery selects asks, oldest first and by rank.
type AskQuery struct {
	MeetingID string // "" for all
	PersonID  string // "" for everybody's
	Page
}

// Asking is what an organiser wants of some professionals.
type Asking struct {
	MeetingID string
	PersonIDs []string
	Mode      AskMode
	Deadline  time.Time
	NewID     func() string
	Now       time.Time
}

// mostAsks is how many professionals are asked for one meeting in all; who needs more looks in the wrong place.
const mostAsks = 100

// What asking may be refused for.
var (
	ErrAskNotFound     = errs.Missing("ask", "demande")
	ErrNotProfessional = errs.New(errs.Precondition, "NOT_A_PROFESSIONAL",
		"This person is not a professional who may be asked at present; choose one of the candidates.",
		"Cette personne n'est pas un professionnel que l'on peut solliciter en ce moment ; choisissez parmi les candidats.")
	ErrAlreadyAsked = errs.New(errs.AlreadyExists, "ALREADY_ASKED",
		"This person is asked already, or has declined for this date; choose another one.",
		"Cette personne est déjà sollicitée, ou a décliné pour cette date ; choisissez-en une autre.")
	ErrTooManyAsks = errs.New(errs.Precondition, "TOO_MANY_ASKS",
		"A hundred professionals are asked for one meeting at most; look further away, or do without.",
		"Cent professionnels au plus sont sollicités pour un temps de rencontre ; cherchez plus loin, ou faites sans.")
	ErrDeadlinePast = errs.New(errs.Invalid, "DEADLINE_IN_PAST",
		"The deadline must be in the future.",
		"L'échéance doit être dans l'avenir.")
	ErrDeadlineLate = errs.New(errs.Invalid, "DEADLINE_AFTER_START",
		"The deadline must not be after the start of the meeting.",
		"L'échéance ne peut pas être après le début du temps de rencontre.")
)

// overdue reports whether the answer's time is over: at the instant of the deadline it is.
func (a Ask) overdue(now time.Time) bool { return a.State == AskSent && !now.Before(a.Deadline) }

// At is the ask as it stands at an instant, also before anybody has noted that its deadline has passed.
func (a Ask) At(now time.Time) Ask {
	if a.overdue(now) {
		a.State = AskLapsed
	}
	return a
}

// AskProfessionals asks some professionals together, or puts them in a line of which the first is asked.
func AskProfessionals(ctx context.Context, tx Tx, q Asking) (Search, []Ask, error) {
	m, s, before, err := openSearch(ctx, tx, q.MeetingID, q.Now)
	if err != nil {
		return Search{}, nil, err
	}
	if err := q.check(m, s, before); err != nil {
		return Search{}, nil, err
	}
	fresh := q.asks(m, s, before)
	if err := tx.InsertAsks(ctx, fresh); err != nil {
		return Search{}, nil, err
	}
	told := make([]Event, len(fresh))
	for i, a := range fresh {
		told[i] = Event{Name: askEvents[a.State], State: a}
	}
	if err := tx.Emit(ctx, told...); err != nil || s.State == Asked {
		return s, fresh, err
	}
	if s, err = s.after(AskSomebody); err != nil {
		return Search{}, nil, err
	}
	s, err = s.save(ctx, tx, "search.asked")
	return s, fresh, err
}

func (q Asking) check(m Meeting, s Search, before []Ask) error {
	if _, ok := s.State.After(AskSomebody); !ok {
		return ErrSearchState.With("state", s.State.String())
	}
	switch {
	case !m.TakesRegistrations(q.Now):
		return ErrSearchClosed.At("meeting_id").With("state", m.State.String())
	case !q.Deadline.After(q.Now):
		return ErrDeadlinePast.At("deadline")
	case q.Deadline.After(m.Start):
		return ErrDeadlineLate.At("deadline")
	case len(before)+len(q.PersonIDs) > mostAsks:
		return ErrTooManyAsks.At("person_ids")
	}
	for i, person := range q.PersonIDs {
		if slices.ContainsFunc(before, func(a Ask) bool { return a.PersonID == person && a.standsFor(m) }) {
			return ErrAlreadyAsked.At(fmt.Sprintf("person_ids[%d]", i))
		}
	}
	return nil
}

// standsFor reports whether the person need not be asked again: the answer may still come, or was no to this very date.
func (a Ask) standsFor(m Meeting) bool {
	return a.State <= AskAccepted || a.State == AskDeclined && a.For.Equal(m.Start)
}

// asks are the new ones: of a line, only the first is sent, and only when nobody else is being asked.
func (q Asking) asks(m Meeting, s Search, before []Ask) []Ask {
	out := make([]Ask, len(q.PersonIDs))
	line := q.Mode == OneByOne
	for i, person := range q.PersonIDs {
		a := Ask{
			ID: q.NewID(), SearchID: s.ID, MeetingID: m.ID, PersonID: person, Rank: len(before) + i + 1, State: AskWaiting,
			For: m.Start, Patience: q.Deadline.Sub(q.Now), Version: 1, CreateTime: q.Now,
		}
		if !line || i == 0 && s.State == Searching {
			a.State, a.SendTime, a.Deadline = AskSent, q.Now, q.Deadline
		}
		out[i] = a
	}
	return out
}

// askEvents is what is told of an ask that has come into a state.
var askEvents = map[AskState]string{
	AskWaiting: "ask.queued", AskSent: "ask.sent", AskAccepted: "ask.accepted", AskDeclined: "ask.declined",
	AskLapsed: "ask.lapsed", AskSuperseded: "ask.superseded",
}

// save stores the ask's next version and tells it.
func (a *Ask) save(ctx context.Context, tx Tx, event string) error {
	a.Version++
	if err := tx.UpdateAsk(ctx, *a); err != nil {
		return err
	}
	return tx.Emit(ctx, Event{Name: event, State: *a})
}

// supersede ends the asks that are in one of these states; they are changed in place.
func supersede(ctx context.Context, tx Tx, asks []Ask, states ...AskState) error {
	for i := range asks {
		if !slices.Contains(states, asks[i].State) {
			continue
		}
		asks[i].State = AskSuperseded
		if err := asks[i].save(ctx, tx, askEvents[AskSuperseded]); err != nil {
			return err
		}
	}
	return nil
}

// settle lets lapse what is overdue; asks are those of the search, changed in place.
func settle(ctx context.Context, tx Tx, m Meeting, s Search, asks []Ask, now time.Time) (Search, error) {
	for i := range asks {
		if !asks[i].overdue(now) {
			continue
		}
		asks[i].State = AskLapsed
		if err := asks[i].save(ctx, tx, askEvents[AskLapsed]); err != nil {
			return Search{}, err
		}
	}
	return proceed(ctx, tx, m, s, asks, ReopenedLapsed, now)
}

// proceed asks the next in the line when nobody is being asked any more; when nobody waits either, the search is open again.
func proceed(ctx context.Context, tx Tx, m Meeting, s Search, asks []Ask, cause ReopenCause, now time.Time) (Search, error) {
	if s.State != Searching && s.State != Asked || slices.ContainsFunc(asks, func(a Ask) bool { return a.State == AskSent }) {
		return s, nil
	}
	next := slices.IndexFunc(asks, func(a Ask) bool { return a.State == AskWaiting })
	if next >= 0 && !m.TakesRegistrations(now) { // too late for everybody who still waits
		next = -1
		if err := supersede(ctx, tx, asks, AskWaiting); err != nil {
			return Search{}, err
		}
	}
	switch {
	case next < 0 && s.State == Asked:
		return s.reopen(ctx, tx, cause)
	case next < 0:
		return s, nil
	}
	a := &asks[next]
	a.State, a.SendTime, a.Deadline = AskSent, now, now.Add(a.Patience)
	if a.Deadline.After(m.Start) {
		a.Deadline = m.Start
	}
	if err := a.save(ctx, tx, askEvents[AskSent]); err != nil || s.State == Asked {
		return s, err
	}
	s, err := s.after(AskSomebody)
	if err != nil {
		return Search{}, err
	}
	return s.save(ctx, tx, "search.asked")
}

// swept is how many searches are settled in one go.
const swept = 100

// LapseAsks settles the searches that nobody touches. Several replicas may do so at once: each search is settled once.
func LapseAsks(ctx context.Context, store Store, now time.Time) error {
	due, err := store.DueSearches(ctx, now, swept)
	failures := []error{err}
	for _, meetingID := range due {
		failures = append(failures, store.Write(ctx, func(tx Tx) error {
			_, err := OpenSearch(ctx, tx, meetingID, now)
			return err
		}))
	}
	return errors.Join(failures...)
}
