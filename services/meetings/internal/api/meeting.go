package api

import (
	"context"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	"github.com/classcode/maillage/pkg/rpc"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// MeetingResource says where a meeting takes place and who organises it.
func (s *Server) MeetingResource(ctx context.Context, id string) (access.Resource, error) {
	m, err := s.Store.Meeting(ctx, id)
	return access.Resource{
		Type: "Meeting", ID: id, Territory: m.CommuneCode, Structure: m.StructureID, Owners: some(m.OrganiserID),
		Private: m.State == domain.MeetingDraft,
	}, err
}

// GetMeeting returns a meeting: a draft to those who plan it, the link to join it to those who take part.
func (s *Server) GetMeeting(ctx context.Context, req *meetingsv1.GetMeetingRequest) (*meetingsv1.Meeting, error) {
	meeting, err := s.Store.Meeting(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	plans := false
	if meeting.State == domain.MeetingDraft || meeting.RemoteURL != "" {
		if plans, err = s.prepares(ctx, meeting); err != nil {
			return nil, err
		}
	}
	if meeting.State == domain.MeetingDraft && !plans {
		return nil, domain.ErrMeetingNotFound
	}
	out := wire.Meeting(meeting)
	if plans {
		out.RemoteUrl = meeting.RemoteURL
		return out, nil
	}
	takesPart, err := s.takesPart(ctx, meeting)
	if takesPart {
		out.RemoteUrl = meeting.RemoteURL
	}
	return out, err
}

// prepares reports whether the caller organises the meeting or coordinates its territory.
func (s *Server) prepares(ctx context.Context, m domain.Meeting) (bool, error) {
	if who := caller(ctx); who != "" && who == m.OrganiserID {
		return true, nil
	}
	return s.coordinates(ctx, m.CommuneCode)
}

// takesPart reports whether the caller has a seat at a meeting that has a link.
func (s *Server) takesPart(ctx context.Context, m domain.Meeting) (bool, error) {
	if caller(ctx) == "" || m.RemoteURL == "" {
		return false, nil
	}
	own, err := s.Store.Registrations(ctx, domain.RegistrationQuery{MeetingID: m.ID, PersonID: caller(ctx), Page: domain.Page{Limit: 1}})
	return len(own) > 0 && (own[0].State == domain.RegistrationConfirmed || own[0].State == domain.RegistrationPresent), err
}

// ListMeetings returns the meetings of a group or a campaign, by date; of drafts, when they are asked for, the caller's own.
func (s *Server) ListMeetings(ctx context.Context, req *meetingsv1.ListMeetingsRequest) (*meetingsv1.ListMeetingsResponse, error) {
	drafts := "" // whose
	if req.GetState() == meetingsv1.MeetingState_MEETING_STATE_DRAFT {
		drafts = caller(ctx)
	}
	query := page.Query{
		Scope:  drafts,
		Method: "ListMeetings", Order: "start,id",
		Filter: strings.Join([]string{req.GetGroupId(), req.GetCampaignId(), req.GetState().String()}, "|"),
	}
	meetings, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Meeting, error) {
			return s.Store.Meetings(ctx, domain.MeetingQuery{
				GroupID: req.GetGroupId(), CampaignID: req.GetCampaignId(), State: domain.MeetingState(req.GetState()),
				OrganiserID: drafts, Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(m domain.Meeting) []string {
			return []string{strconv.FormatInt(database.Micros(m.Start), 10), m.ID}
		})
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListMeetingsResponse{NextPageToken: next}
	for _, m := range meetings {
		out.Meetings = append(out.Meetings, wire.Meeting(m))
	}
	return out, nil
}

// UpdateMeeting moves a meeting or changes its seats.
func (s *Server) UpdateMeeting(ctx context.Context, req *meetingsv1.UpdateMeetingRequest) (*meetingsv1.Meeting, error) {
	in := req.GetMeeting()
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Meeting, error) {
		m, err := tx.LockMeeting(ctx, in.GetId()) // so that what is left as it is, is told as of one moment, too
		if err != nil {
			return nil, err
		}
		if etag.Check(in.GetEtag(), m.Version) != nil { // whose own path is a request's, not a resource's
			return nil, errs.ErrStaleEtag.At("meeting.etag").With("current", etag.Of(m.Version))
		}
		wanted, err := change(req, m)
		if err != nil {
			return nil, err
		}
		m, err = domain.UpdateMeeting(ctx, tx, m, wanted, s.Now())
		return wire.Meeting(m), err
	})
}

// change reads what the mask names; local times are those of the zone that the meeting has, or is given.
func change(req *meetingsv1.UpdateMeetingRequest, m domain.Meeting) (c domain.Change, err error) {
	in, paths := req.GetMeeting(), req.GetUpdateMask().GetPaths()
	c.NewID = newID
	if len(paths) == 0 {
		return c, errs.ErrMask.At("update_mask")
	}
	hours := clock{m.TimeZone, "meeting.time_zone", req.GetLocalTimeChoice()}
	for _, path := range paths {
		switch path {
		case "time_zone":
			c.TimeZone, hours.zone = proto.String(in.GetTimeZone()), in.GetTimeZone()
		case "capacity":
			capacity := int(in.GetCapacity())
			c.Capacity = &capacity
		case "mode":
			mode := domain.MeetingMode(in.GetMode())
			c.Mode = &mode
		case "remote_url":
			c.RemoteURL = proto.String(in.GetRemoteUrl())
		case "title":
			c.Title = proto.String(in.GetTitle())
		case "start_time", "local_start_time", "end_time", "local_end_time": // below, once the zone is known
		case "id", "etag": // a PATCH over HTTP without a mask gets one from its body, these two included
		default:
			return c, errs.ErrMask.At("update_mask").With("path", path)
		}
	}
	if c.Start, err = hours.masked(paths, in.GetStartTime(), in.GetLocalStartTime(), "start_time"); err != nil {
		return c, err
	}
	c.End, err = hours.masked(paths, in.GetEndTime(), in.GetLocalEndTime(), "end_time")
	return c, err
}

// OpenMeeting opens a draft for registration.
func (s *Server) OpenMeeting(ctx context.Context, req *meetingsv1.OpenMeetingRequest) (*meetingsv1.Meeting, error) {
	return s.onMeeting(ctx, req, func(tx domain.Tx, m domain.Meeting) (domain.Meeting, error) {
		return domain.OpenMeeting(ctx, tx, m, s.Now())
	})
}

// ConfirmMeeting confirms that a meeting will take place.
func (s *Server) ConfirmMeeting(ctx context.Context, req *meetingsv1.ConfirmMeetingRequest) (*meetingsv1.Meeting, error) {
	return s.onMeeting(ctx, req, func(tx domain.Tx, m domain.Meeting) (domain.Meeting, error) {
		return domain.ConfirmMeeting(ctx, tx, m)
	})
}

// CancelMeeting calls a meeting off.
func (s *Server) CancelMeeting(ctx context.Context, req *meetingsv1.CancelMeetingRequest) (*meetingsv1.Meeting, error) {
	return s.onMeeting(ctx, req, func(tx domain.Tx, m domain.Meeting) (domain.Meeting, error) {
		why := reason(req.GetCancelCause(), req.GetCancelNote())
		if why.Cause == 0 && strings.TrimSpace(req.GetCause()) != "" { // as it was said before there were causes
			why = domain.Reason{Cause: domain.OtherCause, Note: req.GetCause()}
		}
		return domain.CancelMeeting(ctx, tx, m, why, s.Now())
	})
}

// DeclareMeeting declares that a meeting took place.
func (s *Server) DeclareMeeting(ctx context.Context, req *meetingsv1.DeclareMeetingRequest) (*meetingsv1.Meeting, error) {
	return s.onMeeting(ctx, req, func(tx domain.Tx, m domain.Meeting) (domain.Meeting, error) {
		return domain.DeclareMeeting(ctx, tx, m, s.Now())
	})
}

// CloseMeeting closes the file of an attested meeting.
func (s *Server) CloseMeeting(ctx context.Context, req *meetingsv1.CloseMeetingRequest) (*meetingsv1.Meeting, error) {
	return s.onMeeting(ctx, req, func(tx domain.Tx, m domain.Meeting) (domain.Meeting, error) {
		return domain.CloseMeeting(ctx, tx, m)
	})
}

// CountersignMeeting countersigns a declared meeting and issues its attestations.
func (s *Server) CountersignMeeting(ctx context.Context, req *meetingsv1.CountersignMeetingRequest) (*meetingsv1.CountersignMeetingResponse, error) {
	module, err := s.attestedModule(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.CountersignMeetingResponse, error) {
		m, err := current(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		signed, issued, err := domain.CountersignMeeting(ctx, tx, m, domain.Countersignature{
			PersonID: caller(ctx), As: quality(ctx, m), Module: module, Credentials: s.Credentials, NewID: newID, Now: s.Now(),
		})
		return &meetingsv1.CountersignMeetingResponse{Meeting: wire.Meeting(signed), AttestationCount: int32(len(issued))}, err
	})
}

// attestedModule is a meeting's module as it is now; zero without one, or when the catalogue no longer has it.
func (s *Server) attestedModule(ctx context.Context, meetingID string) (none domain.AttestedModule, err error) {
	m, err := s.Store.Meeting(ctx, meetingID)
	if err != nil || m.ModuleID == "" {
		return none, err
	}
	module, err := s.Modules.GetModule(ctx, &cataloguev1.GetModuleRequest{Id: m.ModuleID})
	if err = rpc.FromStatus(err); err != nil && !isMissing(err) {
		return none, err
	}
	return domain.AttestedModule{Version: module.GetVersion(), Competences: module.GetCompetences()}, nil
}

// quality is in which of the two qualities that the policy knows the caller countersigns.
func quality(ctx context.Context, m domain.Meeting) domain.Countersigner {
	principal, _ := access.PrincipalFrom(ctx)
	for _, r := range principal.Roles {
		if r.Kind == access.Relay && r.Structure != "" && r.Structure == m.StructureID {
			return domain.AsRelay
		}
	}
	return domain.AsCoordinator
}

// onMeetingRequest names a meeting, and perhaps the etag that it must still have.
type onMeetingRequest interface {
	proto.Message
	GetId() string
	GetEtag() string
}

func (s *Server) onMeeting(ctx context.Context, req onMeetingRequest, use func(domain.Tx, domain.Meeting) (domain.Meeting, error)) (*meetingsv1.Meeting, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Meeting, error) {
		m, err := current(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		m, err = use(tx, m)
		return wire.Meeting(m), err
	})
}

func current(ctx context.Context, tx domain.Tx, req onMeetingRequest) (domain.Meeting, error) {
	m, err := tx.Meeting(ctx, req.GetId())
	if err != nil {
		return m, err
	}
	return m, etag.Check(req.GetEtag(), m.Version)
}
