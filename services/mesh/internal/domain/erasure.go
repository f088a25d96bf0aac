package domain

import (
	"context"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Erasure is the order to forget a person.
type Erasure struct {
	PersonID  string
	OrderedBy string // the person themselves, or somebody of the national team
	Reason    string // when it is somebody else
}

// ErasureReads tells who was erased.
type ErasureReads interface {
	// Erased is when a person was erased; the zero time when they were not.
	Erased(ctx context.Context, personID string) (time.Time, error)
	// GroupsOf are those that a person organises.
	GroupsOf(ctx context.Context, organiserID string) ([]Group, error)
	// MembershipsOf are a person's in all groups.
	MembershipsOf(ctx context.Context, personID string) ([]Member, error)
}

// ErasureWrites forgets people.
type ErasureWrites interface {
	// NoteErasure remembers that a person was erased, so that nothing which comes late brings them back.
	NoteErasure(ctx context.Context, personID string) error
	// SettleErasure forgets even the id.
	SettleErasure(ctx context.Context, personID string) error
	// KeepOrder remembers why somebody else ordered an erasure.
	KeepOrder(ctx context.Context, e Erasure) error
	// ForgetPerson removes a person from every table; what must stay, stays under an id that is nobody's.
	ForgetPerson(ctx context.Context, personID string) error
}

// ErasePerson forgets a person: groups go on without them, and who descends from whom stays true without their name. Ordered again it
// changes nothing, and tells when it was done.
func ErasePerson(ctx context.Context, tx Tx, e Erasure) (time.Time, error) {
	before, err := tx.Erased(ctx, e.PersonID)
	if err != nil || !before.IsZero() {
		return before, err
	}
	e.Reason = strings.TrimSpace(e.Reason)
	if e.OrderedBy != e.PersonID && e.Reason == "" {
		return time.Time{}, errs.ErrRequired.At("reason")
	}
	p, err := tx.Person(ctx, e.PersonID)
	if err != nil {
		return time.Time{}, atField(err, "person_id")
	}
	if err := forget(ctx, tx, e.PersonID); err != nil {
		return time.Time{}, err
	}
	if err := tx.NoteErasure(ctx, e.PersonID); err != nil {
		return time.Time{}, err
	}
	if e.OrderedBy != e.PersonID {
		if err := tx.KeepOrder(ctx, e); err != nil {
			return time.Time{}, err
		}
	}
	if err := tx.Emit(ctx, Event{Name: "person.erased", State: Person{ID: p.ID, Version: p.Version + 1}}); err != nil {
		return time.Time{}, err
	}
	return tx.Erased(ctx, e.PersonID)
}

// SettleErasure looks once more for somebody who was erased, since a request that was under way may have written of them, and forgets
// even the id.
func SettleErasure(ctx context.Context, tx Tx, personID string) error {
	if err := forget(ctx, tx, personID); err != nil {
		return err
	}
	if err := tx.NoteErasure(ctx, personID); err != nil { // what was answered meanwhile, too
		return err
	}
	return tx.SettleErasure(ctx, personID)
}

// forget gives back by the ordinary ways what others count on, before the rest is removed. What others hear of goes on as it was: nobody
// is told that an interest was withdrawn, since whoever was sensitised was.
func forget(ctx context.Context, tx Tx, personID string) error {
	organised, err := tx.GroupsOf(ctx, personID)
	if err != nil {
		return err
	}
	for _, g := range organised {
		g.OrganiserID = ""
		if err := updateGroup(ctx, tx, &g); err != nil {
			return err
		}
	}
	memberships, err := tx.MembershipsOf(ctx, personID)
	if err != nil {
		return err
	}
	for _, m := range memberships {
		if _, err := leaveGroup(ctx, tx, Interest{GroupID: m.GroupID, PersonID: personID}); err != nil {
			return err
		}
	}
	return tx.ForgetPerson(ctx, personID)
}
