package wire

import (
	"math"

	"github.com/classcode/maillage/pkg/etag"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Place is a place as the contract has it.
func Place(p domain.Place) *meshv1.Place {
	return &meshv1.Place{
		Id: p.ID, Name: p.Name, CommuneCode: p.CommuneCode, Position: position(p.Position), Status: meshv1.PlaceStatus(p.Status),
		OpeningHours: p.OpeningHours, StructureId: p.StructureID, Source: p.Source, SourceId: p.SourceID, Seats: int32(p.Seats),
		Address: p.Address, Etag: etag.Of(p.Version), CreateTime: timestamp(p.CreateTime),
	}
}

// NearPlace is a place and how far it is, as the contract has it.
func NearPlace(n domain.NearPlace) *meshv1.NearPlace {
	return &meshv1.NearPlace{Place: Place(n.Place), DistanceMetres: int32(math.Round(n.Distance))}
}
