package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Equipment is a stock as the contract has it.
func Equipment(e domain.Equipment) *meetingsv1.Equipment {
	owner := "territories/" + e.CommuneCode
	if e.StructureID != "" {
		owner = "structures/" + e.StructureID
	}
	return &meetingsv1.Equipment{
		Id: e.ID, Owner: owner, CommuneCode: e.CommuneCode, Kind: meetingsv1.EquipmentKind(e.Kind), Label: e.Label,
		Quantity: int32(e.Quantity), UnusableQuantity: int32(e.Unusable), PersonsPerUnit: int32(e.PersonsPerUnit), Condition: e.Condition,
		Etag: etag.Of(e.Version), CreateTime: timestamp(e.CreateTime),
	}
}
