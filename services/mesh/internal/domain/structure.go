package domain

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Structure is an organisation: an association, a school, a library, a company.
type Structure struct {
	ID          string
	Name        string
	Sphere      int
	CommuneCode string // empty for a national one
	ExternalIDs []string
	Version     int64
	CreateTime  time.Time
}

// StructureReads are the questions about structures.
type StructureReads interface {
	Structure(ctx context.Context, id string) (Structure, error)
	Structures(ctx context.Context, p Page) ([]Structure, error) // by name
}

// StructureWrites are the changes of structures.
type StructureWrites interface {
	// InsertStructure leaves one that exists as it is.
	InsertStructure(ctx context.Context, s Structure) error
}

// ErrStructureNotFound says that the mesh has no such structure.
var ErrStructureNotFound = errs.Missing("structure", "structure")

// demoSphere is after-school, where Class'Code began.
const demoSphere = 2

// CreateStructure adds a structure to the mesh.
func CreateStructure(ctx context.Context, tx Tx, s Structure) (Structure, error) {
	if s.CommuneCode != "" {
		commune, err := CommuneAt(ctx, tx, s.CommuneCode, "structure.commune_code")
		if err != nil {
			return Structure{}, err
		}
		s.CommuneCode = commune.Code
	}
	s.Version = 1
	return s, tx.InsertStructure(ctx, s)
}

// CreateDemoStructure adds the structure over which the development personas hold their roles.
func CreateDemoStructure(ctx context.Context, tx Tx, now time.Time) error {
	return tx.InsertStructure(ctx, Structure{
		ID: DemoStructureID, Name: "Structure de démonstration (données synthétiques)", Sphere: demoSphere, Version: 1, CreateTime: now,
	})
}

// structureAt checks a structure given in a request's field; none is fine.
func structureAt(ctx context.Context, r StructureReads, id, field string) error {
	if id == "" {
		return nil
	}
	_, err := r.Structure(ctx, id)
	return reference(err, field)
}
