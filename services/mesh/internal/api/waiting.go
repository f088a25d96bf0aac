package api

import (
	"context"
	"strconv"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/page"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/wire"
)

// RecruitmentResource is a group as seen by those who complete it: its organiser, or its members while nobody organises it.
func (s *Server) RecruitmentResource(ctx context.Context, groupID string) (access.Resource, error) {
	r, err := s.GroupResource(ctx, groupID)
	if err != nil {
		return access.Resource{}, err
	}
	g, err := s.Store.Group(ctx, groupID)
	if r.Type = "Recruitment"; g.OrganiserID != "" {
		r.Owners = []string{g.OrganiserID}
	}
	return r, err
}

// FindWaitingLearners returns who waits near a group for its module.
func (s *Server) FindWaitingLearners(ctx context.Context, req *meshv1.FindWaitingLearnersRequest) (*meshv1.FindWaitingLearnersResponse, error) {
	near, err := domain.WaitingForGroup(ctx, s.Store, req.GetGroupId(), int(req.GetRadiusMetres()))
	if err != nil {
		return nil, err
	}
	return s.nearby(ctx, near, "FindWaitingLearners", req.GetGroupId()+"|"+strconv.Itoa(int(req.GetRadiusMetres())), req)
}

// FindWaitingNearPlace returns who waits near a place.
func (s *Server) FindWaitingNearPlace(ctx context.Context, req *meshv1.FindWaitingNearPlaceRequest) (*meshv1.FindWaitingLearnersResponse, error) {
	near, err := domain.WaitingNearPlace(ctx, s.Store, req.GetPlaceId(), int(req.GetRadiusMetres()), domain.WaitingQuery{ModuleID: req.GetModuleId()})
	if err != nil {
		return nil, err
	}
	filter := req.GetPlaceId() + "|" + strconv.Itoa(int(req.GetRadiusMetres())) + "|" + req.GetModuleId()
	return s.nearby(ctx, near, "FindWaitingNearPlace", filter, req)
}

func (s *Server) nearby(ctx context.Context, near domain.Nearby, method, filter string, req page.Request) (*meshv1.FindWaitingLearnersResponse, error) {
	query := page.Query{Method: method, Filter: filter, Order: "distance,id", Scope: caller(ctx)}
	rows, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.NearWaiting, error) {
			return near.Page(domain.Page{After: after, Limit: limit}), nil
		},
		domain.NearWaiting.Cursor)
	if err != nil {
		return nil, err
	}
	out := &meshv1.FindWaitingLearnersResponse{NextPageToken: next, TotalSize: int32(len(near)), Spheres: wire.Spheres(near.Spheres())}
	for _, w := range rows {
		out.Learners = append(out.Learners, wire.WaitingLearner(w))
	}
	return out, nil
}
