package domain

import (
	"fmt"
	"time"
	_ "time/tzdata" // containers have no zones of their own

	"github.com/classcode/maillage/pkg/errs"
)

// Slot is when something takes place.
type Slot struct{ Start, End time.Time }

// longest is how much a meeting may last: its hours are those of one day.
const longest = 24 * time.Hour

// What a date may be refused for.
var (
	ErrStartPast = errs.New(errs.Invalid, "START_IN_PAST",
		"The meeting must begin in the future.",
		"Le temps de rencontre doit commencer dans l'avenir.")
	ErrEndBeforeStart = errs.New(errs.Invalid, "END_BEFORE_START",
		"The meeting must end after it begins.",
		"Le temps de rencontre doit finir après avoir commencé.")
	ErrTooLong = errs.New(errs.Invalid, "MEETING_TOO_LONG",
		"A meeting lasts 24 hours at most; plan several.",
		"Un temps de rencontre dure au plus 24 heures ; prévoyez-en plusieurs.")
	ErrSlotsOverlap = errs.New(errs.Invalid, "SLOTS_OVERLAP",
		"Each meeting must begin after the end of the one before; put them in order.",
		"Chaque temps de rencontre doit commencer après la fin du précédent ; mettez-les dans l'ordre.")
	ErrSlotsCount = errs.New(errs.Invalid, "SLOTS_COUNT",
		"The module asks for another number of meetings.",
		"Le module demande un autre nombre de temps de rencontre.")
	ErrTimeZone = errs.New(errs.Invalid, "TIME_ZONE_UNKNOWN",
		`This time zone is not known; give an IANA name such as "Europe/Paris".`,
		"Ce fuseau horaire est inconnu ; donnez un nom IANA comme « Europe/Paris ».")
)

// check is about the slot alone; prefix is the path of its fields in the request.
func (s Slot) check(prefix string) error {
	switch {
	case !s.End.After(s.Start):
		return ErrEndBeforeStart.At(prefix + "end_time")
	case s.End.Sub(s.Start) > longest:
		return ErrTooLong.At(prefix + "end_time")
	}
	return nil
}

// checkSlots is about all the slots of a series that a module wants count of.
func checkSlots(slots []Slot, count int, now time.Time) error {
	if len(slots) != count {
		return ErrSlotsCount.At("slots").With("expected", fmt.Sprint(count))
	}
	for i, s := range slots {
		prefix := fmt.Sprintf("slots[%d].", i)
		if !s.Start.After(now) {
			return ErrStartPast.At(prefix + "start_time")
		}
		if err := s.check(prefix); err != nil {
			return err
		}
		if i > 0 && s.Start.Before(slots[i-1].End) {
			return ErrSlotsOverlap.At(prefix + "start_time")
		}
	}
	return nil
}

func checkZone(name, path string) error {
	// The standard library also accepts these two, which mean something else on each machine.
	if name == "" || name == "Local" {
		return ErrTimeZone.At(path)
	}
	if _, err := time.LoadLocation(name); err != nil {
		return ErrTimeZone.At(path)
	}
	return nil
}
