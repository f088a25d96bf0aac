package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Interest is an interest as the contract has it.
func Interest(i domain.Interest) *meshv1.Interest {
	return &meshv1.Interest{
		Id: i.ID, PersonId: i.PersonID, CommuneCode: i.CommuneCode, ModuleId: i.ModuleID, CampaignId: i.CampaignID,
		State: meshv1.InterestState(i.State), GroupId: i.GroupID, Etag: etag.Of(i.Version), CreateTime: timestamp(i.CreateTime),
		Sphere: meshv1.Sphere(i.Sphere),
	}
}
