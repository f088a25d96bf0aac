package meetings

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// watchEvery is how late an alert may come.
const watchEvery = time.Minute

// watch tells of broken promises and of meetings that should be postponed, now and every minute, until ctx ends. It returns no error: what
// could not be told waits for the next time, and a database that is away shows in readiness.
func (s *Service) watch(ctx context.Context) error {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		_ = domain.Watch(ctx, s.api.Store, func() string { return uuid.Must(uuid.NewV7()).String() }, s.api.Now())
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}
