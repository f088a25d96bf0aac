package domain

import (
	"fmt"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Slot is when something takes place.
type Slot struct{ Start, End time.Time }

const (
	// longest is how much a meeting may last: its hours are those of one day.
	longest = 24 * time.Hour
	// horizon is in how many years a meeting may begin at most: whoever writes 9999 has mistyped.
	horizon = 10
)

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
	ErrTooFar = errs.New(errs.Invalid, "START_TOO_FAR",
		"A meeting begins within ten years; check the year.",
		"Un temps de rencontre commence dans les dix ans ; vérifiez l'année.")
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

// checkStart is about when something to come begins.
func checkStart(start, now time.Time, path string) error {
	switch {
	case !start.After(now):
		return ErrStartPast.At(path)
	case start.After(now.AddDate(horizon, 0, 0)):
		return ErrTooFar.At(path)
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
		if err := checkStart(s.Start, now, prefix+"start_time"); err != nil {
			return err
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
