package erasure

import (
	"context"
	"errors"
	"time"

	"github.com/classcode/maillage/pkg/database"
)

const (
	pause = time.Minute
	some  = 100
)

// Run looks for each erased person once more when Settling has passed, until ctx ends: again erases what was written since, and settles.
// Several replicas may do so at once. What failed is tried again a minute later; a database that is away shows in readiness.
func Run(ctx context.Context, db *database.DB, now func() time.Time, again func(ctx context.Context, personID string) error) error {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		_ = Again(ctx, db, now(), again)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Again does so for those who are due now.
func Again(ctx context.Context, db *database.DB, now time.Time, again func(ctx context.Context, personID string) error) error {
	due, err := database.All(ctx, db.Read(), func(scan database.Scan) (id string, err error) { return id, scan(&id) },
		`SELECT person_id FROM erasures WHERE person_id <> '' AND erased_at <= $1 ORDER BY erased_at LIMIT CAST($2 AS BIGINT)`,
		database.Micros(now.Add(-Settling)), some)
	failures := []error{err}
	for _, personID := range due {
		failures = append(failures, again(ctx, personID))
	}
	return errors.Join(failures...)
}
