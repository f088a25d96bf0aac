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
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// MeetingResource says where a meeting takes place and who organises it.
func (s *Server) MeetingResource(ctx context.Context, id string) (access.Resource, error) {
	m, err := s.Store.Meeting(ctx, id)
	return access.Resource{
		Type: "Meeting", ID: id, Territory: m.CommuneCode, Structure: m.StructureID, Owners: some(m.OrganiserID),
	}, err
}

// GetMeeting returns a meeting.
func (s *Server) GetMeeting(ctx context.Context, req *meetingsv1.GetMeetingRequest) (*meetingsv1.Meeting, error) {
	meeting, err := s.Store.Meeting(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Meeting(meeting), nil
}

// ListMeetings returns the meetings of a group or a campaign, by date.
func (s *Server) ListMeetings(ctx context.Context, req *meetingsv1.ListMeetingsRequest) (*meetingsv1.ListMeetingsResponse, error) {
	query := page.Query{
		Method: "ListMeetings", Order: "start,id",
		Filter: strings.Join([]string{req.GetGroupId(), req.GetCampaignId(), req.GetState().String()}, "|"),
	}
	meetings, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Meeting, error) {
			return s.Store.Meetings(ctx, domain.MeetingQuery{
				GroupID: req.GetGroupId(), CampaignID: req.GetCampaignId(), State: domain.MeetingState(req.GetState()),
				Page: domain.Page{After: after, Limit: limit},
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
	wanted, err := change(req)
	if err != nil {
		return nil, err
	}
	in := req.GetMeeting()
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Meeting, error) {
		m, err := tx.Meeting(ctx, in.GetId())
		if err != nil {
			return nil, err
		}
		if etag.Check(in.GetEtag(), m.Version) != nil { // whose own path is a request's, not a resource's
			return nil, errs.ErrStaleEtag.At("meeting.etag").With("current", etag.Of(m.Version))
		}
		m, err = domain.UpdateMeeting(ctx, tx, m, wanted, s.Now())
		return wire.Meeting(m), err
	})
}

func change(req *meetingsv1.UpdateMeetingRequest) (c domain.Change, err error) {
	in, paths := req.GetMeeting(), req.GetUpdateMask().GetPaths()
	if len(paths) == 0 {
		return c, errs.ErrMask.At("update_mask")
	}
	for _, path := range paths {
		switch path {
		case "start_time":
			start, err := instant(in.GetStartTime(), "meeting.start_time")
			if err != nil {
				return c, err
			}
			c.Start = &start
		case "end_time":
			end, err := instant(in.GetEndTime(), "meeting.end_time")
			if err != nil {
				return c, err
			}
			c.End = &end
		case "time_zone":
			c.TimeZone = proto.String(in.GetTimeZone())
		case "capacity":
			capacity := int(in.GetCapacity())
			c.Capacity = &capacity
		case "id", "etag": // a PATCH over HTTP without a mask gets one from its body, these two included
		default:
			return c, errs.ErrMask.At("update_mask").With("path", path)
		}
	}
	return c, nil
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
		return domain.CancelMeeting(ctx, tx, m, req.GetCause(), s.Now())
	})
}

// DeclareMeeting declares that a meeting took place.
func (s *Server) DeclareMeeting(ctx context.Context, req *meetingsv1.DeclareMeetingRequest) (*meetingsv1.Meeting, error) {
	return s.onMeeting(ctx, req, func(tx domain.Tx, m domain.Meeting) (domain.Meeting, error) {
		return domain.DeclareMeeting(ctx, tx, m, s.Now())
	})
}

// CountersignMeeting countersigns a declared meeting and issues its attestations.
func (s *Server) CountersignMeeting(ctx context.Context, req *meetingsv1.CountersignMeetingRequest) (*meetingsv1.CountersignMeetingResponse, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.CountersignMeetingResponse, error) {
		m, err := current(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		signed, issued, err := domain.CountersignMeeting(ctx, tx, m, domain.Countersignature{
			PersonID: caller(ctx), As: quality(ctx, m), Credentials: s.Credentials, NewID: newID, Now: s.Now(),
		})
		return &meetingsv1.CountersignMeetingResponse{Meeting: wire.Meeting(signed), AttestationCount: int32(len(issued))}, err
	})
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
