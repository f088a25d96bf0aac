// Package refdata holds Class'Code's five modules.
package refdata

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/classcode/maillage/services/catalogue/internal/domain"
)

//go:embed modules.json
var modules []byte

var levels = map[string]domain.Level{"DISCOVERY": domain.Discovery, "TRAINING": domain.Training}

type module struct {
	ID, Title, Summary, LanguageCode, Licence, URI string
	Position, MeetingCount                         int
	Levels, Competences                            []string
	Steps                                          []struct {
		ID, Title, Level string
		Minutes          int
	}
}

// Modules returns the five modules, without version or date.
func Modules() ([]domain.Module, error) {
	var rows []module
	if err := json.Unmarshal(modules, &rows); err != nil {
		return nil, fmt.Errorf("modules.json: %w", err)
	}
	out := make([]domain.Module, 0, len(rows))
	for _, r := range rows {
		m := domain.Module{
			ID: r.ID, Position: r.Position, Title: r.Title, Summary: r.Summary, LanguageCode: r.LanguageCode,
			MeetingCount: r.MeetingCount, Licence: r.Licence, URI: r.URI, Competences: r.Competences,
		}
		for _, l := range r.Levels {
			m.Levels = append(m.Levels, levels[l])
		}
		for _, s := range r.Steps {
			m.Steps = append(m.Steps, domain.Step{ID: s.ID, Title: s.Title, Level: levels[s.Level], Minutes: s.Minutes})
		}
		out = append(out, m)
	}
	return out, nil
}
