package gateway

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// The departments share these lines between them, and each has a link to all that it holds: a page that everyone can load,
// and a single region shows everything.
const mostLines, leastLines = 1500, 10

// homeView is what the template shows; a part that is nil is away.
type homeView struct {
	Dev        bool
	Web        webFiles
	Mesh       *meshView
	Indicators *indicatorsView
}

type meshView struct {
	Places, Active, Groups, Members string
	Whole                           bool
	Regions                         []*regionView
}

type regionView struct {
	Name, Summary string
	Departments   []*departmentView
}

type departmentView struct {
	Code, Number, Name string
	Summary            string
	Places             []placeLine
	Groups             []groupLine
	MorePlaces         string // "12 autres lieux", or empty
	MoreGroups         string
}

// placeLine says nothing of the status that most places have.
type placeLine struct {
	Name, Commune, Status string

	status meshv1.PlaceStatus
}

type groupLine struct{ Members, Place, Commune string }

func viewMesh(a *atlas) *meshView {
	v := &meshView{Whole: a.whole, Places: count(len(a.spots), "lieu", "lieux"), Groups: count(len(a.groups), "groupe", "groupes")}
	regions, departments := map[string]*regionView{}, map[department]*departmentView{}
	at := func(code string) (string, *departmentView) {
		name, where := a.names.of(code)
		d := departments[where]
		if d == nil {
			d = &departmentView{Code: where.code, Number: where.number(), Name: where.name}
			departments[where] = d
			r := regions[where.region]
			if r == nil {
				r = &regionView{Name: where.region}
				regions[where.region] = r
				v.Regions = append(v.Regions, r)
			}
			r.Departments = append(r.Departments, d)
		}
		return name, d
	}
	active, members, hidden := 0, 0, 0
	for _, s := range a.spots {
		commune, d := at(s.commune)
		d.Places = append(d.Places, placeLine{s.name, commune, placeStatus(s.status), s.status})
		if s.status >= meshv1.PlaceStatus_PLACE_STATUS_ACTIVE {
			active++
		}
	}
	for _, g := range a.groups {
		commune, d := at(g.commune)
		line := groupLine{Members: persons(g.members), Commune: commune}
		if g.spot >= 0 {
			line.Place = a.spots[g.spot].name
		}
		d.Groups = append(d.Groups, line)
		members += counted(g.members)
		if counted(g.members) == 0 {
			hidden++
		}
	}
	v.Active = count(active, "lieu actif", "lieux actifs")
	v.Members = persons(members)
	if hidden > 0 && members > 0 {
		v.Members = "au moins " + v.Members // the exact sum would tell the number that is kept back
	}
	v.finish(len(departments))
	return v
}

// finish sorts and sums up: regions by name, departments by number.
func (v *meshView) finish(departments int) {
	slices.SortFunc(v.Regions, func(a, b *regionView) int { return cmp.Compare(folded(a.Name), folded(b.Name)) })
	most := max(leastLines, mostLines/max(departments, 1))
	for _, r := range v.Regions {
		slices.SortFunc(r.Departments, func(a, b *departmentView) int { return cmp.Compare(a.Code, b.Code) })
		places, groups := 0, 0
		for _, d := range r.Departments {
			places, groups = places+len(d.Places), groups+len(d.Groups)
			d.Summary = summary(len(d.Places), len(d.Groups))
			d.cut(most)
		}
		r.Summary = summary(places, groups)
	}
}

// cut keeps the first lines; places that have come farther stand before the others, which stay by name.
func (d *departmentView) cut(most int) {
	slices.SortStableFunc(d.Places, func(a, b placeLine) int { return cmp.Compare(b.status, a.status) })
	if n := len(d.Places) - most; n > 0 {
		d.Places, d.MorePlaces = d.Places[:most], count(n, "autre lieu", "autres lieux")
	}
	if n := len(d.Groups) - most; n > 0 {
		d.Groups, d.MoreGroups = d.Groups[:most], count(n, "autre groupe", "autres groupes")
	}
}

func summary(places, groups int) string {
	s := count(places, "lieu", "lieux")
	if groups > 0 {
		s += ", " + count(groups, "groupe", "groupes")
	}
	return s
}

// persons says how many, unless that is too few to be public.
func persons(n int) string {
	if n > 0 && n < leastCounted {
		return "moins de " + count(leastCounted, "personne", "personnes")
	}
	return count(n, "personne", "personnes")
}

func placeStatus(s meshv1.PlaceStatus) string {
	switch s {
	case meshv1.PlaceStatus_PLACE_STATUS_ACTIVE:
		return "lieu actif"
	case meshv1.PlaceStatus_PLACE_STATUS_SUSTAINED:
		return "lieu pérennisé"
	}
	return ""
}

// folded is a name as a dictionary sorts it: Île-de-France stands with the I.
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}
