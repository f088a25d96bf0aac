package domain

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
)

// NearWaiting is an interest that waits, and how far its commune is, in metres.
type NearWaiting struct {
	Interest
	Distance int
}

// WaitingQuery selects interests that wait in a band of latitude.
type WaitingQuery struct {
	ModuleID     string   // empty for all
	Campaigns    []string // empty for all; "" is outside of any
	South, North float64  // degrees
}

// WaitingReads are the questions about who waits.
type WaitingReads interface {
	// WaitingBetween are the interests that wait, of communes whose position is known.
	WaitingBetween(ctx context.Context, q WaitingQuery) ([]WaitingInterest, error)
}

// Nearby is who waits around a point, nearest first.
type Nearby []NearWaiting

// WaitingForGroup finds those near a group's place who wait for its module, in its campaign or outside of any.
func WaitingForGroup(ctx context.Context, r Reads, groupID string, radius int) (Nearby, error) {
	g, err := r.Group(ctx, groupID)
	if err != nil {
		return nil, err
	}
	return WaitingNearPlace(ctx, r, g.PlaceID, radius, WaitingQuery{ModuleID: g.ModuleID, Campaigns: []string{g.CampaignID, ""}})
}

// WaitingNearPlace finds those near a place who wait; the query's band follows from the radius, in metres.
func WaitingNearPlace(ctx context.Context, r Reads, placeID string, radius int, q WaitingQuery) (Nearby, error) {
	place, err := r.Place(ctx, placeID)
	if err != nil {
		return nil, err
	}
	if radius == 0 {
		radius = defaultRadius
	}
	band := float64(radius)/degree + 1e-9 // the margin of siteIndex
	q.South, q.North = place.Position.Latitude-band, place.Position.Latitude+band
	waiting, err := r.WaitingBetween(ctx, q)
	if err != nil {
		return nil, err
	}
	var near Nearby
	for _, w := range waiting {
		if d := int(math.Round(w.Position.Distance(place.Position))); d <= radius {
			near = append(near, NearWaiting{w.Interest, d})
		}
	}
	slices.SortFunc(near, NearWaiting.compare)
	return near, nil
}

func (n NearWaiting) compare(other NearWaiting) int {
	return cmp.Or(cmp.Compare(n.Distance, other.Distance), cmp.Compare(n.ID, other.ID))
}

// Cursor is the row's place in the list.
func (n NearWaiting) Cursor() []string { return []string{strconv.Itoa(n.Distance), n.ID} }

// Page cuts a page out of the list.
func (n Nearby) Page(p Page) Nearby {
	if len(p.After) == 2 {
		metres, _ := strconv.Atoi(p.After[0]) // our own text: the token is signed
		last := NearWaiting{Interest: Interest{ID: p.After[1]}, Distance: metres}
		from, _ := slices.BinarySearchFunc(n, last, NearWaiting.compare)
		for from < len(n) && n[from].compare(last) <= 0 {
			from++
		}
		n = n[from:]
	}
	return n[:min(p.Limit, len(n))]
}

// Spheres counts them by the sphere of their work.
func (n Nearby) Spheres() map[int]int {
	counts := map[int]int{}
	for _, w := range n {
		counts[w.Sphere]++
	}
	return counts
}
