package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Meeting is a meeting as the contract has it, without the link to join it, which is not for everyone.
func Meeting(m domain.Meeting) *meetingsv1.Meeting {
	out := &meetingsv1.Meeting{
		Id: m.ID, SeriesId: m.SeriesID, GroupId: m.GroupID, CampaignId: m.CampaignID,
		ModuleId: m.ModuleID, ModuleTitle: m.ModuleTitle, Position: int32(m.Position), State: meetingsv1.MeetingState(m.State),
		StartTime: timestamp(m.Start), EndTime: timestamp(m.End), TimeZone: m.TimeZone,
		PlaceId: m.PlaceID, CommuneCode: m.CommuneCode, StructureId: m.StructureID,
		OrganiserId: m.OrganiserID, CountersignerId: m.CountersignerID,
		Capacity: int32(m.Capacity), Taken: int32(m.Taken), PresentCount: int32(m.PresentCount), PostponedCount: int32(m.PostponedCount),
		Title: m.Title, Mode: meetingsv1.MeetingMode(m.Mode),
		LocalStartTime: domain.Local(m.Start, m.TimeZone), LocalEndTime: domain.Local(m.End, m.TimeZone),
		CancelCause: meetingsv1.CancelCause(m.Cancelled.Cause), CancelNote: m.Cancelled.Note,
		PostponeCause: meetingsv1.CancelCause(m.Postponed.Cause), PostponeNote: m.Postponed.Note,
		Etag: etag.Of(m.Version), CreateTime: timestamp(m.CreateTime), DeclareTime: timestamp(m.DeclareTime), AttestTime: timestamp(m.AttestTime),
		Waiting: int32(m.Waiting),
	}
	for _, s := range m.Seats {
		out.Seats = append(out.Seats, &meetingsv1.Seats{
			Mode: meetingsv1.SeatMode(s.Mode), Role: meetingsv1.SeatRole(s.Role),
			Capacity: int32(s.Capacity), Taken: int32(s.Taken), Waiting: int32(s.Waiting),
		})
	}
	return out
}
