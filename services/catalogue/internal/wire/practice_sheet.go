package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
)

// PracticeSheet is a sheet as those at work on it see it.
func PracticeSheet(s domain.PracticeSheet, changes ...domain.SheetChange) *cataloguev1.PracticeSheet {
	out := PublicSheet(s)
	out.MeetingId, out.ReturnReason, out.Remarks = s.MeetingID, s.ReturnReason, s.Remarks
	for _, c := range changes {
		out.Changes = append(out.Changes, &cataloguev1.PracticeSheetChange{
			State: cataloguev1.PracticeSheetState(c.State), PersonId: c.PersonID, Note: c.Note, Etag: etag.Of(c.Version), CreateTime: timestamp(c.CreateTime),
		})
	}
	return out
}

// PublicSheet is a sheet as everyone sees it: from a commune and a day, by nobody in particular.
func PublicSheet(s domain.PracticeSheet) *cataloguev1.PracticeSheet {
	users := s.Reuse.ShownUsers()
	out := &cataloguev1.PracticeSheet{
		Id: s.ID, ModuleId: s.ModuleID, State: cataloguev1.PracticeSheetState(s.State), Title: s.Title, Summary: s.Summary,
		MinAge: int32(s.MinAge), MaxAge: int32(s.MaxAge), DurationMinutes: int32(s.Minutes), //nolint:gosec // within the contract's bounds
		Material: s.Material, Competences: s.Competences, Keywords: s.Keywords, Worked: s.Worked, DidNotWork: s.DidNotWork, Licence: s.Licence,
		DerivedFrom: s.DerivedFrom, CommuneCode: s.Origin.CommuneCode, MeetingDate: s.Origin.Date,
		DerivationCount: int32(s.Reuse.Derivations), UserCount: int32(users), UserCountSuppressed: s.Reuse.Users > users, //nolint:gosec // counted one by one
		Etag: etag.Of(s.Version), CreateTime: timestamp(s.CreateTime), UpdateTime: timestamp(s.UpdateTime), PublishTime: timestamp(s.PublishTime),
	}
	for _, step := range s.Steps {
		out.Steps = append(out.Steps, &cataloguev1.PracticeSheetStep{Title: step.Title, Text: step.Text, Minutes: int32(step.Minutes)}) //nolint:gosec // as above
	}
	return out
}

// ToldSheet is a sheet as an event carries it: what is not published yet is its group's.
func ToldSheet(s domain.PracticeSheet) *cataloguev1.PracticeSheet {
	s.Reuse = domain.SheetReuse{} // it changes without a new version
	if s.State != domain.SheetPublished {
		s.SheetText = domain.SheetText{Title: s.Title, ModuleID: s.ModuleID}
	}
	out := PublicSheet(s)
	out.MeetingId = s.MeetingID
	return out
}
