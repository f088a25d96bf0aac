package domain

import (
	"cmp"
	"context"
	"slices"

	"github.com/classcode/maillage/pkg/errs"
)

// TerritoryKind is what a territory is.
type TerritoryKind int

// The kinds, numbered as in the contract.
const (
	Country TerritoryKind = iota + 1
	Region
	Department
	Commune
	MunicipalArrondissement
	AcademicRegion
	Academy
	Basin
	OverseasCollectivity
)

// Grid is one of the ways in which France is divided here.
type Grid int

// The grids, numbered as in the contract.
const (
	Administrative Grid = iota + 1
	Academic
	Basins
)

// Precision says how a position was had.
type Precision int

// The precisions, numbered as in the contract.
const (
	NoPosition Precision = iota
	Exact
	Estimated
)

// Territory is a node of one of three grids; a commune stands in all of them.
type Territory struct {
	Code               string
	Kind               TerritoryKind
	Grid               Grid
	Parent             string
	Department         string   // of a commune or an arrondissement; empty above
	Ancestors          []string // every node above it in every grid, nearest first within a grid, FR last
	Name               string
	Position           Position // means nothing without a Precision
	Precision          Precision
	Population         int64 // 0 when unknown
	ValidFrom, ValidTo string
	Vintage            string
}

// Ancestor says that a node above communes, or itself at rank 0, stands above another.
type Ancestor struct {
	Code, Ancestor string
	Rank           int
}

// Alias leads from a former code to the current one.
type Alias struct{ Code, Current string }

// TerritoryQuery selects territories, by name.
type TerritoryQuery struct {
	Kind   TerritoryKind // 0 for all
	Parent string        // empty for all
	Prefix string        // folded; empty for all
	Page
}

// TerritoryReads are the questions about territories.
type TerritoryReads interface {
	// Territory answers a former code with its successor, and an unknown one with ErrTerritoryNotFound.
	Territory(ctx context.Context, code string) (Territory, error)
	Territories(ctx context.Context, q TerritoryQuery) ([]Territory, error)
	// NearestCommunes are those whose centres lie within radius metres, nearest first, ties by code; without what stands above them.
	NearestCommunes(ctx context.Context, from Position, radius float64, limit int) ([]NearCommune, error)
}

// NearCommune is a commune and how far its centre is, in metres.
type NearCommune struct {
	Territory
	Distance float64
}

// Compare orders communes by distance, then by code.
func (n NearCommune) Compare(other NearCommune) int {
	return cmp.Or(cmp.Compare(n.Distance, other.Distance), cmp.Compare(n.Code, other.Code))
}

// What is said of territories that cannot be used.
var (
	ErrTerritoryNotFound = errs.Missing("territory", "territoire")
	ErrNotCommune        = errs.New(errs.Invalid, "NOT_A_COMMUNE",
		"This code is not that of a commune; give the INSEE code of a commune.",
		"Ce code n'est pas celui d'une commune ; indiquez le code INSEE d'une commune.")
	ErrNoPosition = errs.New(errs.Invalid, "COMMUNE_WITHOUT_POSITION",
		"The position of this commune is not known; give a point instead.",
		"La position de cette commune n'est pas connue ; indiquez plutôt un point.")
)

// Located tells whether the position is known.
func (t Territory) Located() bool { return t.Precision != NoPosition }

// Within tells whether the territory is the one of this code, or lies in it.
func (t Territory) Within(code string) bool {
	return t.Code == code || slices.Contains(t.Ancestors, code)
}

// withinAny tells whether the territory lies in one of these.
func (t Territory) withinAny(codes []string) bool { return slices.ContainsFunc(codes, t.Within) }

// CommuneAt finds the current commune behind a code given in a request's field.
func CommuneAt(ctx context.Context, r TerritoryReads, code, field string) (Territory, error) {
	t, err := r.Territory(ctx, code)
	switch {
	case err != nil:
		return Territory{}, reference(err, field)
	case t.Kind != Commune && t.Kind != MunicipalArrondissement:
		return Territory{}, ErrNotCommune.At(field)
	}
	return t, nil
}

// TerritoryAt finds the current territory behind a code given in a request's field.
func TerritoryAt(ctx context.Context, r TerritoryReads, code, field string) (Territory, error) {
	t, err := r.Territory(ctx, code)
	return t, reference(err, field)
}
