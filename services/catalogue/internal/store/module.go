package store

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
)

const moduleColumns = `id, position, title, summary, language_code, levels, steps, meeting_count, licence, uri, competences, version, created_at`

func readModule(scan database.Scan) (m domain.Module, err error) {
	var steps, competences string
	var levels, created int64
	err = scan(&m.ID, &m.Position, &m.Title, &m.Summary, &m.LanguageCode, &levels, &steps, &m.MeetingCount, &m.Licence, &m.URI, &competences, &m.Version, &created)
	m.CreateTime = database.Time(created)
	m.Levels = levelsOf(levels)
	m.Competences = strings.Fields(competences)
	return m, errors.Join(err, json.Unmarshal([]byte(steps), &m.Steps))
}

// Module returns a module, or domain.ErrModuleNotFound.
func (r reads) Module(ctx context.Context, id string) (domain.Module, error) {
	return database.One(ctx, r.q, domain.ErrModuleNotFound, readModule,
		`SELECT `+moduleColumns+` FROM modules WHERE id = $1`, id)
}

// Modules returns modules by position.
func (r reads) Modules(ctx context.Context, q domain.ModuleQuery) ([]domain.Module, error) {
	position, id := 0, ""
	if len(q.After) == 2 {
		position, _ = strconv.Atoi(q.After[0])
		id = q.After[1]
	}
	var wanted int64 // 0 for all
	if q.Level != 0 {
		wanted = levelBits([]domain.Level{q.Level})
	}
	return database.All(ctx, r.q, readModule,
		`SELECT `+moduleColumns+` FROM modules
		 WHERE (position, id) > ($1, $2) AND ($3 = 0 OR levels & $3 <> 0)
		 ORDER BY position, id LIMIT CAST($4 AS BIGINT)`, position, id, wanted, q.Limit)
}

// SaveModule inserts a module or replaces it.
func (t *tx) SaveModule(ctx context.Context, m domain.Module) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO modules (`+moduleColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		 ON CONFLICT (id) DO UPDATE SET position = excluded.position, title = excluded.title, summary = excluded.summary,
		     language_code = excluded.language_code, levels = excluded.levels, steps = excluded.steps,
		     meeting_count = excluded.meeting_count, licence = excluded.licence, uri = excluded.uri,
		     competences = excluded.competences, version = excluded.version`,
		m.ID, m.Position, m.Title, m.Summary, m.LanguageCode, levelBits(m.Levels), toJSON(m.Steps), m.MeetingCount, m.Licence, m.URI,
		strings.Join(m.Competences, " "), m.Version, database.Micros(m.CreateTime))
	return database.Explain(err)
}

// levelBits keeps a set of levels as a bit each, so that one can be looked for in SQL.
func levelBits(levels []domain.Level) (bits int64) {
	for _, l := range levels {
		bits |= 1 << l
	}
	return bits
}

func levelsOf(bits int64) (levels []domain.Level) {
	for l := domain.Discovery; l <= domain.Training; l++ {
		if bits&(1<<l) != 0 {
			levels = append(levels, l)
		}
	}
	return levels
}
