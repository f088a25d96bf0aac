package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Minutes is minutes as the contract has them, without the incidents.
func Minutes(m domain.Minutes) *meetingsv1.Minutes {
	out := &meetingsv1.Minutes{
		MeetingId: m.MeetingID, State: meetingsv1.MinutesState(m.State), Modality: meetingsv1.MeetingMode(m.Modality),
		Irritants: m.Irritants, Needs: m.Needs, Summary: m.Summary, AuthorId: m.AuthorID, CloserId: m.CloserID, Etag: etag.Of(m.Version),
		CreateTime: timestamp(m.CreateTime), UpdateTime: timestamp(m.UpdateTime), CloseTime: timestamp(m.CloseTime),
	}
	for _, p := range m.Participants {
		out.Participants = append(out.Participants, &meetingsv1.ParticipantCount{
			Category: meetingsv1.ParticipantCategory(p.Category), Count: int32(p.Count), InstitutionCount: int32(p.Institutions), //nolint:gosec // 10 000 at most
		})
	}
	for _, a := range m.Actions {
		out.Actions = append(out.Actions, &meetingsv1.MinutesAction{What: a.What, Who: a.Who, When: a.When, Indicator: a.Indicator})
	}
	for _, r := range m.Reopenings {
		out.Reopenings = append(out.Reopenings, &meetingsv1.MinutesReopening{PersonId: r.PersonID, Reason: r.Reason, CreateTime: timestamp(r.CreateTime)})
	}
	return out
}

// DeclarationReturn is a return as the contract has it.
func DeclarationReturn(r domain.DeclarationReturn) *meetingsv1.DeclarationReturn {
	return &meetingsv1.DeclarationReturn{
		Rank: int32(r.Rank), PersonId: r.PersonID, Reason: r.Reason, //nolint:gosec // as many as people return
		DeclareTime: timestamp(r.DeclareTime), CreateTime: timestamp(r.CreateTime),
	}
}
