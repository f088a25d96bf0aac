package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
)

// Enrolment is an enrolment as the contract has it.
func Enrolment(e domain.Enrolment) *cataloguev1.Enrolment {
	state := cataloguev1.EnrolmentState_ENROLMENT_STATE_ACTIVE
	if !e.CompleteTime.IsZero() {
		state = cataloguev1.EnrolmentState_ENROLMENT_STATE_COMPLETED
	}
	return &cataloguev1.Enrolment{
		Id: e.ID, ModuleId: e.ModuleID, ModuleVersion: e.ModuleVersion, PersonId: e.PersonID,
		Level: cataloguev1.Level(e.Level), CompletedStepIds: e.Completed, State: state,
		CreateTime: timestamp(e.CreateTime), CompleteTime: timestamp(e.CompleteTime), Etag: etag.Of(e.Version),
	}
}
