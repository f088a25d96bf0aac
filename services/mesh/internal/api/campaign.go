package api

import (
	"context"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/wire"
)

// CampaignResource says where a campaign recruits.
func (s *Server) CampaignResource(ctx context.Context, id string) (access.Resource, error) {
	c, err := s.Store.Campaign(ctx, id)
	return access.Resource{Type: "Campaign", ID: id, Territory: c.TerritoryCode}, err
}

// CreateCampaign opens a campaign.
func (s *Server) CreateCampaign(ctx context.Context, req *meshv1.CreateCampaignRequest) (*meshv1.Campaign, error) {
	in := req.GetCampaign()
	campaign := domain.Campaign{ID: newID(), Title: in.GetTitle(), TerritoryCode: in.GetTerritoryCode(), CreateTime: s.now()}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.Campaign, error) {
		created, err := domain.CreateCampaign(ctx, tx, campaign)
		return wire.Campaign(created), err
	})
}

// GetCampaign returns a campaign.
func (s *Server) GetCampaign(ctx context.Context, req *meshv1.GetCampaignRequest) (*meshv1.Campaign, error) {
	campaign, err := s.Store.Campaign(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Campaign(campaign), nil
}

// ListCampaigns returns campaigns, newest first.
func (s *Server) ListCampaigns(ctx context.Context, req *meshv1.ListCampaignsRequest) (*meshv1.ListCampaignsResponse, error) {
	territory, err := s.territoryFilter(ctx, req.GetTerritoryCode())
	if err != nil {
		return nil, err
	}
	query := page.Query{Method: "ListCampaigns", Filter: territory, Order: "created desc,id desc"}
	campaigns, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Campaign, error) {
			return s.Store.Campaigns(ctx, domain.CampaignQuery{Territory: territory, Page: domain.Page{After: after, Limit: limit}})
		},
		func(c domain.Campaign) []string { return byTime(c.CreateTime, c.ID) })
	if err != nil {
		return nil, err
	}
	out := &meshv1.ListCampaignsResponse{NextPageToken: next}
	for _, c := range campaigns {
		out.Campaigns = append(out.Campaigns, wire.Campaign(c))
	}
	return out, nil
}

// FormGroups groups those of a campaign who wait for a module.
func (s *Server) FormGroups(ctx context.Context, req *meshv1.FormGroupsRequest) (*meshv1.FormGroupsResponse, error) {
	rules, err := domain.NewRules(int(req.GetRadiusMetres()), int(req.GetMinSize()), int(req.GetMaxSize()))
	if err != nil {
		return nil, err
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.FormGroupsResponse, error) {
		campaign, err := tx.Campaign(ctx, req.GetCampaignId())
		if err != nil {
			return nil, err
		}
		formation, err := domain.FormGroups(ctx, tx, campaign, req.GetModuleId(), rules, newID, s.now())
		return wire.Formation(formation), err
	})
}
