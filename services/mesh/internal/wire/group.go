package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Group is a group as the contract has it.
func Group(g domain.Group) *meshv1.Group {
	return &meshv1.Group{
		Id: g.ID, CampaignId: g.CampaignID, ModuleId: g.ModuleID, PlaceId: g.PlaceID, CommuneCode: g.CommuneCode, StructureId: g.StructureID,
		MemberCount: int32(g.MemberCount), OrganiserId: g.OrganiserID, LongestDistanceMetres: int32(g.LongestDistance),
		Etag: etag.Of(g.Version), CreateTime: timestamp(g.CreateTime),
	}
}

// Member is a group's member as the contract has it.
func Member(m domain.Member) *meshv1.GroupMember {
	return &meshv1.GroupMember{
		PersonId: m.PersonID, InterestId: m.InterestID, CommuneCode: m.CommuneCode, DistanceMetres: int32(m.Distance),
	}
}
