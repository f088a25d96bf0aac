package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/idempotent"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// GiveFeedback keeps the caller's answer.
func (s *Server) GiveFeedback(ctx context.Context, req *meetingsv1.GiveFeedbackRequest) (*meetingsv1.GiveFeedbackResponse, error) {
	in := req.GetFeedback()
	answer := domain.Feedback{
		ID: uuid.NewString(), MeetingID: in.GetMeetingId(), Comment: in.GetComment(),
		Satisfaction: domain.Satisfaction(in.GetSatisfaction()), Usefulness: domain.Satisfaction(in.GetUsefulness()),
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.GiveFeedbackResponse, error) {
		summary, err := domain.GiveFeedback(ctx, tx, answer, caller(ctx), s.Now())
		return &meetingsv1.GiveFeedbackResponse{Wave: summary.Wave}, err
	})
}

// GetFeedbackSummary counts the answers on a meeting.
func (s *Server) GetFeedbackSummary(ctx context.Context, req *meetingsv1.GetFeedbackSummaryRequest) (*meetingsv1.FeedbackSummary, error) {
	m, err := s.Store.Meeting(ctx, req.GetMeetingId())
	if err != nil {
		return nil, err
	}
	all, err := s.Store.Feedback(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	return wire.FeedbackSummary(domain.SummariseFeedback(m, all)), nil
}
