package store

import (
	"context"
	"fmt"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const seriesColumns = `id, group_id, module_id, created_at`

func readSeries(scan database.Scan) (s domain.Series, err error) {
	var created int64
	err = scan(&s.ID, &s.GroupID, &s.ModuleID, &created)
	s.CreateTime = database.Time(created)
	return s, err
}

// Series returns a series with its meetings by date, or domain.ErrSeriesNotFound.
func (r reads) Series(ctx context.Context, id string) (domain.Series, error) {
	series, err := database.One(ctx, r.q, domain.ErrSeriesNotFound, readSeries,
		`SELECT `+seriesColumns+` FROM series WHERE id = $1`, id)
	if err != nil {
		return series, err
	}
	series.Meetings, err = r.meetings(ctx,
		`SELECT `+meetingColumns+` FROM meetings WHERE series_id = $1 ORDER BY starts_at, id`, id)
	return series, err
}

// InsertSeries adds a series with its meetings; the unique constraint on group and module decides between two at once.
func (t *tx) InsertSeries(ctx context.Context, s domain.Series) error {
	result, err := t.SQL.ExecContext(ctx,
		`INSERT INTO series (`+seriesColumns+`) VALUES ($1, $2, $3, $4) ON CONFLICT (group_id, module_id) DO NOTHING`,
		s.ID, s.GroupID, s.ModuleID, database.Micros(s.CreateTime))
	if err != nil {
		return fmt.Errorf("insert series: %w", database.Explain(err))
	}
	if n, err := result.RowsAffected(); err != nil {
		return err
	} else if n > 0 {
		return t.insertMeetings(ctx, s.Meetings)
	}
	known, err := database.One(ctx, t.q, domain.ErrSeriesNotFound, readSeries,
		`SELECT `+seriesColumns+` FROM series WHERE group_id = $1 AND module_id = $2`, s.GroupID, s.ModuleID)
	if err != nil {
		return err
	}
	return domain.ErrSeriesExists.At("group_id").With("series", known.ID)
}

// LockSeries holds the series's row until the transaction ends, and reads its meetings after: what another one moved is seen.
func (t *tx) LockSeries(ctx context.Context, id string) (domain.Series, error) {
	_, err := database.One(ctx, t.q, domain.ErrSeriesNotFound, readSeries,
		`UPDATE series SET created_at = created_at WHERE id = $1 RETURNING `+seriesColumns, id)
	if err != nil {
		return domain.Series{}, err
	}
	return t.Series(ctx, id)
}
