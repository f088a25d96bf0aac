package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Structure is a structure as the contract has it.
func Structure(s domain.Structure) *meshv1.Structure {
	return &meshv1.Structure{
		Id: s.ID, Name: s.Name, Sphere: meshv1.Sphere(s.Sphere), CommuneCode: s.CommuneCode, ExternalIds: s.ExternalIDs,
		Etag: etag.Of(s.Version), CreateTime: timestamp(s.CreateTime),
	}
}
