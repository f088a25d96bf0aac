package domain

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Meeting is a dated gathering of a group for a module («temps de rencontre»). Place, module and campaign are copies: they
// must not change later.
type Meeting struct {
	ID              string
	SeriesID        string // empty for a single one
	GroupID         string // empty for a structure's
	CampaignID      string // empty outside of any
	ModuleID        string
	ModuleTitle     string
	Title           string // empty when it is called after its module
	Position        int    // rank in the series, from 1; 0 for a single one
	State           MeetingState
	Start, End      time.Time
	TimeZone        string
	Mode            MeetingMode
	RemoteURL       string // for those who take part only
	PlaceID         string
	CommuneCode     string
	StructureID     string  // empty when unknown
	OrganiserID     string  // empty until someone does
	CountersignerID string  // empty before
	Cancelled       Reason  // zero unless it is
	Postponed       Reason  // of the last time; zero when nobody said
	Seats           []Seats // by mode and role
	Capacity        int     // the sum of its seats
	Taken           int     // seats taken or offered; changes without a new version: registrations tell it
	Waiting         int     // persons in its waiting lists; as above
	PresentCount    int
	PostponedCount  int
	Version         int64
	CreateTime      time.Time
	DeclareTime     time.Time // zero before
	AttestTime      time.Time // zero before
}

// MeetingQuery selects meetings by date.
type MeetingQuery struct {
	GroupID, CampaignID string       // "" for all
	State               MeetingState // 0 for all that are not drafts
	OrganiserID         string       // whose drafts are meant, when drafts are
	Page
}

// MeetingReads finds meetings.
type MeetingReads interface {
	Meeting(ctx context.Context, id string) (Meeting, error)
	Meetings(ctx context.Context, q MeetingQuery) ([]Meeting, error)
	Series(ctx context.Context, id string) (Series, error)
}

// MeetingWrites changes meetings.
type MeetingWrites interface {
	// InsertSeries refuses with ErrSeriesExists a second series of a group for a module.
	InsertSeries(ctx context.Context, s Series) error
	// LockSeries is the series as it is; nobody else moves it before the transaction ends.
	LockSeries(ctx context.Context, id string) (Series, error)
	InsertMeeting(ctx context.Context, m Meeting) error
	// UpdateMeeting refuses when someone else has updated the version before.
	UpdateMeeting(ctx context.Context, m Meeting) error
	// KeepCommune remembers what stands above a commune, itself included, for the lists that are limited by territory.
	KeepCommune(ctx context.Context, code string, territories []string) error
}

// What a meeting may be refused for.
var (
	ErrMeetingNotFound = errs.Missing("meeting", "temps de rencontre")
	ErrMeetingState    = errs.New(errs.Precondition, "MEETING_STATE",
		"The state of this meeting does not allow it; read the meeting again.",
		"L'état de ce temps de rencontre ne le permet pas ; relisez-le.")
	ErrMeetingBegun = errs.New(errs.Precondition, "MEETING_BEGUN",
		"This meeting has begun: its date and seats can no longer be changed.",
		"Ce temps de rencontre a commencé : sa date et ses places ne peuvent plus changer.")
	ErrCheckedIn = errs.New(errs.Precondition, "CHECKED_IN",
		"People have checked in at this meeting: it is not moved any more. What cannot take place is called off.",
		"Des personnes se sont déjà enregistrées à ce temps de rencontre : il ne se déplace plus. Ce qui ne peut avoir lieu s'annule.")
	ErrNotBegun = errs.New(errs.Precondition, "NOT_BEGUN",
		"This meeting has not begun; come back once it has.",
		"Ce temps de rencontre n'a pas commencé ; revenez quand il aura commencé.")
	ErrOrganiserMissing = errs.New(errs.Precondition, "ORGANISER_MISSING",
		"Nobody organises this meeting yet; find an organiser for the group first.",
		"Personne n'organise encore ce temps de rencontre ; trouvez d'abord un organisateur pour le groupe.")
	ErrPlaceMissing = errs.New(errs.Precondition, "PLACE_MISSING",
		"This meeting has no place yet; find one first.",
		"Ce temps de rencontre n'a pas encore de lieu ; trouvez-en d'abord un.")
	ErrAttendanceIncomplete = errs.New(errs.Precondition, "ATTENDANCE_INCOMPLETE",
		"Some registrations have no attendance yet; say first who came.",
		"Certaines inscriptions n'ont pas encore de présence ; dites d'abord qui est venu.")
	ErrNobodyPresent = errs.New(errs.Precondition, "NOBODY_PRESENT",
		"Nobody is marked present; a meeting without anyone is cancelled, not declared.",
		"Personne n'est noté présent ; une rencontre sans personne s'annule, elle ne se déclare pas.")
)

// Change is what an update of a meeting asks for; nil leaves things as they are.
type Change struct {
	Start, End *time.Time
	TimeZone   *string
	Capacity   *int
	Mode       *MeetingMode
	RemoteURL  *string
	Title      *string
	NewID      func() string // of the lines that the checklist gains with another mode
}

// Begun reports whether the meeting's hour has come.
func (m Meeting) Begun(now time.Time) bool { return !now.Before(m.Start) }

// TakesRegistrations reports whether people may still register or give their seat back.
func (m Meeting) TakesRegistrations(now time.Time) bool { return m.State.ToCome() && !m.Begun(now) }

// UpdateMeeting moves a meeting or changes its seats, which follow its mode. A later start is a postponement: it is counted and asks
// for a new confirmation; an earlier one is only a move.
func UpdateMeeting(ctx context.Context, tx Tx, m Meeting, c Change, now time.Time) (Meeting, error) {
	if !m.State.Planned() {
		return Meeting{}, m.refused()
	}
	if m.Begun(now) {
		return Meeting{}, ErrMeetingBegun.At("meeting.id")
	}
	next, err := c.apply(m, now)
	if err != nil {
		return Meeting{}, err
	}
	if next.sameTerms(m) && (c.Mode == nil || m.seatedInMode()) {
		return m, nil
	}
	if err := next.inSlot(ctx, tx, "meeting.start_time"); err != nil {
		return Meeting{}, err
	}
	next, err = next.reseat(ctx, tx, "meeting.updated", now, func(s *Seating) error { return c.seat(ctx, s, m, next) })
	if err != nil {
		return Meeting{}, err
	}
	path := "meeting.capacity"
	if c.Mode != nil {
		path = "meeting.mode"
		if err := next.leavePlace(ctx, tx); err != nil {
			return Meeting{}, err
		}
		if err := retype(ctx, tx, c.NewID, next, now); err != nil {
			return Meeting{}, err
		}
	}
	return next, keepPlace(ctx, tx, m, next, now, path)
}

// seat takes the seats along with what the update changes.
func (c Change) seat(ctx context.Context, s *Seating, from, to Meeting) error {
	if !to.Start.Equal(from.Start) {
		if err := s.moved(ctx, to); err != nil {
			return err
		}
	}
	if c.Mode != nil {
		if err := s.follow(ctx, to.Mode); err != nil {
			return err
		}
	}
	if c.Capacity == nil {
		return nil
	}
	pool, ok := s.sole()
	if !ok {
		return ErrSeatsSeveral.At("meeting.capacity")
	}
	return s.resize(ctx, pool, *c.Capacity, "meeting.capacity")
}

// inSlot refuses hours outside of the slot of a programme: who has chosen a workshop there is not free at another hour.
func (m Meeting) inSlot(ctx context.Context, tx Tx, path string) error {
	if m.SeriesID != "" { // no workshop belongs to one
		return nil
	}
	slot, err := tx.SlotOf(ctx, m.ID)
	if err != nil || slot == (Slot{}) {
		return err
	}
	if m.Start.Before(slot.Start) || m.End.After(slot.End) {
		return ErrWorkshopOutsideSlot.At(path)
	}
	return nil
}

// moved takes the seats along to a meeting's new start; those of a draft have not opened yet.
func (s *Seating) moved(ctx context.Context, m Meeting) error {
	if m.State == MeetingDraft {
		return nil
	}
	return s.begin(ctx, m.Start)
}

func (c Change) apply(m Meeting, now time.Time) (Meeting, error) {
	if c.Capacity != nil {
		if m.Capacity = *c.Capacity; m.Capacity < 1 || m.Capacity > maxCapacity {
			return m, ErrCapacityRange.At("meeting.capacity")
		}
	}
	if c.TimeZone != nil {
		m.TimeZone = *c.TimeZone
		if err := CheckZone(m.TimeZone, "meeting.time_zone"); err != nil {
			return m, err
		}
	}
	m, err := c.describe(m)
	if err != nil {
		return m, err
	}
	if c.End != nil {
		m.End = *c.End
	}
	if c.Start != nil && !c.Start.Equal(m.Start) {
		if err := cmp.Or(m.awaited("meeting.start_time"), checkStart(*c.Start, now, "meeting.start_time")); err != nil {
			return m, err
		}
		m = m.movedTo(*c.Start, Reason{})
	}
	return m, Slot{m.Start, m.End}.check("meeting.")
}

// describe changes what people read about the meeting; a series's or a group's may lose its title, and is called after its module.
func (c Change) describe(m Meeting) (_ Meeting, err error) {
	if c.Title != nil {
		m.Title = *c.Title
		if m.Title != "" || m.GroupID == "" {
			if m.Title, err = title(m.Title, "meeting.title"); err != nil {
				return m, err
			}
		}
	}
	if c.Mode != nil {
		m.Mode = cmp.Or(*c.Mode, MeetingInPerson)
	}
	if c.RemoteURL != nil {
		m.RemoteURL = *c.RemoteURL
	}
	if m.State == MeetingConfirmed && (c.Mode != nil || c.RemoteURL != nil) {
		err = m.joinable("meeting.mode") // what was promised stays true
	}
	return m, cmp.Or(checkRemoteURL(m.RemoteURL, "meeting.remote_url"), err)
}

// awaited refuses to move a meeting to which people have come already.
func (m Meeting) awaited(path string) error {
	if m.PresentCount > 0 {
		return ErrCheckedIn.At(path).With("present", strconv.Itoa(m.PresentCount))
	}
	return nil
}

// movedTo moves the start. Whoever could register is told of a later one as a postponement; a draft is only moved.
func (m Meeting) movedTo(start time.Time, why Reason) Meeting {
	if state, ok := m.State.After(Postpone); ok && start.After(m.Start) {
		m.State = state
		m.Postponed = why
		m.PostponedCount++
	}
	m.Start = start
	return m
}

func (m Meeting) sameTerms(o Meeting) bool {
	return m.Start.Equal(o.Start) && m.End.Equal(o.End) && m.TimeZone == o.TimeZone && m.Capacity == o.Capacity &&
		m.Mode == o.Mode && m.RemoteURL == o.RemoteURL && m.Title == o.Title
}

// OpenMeeting opens a draft for registration: from then on it is told.
func OpenMeeting(ctx context.Context, tx Tx, m Meeting, now time.Time) (Meeting, error) {
	next, err := m.after(Open)
	switch {
	case err != nil:
		return Meeting{}, err
	case m.Begun(now):
		return Meeting{}, ErrMeetingBegun.At("id")
	}
	return next.reseat(ctx, tx, "meeting.planned", now, func(s *Seating) error { return s.moved(ctx, next) })
}

// ConfirmMeeting says that a meeting will take place: it has an organiser, a referent who has agreed, and a place or a link, or both.
func ConfirmMeeting(ctx context.Context, tx Tx, m Meeting) (Meeting, error) {
	next, err := m.after(Confirm)
	if err != nil {
		return Meeting{}, err
	}
	if m.OrganiserID == "" {
		return Meeting{}, ErrOrganiserMissing.At("id")
	}
	if err := m.joinable("id"); err != nil {
		return Meeting{}, err
	}
	if err := checkReferent(ctx, tx, m); err != nil {
		return Meeting{}, err
	}
	return save(ctx, tx, next, "meeting.confirmed")
}

// CancelMeeting calls a meeting off and gives back what was booked for it; registrations stay, as a record of who had counted on it.
func CancelMeeting(ctx context.Context, tx Tx, m Meeting, why Reason, now time.Time) (Meeting, error) {
	next, err := m.after(Cancel)
	if err != nil {
		return Meeting{}, err
	}
	if next.Cancelled, err = why.given("cancel_cause", "cancel_note"); err != nil {
		return Meeting{}, err
	}
	if next, err = next.reseat(ctx, tx, "meeting.cancelled", now, (*Seating).close); err != nil {
		return Meeting{}, err
	}
	if err := tx.FreeSlot(ctx, m.ID, ""); err != nil { // whoever had chosen it may choose another workshop
		return Meeting{}, err
	}
	if err := ReleaseBookings(ctx, tx, m.ID, 0); err != nil {
		return Meeting{}, err
	}
	return next, dropAsks(ctx, tx, m.ID)
}

// CloseMeeting closes the file of an attested meeting: nothing more is expected.
func CloseMeeting(ctx context.Context, tx Tx, m Meeting) (Meeting, error) {
	next, err := m.after(Close)
	if err != nil {
		return Meeting{}, err
	}
	return save(ctx, tx, next, "meeting.closed")
}

// after takes the meeting along, or says in which state it is.
func (m Meeting) after(move Move) (Meeting, error) {
	state, ok := m.State.After(move)
	if !ok {
		return Meeting{}, m.refused()
	}
	m.State = state
	return m, nil
}

func (m Meeting) refused() error { return ErrMeetingState.With("state", m.State.String()) }

// save stores the meeting's next version and tells it.
func save(ctx context.Context, tx Tx, m Meeting, event string) (Meeting, error) {
	m.Version++
	if err := tx.UpdateMeeting(ctx, m); err != nil {
		return Meeting{}, err
	}
	return m, told(ctx, tx, m, event)
}

// told emits, unless the meeting is a draft, which nobody hears of before it is opened.
func told(ctx context.Context, tx Tx, m Meeting, event string) error {
	if m.State == MeetingDraft {
		return nil
	}
	return tx.Emit(ctx, Event{Name: event, State: m})
}

// reseat stores the meeting's next version with what use does to its seats, and tells it.
func (m Meeting) reseat(ctx context.Context, tx Tx, event string, now time.Time, use func(*Seating) error) (Meeting, error) {
	m.Version++
	if err := tx.UpdateMeeting(ctx, m); err != nil {
		return Meeting{}, err
	}
	s, err := LockSeating(ctx, tx, m.ID, now)
	if err != nil {
		return Meeting{}, err
	}
	if err := use(s); err != nil {
		return Meeting{}, err
	}
	if err := s.save(ctx); err != nil {
		return Meeting{}, err
	}
	m = m.with(s.pools)
	return m, told(ctx, tx, m, event)
}
