package wire

import (
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Person is a person as the contract has it.
func Person(p domain.Person) *meshv1.Person {
	out := &meshv1.Person{Id: p.ID, Version: p.Version}
	for _, g := range p.Grants {
		out.Roles = append(out.Roles, &meshv1.RoleGrant{Role: meshv1.Role(g.Role), TerritoryCode: g.TerritoryCode, StructureId: g.StructureID})
	}
	return out
}
