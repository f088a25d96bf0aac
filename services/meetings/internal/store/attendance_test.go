package store_test

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

var checkInKey = domain.DeriveCheckInKey([]byte("secret"))

// checkIn is what a person is told who types a code.
func (w world) checkIn(store domain.Store, meetingID, person, code string, at time.Time) error {
	c := domain.CheckIn{MeetingID: meetingID, PersonID: person, Code: code, Key: checkInKey, Now: at}
	var refusal error
	err := store.Write(w.ctx(), func(tx domain.Tx) (err error) {
		_, refusal, err = c.CheckIn(w.ctx(), tx)
		return err
	})
	if err != nil {
		return err
	}
	return refusal
}

// wrongCode is none of the meeting's of that day.
func wrongCode(meetingID string, at time.Time) string {
	for n := 0; ; n++ {
		code, known := fmt.Sprintf("%06d", n), false
		for back := time.Duration(0); back <= 25*time.Hour && !known; back += 30 * time.Second {
			known = checkInKey.Code(meetingID, at.Add(-back)) == code
		}
		if !known {
			return code
		}
	}
}

func (w world) changes(meetingID, personID string) []domain.AttendanceChange {
	w.Helper()
	return must(w)(w.AttendanceChanges(w.ctx(), domain.AttendanceQuery{MeetingID: meetingID, PersonID: personID, Limit: math.MaxInt32}))
}

func must(w world) func([]domain.AttendanceChange, error) []domain.AttendanceChange {
	return func(all []domain.AttendanceChange, err error) []domain.AttendanceChange {
		w.Helper()
		if err != nil {
			w.Fatal(err)
		}
		return all
	}
}

func TestCheckIn(t *testing.T) {
	both(t, func(w world) {
		m, other := w.meeting(5), w.meeting(5)
		came, away := orFail1(w.register(m.ID, "came", now)), orFail1(w.register(m.ID, "away", now))
		orFail1(w.register(other.ID, "came", now))
		code, early := checkInKey.Code(m.ID, m.Start), m.Start.Add(-30*time.Minute)

		w.refuses("CHECK_IN_CLOSED", w.checkIn(w.Store, m.ID, "came", checkInKey.Code(m.ID, early.Add(-1)), early.Add(-1)))
		w.refuses("NO_SEAT_HERE", w.checkIn(w.Store, m.ID, "stranger", code, m.Start))
		w.refuses("CODE_WRONG", w.checkIn(w.Store, m.ID, "came", checkInKey.Code(other.ID, m.Start), m.Start))
		w.refuses("CODE_EXPIRED", w.checkIn(w.Store, m.ID, "came", checkInKey.Code(m.ID, m.Start.Add(-24*time.Hour)), m.Start))
		w.refuses("CODE_EXPIRED", w.checkIn(w.Store, m.ID, "came", code, m.Start.Add(time.Hour)))
		for range 2 { // twice has one effect
			w.refuses("", w.checkIn(w.Store, m.ID, "came", code, m.Start.Add(45*time.Second)))
		}
		w.refuses("", w.checkIn(w.Store, m.ID, "came", code, m.Start.Add(time.Hour))) // there before, it stays so
		all := w.changes(m.ID, "")
		stored, err := w.Meeting(w.ctx(), m.ID)
		if err != nil || len(all) != 1 || all[0].Way != domain.ByCode || all[0].PersonID != "came" || all[0].RegistrationID != came.ID || stored.PresentCount != 1 {
			w.Fatalf("%+v, %+v, %v", all, stored, err)
		}
		w.refuses("", w.attend(m.ID, m.Start, domain.Attendance{RegistrationID: away.ID, State: domain.RegistrationAbsent}))
		w.refuses("ATTENDANCE_SAID", w.checkIn(w.Store, m.ID, "away", code, m.Start)) // what the organiser said is not overwritten
		if n := len(w.changes(m.ID, "away")); n != 1 {
			w.Fatalf("%d changes of one person's line; want 1", n)
		}
	})
}

// People who have come are not moved to another day.
func TestCheckedInIsNotMoved(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		orFail1(w.register(m.ID, "came", now))
		early := m.Start.Add(-20 * time.Minute)
		w.refuses("", w.checkIn(w.Store, m.ID, "came", checkInKey.Code(m.ID, early), early))
		later, end := m.Start.Add(24*time.Hour), m.End.Add(24*time.Hour)
		w.refuses("CHECKED_IN", w.on(m.ID, func(tx domain.Tx, m domain.Meeting) error {
			_, err := domain.UpdateMeeting(w.ctx(), tx, m, domain.Change{Start: &later, End: &end}, early)
			return err
		}))
	})
}

func TestTriesAreLimited(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		orFail1(w.register(m.ID, "came", now))
		orFail1(w.register(m.ID, "other", now))
		wrong := wrongCode(m.ID, m.Start)
		for range 5 {
			w.refuses("CODE_WRONG", w.checkIn(w.Store, m.ID, "came", wrong, m.Start))
		}
		late := m.Start.Add(10 * time.Minute)
		w.refuses("CHECK_IN_LOCKED", w.checkIn(w.Store, m.ID, "came", wrong, late.Add(-1)))
		w.refuses("CHECK_IN_LOCKED", w.checkIn(w.Store, m.ID, "came", checkInKey.Code(m.ID, m.Start), m.Start)) // nor is a right one told
		w.refuses("", w.checkIn(w.Store, m.ID, "other", checkInKey.Code(m.ID, m.Start), m.Start))               // others are not kept waiting
		w.refuses("", w.checkIn(w.Store, m.ID, "came", checkInKey.Code(m.ID, late), late))
	})
}

// guesses is how many of 20 guesses at once were looked at.
func (w world) guesses(store domain.Store) (looked int) {
	w.Helper()
	m := w.meeting(5)
	orFail1(w.register(m.ID, "came", now))
	wrong := wrongCode(m.ID, m.Start)
	var all sync.WaitGroup
	var mutex sync.Mutex
	for range 20 {
		all.Go(func() {
			why := reason(w.checkIn(store, m.ID, "came", wrong, m.Start))
			mutex.Lock()
			defer mutex.Unlock()
			switch why {
			case "CODE_WRONG":
				looked++
			case "CHECK_IN_LOCKED":
			default:
				w.Errorf("told %q", why)
			}
		})
	}
	all.Wait()
	return looked
}

func TestConcurrentGuesses(t *testing.T) {
	both(t, func(w world) {
		if n := w.guesses(w.Store); n != 5 {
			w.Fatalf("%d of 20 guesses at once were looked at; want 5", n)
		}
	})
}

// The control: counting from what was read before the transaction lets more through.
func TestConcurrentGuessesControl(t *testing.T) {
	both(t, func(w world) {
		if n := w.guesses(careless{w.Store}); n <= 5 {
			w.Fatalf("%d guesses were looked at even without holding the count", n)
		}
	})
}

// careless knows of no try but its own.
type careless struct{ domain.Store }

func (c careless) Write(ctx context.Context, use func(domain.Tx) error) error {
	return c.Store.Write(ctx, func(tx domain.Tx) error { return use(carelessTx{tx}) })
}

type carelessTx struct{ domain.Tx }

func (carelessTx) HoldTries(_ context.Context, meetingID, personID string) (domain.Tries, error) {
	return domain.Tries{MeetingID: meetingID, PersonID: personID}, nil
}

// Whoever checks in at the same time is counted, each once.
func TestConcurrentCheckIns(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(20)
		for i := range 20 {
			orFail1(w.register(m.ID, fmt.Sprint(i), now))
		}
		code := checkInKey.Code(m.ID, m.Start)
		var all sync.WaitGroup
		for i := range 40 { // everyone twice
			all.Go(func() { w.may("", w.checkIn(w.Store, m.ID, fmt.Sprint(i/2), code, m.Start)) })
		}
		all.Wait()
		stored, err := w.Meeting(w.ctx(), m.ID)
		if changes := w.changes(m.ID, ""); err != nil || stored.PresentCount != 20 || len(changes) != 20 || changes[19].Rank != 20 {
			w.Fatalf("%d present, %d changes, %v; want 20", stored.PresentCount, len(changes), err)
		}
	})
}

func (w world) merge(meetingID string, o domain.OfflineSheet) (out domain.Merged, err error) {
	o.By = "organiser"
	err = w.Write(w.ctx(), func(tx domain.Tx) error {
		out, err = domain.MergeAttendance(w.ctx(), tx, meetingID, o)
		return err
	})
	return out, err
}

func TestOfflineSheet(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		a, b, c := orFail1(w.register(m.ID, "a", now)), orFail1(w.register(m.ID, "b", now)), orFail1(w.register(m.ID, "c", now))
		said, evening := m.Start.Add(10*time.Minute), m.Start.Add(time.Hour)
		present, absent := domain.RegistrationPresent, domain.RegistrationAbsent
		w.refuses("", w.checkIn(w.Store, m.ID, "a", checkInKey.Code(m.ID, m.Start), m.Start))
		w.refuses("", w.checkIn(w.Store, m.ID, "b", checkInKey.Code(m.ID, m.Start), m.Start))
		sheet := domain.OfflineSheet{Now: evening, Lines: []domain.Attendance{
			{RegistrationID: a.ID, State: present, Said: said}, // says the same
			{RegistrationID: b.ID, State: absent, Said: said},  // contradicts
			{RegistrationID: c.ID, State: present, Said: said}, // says it first
		}}
		for round := range 3 { // the same sheet again has no effect
			out, err := w.merge(m.ID, sheet)
			if want := max(0, 1-round); err != nil || out.Count != want || len(out.Conflicts) != 1 || out.Conflicts[0].Current.ID != b.ID {
				w.Fatalf("round %d: %+v, %v; want %d merged and one conflict", round, out, err, want)
			}
			if changes := w.changes(m.ID, ""); len(changes) != 4 {
				w.Fatalf("round %d: %+v; want 4 changes", round, changes)
			}
		}
		if kept := w.changes(m.ID, "b"); len(kept) != 2 || !kept[1].Disputed || kept[1].FromState != present || kept[1].ToState != absent || !kept[1].SaidTime.Equal(said) {
			w.Fatalf("%+v; want both sayings", kept)
		}
		if stored, err := w.Registration(w.ctx(), b.ID); err != nil || stored.State != present {
			w.Fatalf("%+v, %v; a sheet overwrote what was said", stored, err)
		}
		w.refuses("", w.confirm(m.ID))
		w.refuses("ATTENDANCE_DISPUTED", w.minuted(m.ID, evening))
		w.refuses("ATTENDANCE_DISPUTED", w.declare(m.ID, evening))
		w.refuses("ATTENDANCE_REASON_REQUIRED", w.attend(m.ID, evening, domain.Attendance{RegistrationID: b.ID, State: absent}))
		w.refuses("", w.attend(m.ID, evening, domain.Attendance{RegistrationID: b.ID, State: present, Reason: "sat in the second row"}))
		if out, err := w.merge(m.ID, sheet); err != nil || out.Count != 0 || len(out.Conflicts) != 0 {
			w.Fatalf("%+v, %v; the organiser has decided", out, err)
		}
		w.refuses("", w.minuted(m.ID, evening))
		w.refuses("", w.declare(m.ID, evening))
		_, err := w.merge(m.ID, sheet)
		w.refuses("MEETING_STATE", err)
	})
}

// Two sheets that contradict each other come back at once: one stands, the other is kept beside.
func TestConcurrentSheets(t *testing.T) {
	both(t, func(w world) {
		for range 5 {
			m := w.meeting(5)
			r := orFail1(w.register(m.ID, "came", now))
			var all sync.WaitGroup
			for _, state := range []domain.RegistrationState{domain.RegistrationPresent, domain.RegistrationAbsent} {
				all.Go(func() {
					_, err := w.merge(m.ID, domain.OfflineSheet{Now: m.End, Lines: []domain.Attendance{{RegistrationID: r.ID, State: state, Said: m.Start}}})
					w.may("", err)
				})
			}
			all.Wait()
			stored, err := w.Registration(w.ctx(), r.ID)
			kept := w.changes(m.ID, "")
			if err != nil || len(kept) != 2 || kept[0].Disputed || !kept[1].Disputed || kept[0].ToState != stored.State || kept[1].ToState == stored.State {
				w.Fatalf("%+v, %v of %+v; want one that stands and one beside", stored, err, kept)
			}
		}
	})
}

// Who came to half a meeting is kept as such, and made whole for a reason only.
func TestHalfDays(t *testing.T) {
	both(t, func(w world) {
		p := plan(5)
		p.Slots[0].End = p.Slots[0].Start.Add(6 * time.Hour)
		m := w.series(p).Meetings[0]
		r := orFail1(w.register(m.ID, "came", now))
		say := func(part domain.AttendancePart, why string) error {
			return w.attend(m.ID, m.Start, domain.Attendance{RegistrationID: r.ID, State: domain.RegistrationPresent, Part: part, Reason: why})
		}
		w.refuses("", say(domain.Morning, ""))
		w.refuses("", say(domain.Morning, "")) // again has no effect
		w.refuses("ATTENDANCE_REASON_REQUIRED", say(domain.WholeMeeting, ""))
		w.refuses("", say(domain.WholeMeeting, "came back after lunch"))
		all := w.changes(m.ID, "")
		if len(all) != 2 || all[0].ToPart != domain.Morning || all[1].FromPart != domain.Morning || all[1].ToPart != domain.WholeMeeting || all[1].PersonID != m.OrganiserID {
			w.Fatalf("%+v", all)
		}
		sheet, err := domain.Attended(w.ctx(), w.Store, m.ID)
		if err != nil || sheet.Version != 2 || sheet.Lines[0].Part != domain.WholeMeeting || sheet.Lines[0].Way != domain.BySheet {
			w.Fatalf("%+v, %v", sheet, err)
		}
	})
}
