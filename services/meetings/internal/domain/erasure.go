package domain

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// ErasureReads tells who was erased.
type ErasureReads interface {
	// Erased tells whether a person was erased.
	Erased(ctx context.Context, personID string) (bool, error)
}

// ErasureWrites finds what must go on without a person, and forgets the person.
type ErasureWrites interface {
	// LiveRegistrations are a person's in all meetings.
	LiveRegistrations(ctx context.Context, personID string) ([]Registration, error)
	// OrganisedBy are the meetings that a person organises and that were not declared yet.
	OrganisedBy(ctx context.Context, personID string) ([]Meeting, error)
	// AnswersFor are the meetings for which a person was named as the referent, and has not declined.
	AnswersFor(ctx context.Context, personID string) ([]Meeting, error)
	// NoteErasure remembers that a person was erased.
	NoteErasure(ctx context.Context, personID string) error
	// SettleErasure forgets even the id.
	SettleErasure(ctx context.Context, personID string) error
	// ForgetPerson removes a person from every table. Where a record of others needs somebody, an id takes the place that is nobody's,
	// another one for each meeting.
	ForgetPerson(ctx context.Context, personID string, now time.Time) error
}

// nobodys marks the ids that take the place of erased people: they are UUIDs of version 8, and those of people are of version 4.
const nobodys = '8'

// IsNobody tells whether an id stands for somebody who was erased.
func IsNobody(personID string) bool {
	const versionAt, length = 14, 36
	return len(personID) == length && personID[versionAt] == nobodys
}

// ErrPersonErased says that somebody who is named is no longer known.
var ErrPersonErased = errs.New(errs.Precondition, "PERSON_ERASED",
	"This person is not known here any more; name somebody else.",
	"Cette personne n'est plus connue ici ; désignez quelqu'un d'autre.")

// here refuses to name somebody who was erased.
func here(ctx context.Context, from ErasureReads, personID, path string) error {
	erased, err := from.Erased(ctx, personID)
	if err == nil && erased {
		err = ErrPersonErased.At(path)
	}
	return err
}

// ErasePerson forgets a person whom the mesh has erased; heard again, it changes nothing. What is to come goes on by the ordinary ways: a
// seat passes to whoever waits, a search goes on, a meeting looks for another organiser. What was stays true, and says no longer of whom.
func ErasePerson(ctx context.Context, tx Tx, personID string, newID func() string, now time.Time) error {
	if err := tx.NoteErasure(ctx, personID); err != nil {
		return err
	}
	for _, leave := range []func(context.Context, Tx, string, time.Time) error{leaveAsks, leaveSwap, leaveSeats, leaveReferents} {
		if err := leave(ctx, tx, personID, now); err != nil {
			return err
		}
	}
	if err := leaveMeetings(ctx, tx, personID, newID, now); err != nil {
		return err
	}
	return tx.ForgetPerson(ctx, personID, now)
}

// SettleErasure looks once more for somebody who was erased, since a request that was under way may have written of them, and forgets
// even the id.
func SettleErasure(ctx context.Context, tx Tx, personID string, newID func() string, now time.Time) error {
	if err := ErasePerson(ctx, tx, personID, newID, now); err != nil {
		return err
	}
	return tx.SettleErasure(ctx, personID)
}

// leaveAsks declines what the person was asked, and withdraws where they were to come: the search goes on.
func leaveAsks(ctx context.Context, tx Tx, personID string, now time.Time) error {
	q := AskQuery{PersonID: personID, Page: Page{Limit: maxAsksAtOnce}}
	asks, err := tx.Asks(ctx, q)
	if err != nil {
		return err
	}
	for _, a := range asks {
		if a.State > AskAccepted {
			continue
		}
		_, err := DeclineAsk(ctx, tx, Answer{AskID: a.ID, MeetingID: a.MeetingID, Now: now})
		switch e := errs.From(err); {
		case err == nil, errors.Is(err, ErrAskBegun), errors.Is(err, ErrAskLapsed), errors.Is(err, ErrAskSuperseded): // nothing is awaited of them
		default:
			return e
		}
	}
	return nil
}

// maxAsksAtOnce is more than anybody is asked in a life.
const maxAsksAtOnce = 10_000

func leaveSwap(ctx context.Context, tx Tx, personID string, now time.Time) error {
	open, err := tx.OpenSwap(ctx, personID)
	if errors.Is(err, ErrSwapNotFound) {
		return nil
	}
	if err == nil {
		_, err = WithdrawSwap(ctx, tx, open, now)
	}
	return err
}

// leaveSeats gives back the seats that may be given back, and places in lines.
func leaveSeats(ctx context.Context, tx Tx, personID string, now time.Time) error {
	live, err := tx.LiveRegistrations(ctx, personID)
	if err != nil {
		return err
	}
	for _, r := range live {
		_, err := change(ctx, tx, r, now, func(s *Seating, r Registration) (Registration, error) {
			if _, ok := r.State.After(GiveBack); !ok || !s.open() {
				return r, nil
			}
			return s.end(ctx, r, GiveBack, "")
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func leaveReferents(ctx context.Context, tx Tx, personID string, now time.Time) error {
	meetings, err := tx.AnswersFor(ctx, personID)
	if err != nil {
		return err
	}
	for _, m := range meetings {
		if !m.TakesRegistrations(now) {
			continue
		}
		if _, err := AnswerReferent(ctx, tx, m, personID, ReferentDeclined, now); err != nil {
			return err
		}
	}
	return nil
}

// leaveMeetings leaves the person's meetings without an organiser. One that had been confirmed is no longer, and whoever coordinates the
// territory is told.
func leaveMeetings(ctx context.Context, tx Tx, personID string, newID func() string, now time.Time) error {
	organised, err := tx.OrganisedBy(ctx, personID)
	if err != nil {
		return err
	}
	for _, m := range organised {
		m.OrganiserID = ""
		if state, ok := m.State.After(LoseOrganiser); ok && !m.Begun(now) {
			m.State = state
		}
		if m, err = save(ctx, tx, m, "meeting.updated"); err != nil {
			return err
		}
		if !m.TakesRegistrations(now) {
			continue
		}
		missing := Problem{ID: newID(), MeetingID: m.ID, Kind: PeopleProblem, Severity: Major, Text: organiserMissing}
		if _, err := ReportProblem(ctx, tx, Report{Problem: missing, Now: now}); err != nil {
			return err
		}
	}
	return nil
}

// organiserMissing is what the coordinators read.
var organiserMissing = strings.Join([]string{
	"Ce temps de rencontre n'a plus d'organisateur : trouvez-en un autre pour le groupe, ou annulez-le.",
	"This meeting has no organiser any more: find another one for the group, or call it off.",
}, "\n")
