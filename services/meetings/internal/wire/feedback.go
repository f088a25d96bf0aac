package wire

import (
	"google.golang.org/protobuf/proto"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// FeedbackSummary is what was answered of a meeting as it may be shown: nothing below five answers.
func FeedbackSummary(s domain.FeedbackSummary) *meetingsv1.FeedbackSummary {
	out := FeedbackCounts(s)
	for _, c := range []*meetingsv1.FeedbackCount{out.Participants, out.Organisers} {
		if c.GetSuppressed() {
			c.Satisfied, c.Useful = nil, nil
		}
	}
	if !out.GetParticipants().GetSuppressed() {
		out.Comments = s.Comments
	}
	return out
}

// FeedbackCounts are all counts, for whoever adds meetings up before anything is shown.
func FeedbackCounts(s domain.FeedbackSummary) *meetingsv1.FeedbackSummary {
	return &meetingsv1.FeedbackSummary{
		MeetingId: s.MeetingID, Wave: s.Wave, Participants: feedbackCount(s.Participants), Organisers: feedbackCount(s.Organisers),
	}
}

func feedbackCount(c domain.FeedbackCount) *meetingsv1.FeedbackCount {
	return &meetingsv1.FeedbackCount{
		Asked: int32(c.Asked), Answered: int32(c.Answered), Suppressed: c.Suppressed(), //nolint:gosec // persons at a meeting
		Satisfied: proto.Int32(int32(c.Satisfied)), Useful: proto.Int32(int32(c.Useful)), //nolint:gosec // persons at a meeting
	}
}
