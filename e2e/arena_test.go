package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

const (
	// structure is the one over which the development login's relays and organisers hold their roles.
	structure = "00000000-0000-4000-8000-00000000c0de"
	// robots is a kit of which two cannot have wanted.
	robots, wanted = 10, 6
)

// arena is two meetings at one hour in one place, each planned for by a coordinator who speaks to another replica.
type arena struct {
	*testing.T
	replica                [2]replica
	coordinator            [2]context.Context
	relay, professional    context.Context
	place, room, kit, busy string // busy is the professional's id
	meeting                [2]*meetingsv1.Meeting
}

// replica is one process of the service, without a door between.
type replica struct {
	meetingsv1.MeetingsServiceClient
	meetingsv1.LogisticsServiceClient
	meetingsv1.ProfessionalSearchServiceClient
}

// plan has two meetings at one hour.
func (a *arena) plan(start time.Time) {
	a.Helper()
	s := slot(start)
	for i := range a.meeting {
		var err error
		a.meeting[i], err = a.replica[i].CreateMeeting(a.relay, &meetingsv1.CreateMeetingRequest{
			Parent: "structures/" + structure,
			Meeting: &meetingsv1.Meeting{
				Title: "Atelier robots", PlaceId: a.place, TimeZone: "Europe/Paris", Capacity: 10, StartTime: s.GetStartTime(), EndTime: s.GetEndTime(),
			},
		})
		if err != nil {
			a.Fatal(err)
		}
	}
}

// asked has both meetings ask the professional.
func (a *arena) asked() (asks [2]*meetingsv1.Ask) {
	a.Helper()
	for i, m := range a.meeting {
		if _, err := a.replica[i].StartSearch(a.coordinator[i], &meetingsv1.StartSearchRequest{MeetingId: m.GetId()}); err != nil {
			a.Fatal(err)
		}
		answer, err := a.replica[i].AskProfessionals(a.coordinator[i], &meetingsv1.AskProfessionalsRequest{
			MeetingId: m.GetId(), PersonIds: []string{a.busy}, Mode: meetingsv1.AskMode_ASK_MODE_TOGETHER, Deadline: m.GetStartTime(),
		})
		if err != nil {
			a.Fatal(err)
		}
		asks[i] = answer.GetAsks()[0]
	}
	return asks
}

// arena makes what is raced for.
func (c *cluster) arena(t *testing.T) *arena {
	s := c.in(t)
	a := &arena{T: t, relay: signedIn(t.Context(), s.token("relay", "lender")), professional: signedIn(t.Context(), s.token("professional", "wanted"))}
	for i, address := range c.GRPC("meetings") {
		conn := c.dial(t, address)
		a.replica[i] = replica{
			meetingsv1.NewMeetingsServiceClient(conn), meetingsv1.NewLogisticsServiceClient(conn), meetingsv1.NewProfessionalSearchServiceClient(conn),
		}
		a.coordinator[i] = signedIn(t.Context(), s.token("coordinator", fmt.Sprintf("racer-%d", i)))
	}
	mesh := c.dial(t, c.GRPC("mesh")[0])
	place, err := meshv1.NewMeshServiceClient(mesh).CreatePlace(a.coordinator[0], &meshv1.CreatePlaceRequest{Place: &meshv1.Place{
		Name: "Salle de course", CommuneCode: "69123", Position: &meshv1.Position{Latitude: 45.76, Longitude: 4.83}, StructureId: structure,
	}})
	if err != nil {
		t.Fatal(err)
	}
	room, err := meshv1.NewRoomServiceClient(mesh).CreateRoom(a.relay, &meshv1.CreateRoomRequest{PlaceId: place.GetId(), Room: &meshv1.Room{Name: "La seule", Seats: 10}})
	if err != nil {
		t.Fatal(err)
	}
	professional, err := meshv1.NewProfessionalServiceClient(mesh).CreateProfessional(a.professional, &meshv1.CreateProfessionalRequest{
		Adult: true, Professional: &meshv1.Professional{CommuneCode: "69123", RadiusKm: 20, TimeZone: "Europe/Paris", Active: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	kit, err := a.replica[0].CreateEquipment(a.relay, &meetingsv1.CreateEquipmentRequest{Equipment: &meetingsv1.Equipment{
		Owner: "structures/" + structure, Kind: meetingsv1.EquipmentKind_EQUIPMENT_KIND_ROBOT, Label: "Thymio II", Quantity: robots, PersonsPerUnit: 2,
	}})
	if err != nil {
		t.Fatal(err)
	}
	a.place, a.room, a.busy, a.kit = place.GetId(), room.GetId(), professional.GetPersonId(), kit.GetId()
	return a
}
