package domain

import (
	"context"

	"github.com/classcode/maillage/pkg/errs"
)

// SlotChoice is a person's wish for a meeting, which may be a workshop of a programme.
type SlotChoice struct {
	MeetingID string
	PersonID  string
}

// ErrSlotChosen refuses a second workshop in one slot.
var ErrSlotChosen = errs.New(errs.Precondition, "SLOT_CHOSEN",
	"You have another workshop at that hour; give it back first.",
	"Vous avez un autre atelier à cette heure ; libérez-le d'abord.")

// ChoiceWrites holds one workshop per person and slot.
type ChoiceWrites interface {
	// TakeSlots keeps the choices whose meeting is a workshop, and returns those that are refused, with the meeting that the person
	// has in that slot. What was kept before stays; a meeting that is no workshop refuses nothing.
	TakeSlots(ctx context.Context, choices []SlotChoice) (refused map[SlotChoice]string, err error)
	// FreeSlot forgets a person's choice of a meeting, everyone's when personID is empty.
	FreeSlot(ctx context.Context, meetingID, personID string) error
}
