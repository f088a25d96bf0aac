package wire

import (
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Series is a series as the contract has it.
func Series(s domain.Series) *meetingsv1.Series {
	out := &meetingsv1.Series{Id: s.ID, GroupId: s.GroupID, ModuleId: s.ModuleID, CreateTime: timestamp(s.CreateTime)}
	for _, m := range s.Meetings {
		out.Meetings = append(out.Meetings, Meeting(m))
	}
	return out
}
