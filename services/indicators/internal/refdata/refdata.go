// Package refdata holds the indicators as they were declared at the project's milestones.
package refdata

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/classcode/maillage/services/indicators/internal/domain"
)

//go:embed m24.json
var m24 []byte

var units = map[string]domain.Unit{
	"": 0, "PERSON": domain.Person, "PLACE": domain.Places, "BASIS_POINT": domain.BasisPoint, "PERSON_MONTH": domain.PersonMonth,
	"EUR_CENT": domain.EuroCent, "DELIVERABLE": domain.Deliverable, "TEXT": domain.Text,
}

var qualifiers = map[string]domain.Qualifier{
	"EXACT": domain.Exact, "APPROXIMATE": domain.Approximate, "UNCERTAIN": domain.Uncertain,
	"CONDITIONAL": domain.Conditional, "NOT_YET": domain.NotYet, "NON_NUMERIC": domain.NonNumeric,
}

type report struct {
	Milestone, Territory string
	Indicators           []indicator
}

type indicator struct {
	ID, Title, Definition string
	DefinitionVersion     int
	Unit                  string
	Measures              []measure
}

type measure struct {
	Part              string
	Value             *int64
	Unit, Qualifier   string
	MeasuredOn        string
	DefinitionVersion int // 0: the version above
	Source, Text      string
}

// Indicators returns the definitions with the measures declared at M24.
func Indicators() ([]domain.Indicator, error) {
	var r report
	strict := json.NewDecoder(bytes.NewReader(m24))
	strict.DisallowUnknownFields() // a misspelt field would leave a qualifier out in silence
	if err := strict.Decode(&r); err != nil {
		return nil, fmt.Errorf("m24.json: %w", err)
	}
	out := make([]domain.Indicator, 0, len(r.Indicators))
	for _, in := range r.Indicators {
		i, err := in.indicator(r)
		if err != nil {
			return nil, fmt.Errorf("m24.json: indicator %s: %w", in.ID, err)
		}
		out = append(out, i)
	}
	return out, nil
}

func (in indicator) indicator(r report) (domain.Indicator, error) {
	i := domain.Indicator{
		ID: in.ID, Title: in.Title, Definition: in.Definition, DefinitionVersion: in.DefinitionVersion, Unit: units[in.Unit],
	}
	if i.Unit == 0 {
		return i, fmt.Errorf("unknown unit %q", in.Unit)
	}
	for _, m := range in.Measures {
		unit, known := units[m.Unit]
		qualifier := qualifiers[m.Qualifier]
		if !known || qualifier == 0 {
			return i, fmt.Errorf("part %q: unknown unit %q or qualifier %q", m.Part, m.Unit, m.Qualifier)
		}
		if m.DefinitionVersion == 0 {
			m.DefinitionVersion = i.DefinitionVersion
		}
		i.Measures = append(i.Measures, domain.Measure{
			IndicatorID: i.ID, Part: m.Part, Value: m.Value, Unit: unit, Qualifier: qualifier, Origin: domain.Declared,
			MeasuredOn: m.MeasuredOn, Milestone: r.Milestone, Area: domain.Area{Territory: r.Territory},
			Source: m.Source, Text: m.Text, DefinitionVersion: m.DefinitionVersion,
		})
	}
	return i, nil
}
