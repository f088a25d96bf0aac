package domain

import (
	"cmp"
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Series is a group's meetings for a module: two by default.
type Series struct {
	ID         string
	GroupID    string
	ModuleID   string
	Meetings   []Meeting // by date
	CreateTime time.Time
}

// Plan is a series to be, with what the group and the module say at that moment.
type Plan struct {
	SeriesID     string
	Common       Meeting // what the meetings have in common: group, module, place, organiser, zone, capacity
	Slots        []Slot
	Course       *Course // says when, in the place of Slots
	Draft        bool
	MeetingCount int      // the module's
	Territories  []string // the commune and what stands above it
	Heard        Group    // what the service knew of the group before it asked for it
	NewID        func() string
	Now          time.Time
}

// What a series may be refused for.
var (
	ErrSeriesNotFound = errs.Missing("series", "série de temps de rencontre")
	ErrSeriesExists   = errs.New(errs.AlreadyExists, "SERIES_EXISTS",
		"This group has its meetings for this module already; change those.",
		"Ce groupe a déjà ses temps de rencontre pour ce module ; modifiez ceux-là.")
	ErrModuleMissing = errs.New(errs.Precondition, "MODULE_MISSING",
		"The module that this group follows is not in the catalogue; choose another one first.",
		"Le module que suit ce groupe n'est pas au catalogue ; choisissez-en d'abord un autre.")
)

// CreateSeries plans a group's meetings, open for registration at once.
func CreateSeries(ctx context.Context, tx Tx, p Plan) (Series, error) {
	if err := CheckZone(p.Common.TimeZone, "time_zone"); err != nil {
		return Series{}, err
	}
	slots, err := p.slots()
	if err != nil {
		return Series{}, err
	}
	if err := checkRemoteURL(p.Common.RemoteURL, "remote_url"); err != nil {
		return Series{}, err
	}
	organiser, err := p.organiser(ctx, tx)
	if err != nil {
		return Series{}, err
	}
	series := p.series(slots, organiser)
	if err := tx.InsertSeries(ctx, series); err != nil {
		return Series{}, err
	}
	if err := tx.KeepCommune(ctx, p.Common.CommuneCode, p.Territories); err != nil {
		return Series{}, err
	}
	if err := Prepare(ctx, tx, p.NewID, p.Now, series.Meetings...); err != nil {
		return Series{}, err
	}
	for _, m := range series.Meetings {
		if err := told(ctx, tx, m, "meeting.planned"); err != nil {
			return Series{}, err
		}
	}
	return series, nil
}

// slots is when the meetings take place, as given or after the module's rhythm.
func (p Plan) slots() ([]Slot, error) {
	if p.Course == nil {
		return p.Slots, checkSlots(p.Slots, p.MeetingCount, p.Now)
	}
	if len(p.Slots) > 0 {
		return nil, ErrSlotsGivenTwice.At("slots")
	}
	slots, err := p.Course.Slots(p.MeetingCount)
	if err != nil {
		return nil, err
	}
	for _, s := range slots {
		if err := checkStart(s.Start, p.Now, "module_start_date"); err != nil {
			return nil, err
		}
	}
	return slots, nil
}

func (p Plan) state() MeetingState {
	if p.Draft {
		return MeetingDraft
	}
	return MeetingOpen
}

// organiser is the group's as it was asked for, unless an organiser was heard of since: that event found no meeting to
// change, and will not come again. The lock makes one that comes meanwhile wait, and find these meetings.
func (p Plan) organiser(ctx context.Context, tx Tx) (string, error) {
	heard, err := tx.LockGroup(ctx, p.Common.GroupID)
	if err != nil {
		return "", err
	}
	if heard.Version != p.Heard.Version && heard.OrganiserID != "" {
		return heard.OrganiserID, nil
	}
	return p.Common.OrganiserID, nil
}

func (p Plan) series(slots []Slot, organiser string) Series {
	s := Series{ID: p.SeriesID, GroupID: p.Common.GroupID, ModuleID: p.Common.ModuleID, CreateTime: p.Now}
	for i, slot := range slots {
		m := p.Common
		m.ID, m.SeriesID, m.Position, m.OrganiserID = p.NewID(), s.ID, i+1, organiser
		m.State, m.Start, m.End, m.Mode = p.state(), slot.Start, slot.End, cmp.Or(m.Mode, MeetingInPerson)
		m.Version, m.CreateTime = 1, p.Now
		m = m.with(seatsOf(m))
		s.Meetings = append(s.Meetings, m)
	}
	return s
}

// CancelSeries calls off the meetings of a series that are to come; those that have begun stay as they are.
func CancelSeries(ctx context.Context, tx Tx, id string, why Reason, now time.Time) (Series, error) {
	s, err := tx.LockSeries(ctx, id)
	if err != nil {
		return Series{}, err
	}
	coming := s.toCome(now)
	if len(coming) == 0 {
		return Series{}, ErrSeriesOver.At("id")
	}
	for _, m := range coming {
		if _, err := CancelMeeting(ctx, tx, m, why, now); err != nil {
			return Series{}, err
		}
	}
	return tx.Series(ctx, id)
}
