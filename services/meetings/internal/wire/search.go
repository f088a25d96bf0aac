package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Search is a search as the contract has it; one that was never started has neither etag nor id.
func Search(s domain.Search) *meetingsv1.ProfessionalSearch {
	out := &meetingsv1.ProfessionalSearch{
		Id: s.ID, MeetingId: s.MeetingID, State: meetingsv1.SearchState(s.State), PersonId: s.PersonID, Tags: s.Tags,
		WithoutReason: meetingsv1.WithoutReason(s.WithoutReason), WithoutText: s.WithoutText,
		ReopenCause: meetingsv1.ReopenCause(s.ReopenCause), LostCount: int32(s.LostCount), CreateTime: timestamp(s.CreateTime),
	}
	if s.Version > 0 {
		out.Etag = etag.Of(s.Version)
	}
	return out
}

// Ask is an ask as the contract has it.
func Ask(a domain.Ask) *meetingsv1.Ask {
	return &meetingsv1.Ask{
		Id: a.ID, SearchId: a.SearchID, MeetingId: a.MeetingID, PersonId: a.PersonID, Rank: int32(a.Rank), State: meetingsv1.AskState(a.State),
		Deadline: timestamp(a.Deadline), SendTime: timestamp(a.SendTime), AnswerTime: timestamp(a.AnswerTime), Reason: a.Reason,
		CreateTime: timestamp(a.CreateTime),
	}
}

// Candidate is a candidate as the contract has it.
func Candidate(c domain.Candidate, asked domain.AskState) *meetingsv1.Candidate {
	out := &meetingsv1.Candidate{
		PersonId: c.PersonID, Score: int32(c.Score), DistanceMetres: int32(c.Metres), AskState: meetingsv1.AskState(asked),
	}
	for _, p := range c.Parts {
		out.Parts = append(out.Parts, &meetingsv1.ScorePart{
			Kind: meetingsv1.ScoreKind(p.Kind), Points: int32(p.Points), TextFr: p.FR, TextEn: p.EN,
		})
	}
	return out
}
