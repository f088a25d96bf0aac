package store

import (
	"context"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/indicators/internal/domain"
)

const measureColumns = `indicator_id, part, milestone, territory, campaign_id, value, unit, qualifier, measured_on, source, text, definition_version`

func readMeasure(scan database.Scan) (m domain.Measure, err error) {
	m.Origin = domain.Declared
	err = scan(&m.IndicatorID, &m.Part, &m.Milestone, &m.Area.Territory, &m.Area.Campaign, &m.Value, &m.Unit, &m.Qualifier,
		&m.MeasuredOn, &m.Source, &m.Text, &m.DefinitionVersion)
	return m, err
}

// Declared returns the measures declared for exactly this area, by milestone and part.
func (r reads) Declared(ctx context.Context, a domain.Area) ([]domain.Measure, error) {
	return database.All(ctx, r.q, readMeasure,
		`SELECT `+measureColumns+` FROM measures WHERE territory = $1 AND campaign_id = $2
		 ORDER BY indicator_id, milestone, part`, a.Territory, a.Campaign)
}

// SaveMeasure stores a declared measure, in the place of the one of the same part, milestone and area.
func (t *tx) SaveMeasure(ctx context.Context, m domain.Measure) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO measures (`+measureColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		 ON CONFLICT (indicator_id, part, milestone, territory, campaign_id) DO UPDATE SET
		     value = excluded.value, unit = excluded.unit, qualifier = excluded.qualifier, measured_on = excluded.measured_on,
		     source = excluded.source, text = excluded.text, definition_version = excluded.definition_version`,
		m.IndicatorID, m.Part, m.Milestone, m.Area.Territory, m.Area.Campaign, m.Value, int(m.Unit), int(m.Qualifier),
		m.MeasuredOn, m.Source, m.Text, m.DefinitionVersion)
	return database.Explain(err)
}
