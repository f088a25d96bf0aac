package domain

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// ProblemRoute says who mends problems of a kind somewhere, and how soon. It is never edited: a new version takes its place.
type ProblemRoute struct {
	ID          string      // empty for the default
	Kind        ProblemKind // 0 for any
	Territory   string
	StructureID string // empty for any
	PlaceID     string // empty for any
	Charge      Charge
	PersonID    string // when the charge is a person's
	Promised    time.Duration
	Version     int
	CreateTime  time.Time
}

// Spot is what of a problem decides about its route.
type Spot struct {
	Kind                 ProblemKind
	PlaceID, StructureID string
	Territories          []string // the commune and what stands above it
}

// ProblemRouteReads finds routes.
type ProblemRouteReads interface {
	// ProblemRoutes is what is in force in these territories.
	ProblemRoutes(ctx context.Context, territories []string) ([]ProblemRoute, error)
	// ProblemRoute is one that is in force, or ErrProblemRouteNotFound.
	ProblemRoute(ctx context.Context, id string) (ProblemRoute, error)
}

// ProblemRouteWrites changes what is in force.
type ProblemRouteWrites interface {
	// PutProblemRoute makes r the version in force of its kind, territory, structure and place, and returns it with its number.
	PutProblemRoute(ctx context.Context, r ProblemRoute) (ProblemRoute, error)
	// RetireProblemRoute takes a route out of force, or refuses with ErrProblemRouteNotFound when it is not.
	RetireProblemRoute(ctx context.Context, id string, now time.Time) (ProblemRoute, error)
}

// What a route may be refused for.
var (
	ErrProblemRouteNotFound = errs.Missing("problem route", "aiguillage de problèmes")
	ErrRoutePerson          = errs.New(errs.Invalid, "ROUTE_PERSON",
		"Name a person if, and only if, the charge is a person's.",
		"Nommez une personne si la charge revient à une personne, et seulement dans ce cas.")
)

// PutProblemRoute puts a route in force for the problems that are reported from now on.
func PutProblemRoute(ctx context.Context, tx Tx, r ProblemRoute) (ProblemRoute, error) {
	if (r.Charge == ByPerson) != (r.PersonID != "") {
		return r, ErrRoutePerson.At("problem_route.person_id")
	}
	if err := here(ctx, tx, r.PersonID, "problem_route.person_id"); err != nil {
		return r, err
	}
	return tx.PutProblemRoute(ctx, r)
}

// RouteFor is the one route that decides about a problem: of those that fit, the first in the order of RoutesInForce; the default when
// none does.
func RouteFor(standard ProblemRoute, routes []ProblemRoute, s Spot) ProblemRoute {
	var fit []ProblemRoute
	for _, r := range routes {
		if r.fits(s) {
			fit = append(fit, r)
		}
	}
	return RoutesInForce(standard, fit)[0]
}

// RoutesInForce is the routes and the default, the winning first: about the place, then about the structure, then in the smaller
// territory, then about the kind. No two routes in force are equal in all of these.
func RoutesInForce(standard ProblemRoute, routes []ProblemRoute) []ProblemRoute {
	list := slices.Clone(routes)
	slices.SortFunc(list, ProblemRoute.compare)
	return append(list, standard)
}

func (r ProblemRoute) fits(s Spot) bool {
	return (r.Kind == 0 || r.Kind == s.Kind) && (r.PlaceID == "" || r.PlaceID == s.PlaceID) &&
		(r.StructureID == "" || r.StructureID == s.StructureID) && slices.Contains(s.Territories, r.Territory)
}

func (r ProblemRoute) compare(o ProblemRoute) int {
	return cmp.Or(
		given(o.PlaceID != "")-given(r.PlaceID != ""), given(o.StructureID != "")-given(r.StructureID != ""),
		rank(r.Territory)-rank(o.Territory), given(o.Kind != 0)-given(r.Kind != 0),
		cmp.Compare(r.Territory, o.Territory), cmp.Compare(r.PlaceID, o.PlaceID), cmp.Compare(r.StructureID, o.StructureID), cmp.Compare(r.Kind, o.Kind),
	)
}

func given(b bool) int {
	if b {
		return 1
	}
	return 0
}
