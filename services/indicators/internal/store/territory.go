package store

import (
	"context"

	"github.com/classcode/maillage/pkg/database"
)

// CommuneKnown tells whether the commune's territories are here.
func (r reads) CommuneKnown(ctx context.Context, commune string) (bool, error) {
	found, err := database.All(ctx, r.q, func(scan database.Scan) (one int, err error) { return one, scan(&one) },
		`SELECT 1 FROM commune_territories WHERE commune = $1 LIMIT 1`, commune)
	return len(found) > 0, err
}

// SaveCommune stores in which territories a commune lies.
func (t *tx) SaveCommune(ctx context.Context, commune string, territories []string) error {
	for _, territory := range territories {
		_, err := t.SQL.ExecContext(ctx,
			`INSERT INTO commune_territories (commune, territory) VALUES ($1, $2) ON CONFLICT DO NOTHING`, commune, territory)
		if err != nil {
			return database.Explain(err)
		}
	}
	return nil
}
