package domain

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Level is how deep a module is followed; a deeper one includes those before.
type Level int

// The levels, in their order.
const (
	Discovery Level = iota + 1
	Training
)

// Module is an online course followed with a series of meetings near home.
type Module struct {
	ID           string
	Position     int
	Title        string
	Summary      string
	LanguageCode string
	Levels       []Level
	Steps        []Step
	MeetingCount int
	Licence      string
	URI          string
	Competences  []string // of the CRCN, in its order
	Version      int64
	CreateTime   time.Time
}

// Step is a part of a module that is followed online.
type Step struct {
	ID      string
	Title   string
	Level   Level
	Minutes int
}

// ModuleQuery selects modules in the catalogue's order.
type ModuleQuery struct {
	Level Level // 0 for all
	Page
}

// ErrModuleNotFound says that the catalogue has no such module.
var ErrModuleNotFound = errs.Missing("module", "module")

// StepsAt is what a person follows at a level.
func (m Module) StepsAt(level Level) []Step {
	return slices.DeleteFunc(slices.Clone(m.Steps), func(s Step) bool { return s.Level > level })
}

// PublishModule puts a module into the catalogue, or a new version of it when its content has changed; the same content
// again changes nothing.
func PublishModule(ctx context.Context, tx Tx, m Module, now time.Time) error {
	if err := checkCompetences(m.Competences); err != nil {
		return err
	}
	current, err := tx.Module(ctx, m.ID)
	if err != nil && !errors.Is(err, ErrModuleNotFound) {
		return err
	}
	m.Version, m.CreateTime = current.Version+1, now
	if current.Version > 0 {
		m.CreateTime = current.CreateTime
		if m.sameContent(current) {
			return nil
		}
	}
	if err := tx.SaveModule(ctx, m); err != nil {
		return err
	}
	return tx.Emit(ctx, Event{Name: "module.published", State: m})
}

func (m Module) sameContent(o Module) bool {
	return m.Position == o.Position && m.Title == o.Title && m.Summary == o.Summary &&
		m.LanguageCode == o.LanguageCode && m.MeetingCount == o.MeetingCount &&
		m.Licence == o.Licence && m.URI == o.URI &&
		slices.Equal(m.Levels, o.Levels) && slices.Equal(m.Steps, o.Steps) && slices.Equal(m.Competences, o.Competences)
}
