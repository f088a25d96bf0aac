package wire

import (
	"math"

	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Territory is a territory as the contract has it.
func Territory(t domain.Territory) *meshv1.Territory {
	out := &meshv1.Territory{
		Code: t.Code, Kind: meshv1.TerritoryKind(t.Kind), Grid: meshv1.Grid(t.Grid), ParentCode: t.Parent, AncestorCodes: t.Ancestors,
		Name: t.Name, Precision: meshv1.Precision(t.Precision), Population: t.Population,
		ValidFrom: t.ValidFrom, ValidTo: t.ValidTo, Vintage: t.Vintage,
	}
	if t.Located() {
		out.Position = position(t.Position)
	}
	return out
}

// NearCommune is a commune and how far it is, as the contract has it.
func NearCommune(n domain.NearCommune) *meshv1.NearCommune {
	return &meshv1.NearCommune{
		Code: n.Code, Name: n.Name, Position: position(n.Position), Population: n.Population, DistanceMetres: int32(math.Round(n.Distance)),
		Precision: meshv1.Precision(n.Precision),
	}
}
