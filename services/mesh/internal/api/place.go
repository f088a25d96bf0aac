package api

import (
	"context"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/wire"
)

// PlaceResource says where a place is and which structure hosts it.
func (s *Server) PlaceResource(ctx context.Context, id string) (access.Resource, error) {
	p, err := s.Store.Place(ctx, id)
	return access.Resource{Type: "Place", ID: id, Territory: p.CommuneCode, Structure: p.StructureID}, err
}

// placeOf reads what a caller may say of a place.
func placeOf(in *meshv1.Place) domain.Place {
	return domain.Place{
		ID: in.GetId(), Name: in.GetName(), CommuneCode: in.GetCommuneCode(), Position: positionOf(in.GetPosition()),
		OpeningHours: in.GetOpeningHours(), StructureID: in.GetStructureId(), Seats: int(in.GetSeats()), Address: in.GetAddress(),
	}
}

func positionOf(p *meshv1.Position) domain.Position {
	return domain.Position{Latitude: p.GetLatitude(), Longitude: p.GetLongitude()}
}

// required refuses a place without what every place has, as far as the mask concerns it: the contract cannot say this, because
// an update may leave out what it does not change.
func required(in *meshv1.Place, mask []string) error {
	e := errs.ErrRequired
	for _, field := range domain.PlaceFields(mask) {
		if field == "name" && in.GetName() == "" || field == "position" && in.GetPosition() == nil {
			e = e.At("place." + field)
		}
	}
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// CreatePlace adds a place.
func (s *Server) CreatePlace(ctx context.Context, req *meshv1.CreatePlaceRequest) (*meshv1.Place, error) {
	if err := required(req.GetPlace(), nil); err != nil {
		return nil, err
	}
	place := placeOf(req.GetPlace())
	place.ID, place.CreateTime = newID(), s.now()
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.Place, error) {
		created, err := domain.CreatePlace(ctx, tx, place)
		return wire.Place(created), err
	})
}

// GetPlace returns a place.
func (s *Server) GetPlace(ctx context.Context, req *meshv1.GetPlaceRequest) (*meshv1.Place, error) {
	place, err := s.Store.Place(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Place(place), nil
}

// ListPlaces returns the places of a territory, by name.
func (s *Server) ListPlaces(ctx context.Context, req *meshv1.ListPlacesRequest) (*meshv1.ListPlacesResponse, error) {
	territory, err := s.territoryFilter(ctx, req.GetTerritoryCode())
	if err != nil {
		return nil, err
	}
	query := page.Query{Method: "ListPlaces", Filter: territory + "|" + req.GetStatus().String(), Order: "name,id"}
	places, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Place, error) {
			return s.Store.Places(ctx, domain.PlaceQuery{
				Territory: territory, Status: domain.PlaceStatus(req.GetStatus()), Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(p domain.Place) []string { return []string{database.Fold(p.Name), p.ID} })
	if err != nil {
		return nil, err
	}
	out := &meshv1.ListPlacesResponse{NextPageToken: next}
	for _, p := range places {
		out.Places = append(out.Places, wire.Place(p))
	}
	return out, nil
}

// What the nearest places are looked for with when the request does not say.
const (
	defaultRadius = 30_000
	defaultNear   = 10
)

// FindNearestPlaces returns the places around a point or a commune, nearest first.
func (s *Server) FindNearestPlaces(ctx context.Context, req *meshv1.FindNearestPlacesRequest) (*meshv1.FindNearestPlacesResponse, error) {
	from, err := s.point(ctx, req)
	if err != nil {
		return nil, err
	}
	radius, limit := int(req.GetRadiusMetres()), int(req.GetLimit())
	if radius == 0 {
		radius = defaultRadius
	}
	if limit == 0 {
		limit = defaultNear
	}
	near, err := s.Store.NearestPlaces(ctx, from, float64(radius), limit)
	if err != nil {
		return nil, err
	}
	out := &meshv1.FindNearestPlacesResponse{}
	for _, n := range near {
		out.Places = append(out.Places, wire.NearPlace(n))
	}
	return out, nil
}

var errOnePoint = errs.New(errs.Invalid, "ONE_POINT_REQUIRED",
	"Give either a position or a commune.",
	"Indiquez soit une position, soit une commune.")

// point is where the search begins.
func (s *Server) point(ctx context.Context, req interface {
	GetPosition() *meshv1.Position
	GetCommuneCode() string
}) (domain.Position, error) {
	switch {
	case (req.GetPosition() == nil) == (req.GetCommuneCode() == ""):
		return domain.Position{}, errOnePoint.At("position").At("commune_code")
	case req.GetPosition() != nil:
		return positionOf(req.GetPosition()), nil
	}
	commune, err := domain.CommuneAt(ctx, s.Store, req.GetCommuneCode(), "commune_code")
	if err == nil && !commune.Located() {
		err = domain.ErrNoPosition.At("commune_code")
	}
	return commune.Position, err
}

// UpdatePlace changes a place.
func (s *Server) UpdatePlace(ctx context.Context, req *meshv1.UpdatePlaceRequest) (*meshv1.Place, error) {
	if err := required(req.GetPlace(), req.GetUpdateMask().GetPaths()); err != nil {
		return nil, err
	}
	change := placeOf(req.GetPlace())
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.Place, error) {
		place, err := tx.Place(ctx, change.ID)
		if err != nil {
			return nil, err
		}
		if etag.Check(req.GetPlace().GetEtag(), place.Version) != nil {
			return nil, errs.ErrStaleEtag.At("place.etag").With("current", etag.Of(place.Version))
		}
		place, err = domain.UpdatePlace(ctx, tx, place, change, req.GetUpdateMask().GetPaths())
		return wire.Place(place), err
	})
}
