package api

import (
	"context"
	"strconv"
	"strings"

	"github.com/classcode/maillage/pkg/page"
	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
	"github.com/classcode/maillage/services/indicators/internal/domain"
	"github.com/classcode/maillage/services/indicators/internal/wire"
)

// GetIndicator returns an indicator, measured over a territory.
func (s *Server) GetIndicator(ctx context.Context, req *indicatorsv1.GetIndicatorRequest) (*indicatorsv1.Indicator, error) {
	indicator, err := s.Store.Indicator(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	survey, err := s.survey(ctx, req)
	if err != nil {
		return nil, err
	}
	measured := []domain.Indicator{indicator}
	if err := domain.Take(ctx, s.Store, survey, measured); err != nil {
		return nil, err
	}
	return wire.Indicator(measured[0]), nil
}

// ListIndicators returns the indicators by id, measured over a territory.
func (s *Server) ListIndicators(ctx context.Context, req *indicatorsv1.ListIndicatorsRequest) (*indicatorsv1.ListIndicatorsResponse, error) {
	survey, err := s.survey(ctx, req)
	if err != nil {
		return nil, err
	}
	survey.Origin = domain.Origin(req.GetOrigin())
	filter := strings.Join([]string{survey.Territory, survey.Campaign, req.GetOrigin().String()}, " ")
	query := page.Query{Method: "ListIndicators", Filter: filter, Order: "id"}
	indicators, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Indicator, error) {
			return s.Store.Indicators(ctx, domain.IndicatorQuery{Page: domain.Page{After: after, Limit: limit}})
		}, cursor)
	if err != nil {
		return nil, err
	}
	if err := domain.Take(ctx, s.Store, survey, indicators); err != nil {
		return nil, err
	}
	out := &indicatorsv1.ListIndicatorsResponse{NextPageToken: next}
	for _, i := range indicators {
		out.Indicators = append(out.Indicators, wire.Indicator(i))
	}
	return out, nil
}

// area is what both requests say of what is to be measured.
type area interface {
	GetTerritoryCode() string
	GetCampaignId() string
}

func (s *Server) survey(ctx context.Context, req area) (domain.Survey, error) {
	territory, err := domain.Territory(ctx, s.Territories, req.GetTerritoryCode())
	// A UUID may be written in capitals; here ids are not.
	campaign := strings.ToLower(req.GetCampaignId())
	return domain.Survey{Area: domain.Area{Territory: territory, Campaign: campaign}, Day: domain.Day(s.Now())}, err
}

func cursor(i domain.Indicator) []string {
	position, _ := domain.Rank(i.ID) // an id without one was never stored
	return []string{strconv.Itoa(position), i.ID}
}
