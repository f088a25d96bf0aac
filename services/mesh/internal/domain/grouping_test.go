package domain

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var lyon = Position{45.764, 4.8357}

// applicants draws people of a few communes, so that ties and crowds happen, and some that nobody can place.
func applicants(t *rapid.T, communes []Position) []Applicant {
	n := rapid.IntRange(0, 120).Draw(t, "people")
	people := make([]Applicant, n)
	for i := range people {
		c := rapid.IntRange(0, len(communes)-1).Draw(t, "commune")
		people[i] = Applicant{ID: fmt.Sprintf("p%03d", i), Commune: fmt.Sprint(c), Position: communes[c],
			Located: rapid.IntRange(0, 20).Draw(t, "located") > 0}
	}
	return people
}

func positions(t *rapid.T, label string, least, most int) []Position {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Position {
		// A coarse grid: equal distances are the rule.
		return Position{lyon.Latitude + float64(rapid.IntRange(-4, 4).Draw(t, "lat"))/10, lyon.Longitude + float64(rapid.IntRange(-4, 4).Draw(t, "lon"))/10}
	}), least, most).Draw(t, label)
}

func scene(t *rapid.T) ([]Applicant, []Site, Rules) {
	var sites []Site
	for i, p := range positions(t, "sites", 0, 12) {
		sites = append(sites, Site{ID: fmt.Sprintf("s%02d", i), Position: p})
	}
	top := rapid.IntRange(1, MaxGroup).Draw(t, "max")
	rules := Rules{Radius: rapid.Float64Range(0, 40_000).Draw(t, "radius"), Min: rapid.IntRange(1, top).Draw(t, "min"), Max: top}
	return applicants(t, positions(t, "communes", 1, 10)), sites, rules
}

func TestFormKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people, sites, rules := scene(t)
		check(t, people, sites, rules, Form(people, sites, rules))
	})
}

// failer is testing's and rapid's.
type failer interface{ Fatalf(string, ...any) }

// check states what Form guarantees, without any of its code but the distance.
func check(t failer, people []Applicant, sites []Site, rules Rules, r Result) {
	from, to := map[string]Applicant{}, map[string]Position{}
	for _, p := range people {
		from[p.ID] = p
	}
	for _, s := range sites {
		to[s.ID] = s.Position
	}
	seen, at, groups := map[string]bool{}, map[string]int{}, map[string]int{}
	once := func(id string) {
		if _, known := from[id]; !known || seen[id] {
			t.Fatalf("%q is unknown or placed twice", id)
		}
		seen[id] = true
	}
	sizes := map[string][]int{}
	for _, g := range r.Groups {
		if len(g.Members) < rules.Min || len(g.Members) > rules.Max {
			t.Fatalf("a group of %d", len(g.Members))
		}
		for _, m := range g.Members {
			once(m.ApplicantID)
			if d := from[m.ApplicantID].Position.Distance(to[g.SiteID]); d > rules.Radius || d != m.Distance {
				t.Fatalf("%s travels %v m, said %v", m.ApplicantID, d, m.Distance)
			}
		}
		at[g.SiteID] += len(g.Members)
		groups[g.SiteID]++
		sizes[g.SiteID] = append(sizes[g.SiteID], len(g.Members))
	}
	for site, n := range at {
		if groups[site] != (n+rules.Max-1)/rules.Max || slices.Max(sizes[site])-slices.Min(sizes[site]) > 1 {
			t.Fatalf("%d people at %s are cut into %v", n, site, sizes[site])
		}
	}
	for _, l := range r.Left {
		once(l.ApplicantID)
	}
	if len(seen) != len(people) {
		t.Fatalf("%d of %d are accounted for", len(seen), len(people))
	}
	checkLeft(t, r.Left, from, sites, at, rules)
}

// checkLeft states who may be left out, with at the number of people at each site.
func checkLeft(t failer, left []LeftOut, from map[string]Applicant, sites []Site, at map[string]int, rules Rules) {
	fits := func(n int) bool { return (n+rules.Max-1)/rules.Max*rules.Min <= n }
	near := map[string]int{}
	for _, l := range left {
		p, reach := from[l.ApplicantID], 0
		for _, s := range sites {
			if p.Located && p.Position.Distance(s.Position) <= rules.Radius {
				reach++
				near[s.ID]++
				if at[s.ID] > 0 && fits(at[s.ID]+1) {
					t.Fatalf("%s is left out, and %s has a seat", p.ID, s.ID)
				}
			}
		}
		want := TooFewNearby
		if !p.Located {
			want = NoKnownPosition
		} else if reach == 0 {
			want = NoPlaceWithinRadius
		}
		if l.Reason != want {
			t.Fatalf("%s is left out for %d, not %d", p.ID, l.Reason, want)
		}
	}
	for site, n := range near {
		if n >= rules.Min {
			t.Fatalf("%d of those left out could meet at %s", n, site)
		}
	}
}

func TestFormIgnoresOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people, sites, rules := scene(t)
		want := Form(people, sites, rules)
		got := Form(rapid.Permutation(people).Draw(t, "order of people"), rapid.Permutation(sites).Draw(t, "order of sites"), rules)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("another order gives %v, not %v", got, want)
		}
	})
}

func TestForm(t *testing.T) {
	here := func(km float64) Position { return Position{lyon.Latitude + km*1000/degree, lyon.Longitude} }
	crowd := func(prefix string, n int, p Position) (all []Applicant) {
		for i := range n {
			all = append(all, Applicant{ID: fmt.Sprintf("%s%02d", prefix, i), Commune: prefix, Position: p, Located: true})
		}
		return all
	}
	rules := Rules{Radius: 30_000, Min: 5, Max: 25}
	sites := []Site{{ID: "a", Position: here(0)}, {ID: "b", Position: here(20)}}
	for _, c := range []struct {
		name   string
		people []Applicant
		rules  Rules
		want   string
	}{
		{"nobody", nil, rules, "[] left 0"},
		{"each to the nearest", slices.Concat(crowd("x", 5, here(1)), crowd("y", 6, here(19))), rules, "[a5 b6] left 0"},
		{"the smaller closes", slices.Concat(crowd("x", 4, here(1)), crowd("y", 3, here(19))), rules, "[a7] left 0"},
		{"of equals the first closes", slices.Concat(crowd("x", 4, here(1)), crowd("y", 4, here(19))), rules, "[b8] left 0"},
		{"26 make two", crowd("x", 26, here(0)), rules, "[a13 a13] left 0"},
		{"too few", crowd("x", 4, here(0)), rules, "[] left 4"},
		{"too far", crowd("x", 9, here(-31)), rules, "[] left 9"},
		// a closes first, then b: six people who all reach a, and whom the closing alone would leave out.
		{"parted by the closing", slices.Concat(crowd("x", 3, here(-29)), crowd("y", 3, here(12))), Rules{29_500, 5, 25}, "[a6] left 0"},
		// 26 cannot be cut into groups of 20 to 25: the last goes elsewhere, or nowhere.
		{"one too many", crowd("x", 26, here(-5)), Rules{29_500, 20, 25}, "[a25] left 1"},
		{"one too many, and a seat elsewhere", slices.Concat(crowd("x", 26, here(-5)), crowd("y", 20, here(20))), Rules{29_500, 20, 25}, "[a25 b21] left 0"},
		{"40 make two of 20", crowd("x", 40, here(-5)), Rules{29_500, 20, 25}, "[a20 a20] left 0"},
	} {
		r := Form(c.people, sites, c.rules)
		check(t, c.people, sites, c.rules, r)
		var groups []string
		for _, g := range r.Groups {
			groups = append(groups, fmt.Sprint(g.SiteID, len(g.Members)))
		}
		if got := fmt.Sprint(groups, " left ", len(r.Left)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTheFarthestIsOneTooMany(t *testing.T) {
	var people []Applicant
	for i := range 26 {
		people = append(people, Applicant{ID: fmt.Sprintf("%02d", i), Located: true, Position: Position{lyon.Latitude + float64((i+20)%26)/100, lyon.Longitude}})
	}
	left := Form(people, []Site{{ID: "a", Position: lyon}}, Rules{30_000, 20, 25}).Left
	if want := (LeftOut{"05", TooFewNearby}); len(left) != 1 || left[0] != want {
		t.Errorf("left out %v, want %v", left, want)
	}
}

func TestNeighboursStayTogether(t *testing.T) {
	site := []Site{{ID: "a", Position: lyon}}
	var people []Applicant
	for i := range 50 { // two communes, one east and one west, their people alternating by id
		east := float64(i%2*2-1) * 0.1
		people = append(people, Applicant{ID: fmt.Sprintf("%02d", i), Commune: fmt.Sprint(i % 2),
			Position: Position{lyon.Latitude, lyon.Longitude + east}, Located: true})
	}
	for _, g := range Form(people, site, Rules{30_000, 5, 25}).Groups {
		for _, m := range g.Members {
			if m.ApplicantID[1]%2 != g.Members[0].ApplicantID[1]%2 {
				t.Fatalf("a group mixes both communes: %v", g.Members)
			}
		}
	}
}

// region scatters people and places over an area as large as Auvergne-Rhône-Alpes.
func region(people, places int) ([]Applicant, []Site) {
	r := rand.New(rand.NewPCG(1, 2))
	at := func() Position { return Position{44.1 + r.Float64()*2.7, 2.1 + r.Float64()*5} }
	var all []Applicant
	for i := range people {
		all = append(all, Applicant{ID: fmt.Sprintf("%05d", i), Commune: "-", Position: at(), Located: true})
	}
	var sites []Site
	for i := range places {
		sites = append(sites, Site{ID: fmt.Sprintf("%04d", i), Position: at()})
	}
	return all, sites
}

func TestFormTenThousand(t *testing.T) {
	people, sites := region(10_000, 676)
	rules := Rules{Radius: 30_000, Min: 5, Max: 25}
	check(t, people, sites, rules, Form(people, sites, rules))
}

func BenchmarkForm(b *testing.B) {
	for _, n := range []int{400, 10_000} {
		people, sites := region(n, 676)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				Form(people, sites, Rules{Radius: 30_000, Min: 5, Max: 25})
			}
		})
	}
}
