package meetings

import (
	"context"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Without makes a service whose use cases work on what loosen makes of its store.
func Without(ctx context.Context, cfg Config, deps Deps, loosen func(domain.Store) domain.Store) (*Service, error) {
	return newService(ctx, cfg, deps, loosen)
}

// LapseOffers lets all offers lapse whose deadline has come.
func (s *Service) LapseOffers(ctx context.Context) error {
	for {
		if more, err := domain.LapseOffers(ctx, s.store, s.api.Now()); err != nil || !more {
			return err
		}
	}
}
