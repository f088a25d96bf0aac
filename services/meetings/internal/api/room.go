package api

import (
	"context"

	"google.golang.org/grpc"

	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/rpc"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Rooms is what meetings asks of the mesh's rooms.
type Rooms interface {
	GetRoom(ctx context.Context, in *meshv1.GetRoomRequest, opts ...grpc.CallOption) (*meshv1.Room, error)
}

// room asks the mesh, before any transaction, for a room of the meeting's place.
func (s *Server) room(ctx context.Context, meetingID, id string) (domain.Room, error) {
	m, err := s.Store.Meeting(ctx, meetingID)
	if err != nil {
		return domain.Room{}, err
	}
	if m.PlaceID == "" {
		return domain.Room{}, domain.ErrPlaceMissing.At("meeting_id")
	}
	r, err := s.Rooms.GetRoom(ctx, &meshv1.GetRoomRequest{PlaceId: m.PlaceID, Id: id})
	if err = rpc.FromStatus(err); isMissing(err) {
		return domain.Room{}, domain.ErrRoomElsewhere.At("room_id")
	}
	return roomOf(r), err
}

func roomOf(in *meshv1.Room) domain.Room {
	network := in.GetNetwork()
	r := domain.Room{
		ID: in.GetId(), PlaceID: in.GetPlaceId(), Seats: int(in.GetSeats()), Version: etag.Version(in.GetEtag()),
		Network: domain.Network{
			BandwidthMbps: int(network.GetBandwidthMbps()), WiredPorts: int(network.GetWiredPorts()),
			OwnComputers: network.GetOwnComputersAllowed(), Filtered: network.GetFiltered(), Hosts: network.GetAllowedHosts(),
		},
	}
	for _, f := range in.GetFixtures() {
		r.Fixtures = append(r.Fixtures, domain.Fixture{Kind: domain.EquipmentKind(f.GetKind()), Quantity: int(f.GetQuantity())})
	}
	return r
}
