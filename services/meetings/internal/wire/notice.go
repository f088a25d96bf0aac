package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Notice is a notice as the contract has it.
func Notice(n domain.Notice) *meetingsv1.Notice {
	out := &meetingsv1.Notice{
		Id: n.ID, MeetingId: n.MeetingID, Kind: meetingsv1.NoticeKind(n.Kind), State: meetingsv1.NoticeState(n.State), Reason: n.Reason,
		DueTime: timestamp(n.Due), CreateTime: timestamp(n.CreateTime), EndTime: timestamp(n.EndTime),
	}
	if n.Kind.Subject() == domain.AboutRegistration {
		out.RegistrationId = n.SubjectID
	} else {
		out.SubjectId = n.SubjectID
	}
	return out
}

// NoticePreferences are preferences as the contract has them.
func NoticePreferences(p domain.NoticePreferences) *meetingsv1.NoticePreferences {
	return &meetingsv1.NoticePreferences{
		Level: meetingsv1.NoticeLevel(p.Level), ShortReminder: p.ShortReminder, MeetingConfirmed: p.MeetingConfirmed,
		QuietStartTime: p.QuietStartTime(), QuietEndTime: p.QuietEndTime(), Etag: etag.Of(p.Version),
	}
}
