package domain

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Room is a room of a place, booked as a whole.
type Room struct {
	ID               string
	PlaceID          string
	Name             string
	Seats            int
	WheelchairAccess bool
	Network          RoomNetwork
	Fixtures         []Fixture
	OpeningRules     string
	Version          int64
	CreateTime       time.Time
}

// RoomNetwork is what participants can connect to in a room.
type RoomNetwork struct {
	WiredPorts          int
	Wifi                bool
	BandwidthMbps       int // 0 when unknown
	OwnComputersAllowed bool
	Filtered            bool
	AllowedHosts        []string
}

// Fixture is equipment that stays in a room; its kinds are the contract's numbers.
type Fixture struct{ Kind, Quantity int }

// RoomQuery selects a place's rooms, by name.
type RoomQuery struct {
	PlaceID  string
	MinSeats int
	Page
}

// RoomReads are the questions about rooms.
type RoomReads interface {
	Room(ctx context.Context, id string) (Room, error)
	Rooms(ctx context.Context, q RoomQuery) ([]Room, error)
}

// RoomWrites are the changes of rooms; both refuse with ErrRoomExists a name that another room of the place has.
type RoomWrites interface {
	InsertRoom(ctx context.Context, r Room) error
	// UpdateRoom refuses when someone else has updated the version before.
	UpdateRoom(ctx context.Context, r Room) error
}

// What a room may be refused for.
var (
	ErrRoomNotFound = errs.Missing("room", "salle")
	ErrRoomExists   = errs.New(errs.AlreadyExists, "ROOM_EXISTS",
		"This place has a room of that name already; choose another name.",
		"Ce lieu a déjà une salle de ce nom ; choisissez un autre nom.")
)

// RoomIn is a room of that place.
func RoomIn(ctx context.Context, from RoomReads, placeID, id string) (Room, error) {
	r, err := from.Room(ctx, id)
	if err == nil && r.PlaceID != placeID {
		return Room{}, ErrRoomNotFound
	}
	return r, err
}

// CreateRoom adds a room to a place.
func CreateRoom(ctx context.Context, tx Tx, r Room) (Room, error) {
	r.Version = 1
	if err := r.check(); err != nil {
		return Room{}, err
	}
	if err := tx.InsertRoom(ctx, r); err != nil {
		return Room{}, err
	}
	return r, tx.Emit(ctx, Event{Name: "room.created", State: r})
}

// UpdateRoom changes the masked fields of a room; an empty mask is all of them.
func UpdateRoom(ctx context.Context, tx Tx, r, change Room, mask []string) (Room, error) {
	r, err := r.with(change, mask)
	if err != nil {
		return Room{}, err
	}
	if err := r.check(); err != nil {
		return Room{}, err
	}
	r.Version++
	if err := tx.UpdateRoom(ctx, r); err != nil {
		return Room{}, err
	}
	return r, tx.Emit(ctx, Event{Name: "room.updated", State: r})
}

// check refuses a room without what every room has: the contract cannot say this, because an update may leave it out.
func (r Room) check() error {
	e := errs.ErrRequired
	if r.Name == "" {
		e = e.At("room.name")
	}
	if r.Seats == 0 {
		e = e.At("room.seats")
	}
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

func (r Room) with(change Room, mask []string) (Room, error) {
	if len(mask) == 0 || len(mask) == 1 && mask[0] == "*" {
		mask = []string{"name", "seats", "wheelchair_access", "network", "fixtures", "opening_rules"}
	}
	for _, field := range mask {
		switch field {
		case "name":
			r.Name = change.Name
		case "seats":
			r.Seats = change.Seats
		case "wheelchair_access":
			r.WheelchairAccess = change.WheelchairAccess
		case "network":
			r.Network = change.Network
		case "fixtures":
			r.Fixtures = change.Fixtures
		case "opening_rules":
			r.OpeningRules = change.OpeningRules
		case "id", "place_id", "etag": // a PATCH over HTTP without a mask gets one from its body, these included
		default:
			return Room{}, errs.ErrMask.At("update_mask").With("path", field)
		}
	}
	return r, nil
}
