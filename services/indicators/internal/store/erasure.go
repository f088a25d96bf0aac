package store

import (
	"context"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/erasure"
)

// forgetting is what an erasure does to each table that holds people; $1 is the person. What becomes of each, and why:
// docs/personal-data.md. A new table that names people has its line here.
var forgetting = []string{
	`DELETE FROM interests WHERE person_id = $1`,
	`DELETE FROM attestations WHERE person_id = $1`,
	`DELETE FROM enrolments WHERE person_id = $1`,
	`DELETE FROM standings WHERE person_id = $1 AND sensitised = 0 AND trained = 0`,
}

// ForgetPerson removes a person from every table; the tallies stay the sum of the standings.
func (t *tx) ForgetPerson(ctx context.Context, personID string) error {
	for _, statement := range forgetting {
		if _, err := t.SQL.ExecContext(ctx, statement, personID); err != nil {
			return database.Explain(err)
		}
	}
	_, err := t.SQL.ExecContext(ctx, `UPDATE standings SET person_id = $2 WHERE person_id = $1`, personID, erasure.StandIn())
	return database.Explain(err)
}

// Erased tells whether a person was erased.
func (t *tx) Erased(ctx context.Context, personID string) (bool, error) {
	at, err := erasure.When(ctx, t.SQL, personID)
	return !at.IsZero(), err
}
