package domain

import (
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDistance(t *testing.T) {
	paris := Position{48.8566, 2.3522}
	for _, c := range []struct {
		name     string
		from, to Position
		want     float64
	}{
		{"Paris to Lyon", paris, lyon, 391_500},
		{"across the change of date", Position{0, 179.5}, Position{0, -179.5}, degree},
		{"to the antipodes", Position{45, 0}, Position{-45, 180}, math.Pi * earthRadius},
		{"nowhere", lyon, lyon, 0},
	} {
		if got := c.from.Distance(c.to); math.Abs(got-c.want) > 500 {
			t.Errorf("%s: %.0f m, want %.0f", c.name, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) Position {
			return Position{rapid.Float64Range(-90, 90).Draw(t, name), rapid.Float64Range(-180, 180).Draw(t, name)}
		}
		a, b, c := draw("a"), draw("b"), draw("c")
		if a.Distance(b) > a.Distance(c)+c.Distance(b)+1 || math.Abs(a.Distance(b)-b.Distance(a)) > 1e-3 {
			t.Fatalf("%v %v %v break the triangle", a, b, c)
		}
	})
}

func TestCheckPosition(t *testing.T) {
	commune := Territory{Code: "69123", Position: lyon, Precision: Exact}
	for _, c := range []struct {
		name    string
		at      Position
		commune Territory
		want    error
	}{
		{"in it", lyon, commune, nil},
		{"59 km off", Position{lyon.Latitude + 59_000/degree, lyon.Longitude}, commune, nil},
		{"61 km off", Position{lyon.Latitude + 61_000/degree, lyon.Longitude}, commune, ErrPositionFar},
		{"swapped", Position{lyon.Longitude, lyon.Latitude}, commune, ErrPositionInverted},
		{"on the other hemisphere", Position{-lyon.Latitude, lyon.Longitude}, commune, ErrPositionFar},
		{"a longitude that is no latitude", Position{4, 170}, commune, ErrPositionFar},
		{"nobody knows where the commune is", Position{0, 0}, Territory{Code: "98711"}, nil},
	} {
		if err := CheckPosition(c.at, c.commune); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestStatusAfter(t *testing.T) {
	day := func(text string) time.Time {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil && text != "" {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct {
		first, last string
		want        PlaceStatus
	}{
		{"", "", Identified},
		{"2026-01-10", "2026-01-10", Active},
		{"2026-01-10", "2026-07-09", Active},
		{"2026-01-10", "2026-07-10", Sustained},
	} {
		if got := StatusAfter(day(c.first), day(c.last)); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.first, c.last, got, c.want)
		}
	}
}

func TestNewRules(t *testing.T) {
	for _, c := range []struct {
		radius, least, most int
		want                Rules
	}{
		{0, 0, 0, Rules{30_000, 5, 25}},
		{1000, 2, 10, Rules{1000, 2, 10}},
		{0, 0, 3, Rules{30_000, 3, 3}},
	} {
		if got, err := NewRules(c.radius, c.least, c.most); err != nil || got != c.want {
			t.Errorf("%+v, %v; want %+v", got, err, c.want)
		}
	}
	if _, err := NewRules(0, 11, 10); !errors.Is(err, ErrMinAboveMax) {
		t.Errorf("11 to 10: %v", err)
	}
}

func TestPlaceMask(t *testing.T) {
	before := Place{Name: "a", Seats: 1, CommuneCode: "69123", Status: Active}
	change := Place{Name: "b", Seats: 2, CommuneCode: "75056", Status: Sustained, Position: lyon}
	for _, c := range []struct {
		mask []string
		want Place
	}{
		{nil, Place{Name: "b", Seats: 2, CommuneCode: "69123", Status: Active, Position: lyon}},
		{[]string{"*"}, Place{Name: "b", Seats: 2, CommuneCode: "69123", Status: Active, Position: lyon}},
		{[]string{"seats", "seats"}, Place{Name: "a", Seats: 2, CommuneCode: "69123", Status: Active}},
	} {
		if got, err := before.with(change, c.mask); err != nil || got != c.want {
			t.Errorf("%v: %+v, %v", c.mask, got, err)
		}
	}
	for _, field := range []string{"id", "status", "commune_code", "position.latitude", "", "nom"} {
		if _, err := before.with(change, []string{field}); err == nil {
			t.Errorf("%q was changed", field)
		}
	}
}
