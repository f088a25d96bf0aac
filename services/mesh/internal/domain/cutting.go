package domain

import (
	"cmp"
	"slices"
)

func (f *forming) result() Result {
	var r Result
	for s := range f.sites {
		r.Groups = append(r.Groups, f.cut(s)...)
	}
	for _, s := range f.seekers {
		switch {
		case s.site != away:
		case !s.Located:
			r.Left = append(r.Left, LeftOut{s.ID, NoKnownPosition})
		case len(s.reach) == 0:
			r.Left = append(r.Left, LeftOut{s.ID, NoPlaceWithinRadius})
		default:
			r.Left = append(r.Left, LeftOut{s.ID, TooFewNearby})
		}
	}
	return r
}

// cut makes groups of those at a site.
func (f *forming) cut(site int) []Formed {
	people := f.at[site]
	f.aroundClock(people, site)
	count, _ := f.groupsOf(len(people))
	var groups []Formed
	for ; count > 0; count-- {
		size := (len(people) + count - 1) / count
		g := Formed{SiteID: f.sites[site].ID}
		for _, i := range people[:size] {
			g.Members = append(g.Members, Placed{f.seekers[i].ID, f.metres(i, site)})
		}
		groups, people = append(groups, g), people[size:]
	}
	return groups
}

// aroundClock orders people by the direction from which they come.
func (f *forming) aroundClock(people []int, site int) {
	bearings := make(map[Position]float64)
	for _, i := range people {
		from := f.seekers[i].Position
		bearings[from] = f.sites[site].Position.Bearing(from)
	}
	slices.SortFunc(people, func(a, b int) int {
		p, q := f.seekers[a], f.seekers[b]
		return cmp.Or(cmp.Compare(bearings[p.Position], bearings[q.Position]), cmp.Compare(p.Commune, q.Commune), cmp.Compare(a, b))
	})
}
