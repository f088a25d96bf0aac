package api

import (
	"context"
	"strconv"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

var errOneResource = errs.New(errs.Invalid, "ONE_RESOURCE_REQUIRED",
	"Give either a room or equipment.",
	"Indiquez soit une salle, soit du matériel.")

// CreateBooking books a room, or equipment, for a meeting.
func (s *Server) CreateBooking(ctx context.Context, req *meetingsv1.CreateBookingRequest) (*meetingsv1.Booking, error) {
	hours, err := hours(req.GetStartTime(), req.GetEndTime())
	if err != nil {
		return nil, err
	}
	switch {
	case (req.GetRoomId() == "") == (req.GetEquipmentId() == ""):
		return nil, errOneResource.At("room_id").At("equipment_id")
	case req.GetRoomId() != "":
		return s.bookRoom(ctx, req, hours)
	}
	return s.bookEquipment(ctx, req, hours)
}

func (s *Server) bookRoom(ctx context.Context, req *meetingsv1.CreateBookingRequest, hours domain.Slot) (*meetingsv1.Booking, error) {
	room, err := s.room(ctx, req.GetMeetingId(), req.GetRoomId())
	if err != nil {
		return nil, err
	}
	wanted := domain.Booking{
		ID: newID(), MeetingID: req.GetMeetingId(), Quantity: int(req.GetQuantity()), Start: hours.Start, End: hours.End, CreateTime: s.Now(),
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Booking, error) {
		b, err := domain.BookRoom(ctx, tx, room, wanted, req.GetRaiseCapacity())
		return wire.Booking(b), err
	})
}

// bookEquipment makes a loan: someone hands the units out, and takes them back.
func (s *Server) bookEquipment(ctx context.Context, req *meetingsv1.CreateBookingRequest, hours domain.Slot) (*meetingsv1.Booking, error) {
	wanted := domain.Loan{
		ID: newID(), EquipmentID: req.GetEquipmentId(), BookingID: newID(), MeetingID: req.GetMeetingId(), Quantity: int(req.GetQuantity()),
		CreateTime: s.Now(),
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Booking, error) {
		if _, err := tx.Equipment(ctx, wanted.EquipmentID); err != nil {
			return nil, at(err, "equipment_id")
		}
		_, b, err := domain.Reserve(ctx, tx, wanted, hours, req.GetRaiseCapacity())
		return wire.Booking(b), err
	})
}

// ListBookings returns a meeting's bookings, oldest first.
func (s *Server) ListBookings(ctx context.Context, req *meetingsv1.ListBookingsRequest) (*meetingsv1.ListBookingsResponse, error) {
	query := page.Query{Method: "ListBookings", Filter: req.GetMeetingId(), Order: "created,id"}
	bookings, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Booking, error) {
			return s.Store.Bookings(ctx, domain.BookingQuery{MeetingID: req.GetMeetingId(), Page: domain.Page{After: after, Limit: limit}})
		},
		func(b domain.Booking) []string {
			return []string{strconv.FormatInt(database.Micros(b.CreateTime), 10), b.ID}
		})
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListBookingsResponse{NextPageToken: next}
	for _, b := range bookings {
		out.Bookings = append(out.Bookings, wire.Booking(b))
	}
	return out, nil
}

// MoveBooking changes a booking's room or hours.
func (s *Server) MoveBooking(ctx context.Context, req *meetingsv1.MoveBookingRequest) (*meetingsv1.Booking, error) {
	hours, err := hours(req.GetStartTime(), req.GetEndTime())
	if err != nil {
		return nil, err
	}
	var to domain.Room
	if req.GetRoomId() != "" {
		if to, err = s.room(ctx, req.GetMeetingId(), req.GetRoomId()); err != nil {
			return nil, err
		}
	}
	return s.onBooking(ctx, req, func(tx domain.Tx, b domain.Booking) (domain.Booking, error) {
		return domain.MoveBooking(ctx, tx, b, to, hours, s.Now())
	})
}

// ReleaseBooking gives a room or equipment back.
func (s *Server) ReleaseBooking(ctx context.Context, req *meetingsv1.ReleaseBookingRequest) (*meetingsv1.Booking, error) {
	return s.onBooking(ctx, req, func(tx domain.Tx, b domain.Booking) (domain.Booking, error) {
		return domain.ReleaseBooking(ctx, tx, b, s.Now())
	})
}

// SwapRooms gives each of two meetings the other's room; whoever may not change the other meeting does not see its bookings.
func (s *Server) SwapRooms(ctx context.Context, req *meetingsv1.SwapRoomsRequest) (*meetingsv1.SwapRoomsResponse, error) {
	other, err := s.Store.Booking(ctx, req.GetOtherBookingId())
	if err != nil {
		return nil, at(err, "other_booking_id")
	}
	if other.Kind != domain.ResourceRoom {
		return nil, domain.ErrNotARoom.At("other_booking_id")
	}
	may, err := s.plans(ctx, other.MeetingID)
	switch {
	case err != nil:
		return nil, err
	case !may:
		return nil, domain.ErrBookingNotFound.At("other_booking_id")
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.SwapRoomsResponse, error) {
		own, err := bookingOf(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		own, swapped, err := domain.SwapRooms(ctx, tx, own, other, s.Now())
		return &meetingsv1.SwapRoomsResponse{Booking: wire.Booking(own), OtherBooking: wire.Booking(swapped)}, err
	})
}

// plans reports whether the caller plans a meeting, as the policy of updateMeeting has it.
func (s *Server) plans(ctx context.Context, meetingID string) (bool, error) {
	m, err := s.Store.Meeting(ctx, meetingID)
	if err != nil || m.OrganiserID == caller(ctx) {
		return err == nil, err
	}
	return s.coordinates(ctx, m.CommuneCode)
}

// onBookingRequest names a meeting's booking, and perhaps the etag that it must still have.
type onBookingRequest interface {
	onMeetingRequest
	GetMeetingId() string
}

func (s *Server) onBooking(ctx context.Context, req onBookingRequest, use func(domain.Tx, domain.Booking) (domain.Booking, error)) (*meetingsv1.Booking, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Booking, error) {
		b, err := bookingOf(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		if err := etag.Check(req.GetEtag(), b.Version); err != nil {
			return nil, err
		}
		b, err = use(tx, b)
		return wire.Booking(b), err
	})
}

// bookingOf finds the booking that a request names, of the meeting that it names.
func bookingOf(ctx context.Context, from domain.BookingReads, req interface {
	GetId() string
	GetMeetingId() string
}) (domain.Booking, error) {
	b, err := from.Booking(ctx, req.GetId())
	if err == nil && b.MeetingID != req.GetMeetingId() {
		err = domain.ErrBookingNotFound
	}
	return b, at(err, "id")
}

// at names the field whose resource is missing; other errors name theirs.
func at(err error, path string) error {
	if isMissing(err) {
		return errs.From(err).At(path)
	}
	return err
}

// hours reads a period of which either end may be absent.
func hours(start, end *timestamppb.Timestamp) (slot domain.Slot, err error) {
	if start != nil {
		if slot.Start, err = instant(start, "start_time"); err != nil {
			return slot, err
		}
	}
	if end != nil {
		slot.End, err = instant(end, "end_time")
	}
	return slot, err
}
