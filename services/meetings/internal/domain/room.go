package domain

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Room is what this service keeps of a room of the mesh: a copy, made when it is booked.
type Room struct {
	ID       string
	PlaceID  string
	Seats    int
	Network  Network
	Fixtures []Fixture
	Version  int64 // of the room in the mesh
}

// Network is what a room offers, or what a meeting needs of one.
type Network struct {
	BandwidthMbps int // shared by everyone; 0 when unknown, or when any will do
	WiredPorts    int
	OwnComputers  bool     // computers from outside may be connected
	Filtered      bool     // only Hosts can be reached; of a room
	Hosts         []string // that a filtered network lets through, or that a meeting must reach
}

// Fixture is equipment that stays in a room.
type Fixture struct {
	Kind     EquipmentKind
	Quantity int
}

// RoomReads finds rooms that are booked.
type RoomReads interface {
	// RoomsOf is the rooms that a meeting holds.
	RoomsOf(ctx context.Context, meetingID string) ([]Room, error)
}

// RoomWrites keeps rooms.
type RoomWrites interface {
	// SaveRoom keeps a room as the mesh has it, unless a later version is known.
	SaveRoom(ctx context.Context, r Room) error
}

// What a room may be refused for.
var (
	ErrRoomElsewhere = errs.New(errs.NotFound, "ROOM_ELSEWHERE",
		"The place of this meeting has no such room; choose one of its rooms.",
		"Le lieu de ce temps de rencontre n'a pas cette salle ; choisissez une de ses salles.")
	ErrRoomTooSmall = errs.New(errs.Precondition, "ROOM_TOO_SMALL",
		"The room has fewer seats than the meeting; choose a larger room, or lower the meeting's capacity first.",
		"La salle a moins de places que le temps de rencontre ; choisissez une salle plus grande, ou réduisez d'abord le nombre de places.")
)

// BookRoom books a room of the meeting's place, which must seat everyone; raise gives the meeting as many seats as there now can be.
func BookRoom(ctx context.Context, tx Tx, r Room, b Booking, raise bool) (Booking, error) {
	m, err := tx.LockMeeting(ctx, b.MeetingID)
	if err != nil {
		return Booking{}, err
	}
	if m.PlaceID == "" || m.PlaceID != r.PlaceID {
		return Booking{}, ErrRoomElsewhere.At("room_id")
	}
	if err := tx.SaveRoom(ctx, r); err != nil {
		return Booking{}, err
	}
	b.Kind, b.ResourceID = ResourceRoom, r.ID
	if b, err = Book(ctx, tx, b); err != nil {
		return Booking{}, err
	}
	return b, seated(ctx, tx, m, raise, b.CreateTime)
}

// seated checks, once something was booked, that a meeting's seats are in its rooms; raise gives it as many as there now can be.
func seated(ctx context.Context, tx Tx, m Meeting, raise bool, now time.Time) error {
	l, err := limitOf(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	if spare := l.spare(m); raise && spare > 0 {
		if m, err = resizeLearners(ctx, tx, m, spare, now); err != nil {
			return err
		}
	}
	return l.checkRooms(m, "room_id")
}
