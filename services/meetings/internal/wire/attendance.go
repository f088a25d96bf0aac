package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// AttendanceSheet is a meeting's sheet as the contract has it.
func AttendanceSheet(meetingID string, s domain.AttendanceSheet) *meetingsv1.AttendanceSheet {
	out := &meetingsv1.AttendanceSheet{MeetingId: meetingID, Etag: etag.Of(int64(s.Version))}
	for _, line := range s.Lines {
		out.Lines = append(out.Lines, AttendanceLine(line))
	}
	return out
}

// AttendanceLine is a line of a sheet as the contract has it.
func AttendanceLine(l domain.AttendanceLine) *meetingsv1.AttendanceLine {
	return &meetingsv1.AttendanceLine{
		RegistrationId: l.ID, PersonId: l.PersonID, State: meetingsv1.RegistrationState(l.State), Part: meetingsv1.AttendancePart(l.Part),
		Way: meetingsv1.AttendanceWay(l.Way), SaidTime: timestamp(l.Said), Disputed: l.Disputed,
	}
}

// AttendanceConflict is a conflict as the contract has it.
func AttendanceConflict(c domain.AttendanceConflict) *meetingsv1.AttendanceConflict {
	return &meetingsv1.AttendanceConflict{
		RegistrationId: c.Offline.RegistrationID, Current: AttendanceLine(c.Current),
		Offline: &meetingsv1.OfflineAttendance{
			RegistrationId: c.Offline.RegistrationID, State: meetingsv1.RegistrationState(c.Offline.State),
			Part: meetingsv1.AttendancePart(c.Offline.Part), SaidTime: timestamp(c.Offline.Said), Reason: c.Offline.Reason,
		},
	}
}

// AttendanceChange is a change as the contract has it.
func AttendanceChange(c domain.AttendanceChange) *meetingsv1.AttendanceChange {
	return &meetingsv1.AttendanceChange{
		Rank: int32(c.Rank), RegistrationId: c.RegistrationID, //nolint:gosec // as many as people say
		FromState: meetingsv1.RegistrationState(c.FromState), FromPart: meetingsv1.AttendancePart(c.FromPart),
		ToState: meetingsv1.RegistrationState(c.ToState), ToPart: meetingsv1.AttendancePart(c.ToPart),
		Way: meetingsv1.AttendanceWay(c.Way), PersonId: c.PersonID, Reason: c.Reason,
		SaidTime: timestamp(c.SaidTime), CreateTime: timestamp(c.CreateTime), Disputed: c.Disputed,
	}
}
