package domain

import (
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
	if err := checkZone(p.Common.TimeZone, "time_zone"); err != nil {
		return Series{}, err
	}
	if err := checkSlots(p.Slots, p.MeetingCount, p.Now); err != nil {
		return Series{}, err
	}
	organiser, err := p.organiser(ctx, tx)
	if err != nil {
		return Series{}, err
	}
	series := p.series(organiser)
	if err := tx.InsertSeries(ctx, series); err != nil {
		return Series{}, err
	}
	if err := tx.KeepCommune(ctx, p.Common.CommuneCode, p.Territories); err != nil {
		return Series{}, err
	}
	if err := Prepare(ctx, tx, p.NewID, p.Now, series.Meetings...); err != nil {
		return Series{}, err
	}
	planned := make([]Event, len(series.Meetings))
	for i, m := range series.Meetings {
		planned[i] = Event{Name: "meeting.planned", State: m}
	}
	return series, tx.Emit(ctx, planned...)
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

func (p Plan) series(organiser string) Series {
	s := Series{ID: p.SeriesID, GroupID: p.Common.GroupID, ModuleID: p.Common.ModuleID, CreateTime: p.Now}
	for i, slot := range p.Slots {
		m := p.Common
		m.ID, m.SeriesID, m.Position, m.OrganiserID = p.NewID(), s.ID, i+1, organiser
		m.State, m.Start, m.End = MeetingOpen, slot.Start, slot.End
		m.Version, m.CreateTime = 1, p.Now
		m = m.with(seatsOf(m))
		s.Meetings = append(s.Meetings, m)
	}
	return s
}
