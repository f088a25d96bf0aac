package api_test

import (
	"context"
	"testing"

	"google.golang.org/grpc/codes"

	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

func TestRooms(t *testing.T) {
	f := start(t)
	coordinator := f.as(t, "coordinator 1")
	places := must[*meshv1.ListPlacesResponse](t)(f.ListPlaces(coordinator, &meshv1.ListPlacesRequest{TerritoryCode: "69123", PageSize: 2})).GetPlaces()
	place, other := places[0].GetId(), places[1].GetId()
	create := func(ctx context.Context, r *meshv1.Room) (*meshv1.Room, error) {
		return f.CreateRoom(ctx, &meshv1.CreateRoomRequest{PlaceId: place, Room: r, RequestId: "0b8f3c1e-3a49-4c8e-9d52-9e6f6d2b8aff"})
	}
	room := must[*meshv1.Room](t)(create(coordinator, &meshv1.Room{Name: "Atelier", Seats: 12, Network: &meshv1.RoomNetwork{WiredPorts: 4}}))
	if again := must[*meshv1.Room](t)(create(coordinator, &meshv1.Room{Name: "Atelier", Seats: 12, Network: &meshv1.RoomNetwork{WiredPorts: 4}})); again.GetId() != room.GetId() {
		t.Fatalf("a retry made another room: %v", again)
	}
	if listed := must[*meshv1.ListRoomsResponse](t)(f.ListRooms(t.Context(), &meshv1.ListRoomsRequest{PlaceId: place})).GetRooms(); len(listed) != 1 || listed[0].GetEtag() != `"1"` {
		t.Fatalf("%v", listed)
	}
	changed := must[*meshv1.Room](t)(f.UpdateRoom(coordinator, &meshv1.UpdateRoomRequest{
		Room: &meshv1.Room{Id: room.GetId(), PlaceId: place, Seats: 20, Etag: room.GetEtag()}, UpdateMask: mask("seats"),
	}))
	if changed.GetSeats() != 20 || changed.GetName() != "Atelier" || changed.GetEtag() != `"2"` {
		t.Fatalf("%v", changed)
	}
	f.roomRefusals(t, place, other, room.GetId())
}

func (f *fixture) roomRefusals(t *testing.T, place, other, room string) {
	coordinator := f.as(t, "coordinator 1")
	create := func(ctx context.Context, place string, r *meshv1.Room) error {
		_, err := f.CreateRoom(ctx, &meshv1.CreateRoomRequest{PlaceId: place, Room: r})
		return err
	}
	update := func(ctx context.Context, r *meshv1.Room, fields ...string) error {
		_, err := f.UpdateRoom(ctx, &meshv1.UpdateRoomRequest{Room: r, UpdateMask: mask(fields...)})
		return err
	}
	get := func(place, id string) error {
		_, err := f.GetRoom(t.Context(), &meshv1.GetRoomRequest{PlaceId: place, Id: id})
		return err
	}
	list := func(place string) error {
		_, err := f.ListRooms(t.Context(), &meshv1.ListRoomsRequest{PlaceId: place})
		return err
	}
	fixture := func(kind meshv1.FixtureKind, n int32) *meshv1.Room {
		return &meshv1.Room{Name: "B", Seats: 1, Fixtures: []*meshv1.Fixture{{Kind: kind, Quantity: n}}}
	}
	hosts := func(names ...string) *meshv1.Room {
		return &meshv1.Room{Name: "B", Seats: 1, Network: &meshv1.RoomNetwork{AllowedHosts: names}}
	}
	for _, c := range []struct {
		name          string
		err           error
		code          codes.Code
		reason, field string
	}{
		{"no name", create(coordinator, place, &meshv1.Room{Seats: 3}), codes.InvalidArgument, "FIELD_REQUIRED", "room.name"},
		{"no seats", create(coordinator, place, &meshv1.Room{Name: "B"}), codes.InvalidArgument, "FIELD_REQUIRED", "room.seats"},
		{"fewer than none", create(coordinator, place, &meshv1.Room{Name: "B", Seats: -1}), codes.InvalidArgument, "INVALID_ARGUMENT", "room.seats"},
		{"no room at all", create(coordinator, place, nil), codes.InvalidArgument, "INVALID_ARGUMENT", "room"},
		{"same name", create(coordinator, place, &meshv1.Room{Name: "ATELIER", Seats: 3}), codes.AlreadyExists, "ROOM_EXISTS", "room.name"},
		{"no such fixture", create(coordinator, place, fixture(99, 1)), codes.InvalidArgument, "INVALID_ARGUMENT", "room.fixtures[0].kind"},
		{"fixture of nothing", create(coordinator, place, fixture(1, 0)), codes.InvalidArgument, "INVALID_ARGUMENT", "room.fixtures[0].quantity"},
		{"host with a path", create(coordinator, place, hosts("scratch.mit.edu/x")), codes.InvalidArgument, "INVALID_ARGUMENT", "room.network.allowed_hosts[0]"},
		{"host twice", create(coordinator, place, hosts("a.fr", "a.fr")), codes.InvalidArgument, "INVALID_ARGUMENT", "room.network.allowed_hosts"},
		{"by nobody", create(t.Context(), place, &meshv1.Room{Name: "B", Seats: 3}), codes.Unauthenticated, "TOKEN_MISSING", ""},
		{"by a learner", create(f.as(t, "learner 1"), place, &meshv1.Room{Name: "B", Seats: 3}), codes.PermissionDenied, "NOT_PERMITTED", ""},
		{"of no place", create(coordinator, unknown, &meshv1.Room{Name: "B", Seats: 3}), codes.NotFound, "NOT_FOUND", "place_id"},
		{"stale", update(coordinator, &meshv1.Room{Id: room, PlaceId: place, Seats: 9, Etag: `"1"`}, "seats"), codes.Aborted, "ETAG_MISMATCH", "room.etag"},
		{"seats taken away", update(coordinator, &meshv1.Room{Id: room, PlaceId: place}, "seats"), codes.InvalidArgument, "FIELD_REQUIRED", "room.seats"},
		{"unknown field", update(coordinator, &meshv1.Room{Id: room, PlaceId: place}, "surface"), codes.InvalidArgument, "FIELD_MASK_INVALID", "update_mask"},
		{"through another place", update(coordinator, &meshv1.Room{Id: room, PlaceId: other, Seats: 9}, "seats"), codes.NotFound, "NOT_FOUND", ""},
		{"read in another place", get(other, room), codes.NotFound, "NOT_FOUND", ""},
		{"unknown", get(place, unknown), codes.NotFound, "NOT_FOUND", ""},
		{"list of no place", list(unknown), codes.NotFound, "NOT_FOUND", ""},
	} {
		t.Run(c.name, func(t *testing.T) { refused(t, c.err, c.code, c.reason, c.field) })
	}
}
