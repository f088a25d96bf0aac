package idempotent

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/database"
)

// sweep is how often answers that have had their time are removed; the table then holds at most an hour more than it should.
const sweep = time.Hour

// Expire removes answers older than Retention, now and every hour, until ctx ends. It returns no error: what could not be removed
// waits for the next time.
func Expire(ctx context.Context, db *database.DB, now func() time.Time) error {
	ticker := time.NewTicker(sweep)
	defer ticker.Stop()
	for {
		_, _ = Purge(ctx, db, now().Add(-Retention)) // a database that is away shows in readiness
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}
