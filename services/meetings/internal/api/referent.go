package api

import (
	"context"

	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// referentResource is the charge of a meeting's referent: whoever was named, be it that they have declined.
func (s *Server) referentResource(ctx context.Context, meetingID string) (access.Resource, error) {
	m, r, err := s.withReferent(ctx, meetingID)
	return around(m, r.PersonID), err
}

// NameReferent names who answers for a meeting on the side of the place.
func (s *Server) NameReferent(ctx context.Context, req *meetingsv1.NameReferentRequest) (*meetingsv1.Referent, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Referent, error) {
		m, err := tx.Meeting(ctx, req.GetMeetingId())
		if err != nil {
			return nil, err
		}
		named, err := tx.Referent(ctx, m.ID)
		if err != nil {
			return nil, err
		}
		if err := etag.Check(req.GetEtag(), named.Version); err != nil {
			return nil, err
		}
		r, err := domain.NameReferent(ctx, tx, m, m.Referent(named), req.GetPersonId(), s.Now())
		return wire.Referent(r), err
	})
}

// AcceptReferent takes the charge of a referent.
func (s *Server) AcceptReferent(ctx context.Context, req *meetingsv1.AcceptReferentRequest) (*meetingsv1.Referent, error) {
	return s.answerReferent(ctx, req, domain.ReferentAccepted)
}

// DeclineReferent refuses the charge of a referent, or gives it back.
func (s *Server) DeclineReferent(ctx context.Context, req *meetingsv1.DeclineReferentRequest) (*meetingsv1.Referent, error) {
	return s.answerReferent(ctx, req, domain.ReferentDeclined)
}

type inMeeting interface {
	proto.Message
	GetMeetingId() string
}

func (s *Server) answerReferent(ctx context.Context, req inMeeting, answer domain.ReferentState) (*meetingsv1.Referent, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Referent, error) {
		m, err := tx.Meeting(ctx, req.GetMeetingId())
		if err != nil {
			return nil, err
		}
		r, err := domain.AnswerReferent(ctx, tx, m, caller(ctx), answer, s.Now())
		return wire.Referent(r), err
	})
}
