package wire

import (
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Poll is a poll as the contract has it, with its counts.
func Poll(p domain.Poll) *meetingsv1.Poll {
	out := &meetingsv1.Poll{
		Id: p.ID, GroupId: p.GroupID, MeetingId: p.MeetingID, Title: p.Title, Capacity: int32(p.Capacity), TimeZone: p.TimeZone,
		State: meetingsv1.PollState(p.State), CloseTime: timestamp(p.Closes), ChosenOption: int32(p.Chosen), ResultMeetingId: p.ResultID,
		CreateTime: timestamp(p.CreateTime),
	}
	for _, o := range p.Options {
		out.Options = append(out.Options, &meetingsv1.PollOption{
			Position: int32(o.Position), StartTime: timestamp(o.Slot.Start), EndTime: timestamp(o.Slot.End),
			LocalStartTime: domain.Local(o.Slot.Start, p.TimeZone), LocalEndTime: domain.Local(o.Slot.End, p.TimeZone),
			YesCount: int32(o.Yes), IfNeedBeCount: int32(o.Perhaps), NoCount: int32(o.No),
		})
	}
	return out
}
