package domain

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Referent is the person who answers for a meeting on the side of the place.
type Referent struct {
	MeetingID  string
	PersonID   string // empty while there is nobody
	State      ReferentState
	Version    int64     // 0 for the organiser, whom nobody had to name
	NameTime   time.Time // zero when nobody was named
	AnswerTime time.Time // zero before
}

// ReferentState is whether a referent has agreed; the numbers are the contract's.
type ReferentState int

// The states of a referent; 0 when there is nobody.
const (
	ReferentNamed ReferentState = iota + 1
	ReferentAccepted
	ReferentDeclined
)

// ReferentReads finds referents.
type ReferentReads interface {
	// Referent is who was named for a meeting; the zero Referent when nobody was.
	Referent(ctx context.Context, meetingID string) (Referent, error)
}

// ReferentWrites changes referents.
type ReferentWrites interface {
	// SaveReferent keeps the next version of a referent, and refuses when someone else has before.
	SaveReferent(ctx context.Context, r Referent) error
}

// What a referent may be refused for.
var (
	ErrReferentNotFound = errs.Missing("referent", "référent")
	ErrReferentMissing  = errs.New(errs.Precondition, "REFERENT_MISSING",
		"Nobody answers for this meeting at the place yet: whoever was named has to accept, or name someone else.",
		"Personne ne répond encore de ce temps de rencontre sur place : la personne désignée doit accepter, sinon désignez-en une autre.")
)

// Referent is who answers for the meeting: whoever was named, or else the organiser, who has agreed by organising.
func (m Meeting) Referent(named Referent) Referent {
	switch {
	case named.Version > 0:
		return named
	case m.OrganiserID == "":
		return Referent{MeetingID: m.ID}
	}
	return Referent{MeetingID: m.ID, PersonID: m.OrganiserID, State: ReferentAccepted}
}

// Agreed is the person when they have agreed, else empty.
func (r Referent) Agreed() string {
	if r.State != ReferentAccepted {
		return ""
	}
	return r.PersonID
}

// Asked is the person unless they have declined: whom the meeting concerns already.
func (r Referent) Asked() string {
	if r.State == ReferentDeclined {
		return ""
	}
	return r.PersonID
}

// checkReferent refuses a meeting whose referent has not agreed.
func checkReferent(ctx context.Context, from ReferentReads, m Meeting) error {
	named, err := from.Referent(ctx, m.ID)
	if err == nil && m.Referent(named).Agreed() == "" {
		err = ErrReferentMissing.At("id")
	}
	return err
}

// NameReferent asks a person to answer for a meeting. The organiser need not be asked; whoever answers already, or was asked, stays so.
func NameReferent(ctx context.Context, tx Tx, m Meeting, r Referent, person string, now time.Time) (Referent, error) {
	if !m.TakesRegistrations(now) {
		return Referent{}, m.refused()
	}
	if r.Asked() == person {
		return r, nil
	}
	if err := here(ctx, tx, person, "person_id"); err != nil {
		return Referent{}, err
	}
	next := Referent{MeetingID: m.ID, PersonID: person, State: ReferentNamed, Version: r.Version, NameTime: now}
	if person == m.OrganiserID {
		next.State, next.AnswerTime = ReferentAccepted, now
	}
	return saveReferent(ctx, tx, next, "referent.named")
}

// AnswerReferent is the answer of the person who was named, who may also think better of it before the meeting begins.
func AnswerReferent(ctx context.Context, tx Tx, m Meeting, person string, answer ReferentState, now time.Time) (Referent, error) {
	named, err := tx.Referent(ctx, m.ID)
	if err != nil {
		return Referent{}, err
	}
	r := m.Referent(named)
	switch {
	case r.PersonID != person: // someone else was named meanwhile
		return Referent{}, ErrReferentNotFound.At("meeting_id")
	case !m.TakesRegistrations(now):
		return Referent{}, m.refused()
	case r.State == answer:
		return r, nil
	}
	r.State, r.AnswerTime = answer, now
	event := "referent.accepted"
	if answer == ReferentDeclined {
		event = "referent.declined"
	}
	return saveReferent(ctx, tx, r, event)
}

func saveReferent(ctx context.Context, tx Tx, r Referent, event string) (Referent, error) {
	r.Version++
	if err := tx.SaveReferent(ctx, r); err != nil {
		return Referent{}, err
	}
	return r, tx.Emit(ctx, Event{Name: event, State: r})
}
