package store

import (
	"context"
	"strings"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// WaitingBetween returns the interests that wait, of communes in a band of latitude.
func (r reads) WaitingBetween(ctx context.Context, q domain.WaitingQuery) ([]domain.WaitingInterest, error) {
	var p params
	campaigns := "TRUE"
	if len(q.Campaigns) > 0 {
		campaigns = "interests.campaign_id IN (" + strings.Join(p.all(q.Campaigns), ", ") + ")"
	}
	return database.All(ctx, r.q, readWaiting,
		`SELECT `+interestColumns+`, t.latitude, t.longitude FROM interests JOIN territories t ON t.code = interests.commune_code
		 WHERE interests.state = 1 AND `+campaigns+` AND `+p.optional("interests.module_id", q.ModuleID)+`
		   AND t.latitude BETWEEN `+p.add(q.South)+` AND `+p.add(q.North), p...)
}
