package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Programme is a programme as the contract has it.
func Programme(p domain.Programme) *meetingsv1.Programme {
	out := &meetingsv1.Programme{
		Id: p.ID, Title: p.Title, GroupId: p.GroupID, StructureId: p.StructureID, OrganiserId: p.OrganiserID, PlaceId: p.PlaceID,
		CommuneCode: p.CommuneCode, TimeZone: p.TimeZone, Etag: etag.Of(p.Version), CreateTime: timestamp(p.CreateTime),
		JoinedCount: int32(p.Joined),
	}
	for _, s := range p.Slots {
		out.Slots = append(out.Slots, &meetingsv1.ProgrammeSlot{
			Position: int32(s.Position), StartTime: timestamp(s.Slot.Start), EndTime: timestamp(s.Slot.End),
			LocalStartTime: domain.Local(s.Slot.Start, p.TimeZone), LocalEndTime: domain.Local(s.Slot.End, p.TimeZone),
		})
	}
	var last *meetingsv1.Workshop
	for _, s := range p.Sessions { // by workshop
		if last.GetNumber() != int32(s.Workshop) {
			last = &meetingsv1.Workshop{Number: int32(s.Workshop), Title: s.Title}
			out.Workshops = append(out.Workshops, last)
		}
		last.Sessions = append(last.Sessions, Session(s))
	}
	return out
}

// Session is a workshop in one slot as the contract has it.
func Session(s domain.Session) *meetingsv1.WorkshopSession {
	return &meetingsv1.WorkshopSession{Slot: int32(s.Slot), MeetingId: s.MeetingID}
}
