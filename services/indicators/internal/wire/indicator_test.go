package wire_test

import (
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/indicators/internal/domain"
)

// The domain cannot import the contract, and its numbers are the contract's.
func TestNumbersAreTheContracts(t *testing.T) {
	for got, want := range map[protoreflect.Enum]int{
		indicatorsv1.Unit_UNIT_PERSON: int(domain.Person), indicatorsv1.Unit_UNIT_PLACE: int(domain.Places),
		indicatorsv1.Unit_UNIT_BASIS_POINT: int(domain.BasisPoint), indicatorsv1.Unit_UNIT_PERSON_MONTH: int(domain.PersonMonth),
		indicatorsv1.Unit_UNIT_EUR_CENT: int(domain.EuroCent), indicatorsv1.Unit_UNIT_DELIVERABLE: int(domain.Deliverable),
		indicatorsv1.Unit_UNIT_TEXT: int(domain.Text),

		indicatorsv1.Qualifier_QUALIFIER_EXACT: int(domain.Exact), indicatorsv1.Qualifier_QUALIFIER_APPROXIMATE: int(domain.Approximate),
		indicatorsv1.Qualifier_QUALIFIER_UNCERTAIN: int(domain.Uncertain), indicatorsv1.Qualifier_QUALIFIER_CONDITIONAL: int(domain.Conditional),
		indicatorsv1.Qualifier_QUALIFIER_NOT_YET: int(domain.NotYet), indicatorsv1.Qualifier_QUALIFIER_NON_NUMERIC: int(domain.NonNumeric),

		indicatorsv1.Origin_ORIGIN_COMPUTED: int(domain.Computed), indicatorsv1.Origin_ORIGIN_DECLARED: int(domain.Declared),

		meshv1.PlaceStatus_PLACE_STATUS_IDENTIFIED: int(domain.Identified), meshv1.PlaceStatus_PLACE_STATUS_ACTIVE: int(domain.Active),
		meshv1.PlaceStatus_PLACE_STATUS_SUSTAINED: int(domain.Sustained), meetingsv1.MeetingState_MEETING_STATE_CANCELLED: domain.MeetingCancelled,
	} {
		if int(got.Number()) != want {
			t.Errorf("%s is %d in the contract, %d here", got.(interface{ String() string }), got.Number(), want)
		}
	}
}
