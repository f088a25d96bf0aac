package api

import (
	"context"
	"fmt"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/rpc"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// GroupResource asks the mesh, in the caller's name, where a group is and who organises it.
func (s *Server) GroupResource(ctx context.Context, id string) (access.Resource, error) {
	g, err := s.group(ctx, id)
	if err != nil {
		return access.Resource{}, err
	}
	return access.Resource{
		Type: "Group", ID: id, Territory: g.GetCommuneCode(), Structure: g.GetStructureId(), Owners: some(g.GetOrganiserId()),
	}, nil
}

// CreateSeries plans a group's meetings for its module.
func (s *Server) CreateSeries(ctx context.Context, req *meetingsv1.CreateSeriesRequest) (*meetingsv1.Series, error) {
	slots, err := slots(req.GetSlots())
	if err != nil {
		return nil, err
	}
	plan, err := s.plan(ctx, req.GetGroupId())
	if err != nil {
		return nil, err
	}
	plan.Slots, plan.Common.TimeZone, plan.Common.Capacity = slots, req.GetTimeZone(), int(req.GetCapacity())
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Series, error) {
		series, err := domain.CreateSeries(ctx, tx, plan)
		return wire.Series(series), err
	})
}

// GetSeries returns a series with its meetings.
func (s *Server) GetSeries(ctx context.Context, req *meetingsv1.GetSeriesRequest) (*meetingsv1.Series, error) {
	series, err := s.Store.Series(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Series(series), nil
}

// plan asks the other services, before any transaction, for what a series copies from them.
func (s *Server) plan(ctx context.Context, groupID string) (domain.Plan, error) {
	heard, err := s.Store.Group(ctx, groupID) // before the group itself: what is heard later is newer than the answer
	if err != nil {
		return domain.Plan{}, err
	}
	g, err := s.group(ctx, groupID)
	if err != nil {
		return domain.Plan{}, err
	}
	module, err := s.module(ctx, g.GetModuleId())
	if err != nil {
		return domain.Plan{}, err
	}
	above, err := s.Territories.Ancestors(ctx, g.GetCommuneCode())
	if err != nil {
		return domain.Plan{}, err
	}
	return domain.Plan{
		SeriesID: newID(), MeetingCount: int(module.GetMeetingCount()), Territories: above, Heard: heard, NewID: newID, Now: s.Now(),
		Common: domain.Meeting{
			GroupID: groupID, CampaignID: g.GetCampaignId(), ModuleID: g.GetModuleId(), ModuleTitle: module.GetTitle(),
			PlaceID: g.GetPlaceId(), CommuneCode: g.GetCommuneCode(), StructureID: g.GetStructureId(), OrganiserID: g.GetOrganiserId(),
		},
	}, nil
}

func (s *Server) group(ctx context.Context, id string) (*meshv1.Group, error) {
	g, err := s.Groups.GetGroup(ctx, &meshv1.GetGroupRequest{Id: id})
	if err = rpc.FromStatus(err); isMissing(err) {
		return nil, errs.Missing("group", "groupe").At("group_id")
	}
	return g, err
}

func (s *Server) module(ctx context.Context, id string) (*cataloguev1.Module, error) {
	if id == "" {
		return nil, domain.ErrModuleMissing.At("group_id")
	}
	module, err := s.Modules.GetModule(ctx, &cataloguev1.GetModuleRequest{Id: id})
	if err = rpc.FromStatus(err); isMissing(err) {
		return nil, domain.ErrModuleMissing.At("group_id")
	}
	return module, err
}

func isMissing(err error) bool { return err != nil && errs.From(err).Kind == errs.NotFound }

func slots(in []*meetingsv1.Slot) ([]domain.Slot, error) {
	out := make([]domain.Slot, len(in))
	for i, slot := range in {
		var err error
		if out[i].Start, err = instant(slot.GetStartTime(), fmt.Sprintf("slots[%d].start_time", i)); err != nil {
			return nil, err
		}
		if out[i].End, err = instant(slot.GetEndTime(), fmt.Sprintf("slots[%d].end_time", i)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// some is the persons whose ids are known.
func some(ids ...string) (known []string) {
	for _, id := range ids {
		if id != "" {
			known = append(known, id)
		}
	}
	return known
}
