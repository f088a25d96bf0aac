package api

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/idempotent"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/wire"
)

// Resolve implements access.Directory over the mesh's own store: an identity that comes for the first time becomes a person.
func (s *Server) Resolve(ctx context.Context, id access.Identity) (access.Person, error) {
	who, persona := domain.Identity{Issuer: id.Issuer, Subject: id.Subject}, ""
	if s.Development {
		persona = id.Persona
	}
	p, err := s.Store.PersonOf(ctx, who)
	if err != nil && !errors.Is(err, domain.ErrPersonNotFound) {
		return access.Person{}, err
	}
	if err != nil || !p.Plays(persona) {
		// Version 4: nothing about the person can be read from it, not even when it came.
		fresh := domain.Person{ID: uuid.NewString(), CreateTime: s.now()}
		err = s.Store.Write(ctx, func(tx domain.Tx) (err error) {
			p, err = domain.ResolvePerson(ctx, tx, who, fresh, persona)
			return err
		})
	}
	return personFor(p), err
}

func personFor(p domain.Person) access.Person {
	out := access.Person{ID: p.ID}
	for _, g := range p.Grants {
		kind := access.RoleKind(strings.TrimPrefix(meshv1.Role(g.Role).String(), "ROLE_"))
		out.Roles = append(out.Roles, access.Role{Kind: kind, Territory: g.TerritoryCode, Structure: g.StructureID})
	}
	return out
}

// ResolvePerson returns the person that the caller is; the guard has created it if need be.
func (s *Server) ResolvePerson(ctx context.Context, _ *meshv1.ResolvePersonRequest) (*meshv1.Person, error) {
	p, err := s.Store.Person(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	if _, err := s.hearContact(ctx); err != nil {
		return nil, err
	}
	return wire.Person(p), nil
}

func grantOf(g *meshv1.RoleGrant) domain.Grant {
	return domain.Grant{Role: domain.Role(g.GetRole()), TerritoryCode: g.GetTerritoryCode(), StructureID: g.GetStructureId()}
}

// GrantRole gives a person a role.
func (s *Server) GrantRole(ctx context.Context, req *meshv1.GrantRoleRequest) (*meshv1.Person, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.Person, error) {
		p, err := domain.GrantRole(ctx, tx, req.GetPersonId(), grantOf(req.GetGrant()))
		return wire.Person(p), err
	})
}

// RevokeRole takes a role back.
func (s *Server) RevokeRole(ctx context.Context, req *meshv1.RevokeRoleRequest) (*meshv1.Person, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.Person, error) {
		p, err := domain.RevokeRole(ctx, tx, req.GetPersonId(), grantOf(req.GetGrant()))
		return wire.Person(p), err
	})
}
