package store_test

import (
	"reflect"
	"testing"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

func (f fixture) room(t *testing.T, r domain.Room) (domain.Room, error) {
	t.Helper()
	r.ID, r.CreateTime = uuid.Must(uuid.NewV7()).String(), noon
	err := f.Write(t.Context(), func(tx domain.Tx) (err error) { r, err = domain.CreateRoom(t.Context(), tx, r); return err })
	return r, err
}

func TestRooms(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		place, other := f.place(t, lyon, "69123"), f.place(t, lyon, "69123")
		large, err := f.room(t, domain.Room{
			PlaceID: place.ID, Name: "Salle de l'Étang", Seats: 40, WheelchairAccess: true, OpeningRules: "Clés à l'accueil",
			Network:  domain.RoomNetwork{WiredPorts: 12, Wifi: true, BandwidthMbps: 100, Filtered: true, AllowedHosts: []string{"scratch.mit.edu"}},
			Fixtures: []domain.Fixture{{Kind: 3, Quantity: 1}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := f.Room(t.Context(), large.ID); err != nil || !reflect.DeepEqual(got, large) {
			t.Fatalf("read %+v, %v; want %+v", got, err, large)
		}
		small, err := f.room(t, domain.Room{PlaceID: place.ID, Name: "Atelier", Seats: 8})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.room(t, domain.Room{PlaceID: other.ID, Name: "Atelier", Seats: 8}); err != nil {
			t.Fatalf("the name of another place's room: %v", err)
		}
		_, err = f.room(t, domain.Room{PlaceID: place.ID, Name: "salle de l'etang", Seats: 8})
		if e := errs.From(err); e == nil || e.Reason != "ROOM_EXISTS" || e.Fields[0].Path != "room.name" {
			t.Fatalf("%v; want ROOM_EXISTS", err)
		}
		for seats, want := range map[int][]string{0: {small.ID, large.ID}, 9: {large.ID}, 41: nil} {
			var ids []string
			for _, r := range pages(t, func(p domain.Page) ([]domain.Room, error) {
				return f.Rooms(t.Context(), domain.RoomQuery{PlaceID: place.ID, MinSeats: seats, Page: p})
			}, func(r domain.Room) []string { return []string{database.Fold(r.Name), r.ID} }) {
				ids = append(ids, r.ID)
			}
			if !reflect.DeepEqual(ids, want) {
				t.Errorf("%v have %d seats; want %v", ids, seats, want)
			}
		}
		err = f.Write(t.Context(), func(tx domain.Tx) error {
			_, err := domain.UpdateRoom(t.Context(), tx, small, domain.Room{Name: "SALLE DE L'ÉTANG"}, []string{"name"})
			return err
		})
		if e := errs.From(err); e == nil || e.Reason != "ROOM_EXISTS" {
			t.Fatalf("%v; want ROOM_EXISTS", err)
		}
		f.write(t, func(tx domain.Tx) error {
			_, err := domain.UpdateRoom(t.Context(), tx, small, domain.Room{Seats: 12, Name: "left aside"}, []string{"seats"})
			return err
		})
		if got, err := f.Room(t.Context(), small.ID); err != nil || got.Seats != 12 || got.Name != "Atelier" || got.Version != 2 {
			t.Fatalf("%+v, %v", got, err)
		}
		if told := f.outbox(t); told["room.created"] != 3 || told["room.updated"] != 1 {
			t.Fatalf("told %v", told)
		}
	})
}
