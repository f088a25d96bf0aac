package events

import (
	"context"

	"github.com/classcode/maillage/pkg/erasure"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
)

// Erasures is the consumer of the people whom the mesh has erased.
func Erasures(store domain.Store) events.Consumer {
	return erasure.Consumer("catalogue", func(ctx context.Context, personID string) error {
		return store.Write(ctx, func(tx domain.Tx) error { return domain.ErasePerson(ctx, tx, personID) })
	})
}
