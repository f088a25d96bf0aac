package store

import (
	"context"
	"math"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

const campaignColumns = `id, title, territory_code, version, created_at`

func readCampaign(scan database.Scan) (c domain.Campaign, err error) {
	var created int64
	err = scan(&c.ID, &c.Title, &c.TerritoryCode, &c.Version, &created)
	c.CreateTime = database.Time(created)
	return c, err
}

// Campaign returns a campaign, or domain.ErrCampaignNotFound.
func (r reads) Campaign(ctx context.Context, id string) (domain.Campaign, error) {
	return database.One(ctx, r.q, domain.ErrCampaignNotFound, readCampaign, `SELECT `+campaignColumns+` FROM campaigns WHERE id = $1`, id)
}

// Campaigns returns campaigns, newest first.
func (r reads) Campaigns(ctx context.Context, q domain.CampaignQuery) ([]domain.Campaign, error) {
	created, id := afterNumber(q.Page)
	if len(q.After) == 0 {
		created = math.MaxInt64
	}
	var p params
	return database.All(ctx, r.q, readCampaign,
		`SELECT `+campaignColumns+` FROM campaigns
		 WHERE (created_at, id) < (`+p.add(created)+`, `+p.add(id)+`) AND `+p.optionalWithin("campaigns.territory_code", q.Territory)+`
		 ORDER BY created_at DESC, id DESC `+p.limit(q.Limit), p...)
}

// InsertCampaign adds a campaign.
func (t *tx) InsertCampaign(ctx context.Context, c domain.Campaign) error {
	_, err := t.SQL.ExecContext(ctx, `INSERT INTO campaigns (`+campaignColumns+`) VALUES ($1, $2, $3, $4, $5)`,
		c.ID, c.Title, c.TerritoryCode, c.Version, database.Micros(c.CreateTime))
	return database.Explain(err)
}
