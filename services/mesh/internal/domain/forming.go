package domain

import (
	"cmp"
	"slices"
)

// seeker is an applicant on the way to a site.
type seeker struct {
	Applicant
	reach []stop // nearest first; shared by those who come from the same point
	next  int    // where in reach the seeker stands
	site  int    // or away
}

// stop is a site within reach.
type stop struct {
	site   int
	metres float64
}

const away = -1

type forming struct {
	rules   Rules
	sites   []Site   // by id
	seekers []seeker // by id
	at      [][]int  // the seekers at each site
	open    []bool
}

func newForming(people []Applicant, places []Site, rules Rules) *forming {
	f := &forming{rules: rules, sites: slices.Clone(places), at: make([][]int, len(places)), open: make([]bool, len(places))}
	slices.SortFunc(f.sites, func(a, b Site) int { return cmp.Compare(a.ID, b.ID) })
	sorted := slices.Clone(people)
	slices.SortFunc(sorted, func(a, b Applicant) int { return cmp.Compare(a.ID, b.ID) })
	index := newSiteIndex(f.sites, rules.Radius)
	for i, a := range sorted {
		s := seeker{Applicant: a, site: away}
		if a.Located {
			s.reach = index.around(a.Position)
		}
		f.seekers = append(f.seekers, s)
		if len(s.reach) > 0 {
			f.put(i, s.reach[0].site)
			f.open[s.reach[0].site] = true // a site that is nobody's nearest is the smallest of all: it never opens
		}
	}
	return f
}

func (f *forming) put(seeker, site int) {
	f.seekers[seeker].site = site
	f.at[site] = append(f.at[site], seeker)
}

// closeSmall moves people on until no open site is too small. Sites only close, so it ends with everyone at the nearest open one.
func (f *forming) closeSmall() {
	for {
		s := f.smallest()
		if s == away {
			return
		}
		f.open[s] = false
		moving := f.at[s]
		f.at[s] = nil
		for _, i := range moving {
			f.moveOn(i)
		}
	}
}

// smallest is the open site with the fewest people below Min; of equals the first by id.
func (f *forming) smallest() int {
	found := away
	for s, open := range f.open {
		if open && len(f.at[s]) < f.rules.Min && (found == away || len(f.at[s]) < len(f.at[found])) {
			found = s
		}
	}
	return found
}

func (f *forming) moveOn(i int) {
	s := &f.seekers[i]
	s.site = away
	for ; s.next < len(s.reach); s.next++ {
		if site := s.reach[s.next].site; f.open[site] {
			f.put(i, site)
			return
		}
	}
}

// groupsOf is the least number of groups for n people, and whether each would have Min to Max of them.
func (f *forming) groupsOf(n int) (groups int, fits bool) {
	groups = (n + f.rules.Max - 1) / f.rules.Max
	return groups, groups*f.rules.Min <= n
}

// trim sends the farthest away where the number cannot be cut, such as 26 into groups of 20 to 25.
func (f *forming) trim() {
	for s, people := range f.at {
		groups, fits := f.groupsOf(len(people))
		if fits {
			continue
		}
		f.nearestFirst(people, s)
		keep := (groups - 1) * f.rules.Max
		for _, i := range people[keep:] {
			f.seekers[i].site = away
		}
		f.at[s] = people[:keep]
	}
}

// seatLeft gives those who are left the free seats within their reach. One pass is enough: a site that cannot take one more
// does not change any more.
func (f *forming) seatLeft() {
	for i := range f.seekers {
		if f.seekers[i].site != away {
			continue
		}
		for _, r := range f.seekers[i].reach {
			if _, fits := f.groupsOf(len(f.at[r.site]) + 1); fits && len(f.at[r.site]) > 0 {
				f.put(i, r.site)
				break
			}
		}
	}
}

// gatherLeft lets those who are left meet where at least Min of them can; where most can, first. Closing the smallest first may
// part people who would have been enough together.
func (f *forming) gatherLeft() {
	left := make([][]int, len(f.sites)) // those left within reach of each site
	for i, s := range f.seekers {
		for _, r := range s.reach {
			if s.site == away {
				left[r.site] = append(left[r.site], i)
			}
		}
	}
	counts := make([]int, len(f.sites))
	for s := range left {
		counts[s] = len(left[s])
	}
	for {
		s := largest(counts)
		if s == away || counts[s] < f.rules.Min {
			return
		}
		for _, i := range f.gather(s, left[s]) {
			for _, r := range f.seekers[i].reach {
				counts[r.site]--
			}
		}
	}
}

// largest is the first of those with the most; away when there is nobody anywhere.
func largest(counts []int) int {
	found, most := away, 0
	for s, n := range counts {
		if n > most {
			found, most = s, n
		}
	}
	return found
}

// gather seats as many as can be cut into groups with those who are there: Min more always can, as a group of their own.
func (f *forming) gather(s int, candidates []int) []int {
	candidates = slices.DeleteFunc(candidates, func(i int) bool { return f.seekers[i].site != away })
	f.nearestFirst(candidates, s)
	n := len(candidates)
	for ; n > f.rules.Min; n-- {
		if _, fits := f.groupsOf(len(f.at[s]) + n); fits {
			break
		}
	}
	for _, i := range candidates[:n] {
		f.put(i, s)
	}
	return candidates[:n]
}

func (f *forming) nearestFirst(people []int, site int) {
	slices.SortFunc(people, func(a, b int) int {
		return cmp.Or(cmp.Compare(f.metres(a, site), f.metres(b, site)), cmp.Compare(a, b))
	})
}

func (f *forming) metres(seeker, site int) float64 {
	for _, r := range f.seekers[seeker].reach {
		if r.site == site {
			return r.metres
		}
	}
	return 0
}
