package store

import (
	"context"

	"github.com/classcode/maillage/pkg/database"
)

// forgetting is what an erasure does to each table that holds people; $1 is the person. What becomes of each, and why:
// docs/personal-data.md. A new table that names people has its line here.
var forgetting = []string{
	`DELETE FROM enrolments WHERE person_id = $1`,
}

// ForgetPerson removes a person from every table.
func (t *tx) ForgetPerson(ctx context.Context, personID string) error {
	for _, statement := range forgetting {
		if _, err := t.SQL.ExecContext(ctx, statement, personID); err != nil {
			return database.Explain(err)
		}
	}
	return nil
}
