package api

import (
	"context"
	"fmt"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

func (s *Server) thresholdResource(ctx context.Context, id string) (access.Resource, error) {
	t, err := s.Store.Threshold(ctx, id)
	return access.Resource{Territory: t.Territory}, err
}

// CreateThreshold puts a threshold in force in a territory.
func (s *Server) CreateThreshold(ctx context.Context, req *meetingsv1.CreateThresholdRequest) (*meetingsv1.Threshold, error) {
	in := req.GetThreshold()
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Threshold, error) {
		t, err := tx.PutThreshold(ctx, domain.Threshold{
			ID: newID(), Type: domain.MeetingType(in.GetMeetingType()), Territory: in.GetTerritoryCode(), Measure: domain.Measure(in.GetMeasure()),
			Limit: int(in.GetLimit()), Before: inHours(in.GetHoursBeforeStart()), Recommendation: domain.Recommendation(in.GetRecommendation()),
			CreateTime: s.Now(),
		})
		return wire.Threshold(t), err
	})
}

// ListThresholds returns the thresholds in force in a territory.
func (s *Server) ListThresholds(ctx context.Context, req *meetingsv1.ListThresholdsRequest) (*meetingsv1.ListThresholdsResponse, error) {
	kind := domain.MeetingType(req.GetMeetingType())
	above, err := s.above(ctx, req.GetTerritoryCode())
	if err != nil {
		return nil, err
	}
	set, err := s.Store.Thresholds(ctx, kind, above)
	if err != nil {
		return nil, err
	}
	query := page.Query{Method: "ListThresholds", Filter: fmt.Sprint(kind, "|", req.GetTerritoryCode()), Order: "measure,recommendation"}
	thresholds, next, err := inForce(s.Pages, query, req, domain.ThresholdsInForce(domain.DefaultRules(), kind, set),
		func(t domain.Threshold) string { return fmt.Sprint(t.Measure, "|", t.Recommendation) })
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListThresholdsResponse{NextPageToken: next}
	for _, t := range thresholds {
		out.Thresholds = append(out.Thresholds, wire.Threshold(t))
	}
	return out, nil
}

// DeleteThreshold takes a threshold out of force.
func (s *Server) DeleteThreshold(ctx context.Context, req *meetingsv1.DeleteThresholdRequest) (*meetingsv1.Threshold, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Threshold, error) {
		t, err := tx.RetireThreshold(ctx, req.GetId(), s.Now())
		return wire.Threshold(t), err
	})
}
