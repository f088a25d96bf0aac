// Package directory answers access's two questions from mesh: who an identity is, and what lies above a territory.
package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/access"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

const (
	// A role that was revoked works for at most this long where Invalidate was not told.
	peopleAge = 5 * time.Minute
	// About 3 MB; more people than call one replica within five minutes.
	peopleKept = 10_000
)

// People is an access.Directory that asks mesh on behalf of the caller.
type People struct {
	lookup lookup[access.Identity, access.Person]
}

// NewPeople needs a client whose connection passes the caller's token on, as rpc.Dial's does.
func NewPeople(mesh meshv1.MeshServiceClient) *People {
	return &People{lookup: lookup[access.Identity, access.Person]{
		cache: newCache[access.Identity, access.Person](peopleKept, peopleAge),
		ask: func(ctx context.Context, _ access.Identity) (access.Person, error) {
			p, err := mesh.ResolvePerson(ctx, &meshv1.ResolvePersonRequest{})
			if err != nil {
				return access.Person{}, fmt.Errorf("mesh: resolve person: %w", err)
			}
			return person(p), nil
		},
	}}
}

// Resolve implements access.Directory; the person's roles are at most five minutes old.
func (p *People) Resolve(ctx context.Context, id access.Identity) (access.Person, error) {
	id.Profile = access.Profile{} // the mesh reads it in the token itself; nothing of it is kept here
	found, err := p.lookup.find(ctx, id)
	found.Roles = slices.Clone(found.Roles) // a handler may sort its principal's
	return found, err
}

// Invalidate forgets a person: their roles have changed, or they were erased.
func (p *People) Invalidate(personID string) {
	p.lookup.cache.drop(func(known access.Person) bool { return known.ID == personID })
}

func (p *People) invalidateAll() {
	p.lookup.cache.drop(func(access.Person) bool { return true })
}

func person(p *meshv1.Person) access.Person {
	found := access.Person{ID: p.GetId()}
	for _, grant := range p.GetRoles() {
		if grant.GetRole() == meshv1.Role_ROLE_UNSPECIFIED {
			continue
		}
		found.Roles = append(found.Roles, access.Role{
			Kind:      access.RoleKind(strings.TrimPrefix(grant.GetRole().String(), "ROLE_")),
			Territory: grant.GetTerritoryCode(),
			Structure: grant.GetStructureId(),
		})
	}
	return found
}
