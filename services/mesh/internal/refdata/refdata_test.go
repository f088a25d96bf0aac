package refdata

import (
	"slices"
	"testing"
)

// must fails the test when a file cannot be read.
func must[T any](t testing.TB, read func() ([]T, error)) []T {
	t.Helper()
	items, err := read()
	if err != nil {
		t.Fatal(err)
	}
	return items
}

func index[T any](items []T, code func(T) string) map[string]T {
	byCode := make(map[string]T, len(items))
	for _, item := range items {
		byCode[code(item)] = item
	}
	return byCode
}

func communesByCode(t testing.TB) map[string]Commune {
	return index(must(t, Communes), func(c Commune) string { return c.Code })
}

func territoriesByCode(t testing.TB) map[string]Territory {
	return index(must(t, Territories), func(n Territory) string { return n.Code })
}

func TestCounts(t *testing.T) {
	kinds := map[string]int{}
	for _, c := range must(t, Communes) {
		kinds[c.Kind]++
	}
	for _, n := range must(t, Territories) {
		kinds[n.Kind]++
	}
	want := map[string]int{
		KindCommune: 34969, KindMunicipalArrondissement: 45, KindCountry: 1, KindRegion: 18, KindDepartment: 101,
		KindOverseasCollectivity: 8, KindAcademicRegion: 18, KindAcademy: 32,
	}
	for kind, n := range want {
		if kinds[kind] != n {
			t.Errorf("%s: %d nodes, want %d", kind, kinds[kind], n)
		}
	}
	if len(kinds) != len(want) {
		t.Errorf("kinds are %v, want only those of %v", kinds, want)
	}
	if got := len(must(t, Places)) + len(must(t, RejectedPlaces)); got != 687 {
		t.Errorf("%d places kept or rejected, want all 687 of the source", got)
	}
}

func TestCodesAreUniqueOverAllGrids(t *testing.T) {
	var codes []string
	for _, n := range must(t, Territories) {
		codes = append(codes, n.Code)
	}
	for _, c := range must(t, Communes) {
		codes = append(codes, c.Code)
	}
	for _, a := range must(t, Aliases) {
		codes = append(codes, a.Code)
	}
	slices.Sort(codes)
	if all := len(codes); len(slices.Compact(codes)) != all {
		t.Errorf("%d codes, but only %d are different", all, len(slices.Compact(codes)))
	}
}

func TestEveryNodeHasAParentOfTheRightKind(t *testing.T) {
	nodes, communes := territoriesByCode(t), communesByCode(t)
	wantParent := map[string]string{
		KindRegion: KindCountry, KindDepartment: KindRegion, KindOverseasCollectivity: KindCountry,
		KindAcademicRegion: KindCountry, KindAcademy: KindAcademicRegion,
	}
	for code, n := range nodes {
		if n.Kind != KindCountry && nodes[n.Parent].Kind != wantParent[n.Kind] {
			t.Errorf("%s has parent %q of kind %q", code, n.Parent, nodes[n.Parent].Kind)
		}
		if n.Successor != "" && (nodes[n.Successor].ValidFrom != n.ValidTo || n.ValidTo == "") {
			t.Errorf("%s ends on %q, its successor %s starts on %q", code, n.ValidTo, n.Successor, nodes[n.Successor].ValidFrom)
		}
	}
	for code, c := range communes {
		if kind := nodes[c.Department].Kind; kind != KindDepartment && kind != KindOverseasCollectivity {
			t.Errorf("%s: department %q is a %q", code, c.Department, kind)
		}
		if c.Kind == KindCommune && c.Parent != c.Department {
			t.Errorf("%s: parent %s is not its department %s", code, c.Parent, c.Department)
		}
		if c.Kind == KindMunicipalArrondissement && communes[c.Parent].Kind != KindCommune {
			t.Errorf("%s: parent %s is not a commune", code, c.Parent)
		}
	}
	for _, a := range must(t, Aliases) {
		if communes[a.Current].Kind != KindCommune {
			t.Errorf("alias %s leads to %q, which is no commune", a.Code, a.Current)
		}
	}
}

func TestReadRefusesABadFile(t *testing.T) {
	if _, err := read("aliases", "code,other", func(r *row) string { return r.text() }); err == nil {
		t.Error("an unexpected header is accepted")
	}
	if _, err := read("aliases", "code,current,kind,name", func(r *row) int { r.text(); r.text(); return r.count() }); err == nil {
		t.Error("a word is accepted as a count")
	}
	if _, err := read("absent", "code", func(r *row) string { return r.text() }); err == nil {
		t.Error("an absent file is accepted")
	}
}

func BenchmarkCommunes(b *testing.B) {
	for b.Loop() {
		must(b, Communes)
	}
}
