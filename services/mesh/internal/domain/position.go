package domain

import "math"

// earthRadius is the mean radius in metres, as in S2: both measure the same distances.
const earthRadius = 6371008.8

// degree is a degree of latitude in metres.
const degree = earthRadius * math.Pi / 180

// Position is a point on Earth, in degrees of WGS 84.
type Position struct{ Latitude, Longitude float64 }

// Distance is the great-circle distance in metres.
func (p Position) Distance(to Position) float64 {
	lat1, lat2 := radians(p.Latitude), radians(to.Latitude)
	sinLat := math.Sin((lat2 - lat1) / 2)
	sinLon := math.Sin(radians(to.Longitude-p.Longitude) / 2)
	h := sinLat*sinLat + math.Cos(lat1)*math.Cos(lat2)*sinLon*sinLon
	return 2 * earthRadius * math.Asin(math.Sqrt(min(1, h))) // rounding may exceed 1 at the antipodes
}

// Bearing is the direction in which to leave for another point, in radians from north.
func (p Position) Bearing(to Position) float64 {
	lat1, lat2 := radians(p.Latitude), radians(to.Latitude)
	lon := radians(to.Longitude - p.Longitude)
	return math.Atan2(math.Sin(lon)*math.Cos(lat2), math.Cos(lat1)*math.Sin(lat2)-math.Sin(lat1)*math.Cos(lat2)*math.Cos(lon))
}

// Around are the corners of a box that holds every point within radius metres: south-west and north-east. Near the poles and where the
// date changes it goes all the way round.
func (p Position) Around(radius float64) (low, high Position) {
	north := radius / degree
	low, high = Position{p.Latitude - north, -180}, Position{p.Latitude + north, 180}
	if narrow := math.Cos(radians(math.Abs(p.Latitude) + north)); narrow > 0 {
		if east := north / narrow; p.Longitude-east > -180 && p.Longitude+east < 180 {
			low.Longitude, high.Longitude = p.Longitude-east, p.Longitude+east
		}
	}
	return low, high
}

// Swapped is the point that was meant when latitude and longitude changed places; false when there is no such point.
func (p Position) Swapped() (Position, bool) {
	return Position{Latitude: p.Longitude, Longitude: p.Latitude}, math.Abs(p.Longitude) <= 90
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }
