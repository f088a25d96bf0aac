package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Campaign is a campaign as the contract has it.
func Campaign(c domain.Campaign) *meshv1.Campaign {
	return &meshv1.Campaign{
		Id: c.ID, Title: c.Title, TerritoryCode: c.TerritoryCode, Etag: etag.Of(c.Version), CreateTime: timestamp(c.CreateTime),
	}
}

// Formation is what became of those who waited, as the contract has it.
func Formation(f domain.Formation) *meshv1.FormGroupsResponse {
	out := &meshv1.FormGroupsResponse{}
	for _, g := range f.Groups {
		out.Groups = append(out.Groups, Group(g))
	}
	for _, l := range f.Left {
		out.LeftOut = append(out.LeftOut, &meshv1.LeftOut{InterestId: l.ApplicantID, Reason: meshv1.LeftOutReason(l.Reason)})
	}
	return out
}
