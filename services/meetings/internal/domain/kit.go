package domain

import "github.com/classcode/maillage/pkg/errs"

// ErrKitCancelled is for a meeting that was called off.
var ErrKitCancelled = errs.New(errs.Precondition, "KIT_CANCELLED",
	"This meeting was called off: it has no kit. Print that of the meeting that replaces it.",
	"Ce temps de rencontre est annulé : il n'a pas de kit. Imprimez celui du temps de rencontre qui le remplace.")

// Printable refuses a kit to a meeting that does not take place: a poster would bring people to a closed door.
func (m Meeting) Printable() error {
	if m.State == MeetingCancelled {
		return ErrKitCancelled.At("meeting_id")
	}
	return nil
}
