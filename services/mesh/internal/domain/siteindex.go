package domain

import (
	"cmp"
	"slices"
	"sort"
)

// siteIndex finds the sites around a point: only those in its band of latitude are measured, and each point once.
type siteIndex struct {
	radius float64
	sites  []Site
	north  []int // sites from south to north
	known  map[Position][]stop
}

func newSiteIndex(sites []Site, radius float64) *siteIndex {
	x := &siteIndex{radius: radius, sites: sites, known: make(map[Position][]stop)}
	for i := range sites {
		x.north = append(x.north, i)
	}
	slices.SortFunc(x.north, func(a, b int) int { return cmp.Compare(sites[a].Position.Latitude, sites[b].Position.Latitude) })
	return x
}

func (x *siteIndex) around(p Position) []stop {
	if found, ok := x.known[p]; ok {
		return found
	}
	// The margin is far above rounding, and a thousandth of the smallest radius that means anything.
	band := x.radius/degree + 1e-9
	first := sort.Search(len(x.north), func(i int) bool { return x.sites[x.north[i]].Position.Latitude >= p.Latitude-band })
	var found []stop
	for _, s := range x.north[first:] {
		if x.sites[s].Position.Latitude > p.Latitude+band {
			break
		}
		if d := p.Distance(x.sites[s].Position); d <= x.radius {
			found = append(found, stop{s, d})
		}
	}
	slices.SortFunc(found, func(a, b stop) int { return cmp.Or(cmp.Compare(a.metres, b.metres), cmp.Compare(a.site, b.site)) })
	x.known[p] = found
	return found
}
