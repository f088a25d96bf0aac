package refdata

import "testing"

func TestKnownCommunes(t *testing.T) {
	communes, nodes := communesByCode(t), territoriesByCode(t)
	for _, want := range []struct{ code, name, parent, department, region string }{
		{"69123", "Lyon", "DEP-69", "DEP-69", "REG-84"},
		{"75056", "Paris", "DEP-75", "DEP-75", "REG-11"},
		{"75113", "Paris 13e Arrondissement", "75056", "DEP-75", "REG-11"},
		{"44109", "Nantes", "DEP-44", "DEP-44", "REG-52"},
		{"2A004", "Ajaccio", "DEP-2A", "DEP-2A", "REG-94"},
		{"97411", "Saint-Denis", "DEP-974", "DEP-974", "REG-04"},
	} {
		c := communes[want.code]
		if c.Name != want.name || c.Parent != want.parent || c.Department != want.department {
			t.Errorf("%s is %+v, want %+v", want.code, c, want)
		}
		if got := nodes[c.Department].Parent; got != want.region {
			t.Errorf("%s is in %s, want %s", want.code, got, want.region)
		}
	}
	// Cran-Gevrier joined Annecy in 2017.
	aliases := index(must(t, Aliases), func(a Alias) string { return a.Code })
	if got := aliases["74093"].Current; got != "74010" {
		t.Errorf("74093 leads to %q, want 74010", got)
	}
}

func TestPositions(t *testing.T) {
	counts := map[string]int{}
	for _, c := range must(t, Communes) {
		counts[c.Precision]++
		mainland := c.Lat > 41.3 && c.Lat < 51.2 && c.Lon > -5.3 && c.Lon < 9.7
		switch {
		case c.Precision == PrecisionNone:
			if c.Lat != 0 || c.Lon != 0 || c.Code < "98" {
				t.Errorf("%s %s has no position", c.Code, c.Name)
			}
		case c.Code < "97" && !mainland, c.Lat == 0, c.Lat < -60, c.Lat > 51.2, c.Lon < -180, c.Lon > 180:
			t.Errorf("%s %s is at %v %v", c.Code, c.Name, c.Lat, c.Lon)
		}
	}
	want := map[string]int{PrecisionExact: 14825, PrecisionEstimated: 20143, PrecisionNone: 46}
	for precision, n := range want {
		if counts[precision] != n {
			t.Errorf("%d positions are %s, want %d", counts[precision], precision, n)
		}
	}
}

func TestPopulation(t *testing.T) {
	var people, unknown int
	for _, c := range must(t, Communes) {
		switch {
		case c.Population == UnknownPopulation:
			unknown++
		case c.Kind == KindCommune:
			people += c.Population
		}
	}
	if unknown != 6 || people < 68_000_000 || people > 70_000_000 {
		t.Errorf("%d people and %d communes without a count, want 69 million or so and 6", people, unknown)
	}
}
