package domain

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Needs is what a meeting cannot do without.
type Needs struct {
	MeetingID          string
	Equipment          []EquipmentNeed
	Network            Network
	EquipmentCapsSeats bool  // nobody is to be without equipment
	Version            int64 // 0 before anything was said
}

// EquipmentNeed is units of a kind: so many in all, or one for so many persons.
type EquipmentNeed struct {
	Kind           EquipmentKind
	Label          string // which, of a kind that needs more words
	Quantity       int    // 0 when it depends on the seats
	PersonsPerUnit int    // 0 when it does not
}

// NeedReads finds needs.
type NeedReads interface {
	// Needs is what was said of a meeting; the zero Needs of that meeting when nothing was.
	Needs(ctx context.Context, meetingID string) (Needs, error)
}

// NeedWrites changes needs.
type NeedWrites interface {
	// SaveNeeds refuses when someone else has saved the version before.
	SaveNeeds(ctx context.Context, n Needs) error
}

// What needs may be refused for.
var (
	ErrNeedCount = errs.New(errs.Invalid, "NEED_COUNT",
		"Say either how many units are needed, or for how many persons one unit serves.",
		"Indiquez soit combien d'unités il faut, soit pour combien de personnes sert une unité.")
	ErrNeedTwice = errs.New(errs.Invalid, "NEED_TWICE",
		"This equipment is named twice; keep one line.",
		"Ce matériel est nommé deux fois ; gardez une seule ligne.")
	ErrNothingCaps = errs.New(errs.Invalid, "NOTHING_CAPS",
		"No equipment that depends on the number of persons is named; name some before it limits the seats.",
		"Aucun matériel ne dépend du nombre de personnes ; nommez-en avant qu'il ne limite les places.")
)

// SetNeeds says what a meeting needs. Equipment that limits the seats lowers them to what it serves; seats that are taken stay.
func SetNeeds(ctx context.Context, tx Tx, n Needs, now time.Time) (Needs, error) {
	if err := n.check(); err != nil {
		return Needs{}, err
	}
	m, err := tx.LockMeeting(ctx, n.MeetingID)
	if err != nil {
		return Needs{}, err
	}
	if _, planned := m.State.After(Cancel); !planned {
		return Needs{}, m.refused()
	}
	n.Version++
	if err := tx.SaveNeeds(ctx, n); err != nil {
		return Needs{}, err
	}
	if err := tx.Emit(ctx, Event{Name: "needs.updated", State: n}); err != nil {
		return Needs{}, err
	}
	return n, seatsLeft(ctx, tx, m, now)
}

func (n Needs) check() error {
	for i, need := range n.Equipment {
		path := fmt.Sprintf("needs.equipment[%d]", i)
		switch {
		case (need.Quantity > 0) == (need.PersonsPerUnit > 0):
			return ErrNeedCount.At(path + ".quantity")
		case slices.ContainsFunc(n.Equipment[:i], func(o EquipmentNeed) bool { return o.Kind == need.Kind && strings.EqualFold(o.Label, need.Label) }):
			return ErrNeedTwice.At(path + ".kind")
		}
	}
	perPerson := func(need EquipmentNeed) bool { return need.PersonsPerUnit > 0 }
	if n.EquipmentCapsSeats && !slices.ContainsFunc(n.Equipment, perPerson) {
		return ErrNothingCaps.At("needs.equipment_caps_seats")
	}
	return nil
}

// serves is how many people the units serve, each with something of every kind that depends on the number of people.
func (n Needs) serves(units []BookedEquipment) int {
	most := maxCapacity
	for _, need := range n.Equipment {
		if need.PersonsPerUnit > 0 {
			most = min(most, need.serves(units))
		}
	}
	return most
}

// serves is how many people the units of this kind serve: no more each than the need allows, nor than the thing itself.
func (n EquipmentNeed) serves(units []BookedEquipment) (people int) {
	for _, u := range units {
		if n.met(u) {
			each := n.PersonsPerUnit
			if u.PersonsPerUnit > 0 {
				each = min(each, u.PersonsPerUnit)
			}
			people += u.there() * each
		}
	}
	return people
}

// met reports whether units are what is needed; a need without words takes all of its kind.
func (n EquipmentNeed) met(u BookedEquipment) bool {
	return n.Kind == u.Kind && (n.Label == "" || strings.EqualFold(n.Label, u.Label))
}

// there is how many units will be there: what the stock has lost since cannot come.
func (u BookedEquipment) there() int { return min(u.Booked, u.Usable()) }
