package api

import (
	"context"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/idempotent"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// SeriesResource says where a series takes place and who organises its meetings.
func (s *Server) SeriesResource(ctx context.Context, id string) (access.Resource, error) {
	series, err := s.Store.Series(ctx, id)
	if err != nil {
		return access.Resource{}, err
	}
	r := access.Resource{Type: "Series", ID: id, Private: hidden(series)}
	for _, m := range series.Meetings {
		r.Territory, r.Structure = m.CommuneCode, m.StructureID
		r.Owners = append(r.Owners, some(m.OrganiserID)...)
	}
	return r, nil
}

// hidden reports whether all of a series's meetings are drafts.
func hidden(s domain.Series) bool {
	for _, m := range s.Meetings {
		if m.State != domain.MeetingDraft {
			return false
		}
	}
	return true
}

// PostponeMeeting postpones a meeting by a rule, and perhaps those that follow in its series.
func (s *Server) PostponeMeeting(ctx context.Context, req *meetingsv1.PostponeMeetingRequest) (*meetingsv1.PostponeMeetingResponse, error) {
	how := domain.Postponement{
		Rule: domain.PostponeRule(req.GetRule()), WithFollowing: req.GetWithFollowing(), Choice: domain.LocalChoice(req.GetLocalTimeChoice()),
		Reason: reason(req.GetCause(), req.GetNote()),
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.PostponeMeetingResponse, error) {
		m, err := current(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		moved, err := domain.PostponeMeeting(ctx, tx, m, how, s.Now())
		if err != nil {
			return nil, err
		}
		out := &meetingsv1.PostponeMeetingResponse{Meeting: wire.Meeting(moved[0])}
		for _, m := range moved[1:] {
			out.Following = append(out.Following, wire.Meeting(m))
		}
		return out, nil
	})
}

// MoveSeries moves the meetings of a series that are to come.
func (s *Server) MoveSeries(ctx context.Context, req *meetingsv1.MoveSeriesRequest) (*meetingsv1.Series, error) {
	how := domain.SeriesMove{
		Days: int(req.GetDays()), LocalStart: req.GetLocalFirstStartTime(), Choice: domain.LocalChoice(req.GetLocalTimeChoice()),
		Reason: reason(req.GetCause(), req.GetNote()),
	}
	if at := req.GetFirstStartTime(); at != nil {
		var err error
		if how.FirstStart, err = instant(at, "first_start_time"); err != nil {
			return nil, err
		}
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Series, error) {
		series, err := domain.MoveSeries(ctx, tx, req.GetId(), how, s.Now())
		return wire.Series(series), err
	})
}

// CancelSeries calls off the meetings of a series that are to come.
func (s *Server) CancelSeries(ctx context.Context, req *meetingsv1.CancelSeriesRequest) (*meetingsv1.Series, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Series, error) {
		series, err := domain.CancelSeries(ctx, tx, req.GetId(), reason(req.GetCancelCause(), req.GetCancelNote()), s.Now())
		return wire.Series(series), err
	})
}

func reason(cause meetingsv1.CancelCause, note string) domain.Reason {
	return domain.Reason{Cause: domain.CancelCause(cause), Note: note}
}
