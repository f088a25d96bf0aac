package api

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/rpc"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// The two kinds of parents that a single meeting may have.
const (
	ofGroup     = "groups/"
	ofStructure = "structures/"
)

var errParent = errs.New(errs.Invalid, "PARENT_INVALID",
	`Say who meets: "groups/" or "structures/", followed by its id.`,
	"Dites qui se réunit : « groups/ » ou « structures/ », suivi de son identifiant.")

// parentOf reads a parent: one of its two ids is empty.
func parentOf(parent string) (group, structure string, err error) {
	group, isGroup := strings.CutPrefix(parent, ofGroup)
	structure, isStructure := strings.CutPrefix(parent, ofStructure)
	switch {
	case isGroup && uuid.Validate(group) == nil:
		return group, "", nil
	case isStructure && uuid.Validate(structure) == nil:
		return "", structure, nil
	}
	return "", "", errParent.At("parent")
}

// HostResource says where the parent of a single meeting is, and whose it is. A group's is its organiser's; that a structure hosts the
// group gives its relays no say in it.
func (s *Server) HostResource(ctx context.Context, parent string) (access.Resource, error) {
	group, structure, err := parentOf(parent)
	switch {
	case err != nil:
		return access.Resource{}, err
	case group != "":
		r, err := s.GroupResource(ctx, group)
		r.Structure = ""
		return r, err
	}
	commune, err := s.structure(ctx, structure)
	return access.Resource{Type: "Host", ID: structure, Territory: commune, Structure: structure}, err
}

// CreateMeeting plans a single meeting.
func (s *Server) CreateMeeting(ctx context.Context, req *meetingsv1.CreateMeetingRequest) (*meetingsv1.Meeting, error) {
	in := req.GetMeeting()
	slot, err := clock{in.GetTimeZone(), "meeting.time_zone", req.GetLocalTimeChoice()}.slot(in, "meeting.")
	if err != nil {
		return nil, err
	}
	plan, err := s.single(ctx, req)
	if err != nil {
		return nil, err
	}
	plan.Slots = []domain.Slot{slot}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Meeting, error) {
		m, err := domain.CreateMeeting(ctx, tx, plan)
		return wire.Meeting(m), err
	})
}

// single is what is known of a single meeting before any transaction.
func (s *Server) single(ctx context.Context, req *meetingsv1.CreateMeetingRequest) (domain.Plan, error) {
	in := req.GetMeeting()
	plan, err := s.host(ctx, req.GetParent(), in.GetPlaceId(), "meeting.place_id")
	plan.Draft = req.GetDraft()
	plan.Common.Title, plan.Common.TimeZone, plan.Common.Capacity = in.GetTitle(), in.GetTimeZone(), int(in.GetCapacity())
	plan.Common.Mode, plan.Common.RemoteURL = domain.MeetingMode(in.GetMode()), in.GetRemoteUrl()
	return plan, err
}

// host is what a parent and a place give to what is planned there; path is the place's in the request. Without any commune there is
// nothing above it either: the domain then refuses, and says what is missing.
func (s *Server) host(ctx context.Context, parent, place, path string) (domain.Plan, error) {
	group, structure, err := parentOf(parent)
	if err != nil {
		return domain.Plan{}, err
	}
	plan := domain.Plan{NewID: newID, Now: s.Now()}
	if group != "" {
		if plan, err = s.plan(ctx, group); err != nil {
			return plan, err
		}
	} else {
		// Whoever plans for a structure organises.
		plan.Common = domain.Meeting{StructureID: structure, OrganiserID: caller(ctx)}
	}
	if err := s.place(ctx, place, path, &plan.Common); err != nil || plan.Common.CommuneCode == "" {
		return plan, err
	}
	plan.Territories, err = s.Territories.Ancestors(ctx, plan.Common.CommuneCode)
	return plan, err
}

// place gives a meeting the place that is named, or else where its structure is: a meeting from afar belongs to that commune.
func (s *Server) place(ctx context.Context, id, path string, m *domain.Meeting) error {
	if id == "" {
		if m.GroupID != "" {
			return nil
		}
		var err error
		m.CommuneCode, err = s.structure(ctx, m.StructureID)
		return err
	}
	if uuid.Validate(id) != nil {
		return errs.ErrNotFound.At(path)
	}
	found, err := s.Groups.GetPlace(ctx, &meshv1.GetPlaceRequest{Id: id})
	if err = rpc.FromStatus(err); isMissing(err) {
		return errs.Missing("place", "lieu").At(path)
	}
	m.PlaceID, m.CommuneCode = found.GetId(), found.GetCommuneCode()
	if m.StructureID == "" {
		m.StructureID = found.GetStructureId()
	}
	return err
}
