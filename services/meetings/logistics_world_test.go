package meetings_test

import (
	"context"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// rooms answers for the rooms of the mesh's places.
type rooms struct {
	meshv1.RoomServiceClient
	all  []*meshv1.Room
	away bool
}

func (r *rooms) GetRoom(_ context.Context, in *meshv1.GetRoomRequest, _ ...grpc.CallOption) (*meshv1.Room, error) {
	if r.away {
		return nil, status.Error(codes.Unavailable, "away")
	}
	for _, room := range r.all {
		if room.GetId() == in.GetId() && room.GetPlaceId() == in.GetPlaceId() {
			return room, nil
		}
	}
	return nil, status.Error(codes.NotFound, "no such room")
}

// GetStructure knows one structure, in Nantes.
func (m *mesh) GetStructure(_ context.Context, in *meshv1.GetStructureRequest, _ ...grpc.CallOption) (*meshv1.Structure, error) {
	if in.GetId() != structure {
		return nil, status.Error(codes.NotFound, "no such structure")
	}
	return &meshv1.Structure{Id: structure, CommuneCode: "44109"}, nil
}

func (w *world) room(place string, seats int32) string {
	r := &meshv1.Room{Id: uuid.NewString(), PlaceId: place, Seats: seats, Etag: `"1"`}
	w.rooms.all = append(w.rooms.all, r)
	return r.GetId()
}

// neighbours are two meetings at one time in one place.
func (w *world) neighbours(one, other int32) (*meetingsv1.Meeting, *meetingsv1.Meeting) {
	w.Helper()
	first, second := w.group("44109"), w.group("44109")
	w.mesh.groups[second].PlaceId = w.mesh.groups[first].GetPlaceId()
	plan := must[*meetingsv1.Series](w)
	return plan(w.CreateSeries(w.as("organiser"), seriesOf(first, one))).GetMeetings()[0],
		plan(w.CreateSeries(w.as("organiser"), seriesOf(second, other))).GetMeetings()[0]
}

func (w *world) book(req *meetingsv1.CreateBookingRequest) *meetingsv1.Booking {
	w.Helper()
	return must[*meetingsv1.Booking](w)(w.CreateBooking(w.as("organiser"), req))
}

// robots are a stock of the structure's, each for two persons.
func (w *world) robots(units int32) *meetingsv1.Equipment {
	w.Helper()
	return must[*meetingsv1.Equipment](w)(w.CreateEquipment(w.as("relay"), &meetingsv1.CreateEquipmentRequest{Equipment: &meetingsv1.Equipment{
		Owner: "structures/" + structure, Kind: meetingsv1.EquipmentKind_EQUIPMENT_KIND_ROBOT, Label: "Thymio II", Quantity: units, PersonsPerUnit: 2,
	}}))
}

func (w *world) capacity(id string) int32 {
	w.Helper()
	return must[*meetingsv1.Meeting](w)(w.GetMeeting(w.Context(), &meetingsv1.GetMeetingRequest{Id: id})).GetCapacity()
}

func later(hours float64) *timestamppb.Timestamp {
	return timestamppb.New(start.Add(time.Duration(hours * float64(time.Hour))))
}
