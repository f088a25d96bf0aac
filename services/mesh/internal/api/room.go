package api

import (
	"context"
	"strconv"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/wire"
)

// roomOf reads what a caller may say of a room.
func roomOf(in *meshv1.Room) domain.Room {
	network := in.GetNetwork()
	r := domain.Room{
		Name: in.GetName(), Seats: int(in.GetSeats()), WheelchairAccess: in.GetWheelchairAccess(), OpeningRules: in.GetOpeningRules(),
		Network: domain.RoomNetwork{
			WiredPorts: int(network.GetWiredPorts()), Wifi: network.GetWifi(), BandwidthMbps: int(network.GetBandwidthMbps()),
			OwnComputersAllowed: network.GetOwnComputersAllowed(), Filtered: network.GetFiltered(), AllowedHosts: network.GetAllowedHosts(),
		},
	}
	for _, f := range in.GetFixtures() {
		r.Fixtures = append(r.Fixtures, domain.Fixture{Kind: int(f.GetKind()), Quantity: int(f.GetQuantity())})
	}
	return r
}

// CreateRoom adds a room to a place.
func (s *Server) CreateRoom(ctx context.Context, req *meshv1.CreateRoomRequest) (*meshv1.Room, error) {
	room := roomOf(req.GetRoom())
	room.ID, room.PlaceID, room.CreateTime = newID(), req.GetPlaceId(), s.now()
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.Room, error) {
		created, err := domain.CreateRoom(ctx, tx, room)
		return wire.Room(created), err
	})
}

// GetRoom returns a room.
func (s *Server) GetRoom(ctx context.Context, req *meshv1.GetRoomRequest) (*meshv1.Room, error) {
	room, err := domain.RoomIn(ctx, s.Store, req.GetPlaceId(), req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Room(room), nil
}

// ListRooms returns a place's rooms, by name.
func (s *Server) ListRooms(ctx context.Context, req *meshv1.ListRoomsRequest) (*meshv1.ListRoomsResponse, error) {
	if _, err := s.Store.Place(ctx, req.GetPlaceId()); err != nil {
		return nil, err
	}
	query := page.Query{Method: "ListRooms", Filter: req.GetPlaceId() + "|" + strconv.Itoa(int(req.GetMinSeats())), Order: "name,id"}
	rooms, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Room, error) {
			return s.Store.Rooms(ctx, domain.RoomQuery{
				PlaceID: req.GetPlaceId(), MinSeats: int(req.GetMinSeats()), Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(r domain.Room) []string { return []string{database.Fold(r.Name), r.ID} })
	if err != nil {
		return nil, err
	}
	out := &meshv1.ListRoomsResponse{NextPageToken: next}
	for _, r := range rooms {
		out.Rooms = append(out.Rooms, wire.Room(r))
	}
	return out, nil
}

// UpdateRoom changes a room.
func (s *Server) UpdateRoom(ctx context.Context, req *meshv1.UpdateRoomRequest) (*meshv1.Room, error) {
	in, change := req.GetRoom(), roomOf(req.GetRoom())
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.Room, error) {
		room, err := domain.RoomIn(ctx, tx, in.GetPlaceId(), in.GetId())
		if err != nil {
			return nil, err
		}
		if etag.Check(in.GetEtag(), room.Version) != nil {
			return nil, errs.ErrStaleEtag.At("room.etag").With("current", etag.Of(room.Version))
		}
		room, err = domain.UpdateRoom(ctx, tx, room, change, req.GetUpdateMask().GetPaths())
		return wire.Room(room), err
	})
}
