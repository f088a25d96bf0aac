package domain

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Campaign is a recruitment operation: it gathers interests and turns them into groups.
type Campaign struct {
	ID            string
	Title         string
	TerritoryCode string
	Version       int64
	CreateTime    time.Time
}

// CampaignQuery selects campaigns, newest first.
type CampaignQuery struct {
	Territory string // the campaigns of this territory and of those in it; empty for all
	Page
}

// CampaignReads are the questions about campaigns.
type CampaignReads interface {
	Campaign(ctx context.Context, id string) (Campaign, error)
	Campaigns(ctx context.Context, q CampaignQuery) ([]Campaign, error)
}

// CampaignWrites are the changes of campaigns.
type CampaignWrites interface {
	InsertCampaign(ctx context.Context, c Campaign) error
}

// ErrCampaignNotFound says that the mesh has no such campaign.
var ErrCampaignNotFound = errs.Missing("campaign", "campagne")

// CreateCampaign opens a campaign.
func CreateCampaign(ctx context.Context, tx Tx, c Campaign) (Campaign, error) {
	t, err := TerritoryAt(ctx, tx, c.TerritoryCode, "campaign.territory_code")
	if err != nil {
		return Campaign{}, err
	}
	c.TerritoryCode, c.Version = t.Code, 1
	if err := tx.InsertCampaign(ctx, c); err != nil {
		return Campaign{}, err
	}
	return c, tx.Emit(ctx, Event{Name: "campaign.created", State: c})
}
