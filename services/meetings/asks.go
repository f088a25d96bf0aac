package meetings

import (
	"context"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// askSweep is how late, at most, the next professional in a line is asked. An answer that comes meanwhile finds the deadline passed.
const askSweep = 5 * time.Second

// lapseAsks lets the asks lapse that nobody answers, now and again and again, until ctx ends. It returns no error: what could not be
// changed waits for the next time, and a database that is away shows in readiness.
func (s *Service) lapseAsks(ctx context.Context) error {
	ticker := time.NewTicker(askSweep)
	defer ticker.Stop()
	for {
		_ = domain.LapseAsks(ctx, s.store, s.api.Now())
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}
