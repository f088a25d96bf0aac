package store

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
)

const sheetColumns = `id, meeting_id, module_id, state, title, summary, min_age, max_age, minutes, licence, content, derived_from,
	commune_code, meeting_date, return_reason, remarks, derivations, users, version, created_at, updated_at, published_at`

// sheetContent is what of a sheet is only read whole.
type sheetContent struct {
	Material    []string
	Competences []string
	Keywords    []string
	Steps       []domain.SheetStep
	Worked      string
	DidNotWork  string
}

func readSheet(scan database.Scan) (s domain.PracticeSheet, err error) {
	var text string
	var created, updated, published int64
	err = scan(&s.ID, &s.MeetingID, &s.ModuleID, &s.State, &s.Title, &s.Summary, &s.MinAge, &s.MaxAge, &s.Minutes, &s.Licence, &text, &s.DerivedFrom,
		&s.Origin.CommuneCode, &s.Origin.Date, &s.ReturnReason, &s.Remarks, &s.Reuse.Derivations, &s.Reuse.Users, &s.Version, &created, &updated, &published)
	if err != nil {
		return s, err
	}
	var c sheetContent
	err = json.Unmarshal([]byte(text), &c)
	s.Material, s.Competences, s.Keywords, s.Steps, s.Worked, s.DidNotWork = c.Material, c.Competences, c.Keywords, c.Steps, c.Worked, c.DidNotWork
	s.CreateTime, s.UpdateTime = database.Time(created), database.Time(updated)
	if published != 0 {
		s.PublishTime = database.Time(published)
	}
	return s, err
}

func contentOf(s domain.PracticeSheet) string {
	return toJSON(sheetContent{s.Material, s.Competences, s.Keywords, s.Steps, s.Worked, s.DidNotWork})
}

// searchOf is what words are looked for in. The line breaks keep a word from being found across two fields.
func searchOf(s domain.PracticeSheet) string {
	all := append([]string{s.Title, s.Summary}, s.Competences...)
	return database.Fold(strings.Join(append(all, s.Keywords...), "\n"))
}

// Sheet returns a practice sheet, or domain.ErrSheetNotFound.
func (r reads) Sheet(ctx context.Context, id string) (domain.PracticeSheet, error) {
	return database.One(ctx, r.q, domain.ErrSheetNotFound, readSheet, `SELECT `+sheetColumns+` FROM practice_sheets WHERE id = $1`, id)
}

// SheetCount is how many sheets a meeting has.
func (r reads) SheetCount(ctx context.Context, meetingID string) (int, error) {
	return database.One(ctx, r.q, nil, func(scan database.Scan) (n int, err error) { return n, scan(&n) },
		`SELECT count(*) FROM practice_sheets WHERE meeting_id = $1`, meetingID)
}

// InsertSheet adds a sheet.
func (t *tx) InsertSheet(ctx context.Context, s domain.PracticeSheet) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO practice_sheets (`+sheetColumns+`, search, reuse_rank)
		 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, 0, $17, $18, $19, 0, $20, 0)`,
		s.ID, s.MeetingID, s.ModuleID, int(s.State), s.Title, s.Summary, s.MinAge, s.MaxAge, s.Minutes, s.Licence, contentOf(s),
		s.DerivedFrom, s.Origin.CommuneCode, s.Origin.Date, s.ReturnReason, s.Remarks,
		s.Version, database.Micros(s.CreateTime), database.Micros(s.UpdateTime), searchOf(s))
	if err != nil {
		return database.Explain(err)
	}
	return t.saveTerritories(ctx, s)
}

// UpdateSheet stores the next version of a sheet, and leaves the counts of its reuse alone.
func (t *tx) UpdateSheet(ctx context.Context, s domain.PracticeSheet) error {
	published := int64(0)
	if !s.PublishTime.IsZero() {
		published = database.Micros(s.PublishTime)
	}
	err := database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE practice_sheets SET module_id = $1, state = $2, title = $3, summary = $4, min_age = $5, max_age = $6, minutes = $7, licence = $8,
		     content = $9, search = $10, commune_code = $11, meeting_date = $12, return_reason = $13, remarks = $14, version = $15, updated_at = $16,
		     published_at = $17
		 WHERE id = $18 AND version = $15 - 1`,
		s.ModuleID, int(s.State), s.Title, s.Summary, s.MinAge, s.MaxAge, s.Minutes, s.Licence, contentOf(s), searchOf(s), s.Origin.CommuneCode,
		s.Origin.Date, s.ReturnReason, s.Remarks, s.Version, database.Micros(s.UpdateTime), published, s.ID))
	if err != nil {
		return err
	}
	return t.saveTerritories(ctx, s)
}

// saveTerritories keeps where a sheet comes from; a sheet that does not say stays where it was.
func (t *tx) saveTerritories(ctx context.Context, s domain.PracticeSheet) error {
	if len(s.Origin.Territories) == 0 {
		return nil
	}
	if _, err := t.SQL.ExecContext(ctx, `DELETE FROM practice_sheet_territories WHERE sheet_id = $1`, s.ID); err != nil {
		return database.Explain(err)
	}
	rows := make([][]any, len(s.Origin.Territories))
	for i, code := range s.Origin.Territories {
		rows[i] = []any{s.ID, code}
	}
	return t.BulkInsert(ctx, "practice_sheet_territories", []string{"sheet_id", "code"}, rows)
}
