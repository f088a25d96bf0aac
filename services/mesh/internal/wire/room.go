package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Room is a room as the contract has it.
func Room(r domain.Room) *meshv1.Room {
	out := &meshv1.Room{
		Id: r.ID, PlaceId: r.PlaceID, Name: r.Name, Seats: int32(r.Seats), WheelchairAccess: r.WheelchairAccess,
		Network: &meshv1.RoomNetwork{
			WiredPorts: int32(r.Network.WiredPorts), Wifi: r.Network.Wifi, BandwidthMbps: int32(r.Network.BandwidthMbps),
			OwnComputersAllowed: r.Network.OwnComputersAllowed, Filtered: r.Network.Filtered, AllowedHosts: r.Network.AllowedHosts,
		},
		OpeningRules: r.OpeningRules, Etag: etag.Of(r.Version), CreateTime: timestamp(r.CreateTime),
	}
	for _, f := range r.Fixtures {
		out.Fixtures = append(out.Fixtures, &meshv1.Fixture{Kind: meshv1.FixtureKind(f.Kind), Quantity: int32(f.Quantity)})
	}
	return out
}
