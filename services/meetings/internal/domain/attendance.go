package domain

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// halfDay is how long a meeting may be before it has a morning and an afternoon.
const halfDay = 4 * time.Hour

// Attendance is one line of the attendance sheet, as it is said.
type Attendance struct {
	RegistrationID string
	State          RegistrationState // present, absent or excused
	Part           AttendancePart
	Reason         string    // needed to change what was said before
	Said           time.Time // on a sheet that was taken along
}

// AttendancePart is the part of a meeting that someone came to; the numbers are the contract's.
type AttendancePart int

// The parts of a meeting.
const (
	WholeMeeting AttendancePart = iota
	Morning
	Afternoon
)

// AttendanceWay is how it was said who came; the numbers are the contract's.
type AttendanceWay int

// The ways to say who came.
const (
	ByCode AttendanceWay = iota + 1
	BySheet
	ByOfflineSheet
)

// AttendanceChange is a line that was said, or said otherwise; it is kept for ever.
type AttendanceChange struct {
	MeetingID            string
	Rank                 int // among the meeting's, from 1
	RegistrationID       string
	FromState, ToState   RegistrationState
	FromPart, ToPart     AttendancePart
	Way                  AttendanceWay
	PersonID             string // who said it
	Reason               string
	SaidTime, CreateTime time.Time
	Disputed             bool // it contradicted what was said meanwhile, and changed nothing
}

// AttendanceQuery selects what was said at a meeting, in its order.
type AttendanceQuery struct {
	MeetingID string
	PersonID  string // whose lines; "" for everyone's
	After     int    // the rank before
	Limit     int
}

// AttendanceReads finds what was said of who came.
type AttendanceReads interface {
	AttendanceChanges(ctx context.Context, q AttendanceQuery) ([]AttendanceChange, error)
	// AttendanceRank is the last rank of a meeting's changes, 0 when nothing was said.
	AttendanceRank(ctx context.Context, meetingID string) (int, error)
}

// AttendanceWrites keeps what is said of who came.
type AttendanceWrites interface {
	// InsertAttendanceChanges keeps changes; the meeting is held, so that ranks are given one after another.
	InsertAttendanceChanges(ctx context.Context, all []AttendanceChange) error
	// HoldTries is the wrong codes of a person at a meeting; nobody else counts them before the transaction ends.
	HoldTries(ctx context.Context, meetingID, personID string) (Tries, error)
	SaveTries(ctx context.Context, t Tries) error
}

// What an attendance sheet may be refused for.
var (
	ErrAttendanceForeign = errs.New(errs.Invalid, "REGISTRATION_OF_ANOTHER_MEETING",
		"This registration does not hold a seat at this meeting.",
		"Cette inscription ne correspond à aucune place de ce temps de rencontre.")
	ErrAttendanceTwice = errs.New(errs.Invalid, "REGISTRATION_TWICE",
		"This registration stands twice on the sheet; keep one line.",
		"Cette inscription figure deux fois sur la feuille ; gardez une seule ligne.")
	ErrAttendancePart = errs.New(errs.Invalid, "ATTENDANCE_PART",
		"Only somebody present, at a meeting of more than four hours, comes to a half of it; leave the part out.",
		"Seule une personne présente, à une rencontre de plus de quatre heures, peut n'en suivre que la moitié ; ne donnez pas de demi-journée.")
	ErrAttendanceReason = errs.New(errs.Invalid, "ATTENDANCE_REASON_REQUIRED",
		"This line was said before; say why it changes.",
		"Cette ligne a déjà été remplie ; dites pourquoi elle change.")
	ErrAttendanceDisputed = errs.New(errs.Precondition, "ATTENDANCE_DISPUTED",
		"Two sheets say different things about some registrations; decide each of these lines, with a reason.",
		"Deux feuilles se contredisent sur certaines inscriptions ; tranchez chacune de ces lignes, avec un motif.")
)

// AttendanceLine is what stands of a registration on the sheet.
type AttendanceLine struct {
	Registration
	Part     AttendancePart
	Way      AttendanceWay // 0 until something is said
	Said     time.Time
	Rank     int  // of what was said last; 0 before
	Disputed bool // a sheet taken along says otherwise, and nobody has decided
}

// AttendanceSheet is everyone who has a seat at a meeting, with what was said of them.
type AttendanceSheet struct {
	Lines   []AttendanceLine
	Version int                // the rank of what was said last
	changes []AttendanceChange // what it is made of
}

// Attended is the sheet as it stands.
func Attended(ctx context.Context, from interface {
	AttendanceReads
	Roll(ctx context.Context, meetingID string) ([]Registration, error)
}, meetingID string,
) (s AttendanceSheet, err error) {
	roll, err := from.Roll(ctx, meetingID)
	if err != nil {
		return s, err
	}
	s.changes, err = from.AttendanceChanges(ctx, AttendanceQuery{MeetingID: meetingID, Limit: math.MaxInt32})
	place := make(map[string]int, len(roll))
	for i, r := range roll {
		s.Lines = append(s.Lines, AttendanceLine{Registration: r})
		place[r.ID] = i
	}
	for _, c := range s.changes {
		s.Version = c.Rank
		i, ok := place[c.RegistrationID]
		if !ok { // given back since
			continue
		}
		line := &s.Lines[i]
		if line.Disputed = c.Disputed; c.Disputed {
			continue
		}
		line.Part, line.Way, line.Said, line.Rank = c.ToPart, c.Way, c.SaidTime, c.Rank
	}
	return s, err
}

// RecordAttendance says who came; it may be said again until the meeting is declared, otherwise than before for a reason only.
func RecordAttendance(ctx context.Context, tx Tx, m Meeting, lines []Attendance, by string, now time.Time) (Meeting, error) {
	if err := m.countsAttendance(now); err != nil {
		return Meeting{}, err
	}
	sheet, err := Attended(ctx, tx, m.ID)
	if err != nil {
		return Meeting{}, err
	}
	for i := range lines {
		lines[i].Said = now
	}
	changes, err := sheet.say(m, lines)
	if err != nil {
		return m, err
	}
	return keepAttendance(ctx, tx, m, sheet, changes, AttendanceChange{Way: BySheet, PersonID: by, CreateTime: now})
}

// countsAttendance refuses what is said before the meeting or after its declaration.
func (m Meeting) countsAttendance(now time.Time) error {
	if !m.State.ToCome() {
		return m.refused()
	}
	if !m.Begun(now) {
		return ErrNotBegun.At("meeting_id")
	}
	return nil
}

// say is what the lines change on the sheet.
func (s AttendanceSheet) say(m Meeting, lines []Attendance) (changes []AttendanceChange, err error) {
	err = s.each(m, lines, "attendances", func(line Attendance, was AttendanceLine, path string) error {
		why := strings.IndexFunc(line.Reason, visible) >= 0
		switch {
		case line.same(was) && (!was.Disputed || !why):
			return nil
		case was.State != RegistrationConfirmed && !why:
			return ErrAttendanceReason.At(path + ".reason")
		}
		changes = append(changes, line.change(was))
		return nil
	})
	return changes, err
}

// each visits the lines beside what stands, and refuses those that are wrong by themselves.
func (s AttendanceSheet) each(m Meeting, lines []Attendance, list string, use func(Attendance, AttendanceLine, string) error) error {
	stands := make(map[string]AttendanceLine, len(s.Lines))
	for _, l := range s.Lines {
		stands[l.ID] = l
	}
	seen := make(map[string]bool, len(lines))
	for n, line := range lines {
		path := fmt.Sprintf("%s[%d]", list, n)
		was, ok := stands[line.RegistrationID]
		switch {
		case !ok:
			return ErrAttendanceForeign.At(path + ".registration_id")
		case seen[line.RegistrationID]:
			return ErrAttendanceTwice.At(path + ".registration_id")
		case line.Part != WholeMeeting && (line.State != RegistrationPresent || m.End.Sub(m.Start) <= halfDay):
			return ErrAttendancePart.At(path + ".part")
		}
		seen[line.RegistrationID] = true
		if err := use(line, was, path); err != nil {
			return err
		}
	}
	return nil
}

func (a Attendance) same(was AttendanceLine) bool { return a.State == was.State && a.Part == was.Part }

func (a Attendance) change(was AttendanceLine) AttendanceChange {
	return AttendanceChange{
		RegistrationID: a.RegistrationID, FromState: was.State, FromPart: was.Part, ToState: a.State, ToPart: a.Part,
		Reason: strings.TrimSpace(a.Reason), SaidTime: a.Said,
	}
}

// keepAttendance keeps changes, and makes of the registrations what those say that are not disputed; said is what they have in common.
func keepAttendance(
	ctx context.Context, tx Tx, m Meeting, sheet AttendanceSheet, changes []AttendanceChange, said AttendanceChange,
) (_ Meeting, err error) {
	if len(changes) == 0 {
		return m, nil
	}
	changed := map[string]RegistrationState{}
	for i, c := range changes {
		c.MeetingID, c.Rank, c.Way, c.PersonID, c.CreateTime = m.ID, sheet.Version+i+1, said.Way, said.PersonID, said.CreateTime
		if changes[i] = c; !c.Disputed {
			changed[c.RegistrationID] = c.ToState
		}
	}
	roll, marked := sheet.marked(changed)
	m.PresentCount = present(roll)
	// The meeting first, even when its count stays: two sheets at once, or a sheet and the declaration, take turns at it.
	if m, err = save(ctx, tx, m, "meeting.updated"); err != nil {
		return Meeting{}, err
	}
	if err := tx.InsertAttendanceChanges(ctx, changes); err != nil {
		return Meeting{}, err
	}
	return m, attend(ctx, tx, marked)
}

// marked is the roll after changes, and what of it is another than before.
func (s AttendanceSheet) marked(changed map[string]RegistrationState) (roll, marked []Registration) {
	for _, line := range s.Lines {
		r := line.Registration
		if state, ok := changed[r.ID]; ok && state != r.State {
			r.State, r.Version = state, r.Version+1
			marked = append(marked, r)
		}
		roll = append(roll, r)
	}
	return roll, marked
}

// attend stores the next versions of registrations of which it was said whether the person came.
func attend(ctx context.Context, tx Tx, marked []Registration) error {
	attended := make([]Event, len(marked))
	for i, r := range marked {
		if err := tx.UpdateRegistration(ctx, r); err != nil {
			return err
		}
		attended[i] = Event{Name: "registration.attended", State: r}
	}
	return tx.Emit(ctx, attended...)
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
func complete(roll []Registration, path string) error {
	missing := 0
	for _, r := range roll {
		if r.State == RegistrationConfirmed {
			missing++
		}
	}
	switch {
	case missing > 0:
		return ErrAttendanceIncomplete.At(path).With("missing", fmt.Sprint(missing))
	case present(roll) == 0:
		return ErrNobodyPresent.At(path)
	}
	return nil
}

// settled refuses a sheet on which something is missing or contradicted.
func (s AttendanceSheet) settled(path string) error {
	roll, _ := s.marked(nil)
	if err := complete(roll, path); err != nil {
		return err
	}
	disputed := 0
	for _, line := range s.Lines {
		if line.Disputed {
			disputed++
		}
	}
	if disputed > 0 {
		return ErrAttendanceDisputed.At(path).With("disputed", fmt.Sprint(disputed))
	}
	return nil
}
