package store

import (
	"context"
	"fmt"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const equipmentColumns = `id, structure_id, commune_code, kind, label, quantity, unusable, persons_per_unit, condition, version, created_at`

func equipmentInto(e *domain.Equipment, created *int64) []any {
	return []any{
		&e.ID, &e.StructureID, &e.CommuneCode, &e.Kind, &e.Label, &e.Quantity, &e.Unusable, &e.PersonsPerUnit, &e.Condition, &e.Version, created,
	}
}

func readEquipment(scan database.Scan) (e domain.Equipment, err error) {
	var created int64
	err = scan(equipmentInto(&e, &created)...)
	e.CreateTime = database.Time(created)
	return e, err
}

// Equipment returns a stock, or domain.ErrEquipmentNotFound.
func (r reads) Equipment(ctx context.Context, id string) (domain.Equipment, error) {
	return database.One(ctx, r.q, domain.ErrEquipmentNotFound, readEquipment, `SELECT `+equipmentColumns+` FROM equipment WHERE id = $1`, id)
}

// ListEquipment returns stocks, oldest first.
func (r reads) ListEquipment(ctx context.Context, q domain.EquipmentQuery) ([]domain.Equipment, error) {
	created, id := after(q.Page)
	return database.All(ctx, r.q, readEquipment,
		`SELECT `+equipmentColumns+` FROM equipment
		 WHERE (created_at, id) > ($1, $2) AND ($3 = '' OR structure_id = $3) AND ($4 = 0 OR kind = $4)
		   AND ($5 = '' OR commune_code IN (SELECT commune_code FROM commune_territories WHERE territory_code = $5))
		 ORDER BY created_at, id LIMIT CAST($6 AS BIGINT)`, created, id, q.StructureID, int(q.Kind), q.Territory, q.Limit)
}

// EquipmentOf returns what a meeting holds of each stock.
func (r reads) EquipmentOf(ctx context.Context, meetingID string) ([]domain.BookedEquipment, error) {
	return database.All(ctx, r.q, func(scan database.Scan) (b domain.BookedEquipment, err error) {
		var created int64
		err = scan(append(equipmentInto(&b.Equipment, &created), &b.Booked)...)
		b.CreateTime = database.Time(created)
		return b, err
	},
		`SELECT `+equipmentColumns+`, held.units FROM equipment
		 JOIN (SELECT resource_id, CAST(sum(quantity) AS BIGINT) AS units FROM bookings
		       WHERE meeting_id = $1 AND resource_kind = 2 AND state = 1 GROUP BY resource_id) held ON held.resource_id = equipment.id
		 ORDER BY id`, meetingID)
}

// CountResource locks a resource and says how many units there are.
func (t *tx) CountResource(ctx context.Context, kind domain.ResourceKind, id string, quantity int) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO resources (kind, id, quantity, version) VALUES ($1, $2, $3, 1)
		 ON CONFLICT (kind, id) DO UPDATE SET quantity = excluded.quantity, version = resources.version + 1`, int(kind), id, quantity)
	if err != nil {
		return fmt.Errorf("count resource: %w", database.Explain(err))
	}
	return nil
}

// InsertEquipment adds a stock.
func (t *tx) InsertEquipment(ctx context.Context, e domain.Equipment) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO equipment (`+equipmentColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		e.ID, e.StructureID, e.CommuneCode, int(e.Kind), e.Label, e.Quantity, e.Unusable, e.PersonsPerUnit, e.Condition, e.Version,
		database.Micros(e.CreateTime))
	if err != nil {
		return fmt.Errorf("insert equipment: %w", database.Explain(err))
	}
	return nil
}

// UpdateEquipment stores the next version of a stock.
func (t *tx) UpdateEquipment(ctx context.Context, e domain.Equipment) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE equipment SET label = $1, quantity = $2, unusable = $3, persons_per_unit = $4, condition = $5, version = $6
		 WHERE id = $7 AND version = $6 - 1`, e.Label, e.Quantity, e.Unusable, e.PersonsPerUnit, e.Condition, e.Version, e.ID))
}
