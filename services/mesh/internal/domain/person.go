package domain

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Role is what a person does in the mesh.
type Role int

// The roles, numbered as in the contract.
const (
	National Role = iota + 1
	Coordinator
	Relay
	OrganiserRole
	Learner
	ProfessionalRole
)

// Grant is a role over a territory or a structure.
type Grant struct {
	Role          Role
	TerritoryCode string // where a coordinator coordinates
	StructureID   string // of a relay, and of an organiser who has one
}

// Identity is what an issuer calls a person; nobody but the mesh knows it.
type Identity struct{ Issuer, Subject string }

// Person is someone of the mesh, known to the services by this id only.
type Person struct {
	ID         string
	Grants     []Grant
	Personas   []string // of development, whose roles were given: once, so that they can be revoked
	Version    int64
	CreateTime time.Time
}

// PersonReads are the questions about people.
type PersonReads interface {
	Person(ctx context.Context, id string) (Person, error)
	PersonOf(ctx context.Context, i Identity) (Person, error)
	// StructureHasOrganiser tells whether someone else than this person organises for the structure.
	StructureHasOrganiser(ctx context.Context, structureID, otherThan string) (bool, error)
}

// PersonWrites are the changes of people.
type PersonWrites interface {
	// InsertPerson adds a person with the identity that it goes by; it refuses when that identity was taken meanwhile.
	InsertPerson(ctx context.Context, p Person, i Identity) error
	// UpdatePerson refuses when someone else has updated the version before.
	UpdatePerson(ctx context.Context, p Person) error
}

// What a grant may be refused for.
var (
	ErrPersonNotFound = errs.Missing("person", "personne")
	ErrGrantScope     = errs.New(errs.Invalid, "GRANT_SCOPE_MISMATCH",
		"A coordinator has a territory, a relay has a structure, an organiser may have one; the other roles have neither.",
		"Un coordinateur a un territoire, un relais a une structure, un organisateur peut en avoir une ; les autres rôles n'en ont pas.")
	ErrRoleNotHeld = errs.New(errs.NotFound, "ROLE_NOT_HELD",
		"This person does not hold this role; give the role exactly as it was granted.",
		"Cette personne n'a pas ce rôle ; indiquez le rôle exactement comme il a été attribué.")
)

// ResolvePerson finds the person behind an identity, and creates it at the first time. The roles of a development persona are
// given when it comes for the first time; no persona is fine.
func ResolvePerson(ctx context.Context, tx Tx, i Identity, fresh Person, persona string) (Person, error) {
	p, err := tx.PersonOf(ctx, i)
	if errors.Is(err, ErrPersonNotFound) {
		fresh.play(persona)
		fresh.Version = 1
		return fresh, changed(ctx, tx, fresh, tx.InsertPerson(ctx, fresh, i))
	}
	if err != nil || p.Plays(persona) {
		return p, err
	}
	p.play(persona)
	p.Version++
	return p, changed(ctx, tx, p, tx.UpdatePerson(ctx, p))
}

// Plays tells whether there is nothing more to give for a persona.
func (p Person) Plays(persona string) bool {
	return len(PersonaGrants(persona)) == 0 || slices.Contains(p.Personas, persona)
}

func (p *Person) play(persona string) {
	if p.Plays(persona) {
		return
	}
	p.Personas = append(p.Personas, persona)
	for _, g := range PersonaGrants(persona) {
		if !slices.Contains(p.Grants, g) {
			p.Grants = append(p.Grants, g)
		}
	}
}

// has tells whether a person holds a role, anywhere.
func (p Person) has(role Role) bool {
	return slices.ContainsFunc(p.Grants, func(g Grant) bool { return g.Role == role })
}

// coordinates are the territories that a person coordinates.
func (p Person) coordinates() (codes []string) {
	for _, g := range p.Grants {
		if g.Role == Coordinator {
			codes = append(codes, g.TerritoryCode)
		}
	}
	return codes
}

// GrantRole gives a person a role; one that the person holds already changes nothing.
func GrantRole(ctx context.Context, tx Tx, personID string, g Grant) (Person, error) {
	p, err := tx.Person(ctx, personID)
	if err != nil {
		return Person{}, atField(err, "person_id")
	}
	if g, err = settleGrant(ctx, tx, g); err != nil || slices.Contains(p.Grants, g) {
		return p, err
	}
	p.Grants, p.Version = append(p.Grants, g), p.Version+1
	return p, changed(ctx, tx, p, tx.UpdatePerson(ctx, p))
}

// RevokeRole takes a role back.
func RevokeRole(ctx context.Context, tx Tx, personID string, g Grant) (Person, error) {
	p, err := tx.Person(ctx, personID)
	if err != nil {
		return Person{}, atField(err, "person_id")
	}
	i := slices.Index(p.Grants, g)
	if i < 0 {
		return Person{}, ErrRoleNotHeld.At("grant")
	}
	p.Grants, p.Version = slices.Delete(p.Grants, i, i+1), p.Version+1
	return p, changed(ctx, tx, p, tx.UpdatePerson(ctx, p))
}

// settleGrant checks that a role comes with what it is held over, and that this exists.
func settleGrant(ctx context.Context, tx Tx, g Grant) (Grant, error) {
	needsStructure, mayHave := g.Role == Relay, g.Role == Relay || g.Role == OrganiserRole
	switch {
	case (g.TerritoryCode != "") != (g.Role == Coordinator):
		return g, ErrGrantScope.At("grant.territory_code")
	case needsStructure && g.StructureID == "", !mayHave && g.StructureID != "":
		return g, ErrGrantScope.At("grant.structure_id")
	case g.TerritoryCode == "":
		return g, structureAt(ctx, tx, g.StructureID, "grant.structure_id")
	}
	t, err := TerritoryAt(ctx, tx, g.TerritoryCode, "grant.territory_code")
	g.TerritoryCode = t.Code
	return g, err
}

// changed announces a person whose roles have changed, once that is saved; somebody without any role is no news.
func changed(ctx context.Context, tx Tx, p Person, saved error) error {
	if saved != nil || p.Version == 1 && len(p.Grants) == 0 {
		return saved
	}
	return tx.Emit(ctx, Event{Name: "person.roles_changed", State: p})
}

// atField names the request's field in an error that is told as it is.
func atField(err error, field string) error { return errs.From(err).At(field) }
