// Package refdata holds the public reference data of the mesh: the territories of France in two grids,
// its communes with a position, the former commune codes, and the places for digital mediation.
//
// The CSV files are built by scripts/refdata from open data and embedded here; README.md says where each
// of them comes from, under which licence, and how far a position can be trusted. The readers parse on
// every call: callers import the data once, they do not query it.
package refdata

// The three grids of territories. No basin is part of the reference data: basins are ours.
const (
	GridAdministrative = "ADMINISTRATIVE"
	GridAcademic       = "ACADEMIC"
)

// The kinds of Territory and Commune. An overseas collectivity stands at the level of a department
// without being one, and belongs to no region.
const (
	KindCountry                 = "COUNTRY"
	KindRegion                  = "REGION"
	KindDepartment              = "DEPARTMENT"
	KindOverseasCollectivity    = "OVERSEAS_COLLECTIVITY"
	KindAcademicRegion          = "ACADEMIC_REGION"
	KindAcademy                 = "ACADEMY"
	KindCommune                 = "COMMUNE"
	KindMunicipalArrondissement = "MUNICIPAL_ARRONDISSEMENT"
)

// The precision of a commune's position.
const (
	PrecisionExact     = "EXACT"     // a point of GeoNames
	PrecisionEstimated = "ESTIMATED" // computed from neighbours, several kilometres off
	PrecisionNone      = "NONE"      // no position: Lat and Lon mean nothing
)

// The named sets of Denominator.
const (
	SetMetropolitanRegions     = "METROPOLITAN_REGIONS"
	SetRegions                 = "REGIONS"
	SetAcademicRegions         = "ACADEMIC_REGIONS"
	SetAcademicRegionsDeclared = "ACADEMIC_REGIONS_DECLARED"
	SetAcademies               = "ACADEMIES"
)

// UnknownPopulation is the Population of a commune that the source gives none for. It is not zero.
const UnknownPopulation = -1

// Territory is a node above communes. Dates are ISO 8601 local dates: ValidFrom is included and, when
// empty, earlier than the first vintage held (2016-01-01); ValidTo is excluded and, when empty, open.
type Territory struct {
	Code, Kind, Grid, Parent, Name string
	ValidFrom, ValidTo, Vintage    string
	Successor                      string // the code that replaces this one at ValidTo
}

// DepartmentAcademy says which academy a department belongs to during a period.
type DepartmentAcademy struct {
	Department, Academy, ValidFrom, ValidTo string
}

// Denominator is one member of a named set that counts are divided by, during a period.
type Denominator struct {
	Set, Code, ValidFrom, ValidTo, Source string
}

// Commune is a current commune or a municipal arrondissement. Parent is the department of a commune
// (DEP-69) and the commune of an arrondissement (69123); Department is set for both.
type Commune struct {
	Code, Kind, Name, Parent, Department string
	Postcodes                            []string
	Population                           int
	Lat, Lon                             float64
	Precision                            string
}

// Alias leads from a delegated, associated or former commune code to the current one. Name is empty
// when Kind is FORMER.
type Alias struct {
	Code, Current, Kind, Name string
}

// Place is a public place for digital mediation. Commune is the municipal arrondissement where there is
// one. OpeningHours follows the syntax of OpenStreetMap, Updated is the date of the source's record.
type Place struct {
	ID, SourceID, Name         string
	Commune, Address, Postcode string
	Lat, Lon                   float64
	OpeningHours               string
	Kinds                      []string
	Website, Updated           string
}

// RejectedPlace is a record of the source that was refused, and why.
type RejectedPlace struct {
	SourceID, ReasonCode, Reason string
}
