package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

const (
	// The nation's size as it is planned: 7 MB of document, 2 MB on the wire. What is beyond is counted by nobody here.
	mostPlaces, mostGroups = 100_000, 20_000
	// Groups of one to four persons are not counted in public.
	leastCounted = 5
)

// atlas is what everyone may see of the mesh: its places and its groups, with the names of where they are.
type atlas struct {
	names  *gazetteer
	spots  []spot
	groups []gathering
	whole  bool // nothing was left out for its number
}

// spot is a place, without what the page does not show.
type spot struct {
	name, commune       string
	longitude, latitude float64
	status              meshv1.PlaceStatus
}

// gathering is a group at a place.
type gathering struct {
	spot    int // -1 when its place is not among the spots
	commune string
	members int
}

func (h *home) loadAtlas(ctx context.Context) (*atlas, error) {
	names, err := h.loadNames(ctx)
	if err != nil {
		return nil, err
	}
	a := &atlas{names: names}
	index := map[string]int{}
	allPlaces, err := eachPage(mostPlaces, func(token string) (int, string, error) {
		res, err := h.mesh.ListPlaces(ctx, &meshv1.ListPlacesRequest{PageSize: listPage, PageToken: token})
		for _, p := range res.GetPlaces() {
			index[p.GetId()] = len(a.spots)
			a.spots = append(a.spots, spot{p.GetName(), p.GetCommuneCode(), p.GetPosition().GetLongitude(), p.GetPosition().GetLatitude(), p.GetStatus()})
		}
		return len(res.GetPlaces()), res.GetNextPageToken(), err
	})
	if err != nil {
		return nil, fmt.Errorf("places: %w", err)
	}
	allGroups, err := eachPage(mostGroups, func(token string) (int, string, error) {
		res, err := h.mesh.ListGroups(ctx, &meshv1.ListGroupsRequest{PageSize: listPage, PageToken: token})
		for _, g := range res.GetGroups() {
			at, known := index[g.GetPlaceId()]
			if !known {
				at = -1
			}
			a.groups = append(a.groups, gathering{at, g.GetCommuneCode(), int(g.GetMemberCount())})
		}
		return len(res.GetGroups()), res.GetNextPageToken(), err
	})
	if err != nil {
		return nil, fmt.Errorf("groups: %w", err)
	}
	a.whole = allPlaces && allGroups
	return a, nil
}

// points is the document behind the map, in rows: web/src/data.ts reads it.
func (a *atlas) points() []byte {
	doc := struct {
		Communes []string `json:"communes"`
		Places   [][5]any `json:"places"`
		Groups   [][2]int `json:"groups"`
	}{[]string{}, make([][5]any, 0, len(a.spots)), [][2]int{}}
	communes := map[string]int{}
	for _, s := range a.spots {
		at, known := communes[s.commune]
		if !known {
			name, where := a.names.of(s.commune)
			at, communes[s.commune] = len(doc.Communes), len(doc.Communes)
			doc.Communes = append(doc.Communes, name+" ("+where.name+")")
		}
		doc.Places = append(doc.Places, [5]any{s.name, metre(s.longitude), metre(s.latitude), s.status, at})
	}
	for _, g := range a.groups {
		if g.spot >= 0 {
			doc.Groups = append(doc.Groups, [2]int{g.spot, counted(g.members)})
		}
	}
	b, err := json.Marshal(doc)
	if err != nil {
		panic(err) // strings and finite numbers: the contract has no others
	}
	return b
}

// metre rounds degrees to five decimals, which is a metre: a map has no use for more.
func metre(degrees float64) float64 { return math.Round(degrees*1e5) / 1e5 }

// counted keeps a number of persons back that is too small to be public; 0 stands for it.
func counted(persons int) int {
	if persons < leastCounted {
		return 0
	}
	return persons
}
