// Package access says who is calling and what they may do: it verifies bearer tokens, turns them into a Principal with
// roles, and asks the Cedar policies whether an RPC's access option lets that principal through.
//
// POLICIES.md, beside this file, describes the entities that the policies are written against.
package access

import (
	"context"
	"slices"
)

// Identity is what a valid token says of its bearer.
type Identity struct {
	Issuer, Subject string
	Persona         string // only from a development issuer
	Profile         Profile
}

// Profile is how the issuer says that a person is called and reached. The mesh keeps it; nobody else looks at it.
type Profile struct {
	Name     string
	Email    string // only when the issuer has verified it
	Language string // e.g. "fr" or "en-GB"
}

// Person is whom an identity stands for, as mesh knows it.
type Person struct {
	ID    string
	Roles []Role
}

// Principal is the caller of an RPC.
type Principal struct {
	Issuer, Subject string
	PersonID        string
	Persona         string // only from a development issuer
	Roles           []Role
}

// RoleKind is what a person does in the mesh; it mirrors the contract's Role.
type RoleKind string

// The kinds of roles.
const (
	National     RoleKind = "NATIONAL"
	Coordinator  RoleKind = "COORDINATOR"
	Relay        RoleKind = "RELAY"
	Organiser    RoleKind = "ORGANISER"
	Professional RoleKind = "PROFESSIONAL"
	Learner      RoleKind = "LEARNER"
)

// Role is a kind of role with the territory or the structure over which it is held.
type Role struct {
	Kind                 RoleKind
	Territory, Structure string
}

// Scope limits what a list returns: a row is in it when it lies in one of the territories, belongs to one of the
// structures, or is the person's own. The zero Scope reaches nothing.
type Scope struct {
	All                     bool
	Territories, Structures []string
	PersonID                string
}

// Scope is what the principal's roles reach.
func (p Principal) Scope() Scope {
	s := Scope{PersonID: p.PersonID}
	for _, r := range p.Roles {
		switch {
		case r.Kind == National:
			s.All = true
		case r.Kind == Coordinator && r.Territory != "":
			s.Territories = append(s.Territories, r.Territory)
		case r.Kind == Relay && r.Structure != "":
			s.Structures = append(s.Structures, r.Structure)
		}
	}
	// Page tokens are bound to the scope: the order in which roles were granted must not matter.
	slices.Sort(s.Territories)
	slices.Sort(s.Structures)
	s.Territories, s.Structures = slices.Compact(s.Territories), slices.Compact(s.Structures)
	return s
}

// Has reports whether the principal holds a role of this kind, anywhere.
func (p Principal) Has(kind RoleKind) bool {
	return slices.ContainsFunc(p.Roles, func(r Role) bool { return r.Kind == kind })
}

// Resource is what an RPC touches, as far as the policies need to know it.
type Resource struct {
	Type, ID  string
	Territory string   // the commune, or any territory code; empty when it lies nowhere
	Structure string   // the structure it belongs to; empty when it belongs to none
	Owners    []string // persons
	Private   bool     // a caller who is denied is told NOT_FOUND, not NOT_PERMITTED
}

// Resolver loads the resource of one type; it returns an errs.NotFound error for an unknown id.
type Resolver func(ctx context.Context, id string) (Resource, error)

// Directory knows which person an identity stands for.
type Directory interface {
	Resolve(ctx context.Context, id Identity) (Person, error)
}

// Territories knows what lies above a territory, in every grid.
type Territories interface {
	// Ancestors returns the code itself first, the country last.
	Ancestors(ctx context.Context, code string) ([]string, error)
}
