package wire

import (
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Calendar is a feed as the contract has it, without its link.
func Calendar(c domain.Calendar) *meetingsv1.Calendar {
	out := &meetingsv1.Calendar{Id: c.ID, CreateTime: timestamp(c.CreateTime), RevokeTime: timestamp(c.RevokeTime)}
	switch c.Kind {
	case domain.GroupCalendar:
		out.GroupId = c.SubjectID
	case domain.PlaceCalendar:
		out.PlaceId = c.SubjectID
	case domain.TerritoryCalendar:
		out.TerritoryCode = c.SubjectID
	}
	return out
}
