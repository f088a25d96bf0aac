package store

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
)

// SheetChanges returns the last changes of a sheet, newest first.
func (r reads) SheetChanges(ctx context.Context, sheetID string, limit int) ([]domain.SheetChange, error) {
	return database.All(ctx, r.q, func(scan database.Scan) (c domain.SheetChange, err error) {
		var created int64
		err = scan(&c.SheetID, &c.Version, &c.State, &c.PersonID, &c.Note, &created)
		c.CreateTime = database.Time(created)
		return c, err
	}, `SELECT sheet_id, version, state, person_id, note, created_at FROM practice_sheet_changes WHERE sheet_id = $1
	    ORDER BY version DESC LIMIT CAST($2 AS BIGINT)`, sheetID, limit)
}

// InsertSheetChange keeps a change for ever.
func (t *tx) InsertSheetChange(ctx context.Context, c domain.SheetChange) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO practice_sheet_changes (sheet_id, version, state, person_id, note, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		c.SheetID, c.Version, int(c.State), c.PersonID, c.Note, database.Micros(c.CreateTime))
	return database.Explain(err)
}

// WorkedOnSheet tells whether a person wrote a sheet or sent it up.
func (t *tx) WorkedOnSheet(ctx context.Context, sheetID, personID string) (bool, error) {
	found, err := database.All(ctx, t.q, readText,
		`SELECT sheet_id FROM practice_sheet_changes WHERE sheet_id = $1 AND person_id = $2 AND state IN ($3, $4) LIMIT 1`,
		sheetID, personID, int(domain.SheetDraft), int(domain.SheetSubmitted))
	return len(found) > 0, err
}

// AddSheetUser notes that a person used a sheet.
func (t *tx) AddSheetUser(ctx context.Context, sheetID, personID string, now time.Time) (bool, error) {
	return changed(t.SQL.ExecContext(ctx,
		`INSERT INTO practice_sheet_users (sheet_id, person_id, created_at) VALUES ($1, $2, $3) ON CONFLICT (sheet_id, person_id) DO NOTHING`,
		sheetID, personID, database.Micros(now)))
}

// CountSheetReuse adds to a sheet's counts: first, so that the row is held, then what follows from them.
func (t *tx) CountSheetReuse(ctx context.Context, sheetID string, more domain.SheetReuse) error {
	err := database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE practice_sheets SET derivations = derivations + $1, users = users + $2 WHERE id = $3`, more.Derivations, more.Users, sheetID))
	if err != nil {
		return err
	}
	s, err := t.Sheet(ctx, sheetID)
	if err != nil {
		return err
	}
	return database.Updated(t.SQL.ExecContext(ctx, `UPDATE practice_sheets SET reuse_rank = $1 WHERE id = $2`, s.Reuse.Rank(), sheetID))
}
