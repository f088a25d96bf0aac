package domain

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestRouteFor(t *testing.T) {
	standard := DefaultRules().Route
	here := Spot{Kind: NetworkProblem, PlaceID: "p", StructureID: "s", Territories: []string{"44109", "DEP-44", "REG-52", "FR"}}
	for name, c := range map[string]struct {
		routes []ProblemRoute
		spot   Spot
		want   string
	}{
		"none":                      {nil, here, ""},
		"elsewhere":                 {[]ProblemRoute{{ID: "a", Territory: "REG-93"}}, here, ""},
		"another kind":              {[]ProblemRoute{{ID: "a", Territory: "FR", Kind: RoomProblem}}, here, ""},
		"another place":             {[]ProblemRoute{{ID: "a", Territory: "FR", PlaceID: "q"}}, here, ""},
		"another structure":         {[]ProblemRoute{{ID: "a", Territory: "FR", StructureID: "q"}}, here, ""},
		"the country's own":         {[]ProblemRoute{{ID: "a", Territory: "FR"}}, here, "a"},
		"smaller territory":         {[]ProblemRoute{{ID: "a", Territory: "REG-52"}, {ID: "b", Territory: "DEP-44"}}, here, "b"},
		"territory before kind":     {[]ProblemRoute{{ID: "a", Territory: "REG-52", Kind: NetworkProblem}, {ID: "b", Territory: "DEP-44"}}, here, "b"},
		"kind":                      {[]ProblemRoute{{ID: "a", Territory: "DEP-44"}, {ID: "b", Territory: "DEP-44", Kind: NetworkProblem}}, here, "b"},
		"structure before commune":  {[]ProblemRoute{{ID: "a", Territory: "44109"}, {ID: "b", Territory: "FR", StructureID: "s"}}, here, "b"},
		"place before structure":    {[]ProblemRoute{{ID: "a", Territory: "44109", StructureID: "s"}, {ID: "b", Territory: "FR", PlaceID: "p"}}, here, "b"},
		"nowhere":                   {[]ProblemRoute{{ID: "a", Territory: "FR"}}, Spot{Kind: OtherProblem}, ""},
		"without place, no place's": {[]ProblemRoute{{ID: "a", Territory: "FR", PlaceID: "p"}}, Spot{Kind: OtherProblem, Territories: []string{"FR"}}, ""},
	} {
		if got := RouteFor(standard, c.routes, c.spot); got.ID != c.want || c.want == "" && got != standard {
			t.Errorf("%s: %+v; want %q", name, got, c.want)
		}
	}
}

// Whatever the routes, in whatever order, exactly one wins: it fits, and none that fits is more specific.
func TestOneRouteWins(t *testing.T) {
	standard := DefaultRules().Route
	route := rapid.Custom(func(t *rapid.T) ProblemRoute {
		return ProblemRoute{
			Kind:        ProblemKind(rapid.IntRange(0, 6).Draw(t, "kind")),
			Territory:   rapid.SampledFrom([]string{"44109", "BAS-1", "DEP-44", "ACA-17", "RAC-9", "REG-52", "FR", "REG-93", "13055"}).Draw(t, "territory"),
			StructureID: rapid.SampledFrom([]string{"", "s", "z"}).Draw(t, "structure"),
			PlaceID:     rapid.SampledFrom([]string{"", "p", "q"}).Draw(t, "place"),
		}
	})
	key := func(r ProblemRoute) string { return fmt.Sprint(r.Kind, r.Territory, r.StructureID, r.PlaceID) }
	rapid.Check(t, func(t *rapid.T) {
		routes := rapid.SliceOfNDistinct(route, 0, 20, key).Draw(t, "routes")
		for i := range routes {
			routes[i].ID = key(routes[i])
		}
		spot := Spot{
			Kind:        ProblemKind(rapid.IntRange(1, 6).Draw(t, "kind")),
			PlaceID:     rapid.SampledFrom([]string{"", "p"}).Draw(t, "place"),
			StructureID: rapid.SampledFrom([]string{"", "s"}).Draw(t, "structure"),
			Territories: []string{"44109", "BAS-1", "DEP-44", "ACA-17", "RAC-9", "REG-52", "FR"},
		}
		won := RouteFor(standard, routes, spot)
		if again := RouteFor(standard, rapid.Permutation(routes).Draw(t, "order"), spot); again != won {
			t.Fatalf("%+v, and in another order %+v", won, again)
		}
		fit := slices.DeleteFunc(slices.Clone(routes), func(r ProblemRoute) bool { return !r.fits(spot) })
		if won.ID == "" {
			if len(fit) > 0 {
				t.Fatalf("the default won over %+v", fit)
			}
			return
		}
		if !won.fits(spot) {
			t.Fatalf("%+v does not fit %+v", won, spot)
		}
		for _, r := range fit {
			if r.ID != won.ID && r.compare(won) <= 0 {
				t.Fatalf("%+v won over %+v", won, r)
			}
		}
	})
}

// Whatever is tried, in whatever order, nothing is closed that was not mended, and nothing that waits is lost.
func TestProblemLife(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		state, mended := ProblemReported, false
		for _, move := range rapid.SliceOfN(rapid.SampledFrom([]ProblemMove{AssignIt, MendIt, CloseIt, ReopenIt}), 1, 30).Draw(t, "moves") {
			next, ok := state.After(move)
			switch {
			case !ok && next != state:
				t.Fatalf("refused move %d went from %v to %v", move, state, next)
			case next == ProblemClosed && !mended:
				t.Fatalf("closed from %v without being mended", state)
			case ok && move == ReopenIt && state.Open():
				t.Fatalf("reopened from %v", state)
			}
			if state = next; ok {
				mended = state == ProblemMended || state == ProblemClosed
			}
			if state.Open() == mended || state.String() == "UNSPECIFIED" {
				t.Fatalf("%v, mended %t", state, mended)
			}
		}
	})
}
