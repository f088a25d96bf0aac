package domain

import (
	"context"
	"fmt"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Attendance is one line of the attendance sheet.
type Attendance struct {
	RegistrationID string
	State          RegistrationState // present, absent or excused
}

// What an attendance sheet may be refused for.
var (
	ErrAttendanceForeign = errs.New(errs.Invalid, "REGISTRATION_OF_ANOTHER_MEETING",
		"This registration does not hold a seat at this meeting.",
		"Cette inscription ne correspond à aucune place de ce temps de rencontre.")
	ErrAttendanceTwice = errs.New(errs.Invalid, "REGISTRATION_TWICE",
		"This registration stands twice on the sheet; keep one line.",
		"Cette inscription figure deux fois sur la feuille ; gardez une seule ligne.")
)

// RecordAttendance says who came; it may be said again until the meeting is declared.
func RecordAttendance(ctx context.Context, tx Tx, m Meeting, lines []Attendance, now time.Time) (Meeting, error) {
	if !m.State.ToCome() {
		return Meeting{}, m.refused()
	}
	if !m.Begun(now) {
		return Meeting{}, ErrNotBegun.At("meeting_id")
	}
	roll, err := tx.Roll(ctx, m.ID)
	if err != nil {
		return Meeting{}, err
	}
	changed, err := mark(roll, lines)
	if err != nil || len(changed) == 0 {
		return m, err
	}
	m.PresentCount = present(roll)
	// The meeting first, even when its count stays: two sheets at once, or a sheet and the declaration, take turns at it.
	if m, err = save(ctx, tx, m, "meeting.updated"); err != nil {
		return Meeting{}, err
	}
	attended := make([]Event, len(changed))
	for i, r := range changed {
		if err := tx.UpdateRegistration(ctx, r); err != nil {
			return Meeting{}, err
		}
		attended[i] = Event{Name: "registration.attended", State: r}
	}
	return m, tx.Emit(ctx, attended...)
}

// mark writes the sheet's lines onto the roll and returns what they changed.
func mark(roll []Registration, lines []Attendance) (changed []Registration, err error) {
	place := make(map[string]int, len(roll))
	for i, r := range roll {
		place[r.ID] = i
	}
	seen := make(map[string]bool, len(lines))
	for n, line := range lines {
		path := fmt.Sprintf("attendances[%d].registration_id", n)
		i, ok := place[line.RegistrationID]
		switch {
		case !ok:
			return nil, ErrAttendanceForeign.At(path)
		case seen[line.RegistrationID]:
			return nil, ErrAttendanceTwice.At(path)
		}
		seen[line.RegistrationID] = true
		if r := &roll[i]; r.State != line.State {
			r.State, r.Version = line.State, r.Version+1
			changed = append(changed, *r)
		}
	}
	return changed, nil
}

func present(roll []Registration) (n int) {
	for _, r := range roll {
		if r.State == RegistrationPresent {
			n++
		}
	}
	return n
}

// complete refuses a roll on which someone's attendance is missing, or nobody is present.
func complete(roll []Registration) error {
	missing := 0
	for _, r := range roll {
		if r.State == RegistrationConfirmed {
			missing++
		}
	}
	switch {
	case missing > 0:
		return ErrAttendanceIncomplete.At("id").With("missing", fmt.Sprint(missing))
	case present(roll) == 0:
		return ErrNobodyPresent.At("id")
	}
	return nil
}
