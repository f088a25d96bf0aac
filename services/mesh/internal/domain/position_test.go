package domain

import (
	"math"
	"testing"
)

// The box holds every point of the circle: in Lyon, at the ends of the Earth, and on both sides of the date line.
func TestAround(t *testing.T) {
	for _, p := range []Position{{45.76, 4.83}, {0, 0}, {-21.1, 55.5}, {89.9, 10}, {-89, 0}, {-17.5, 179.9}, {51.4, -179.95}} {
		for _, radius := range []float64{0, 1, 5_000, 200_000} {
			low, high := p.Around(radius)
			for bearing := 0.0; bearing < 360; bearing += 5 {
				q := p.towards(bearing, radius*0.999)
				if q.Latitude < low.Latitude-1e-9 || q.Latitude > high.Latitude+1e-9 || q.Longitude < low.Longitude-1e-9 || q.Longitude > high.Longitude+1e-9 {
					t.Fatalf("%v, %.0f m at %.0f°: %v is outside of %v and %v", p, radius, bearing, q, low, high)
				}
			}
		}
	}
	if low, high := (Position{45, 4}).Around(10_000); high.Longitude-low.Longitude > 0.3 {
		t.Errorf("10 km around: %v to %v", low, high)
	}
}

// towards is the point that lies so many metres away in a direction.
func (p Position) towards(bearing, metres float64) Position {
	lat, lon, way, angle := radians(p.Latitude), radians(p.Longitude), radians(bearing), metres/earthRadius
	sin := math.Sin(lat)*math.Cos(angle) + math.Cos(lat)*math.Sin(angle)*math.Cos(way)
	to := lon + math.Atan2(math.Sin(way)*math.Sin(angle)*math.Cos(lat), math.Cos(angle)-math.Sin(lat)*sin)
	return Position{math.Asin(max(-1, min(1, sin))) * 180 / math.Pi, math.Mod(to*180/math.Pi+540, 360) - 180}
}
