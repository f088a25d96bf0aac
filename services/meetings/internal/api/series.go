package api

import (
	"context"
	"fmt"
	"slices"
	"time"

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
	slots, err := slots(req)
	if err != nil {
		return nil, err
	}
	plan, err := s.plan(ctx, req.GetGroupId())
	if err != nil {
		return nil, err
	}
	plan.Slots, plan.Course, plan.Draft = slots, course(req), req.GetDraft()
	plan.Common.TimeZone, plan.Common.Capacity = req.GetTimeZone(), int(req.GetCapacity())
	plan.Common.Mode, plan.Common.RemoteURL = domain.MeetingMode(req.GetMode()), req.GetRemoteUrl()
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Series, error) {
		series, err := domain.CreateSeries(ctx, tx, plan)
		return wire.Series(series), err
	})
}

// course is when the module begins, when the request says that in the place of slots.
func course(req *meetingsv1.CreateSeriesRequest) *domain.Course {
	if req.GetModuleStartDate() == "" {
		return nil
	}
	return &domain.Course{
		StartDate: req.GetModuleStartDate(), Hour: req.GetLocalStartHour(), TimeZone: req.GetTimeZone(),
		Length: time.Duration(req.GetDurationMinutes()) * time.Minute, Choice: domain.LocalChoice(req.GetLocalTimeChoice()),
	}
}

// GetSeries returns a series with its meetings: with its drafts to those who plan them.
func (s *Server) GetSeries(ctx context.Context, req *meetingsv1.GetSeriesRequest) (*meetingsv1.Series, error) {
	series, err := s.Store.Series(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	draft := func(m domain.Meeting) bool { return m.State == domain.MeetingDraft }
	if i := slices.IndexFunc(series.Meetings, draft); i >= 0 {
		plans, err := s.prepares(ctx, series.Meetings[i])
		switch {
		case err != nil:
			return nil, err
		case !plans && hidden(series):
			return nil, domain.ErrSeriesNotFound
		case !plans:
			series.Meetings = slices.DeleteFunc(series.Meetings, draft)
		}
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

func slots(req *meetingsv1.CreateSeriesRequest) ([]domain.Slot, error) {
	if len(req.GetSlots()) == 0 && req.GetModuleStartDate() == "" {
		return nil, errs.ErrRequired.At("slots")
	}
	out := make([]domain.Slot, len(req.GetSlots()))
	for i, slot := range req.GetSlots() {
		var err error
		hours := clock{req.GetTimeZone(), "time_zone", slot.GetLocalTimeChoice()}
		if out[i], err = hours.slot(slot, fmt.Sprintf("slots[%d].", i)); err != nil {
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
