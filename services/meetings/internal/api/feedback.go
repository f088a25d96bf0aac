package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/idempotent"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// GiveFeedback keeps the caller's answer.
func (s *Server) GiveFeedback(ctx context.Context, req *meetingsv1.GiveFeedbackRequest) (*meetingsv1.GiveFeedbackResponse, error) {
	return idempotent.Write(ctx, s.Store, req, s.answered(ctx, answerOf(req.GetFeedback().GetMeetingId(), req.GetFeedback()), caller(ctx)))
}

// FollowFeedbackLink keeps the answer of the person to whom the link was sent.
func (s *Server) FollowFeedbackLink(ctx context.Context, req *meetingsv1.FollowFeedbackLinkRequest) (*meetingsv1.GiveFeedbackResponse, error) {
	claim, err := s.openLink(ctx, req.GetToken(), domain.LinkGiveFeedback)
	if err != nil {
		return nil, errs.From(err).At("token")
	}
	return idempotent.Write(ctx, s.Store, req, s.answered(ctx, answerOf(claim.Resource, req), claim.PersonID))
}

// opinion is what both requests say.
type opinion interface {
	GetSatisfaction() meetingsv1.Satisfaction
	GetUsefulness() meetingsv1.Satisfaction
	GetComment() string
}

func answerOf(meetingID string, in opinion) domain.Feedback {
	return domain.Feedback{
		ID: uuid.NewString(), MeetingID: meetingID, Comment: in.GetComment(),
		Satisfaction: domain.Satisfaction(in.GetSatisfaction()), Usefulness: domain.Satisfaction(in.GetUsefulness()),
	}
}

func (s *Server) answered(ctx context.Context, f domain.Feedback, personID string) func(domain.Tx) (*meetingsv1.GiveFeedbackResponse, error) {
	return func(tx domain.Tx) (*meetingsv1.GiveFeedbackResponse, error) {
		summary, err := domain.GiveFeedback(ctx, tx, f, personID, s.Now())
		return &meetingsv1.GiveFeedbackResponse{Wave: summary.Wave}, err
	}
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
