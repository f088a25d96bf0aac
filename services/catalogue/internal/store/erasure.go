package store

import (
	"context"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/erasure"
)

// forgetting is what an erasure does to each table that holds people; $1 is the person. What becomes of each, and why:
// docs/personal-data.md. A new table that names people has its line here.
var forgetting = []string{
	`DELETE FROM enrolments WHERE person_id = $1`,
	`DELETE FROM practice_sheet_users WHERE person_id = $1`,
	`UPDATE meetings SET organiser_id = '' WHERE organiser_id = $1`,
	`UPDATE seats SET person_id = '' WHERE person_id = $1`,
}

// ForgetPerson removes a person from every table.
func (t *tx) ForgetPerson(ctx context.Context, personID string) error {
	for _, statement := range forgetting {
		if _, err := t.SQL.ExecContext(ctx, statement, personID); err != nil {
			return database.Explain(err)
		}
	}
	return t.leaveSheets(ctx, personID)
}

// leaveSheets puts an id that is nobody's into the history of practice sheets, another one for each sheet.
func (t *tx) leaveSheets(ctx context.Context, personID string) error {
	sheets, err := database.All(ctx, t.q, readText, `SELECT DISTINCT sheet_id FROM practice_sheet_changes WHERE person_id = $1`, personID)
	if err != nil {
		return err
	}
	for _, id := range sheets {
		_, err := t.SQL.ExecContext(ctx, `UPDATE practice_sheet_changes SET person_id = $2 WHERE person_id = $1 AND sheet_id = $3`,
			personID, erasure.StandIn(), id)
		if err != nil {
			return database.Explain(err)
		}
	}
	return nil
}

// Erased tells which of the people were erased.
func (t *tx) Erased(ctx context.Context, people ...string) ([]string, error) {
	return erasure.Among(ctx, t.SQL, people)
}
