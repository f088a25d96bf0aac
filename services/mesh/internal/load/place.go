package load

import (
	"context"

	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/refdata"
)

// source is what places of the reference data say of their origin.
const source = "cartographie-nationale"

// batch keeps a transaction of places, each with its event, far below the five seconds that a write may last.
const batch = 200

func (l Loader) places(ctx context.Context, progress Progress) error {
	given, err := refdata.Places()
	if err != nil {
		return err
	}
	return l.once(ctx, "places", len(given), progress, func(report func(int)) error {
		for done := 0; done < len(given); {
			some := given[done:min(done+batch, len(given))]
			if err := l.Store.Write(ctx, func(tx domain.Tx) error { return l.importAll(ctx, tx, some) }); err != nil {
				return err
			}
			done += len(some)
			report(done)
		}
		return nil
	}, each(given))
}

func (l Loader) importAll(ctx context.Context, tx domain.Tx, places []refdata.Place) error {
	for _, p := range places {
		err := domain.ImportPlace(ctx, tx, domain.Place{
			ID: p.ID, Name: p.Name, CommuneCode: p.Commune, Position: domain.Position{Latitude: p.Lat, Longitude: p.Lon},
			OpeningHours: p.OpeningHours, Source: source, SourceID: p.SourceID, Address: p.Address, CreateTime: l.Now(),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
