package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Organiser is an organiser as the contract has it.
func Organiser(o domain.Organiser) *meshv1.Organiser {
	return &meshv1.Organiser{
		Id: o.ID, GroupId: o.GroupID, PersonId: o.PersonID, Origin: meshv1.OrganiserOrigin(o.Origin), PassedByPersonId: o.PassedBy,
		OverrideReason: o.OverrideReason, State: meshv1.OrganiserState(o.State), Etag: etag.Of(o.Version),
		CreateTime: timestamp(o.CreateTime), AcceptTime: timestamp(o.AcceptTime),
	}
}

// LineageEdge is an edge of the lineage as the contract has it.
func LineageEdge(e domain.LineageEdge) *meshv1.LineageEdge {
	return &meshv1.LineageEdge{
		FromPersonId: e.From, ToPersonId: e.To, GroupId: e.GroupID, Origin: meshv1.OrganiserOrigin(e.Origin), CreateTime: timestamp(e.CreateTime),
	}
}
