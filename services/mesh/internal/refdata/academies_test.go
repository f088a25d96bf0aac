package refdata

import (
	"slices"
	"strings"
	"testing"
)

// The two vintages of the academic grid, each by a date inside it.
var vintages = []string{"2017-06-01", "2024-09-01"}

// inForce tells whether a period holds a date; ISO dates compare as text.
func inForce(from, to, date string) bool {
	return from <= date && (to == "" || date < to)
}

func TestEveryDepartmentHasOneAcademyInEachVintage(t *testing.T) {
	nodes, links := territoriesByCode(t), must(t, DepartmentAcademies)
	for _, date := range vintages {
		academies := map[string][]string{}
		for _, link := range links {
			if !inForce(link.ValidFrom, link.ValidTo, date) {
				continue
			}
			academies[link.Department] = append(academies[link.Department], link.Academy)
			academy, department := nodes[link.Academy], nodes[link.Department]
			if academy.Kind != KindAcademy || !inForce(academy.ValidFrom, academy.ValidTo, date) {
				t.Errorf("%s: %s is linked to %q, not an academy then", date, link.Department, link.Academy)
			}
			// Academic regions have the limits of the regions, and their codes.
			if department.Kind == KindDepartment && strings.TrimPrefix(academy.Parent, "RAC-") != strings.TrimPrefix(department.Parent, "REG-") {
				t.Errorf("%s is in %s, its academy in %s", link.Department, department.Parent, academy.Parent)
			}
		}
		for code, n := range nodes {
			want := 1
			if code == "DEP-976" && date < "2020" {
				want = 0 // Mayotte had a vice-rectorat.
			}
			if n.Kind == KindDepartment && len(academies[code]) != want {
				t.Errorf("%s: %s has academies %v, want %d", date, code, academies[code], want)
			}
		}
	}
}

func TestDenominators(t *testing.T) {
	nodes := territoriesByCode(t)
	size := func(set, date string) (n int) {
		for _, d := range must(t, Denominators) {
			if _, known := nodes[d.Code]; !known {
				t.Errorf("%s holds %q, which is no territory", d.Set, d.Code)
			}
			if d.Set == set && inForce(d.ValidFrom, d.ValidTo, date) {
				n++
			}
		}
		return n
	}
	for _, want := range []struct {
		set      string
		old, new int
	}{
		{SetMetropolitanRegions, 13, 13}, {SetRegions, 18, 18}, {SetAcademicRegions, 17, 18},
		{SetAcademicRegionsDeclared, 18, 0}, {SetAcademies, 30, 30},
	} {
		if got := size(want.set, vintages[0]); got != want.old {
			t.Errorf("%s in the old vintage: %d, want %d", want.set, got, want.old)
		}
		if got := size(want.set, vintages[1]); got != want.new {
			t.Errorf("%s in the new vintage: %d, want %d", want.set, got, want.new)
		}
	}
}

func TestAcademiesInForceAreTheDenominator(t *testing.T) {
	for _, date := range vintages {
		var nodes, members []string
		for _, n := range must(t, Territories) {
			if n.Kind == KindAcademy && inForce(n.ValidFrom, n.ValidTo, date) {
				nodes = append(nodes, n.Code)
			}
		}
		for _, d := range must(t, Denominators) {
			if d.Set == SetAcademies && inForce(d.ValidFrom, d.ValidTo, date) {
				members = append(members, d.Code)
			}
		}
		if !slices.Equal(nodes, members) {
			t.Errorf("%s: academies are %v, the denominator %v", date, nodes, members)
		}
		if old := date < "2020"; slices.Contains(nodes, "ACA-05") != old || slices.Contains(nodes, "ACA-70") == old {
			t.Errorf("%s: Caen and Normandie are on the wrong side of 2020: %v", date, nodes)
		}
	}
}
