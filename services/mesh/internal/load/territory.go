package load

import (
	"cmp"
	"slices"

	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/refdata"
)

var kinds = map[string]domain.TerritoryKind{
	refdata.KindCountry:                 domain.Country,
	refdata.KindRegion:                  domain.Region,
	refdata.KindDepartment:              domain.Department,
	refdata.KindOverseasCollectivity:    domain.OverseasCollectivity,
	refdata.KindAcademicRegion:          domain.AcademicRegion,
	refdata.KindAcademy:                 domain.Academy,
	refdata.KindCommune:                 domain.Commune,
	refdata.KindMunicipalArrondissement: domain.MunicipalArrondissement,
}

var grids = map[string]domain.Grid{
	refdata.GridAdministrative: domain.Administrative,
	refdata.GridAcademic:       domain.Academic,
}

var precisions = map[string]domain.Precision{
	refdata.PrecisionExact:     domain.Exact,
	refdata.PrecisionEstimated: domain.Estimated,
}

// territories returns all territories and what stands above those that are no communes, as of a day; both sorted by code.
func territories(day string) ([]domain.Territory, []domain.Ancestor, error) {
	nodes, err := refdata.Territories()
	if err != nil {
		return nil, nil, err
	}
	links, err := refdata.DepartmentAcademies()
	if err != nil {
		return nil, nil, err
	}
	communes, err := refdata.Communes()
	if err != nil {
		return nil, nil, err
	}
	vintages := make(map[string]string)
	all := make([]domain.Territory, 0, len(nodes)+len(communes))
	for _, n := range nodes {
		vintages[n.Code] = n.Vintage
		all = append(all, domain.Territory{Code: n.Code, Kind: kinds[n.Kind], Grid: grids[n.Grid], Parent: n.Parent, Name: n.Name,
			ValidFrom: n.ValidFrom, ValidTo: n.ValidTo, Vintage: n.Vintage})
	}
	for _, c := range communes {
		all = append(all, commune(c, vintages[c.Department]))
	}
	slices.SortFunc(all, func(a, b domain.Territory) int { return cmp.Compare(a.Code, b.Code) })
	return all, ancestors(nodes, academies(links, day)), nil
}

func commune(c refdata.Commune, vintage string) domain.Territory {
	return domain.Territory{
		Code: c.Code, Kind: kinds[c.Kind], Grid: domain.Administrative, Parent: c.Parent, Department: c.Department, Name: c.Name,
		Position: domain.Position{Latitude: c.Lat, Longitude: c.Lon}, Precision: precisions[c.Precision],
		Population: max(0, int64(c.Population)), // the contract has no other word for unknown
		Vintage:    vintage,
	}
}

// academies is the academy in force of each department.
func academies(links []refdata.DepartmentAcademy, day string) map[string]string {
	in := make(map[string]string)
	for _, l := range links {
		if l.ValidFrom <= day && (l.ValidTo == "" || day < l.ValidTo) {
			in[l.Department] = l.Academy
		}
	}
	return in
}

// ancestors climbs each grid in turn, nearest first, and ends in the country.
func ancestors(nodes []refdata.Territory, academies map[string]string) []domain.Ancestor {
	parents := make(map[string]string)
	for _, n := range nodes {
		parents[n.Code] = n.Parent
	}
	var all []domain.Ancestor
	for _, n := range nodes {
		line := []string{n.Code}
		for _, start := range []string{n.Parent, academies[n.Code]} {
			for code := start; code != "" && code != country; code = parents[code] {
				line = append(line, code)
			}
		}
		if n.Code != country {
			line = append(line, country)
		}
		for rank, code := range line {
			all = append(all, domain.Ancestor{Code: n.Code, Ancestor: code, Rank: rank})
		}
	}
	return all
}

const country = "FR"
