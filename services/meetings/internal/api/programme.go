package api

import (
	"context"
	"fmt"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/idempotent"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// ProgrammeResource says where a programme takes place and who organises it: for a group's, whoever organises the group by now.
func (s *Server) ProgrammeResource(ctx context.Context, id string) (access.Resource, error) {
	p, err := s.Store.Programme(ctx, id)
	if err != nil {
		return access.Resource{}, err
	}
	r := access.Resource{Type: "Programme", ID: id, Territory: p.CommuneCode, Structure: p.StructureID, Owners: some(p.OrganiserID)}
	if p.GroupID != "" {
		group, err := s.GroupResource(ctx, p.GroupID)
		r.Owners = group.Owners
		return r, err
	}
	return r, nil
}

// CreateProgramme plans an event with parallel workshops.
func (s *Server) CreateProgramme(ctx context.Context, req *meetingsv1.CreateProgrammeRequest) (*meetingsv1.Programme, error) {
	p := domain.Programme{ID: newID(), Title: req.GetTitle(), TimeZone: req.GetTimeZone()}
	for i, in := range req.GetSlots() {
		slot, err := clock{p.TimeZone, "time_zone", in.GetLocalTimeChoice()}.slot(in, fmt.Sprintf("slots[%d].", i))
		if err != nil {
			return nil, err
		}
		p.Slots = append(p.Slots, domain.ProgrammeSlot{ID: newID(), Position: i + 1, Slot: slot})
	}
	plan, err := s.host(ctx, req.GetParent(), req.GetPlaceId(), "place_id")
	if err != nil {
		return nil, err
	}
	c := plan.Common
	p.GroupID, p.StructureID, p.CampaignID, p.PlaceID, p.CommuneCode = c.GroupID, c.StructureID, c.CampaignID, c.PlaceID, c.CommuneCode
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Programme, error) {
		created, err := domain.CreateProgramme(ctx, tx, p, plan)
		return wire.Programme(created), err
	})
}

// GetProgramme returns a programme with its workshops.
func (s *Server) GetProgramme(ctx context.Context, req *meetingsv1.GetProgrammeRequest) (*meetingsv1.Programme, error) {
	p, err := s.Store.Programme(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Programme(p), nil
}

// AddWorkshop adds a workshop, in one or several slots.
func (s *Server) AddWorkshop(ctx context.Context, req *meetingsv1.AddWorkshopRequest) (*meetingsv1.Programme, error) {
	w := domain.NewWorkshop{Title: req.GetTitle(), Capacity: int(req.GetCapacity()), Slots: numbers(req.GetSlots()), NewID: newID, Now: s.Now()}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Programme, error) {
		if in := req.GetHours(); in != nil {
			p, err := tx.Programme(ctx, req.GetId())
			if err != nil {
				return nil, err
			}
			hours, err := clock{p.TimeZone, "time_zone", in.GetLocalTimeChoice()}.slot(in, "hours.")
			if err != nil {
				return nil, err
			}
			w.Hours = &hours
		}
		p, err := domain.AddWorkshop(ctx, tx, req.GetId(), w)
		return wire.Programme(p), err
	})
}

// JoinProgramme says that the caller comes.
func (s *Server) JoinProgramme(ctx context.Context, req *meetingsv1.JoinProgrammeRequest) (*meetingsv1.Programme, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Programme, error) {
		p, err := domain.JoinProgramme(ctx, tx, req.GetId(), caller(ctx), s.Now())
		return wire.Programme(p), err
	})
}

// LeaveProgramme takes that back.
func (s *Server) LeaveProgramme(ctx context.Context, req *meetingsv1.LeaveProgrammeRequest) (*meetingsv1.Programme, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Programme, error) {
		p, err := domain.LeaveProgramme(ctx, tx, req.GetId(), caller(ctx))
		return wire.Programme(p), err
	})
}

// ListOwnChoices returns the caller's workshops.
func (s *Server) ListOwnChoices(ctx context.Context, req *meetingsv1.ListOwnChoicesRequest) (*meetingsv1.ListOwnChoicesResponse, error) {
	if _, err := s.Store.Programme(ctx, req.GetId()); err != nil {
		return nil, err
	}
	own, joined, err := s.Store.Choices(ctx, req.GetId(), caller(ctx))
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListOwnChoicesResponse{Joined: joined}
	for _, c := range own {
		out.Choices = append(out.Choices, wire.Session(c))
	}
	return out, nil
}

func numbers(in []int32) []int {
	out := make([]int, len(in))
	for i, n := range in {
		out[i] = int(n)
	}
	return out
}
