package meetings_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/rpc"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

func TestRoomOfAMeeting(t *testing.T) {
	w := newWorld(t)
	m, other := w.neighbours(10, 20)
	small, large := w.room(m.GetPlaceId(), 12), w.room(m.GetPlaceId(), 30)
	b := w.book(&meetingsv1.CreateBookingRequest{MeetingId: m.GetId(), RoomId: small, RaiseCapacity: true})
	if got := w.capacity(m.GetId()); got != 12 {
		t.Fatalf("%d seats; want as many as the room has", got)
	}
	_, err := w.CreateBooking(w.as("organiser"), &meetingsv1.CreateBookingRequest{MeetingId: other.GetId(), RoomId: small})
	w.refused(err, errs.Precondition, "ROOM_TAKEN", "room_id")
	if e := errs.From(rpc.FromStatus(err)); e.Meta["meeting"] != m.GetId() || e.Meta["end_time"] != "2026-11-22T14:00:00Z" {
		t.Fatalf("%v does not say with what", e.Meta)
	}
	// Twelve seats are not enough for twenty, whoever has the room at that hour.
	wide := &meetingsv1.CreateBookingRequest{MeetingId: other.GetId(), RoomId: w.room(m.GetPlaceId(), 12)}
	_, err = w.CreateBooking(w.as("organiser"), wide)
	w.refused(err, errs.Precondition, "ROOM_TOO_SMALL", "room_id")
	if e := errs.From(rpc.FromStatus(err)); e.Meta["seats"] != "12" || e.Meta["capacity"] != "20" {
		t.Fatalf("%v does not say both numbers", e.Meta)
	}
	more := &meetingsv1.UpdateMeetingRequest{Meeting: &meetingsv1.Meeting{Id: m.GetId(), Capacity: 13}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"capacity"}}}
	_, err = w.UpdateMeeting(w.as("organiser"), more)
	w.refused(err, errs.Precondition, "ROOM_TOO_SMALL", "meeting.capacity")

	moved := must[*meetingsv1.Booking](w)(w.MoveBooking(w.as("organiser"), &meetingsv1.MoveBookingRequest{
		MeetingId: m.GetId(), Id: b.GetId(), RoomId: large, StartTime: later(23), Etag: b.GetEtag(),
	}))
	if moved.GetResourceId() != large || moved.GetEtag() != `"2"` || moved.GetStartTime().AsTime() != later(23).AsTime() || moved.GetEndTime().AsTime() != b.GetEndTime().AsTime() {
		t.Fatalf("%v", moved)
	}
	must[*meetingsv1.Meeting](w)(w.UpdateMeeting(w.as("organiser"), more))
	released := must[*meetingsv1.Booking](w)(w.ReleaseBooking(w.as("organiser"), &meetingsv1.ReleaseBookingRequest{MeetingId: m.GetId(), Id: b.GetId()}))
	again := must[*meetingsv1.Booking](w)(w.ReleaseBooking(w.as("organiser"), &meetingsv1.ReleaseBookingRequest{MeetingId: m.GetId(), Id: b.GetId()}))
	if released.GetState() != meetingsv1.BookingState_BOOKING_STATE_RELEASED || again.GetEtag() != released.GetEtag() {
		t.Fatalf("%v, then %v", released, again)
	}
	w.book(&meetingsv1.CreateBookingRequest{MeetingId: other.GetId(), RoomId: large})
	listed := must[*meetingsv1.ListBookingsResponse](w)(w.ListBookings(w.as("relay"), &meetingsv1.ListBookingsRequest{MeetingId: m.GetId()})).GetBookings()
	if len(listed) != 1 || listed[0].GetState() != meetingsv1.BookingState_BOOKING_STATE_RELEASED {
		t.Fatalf("%v", listed)
	}
}

func TestRoomsSwapped(t *testing.T) {
	w := newWorld(t)
	m, other := w.neighbours(10, 20)
	small, large := w.room(m.GetPlaceId(), 15), w.room(m.GetPlaceId(), 40)
	wrong := w.book(&meetingsv1.CreateBookingRequest{MeetingId: m.GetId(), RoomId: large})
	must[*meetingsv1.Meeting](w)(w.UpdateMeeting(w.as("organiser"), &meetingsv1.UpdateMeetingRequest{
		Meeting: &meetingsv1.Meeting{Id: other.GetId(), Capacity: 15}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"capacity"}}}))
	tight := w.book(&meetingsv1.CreateBookingRequest{MeetingId: other.GetId(), RoomId: small})
	swap := &meetingsv1.SwapRoomsRequest{MeetingId: m.GetId(), Id: wrong.GetId(), OtherBookingId: tight.GetId(), RequestId: uuid.NewString()}
	_, err := w.SwapRooms(w.as("elsewhere"), swap)
	w.refused(err, errs.Denied, "NOT_PERMITTED", "")
	for range 2 { // the second is a retry
		swapped := must[*meetingsv1.SwapRoomsResponse](w)(w.SwapRooms(w.as("coordinator"), swap))
		if swapped.GetBooking().GetResourceId() != small || swapped.GetOtherBooking().GetResourceId() != large || swapped.GetBooking().GetId() != wrong.GetId() {
			t.Fatalf("%v", swapped)
		}
	}
	// Back again would leave twenty people with fifteen seats: nobody moves.
	must[*meetingsv1.Meeting](w)(w.UpdateMeeting(w.as("organiser"), &meetingsv1.UpdateMeetingRequest{
		Meeting: &meetingsv1.Meeting{Id: other.GetId(), Capacity: 20}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"capacity"}}}))
	before := w.rows()
	_, err = w.SwapRooms(w.as("coordinator"), &meetingsv1.SwapRoomsRequest{MeetingId: m.GetId(), Id: wrong.GetId(), OtherBookingId: tight.GetId()})
	w.refused(err, errs.Precondition, "ROOM_TOO_SMALL", "other_booking_id")
	if after := w.rows(); after != before {
		t.Fatalf("a refused swap left %s; was %s", after, before)
	}
}

// The other meeting's organiser is asked, or a coordinator: whoever has no say in it does not see its bookings either.
func TestSwapNeedsBoth(t *testing.T) {
	w := newWorld(t)
	first, second := w.group("44109"), w.group("44109")
	w.mesh.groups[second].PlaceId, w.mesh.groups[second].OrganiserId = w.mesh.groups[first].GetPlaceId(), "someone else"
	m := must[*meetingsv1.Series](w)(w.CreateSeries(w.as("organiser"), seriesOf(first, 5))).GetMeetings()[0]
	other := must[*meetingsv1.Series](w)(w.CreateSeries(w.as("someone else"), seriesOf(second, 5))).GetMeetings()[0]
	mine := w.book(&meetingsv1.CreateBookingRequest{MeetingId: m.GetId(), RoomId: w.room(m.GetPlaceId(), 9)})
	theirs := must[*meetingsv1.Booking](w)(w.CreateBooking(w.as("someone else"), &meetingsv1.CreateBookingRequest{MeetingId: other.GetId(), RoomId: w.room(m.GetPlaceId(), 9)}))
	_, err := w.SwapRooms(w.as("organiser"), &meetingsv1.SwapRoomsRequest{MeetingId: m.GetId(), Id: mine.GetId(), OtherBookingId: theirs.GetId()})
	w.refused(err, errs.NotFound, "NOT_FOUND", "other_booking_id")
}

func TestEquipmentLimitsSeats(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(10)
	stock := w.robots(20)
	needs := func(caps bool) error {
		_, err := w.UpdateNeeds(w.as("organiser"), &meetingsv1.UpdateNeedsRequest{Needs: &meetingsv1.Needs{
			MeetingId: m.GetId(), EquipmentCapsSeats: caps, Equipment: []*meetingsv1.EquipmentNeed{{Kind: meetingsv1.EquipmentKind_EQUIPMENT_KIND_ROBOT, PersonsPerUnit: 2}},
		}})
		return err
	}
	missing := func() (n int32) {
		for _, g := range must[*meetingsv1.CheckNeedsResponse](w)(w.CheckNeeds(w.as("relay"), &meetingsv1.CheckNeedsRequest{MeetingId: m.GetId()})).GetGaps() {
			n += g.GetMissing()
		}
		return n
	}
	w.refused(needs(true), errs.Precondition, "EQUIPMENT_CAPS_SEATS", "id") // nothing is booked yet
	if err := needs(false); err != nil {
		t.Fatal(err)
	}
	if n := missing(); n != 5 {
		t.Fatalf("%d robots missing; want 5", n)
	}
	four := w.book(&meetingsv1.CreateBookingRequest{MeetingId: m.GetId(), EquipmentId: stock.GetId(), Quantity: 4})
	if n := missing(); n != 1 {
		t.Fatalf("%d robots missing; want 1", n)
	}
	if err := needs(true); err != nil || w.capacity(m.GetId()) != 8 {
		t.Fatalf("%v, %d seats; want those that four robots serve", err, w.capacity(m.GetId()))
	}
	_, err := w.UpdateMeeting(w.as("organiser"), &meetingsv1.UpdateMeetingRequest{
		Meeting: &meetingsv1.Meeting{Id: m.GetId(), Capacity: 9}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"capacity"}}})
	w.refused(err, errs.Precondition, "EQUIPMENT_CAPS_SEATS", "meeting.capacity")
	two := w.book(&meetingsv1.CreateBookingRequest{MeetingId: m.GetId(), EquipmentId: stock.GetId(), Quantity: 2, RaiseCapacity: true})
	if got := w.capacity(m.GetId()); got != 12 {
		t.Fatalf("%d seats; want those that six robots serve", got)
	}
	for _, person := range []string{"a", "b", "c", "d", "e"} {
		w.register(person, m.GetId())
	}
	// Four people are served without four of the robots, five have a seat.
	_, err = w.ReleaseBooking(w.as("organiser"), &meetingsv1.ReleaseBookingRequest{MeetingId: m.GetId(), Id: four.GetId()})
	w.refused(err, errs.Precondition, "EQUIPMENT_CAPS_SEATS", "id")
	must[*meetingsv1.Booking](w)(w.ReleaseBooking(w.as("organiser"), &meetingsv1.ReleaseBookingRequest{MeetingId: m.GetId(), Id: two.GetId()}))
	if got := w.capacity(m.GetId()); got != 8 {
		t.Fatalf("%d seats; want those that four robots serve", got)
	}
}

func TestLoanOfAMeeting(t *testing.T) {
	w := newWorld(t)
	m, stock := w.meeting(10), w.robots(6)
	b := w.book(&meetingsv1.CreateBookingRequest{MeetingId: m.GetId(), EquipmentId: stock.GetId(), Quantity: 5})
	loan := must[*meetingsv1.Loan](w)(w.GetLoan(w.as("organiser"), &meetingsv1.GetLoanRequest{Id: b.GetCauseId()}))
	if loan.GetState() != meetingsv1.LoanState_LOAN_STATE_RESERVED || loan.GetBookingId() != b.GetId() || loan.GetDueTime().AsTime() != m.GetEndTime().AsTime() {
		t.Fatalf("%v", loan)
	}
	must[*meetingsv1.Loan](w)(w.HandOutLoan(w.as("relay"), &meetingsv1.HandOutLoanRequest{Id: loan.GetId(), Etag: loan.GetEtag()}))
	_, err := w.ReleaseBooking(w.as("organiser"), &meetingsv1.ReleaseBookingRequest{MeetingId: m.GetId(), Id: b.GetId()})
	w.refused(err, errs.Precondition, "LOAN_OUT", "")
	// Called off while the robots are out: they are not back because of that.
	must[*meetingsv1.Meeting](w)(w.CancelMeeting(w.as("organiser"), &meetingsv1.CancelMeetingRequest{Id: m.GetId(), Cause: "Salle fermée"}))
	late := func() []*meetingsv1.Loan {
		return must[*meetingsv1.ListLoansResponse](w)(w.ListLoans(w.as("relay"), &meetingsv1.ListLoansRequest{Late: true})).GetLoans()
	}
	w.clock.Set(m.GetEndTime().AsTime())
	if got := late(); len(got) != 0 {
		t.Fatalf("late at the instant it is due: %v", got)
	}
	w.clock.Advance(1e6)
	if got := late(); len(got) != 1 || !got[0].GetLate() {
		t.Fatalf("%v; want one that is late", got)
	}
	back := &meetingsv1.ReturnLoanRequest{Id: loan.GetId(), Condition: &meetingsv1.ReturnCondition{Good: 2, Worn: 1, Damaged: 1}}
	_, err = w.ReturnLoan(w.as("relay"), back)
	w.refused(err, errs.Invalid, "RETURN_COUNT", "condition")
	back.Condition.Lost = 1
	for range 2 { // the second says the same
		returned := must[*meetingsv1.Loan](w)(w.ReturnLoan(w.as("relay"), back))
		if returned.GetState() != meetingsv1.LoanState_LOAN_STATE_RETURNED || returned.GetLate() || returned.GetCondition().GetLost() != 1 {
			t.Fatalf("%v", returned)
		}
	}
	back.Condition.Lost, back.Condition.Good = 0, 3
	_, err = w.ReturnLoan(w.as("relay"), back)
	w.refused(err, errs.Precondition, "EQUIPMENT_RETURNED", "id")
	left := must[*meetingsv1.Equipment](w)(w.GetEquipment(w.as("stranger"), &meetingsv1.GetEquipmentRequest{Id: stock.GetId()}))
	if left.GetQuantity() != 6 || left.GetUnusableQuantity() != 2 {
		t.Fatalf("%v; want two of six unusable", left)
	}
	lend := &meetingsv1.CreateLoanRequest{EquipmentId: stock.GetId(), StructureId: structure, Quantity: 5, StartTime: later(30), EndTime: later(40)}
	_, err = w.CreateLoan(w.as("relay"), lend)
	w.refused(err, errs.Precondition, "EQUIPMENT_SHORT", "quantity")
	lend.Quantity = 4
	must[*meetingsv1.Loan](w)(w.CreateLoan(w.as("coordinator"), lend))
	_, err = w.UpdateEquipment(w.as("relay"), &meetingsv1.UpdateEquipmentRequest{
		Equipment: &meetingsv1.Equipment{Id: stock.GetId(), Quantity: 5}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"quantity"}}})
	w.refused(err, errs.Precondition, "STOCK_BELOW_BOOKED", "equipment.quantity")
	must[*meetingsv1.Equipment](w)(w.UpdateEquipment(w.as("relay"), &meetingsv1.UpdateEquipmentRequest{ // one is mended
		Equipment: &meetingsv1.Equipment{Id: stock.GetId(), UnusableQuantity: 1}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"unusable_quantity"}}}))
	lend.Quantity = 1
	other := must[*meetingsv1.Loan](w)(w.CreateLoan(w.as("coordinator"), lend))
	must[*meetingsv1.Loan](w)(w.CancelLoan(w.as("relay"), &meetingsv1.CancelLoanRequest{Id: other.GetId()}))
	_, err = w.HandOutLoan(w.as("relay"), &meetingsv1.HandOutLoanRequest{Id: other.GetId()})
	w.refused(err, errs.Precondition, "LOAN_STATE", "")
	must[*meetingsv1.Loan](w)(w.CreateLoan(w.as("relay"), lend))
}

func TestLogisticsRefusals(t *testing.T) {
	w := newWorld(t)
	m, elsewhere := w.meeting(10), w.meeting(10)
	room, stock := w.room(m.GetPlaceId(), 30), w.robots(6)
	gone, begun := w.meeting(5), w.meeting(5)
	must[*meetingsv1.Meeting](w)(w.CancelMeeting(w.as("organiser"), &meetingsv1.CancelMeetingRequest{Id: gone.GetId(), Cause: "x"}))
	book := func(change func(*meetingsv1.CreateBookingRequest)) error {
		req := &meetingsv1.CreateBookingRequest{MeetingId: m.GetId(), RoomId: room}
		change(req)
		_, err := w.CreateBooking(w.as("organiser"), req)
		return err
	}
	robots := func(n int32) error {
		return book(func(r *meetingsv1.CreateBookingRequest) { r.RoomId, r.EquipmentId, r.Quantity = "", stock.GetId(), n })
	}
	needs := func(e ...*meetingsv1.EquipmentNeed) error {
		_, err := w.UpdateNeeds(w.as("organiser"), &meetingsv1.UpdateNeedsRequest{Needs: &meetingsv1.Needs{MeetingId: m.GetId(), Equipment: e}})
		return err
	}
	create := func(e *meetingsv1.Equipment) error {
		_, err := w.CreateEquipment(w.as("relay"), &meetingsv1.CreateEquipmentRequest{Equipment: e})
		return err
	}
	lend := func(structure string, from, to float64) error {
		_, err := w.CreateLoan(w.as("relay"), &meetingsv1.CreateLoanRequest{EquipmentId: stock.GetId(), StructureId: structure, Quantity: 1, StartTime: later(from), EndTime: later(to)})
		return err
	}
	whose := "structures/" + structure
	before := w.rows()
	for _, c := range []struct {
		name          string
		err           error
		kind          errs.Kind
		reason, field string
	}{
		{"neither", book(func(r *meetingsv1.CreateBookingRequest) { r.RoomId = "" }), errs.Invalid, "ONE_RESOURCE_REQUIRED", "room_id"},
		{"both", book(func(r *meetingsv1.CreateBookingRequest) { r.EquipmentId = stock.GetId() }), errs.Invalid, "ONE_RESOURCE_REQUIRED", "room_id"},
		{"unknown room", book(func(r *meetingsv1.CreateBookingRequest) { r.RoomId = uuid.NewString() }), errs.NotFound, "ROOM_ELSEWHERE", "room_id"},
		{"another place's", book(func(r *meetingsv1.CreateBookingRequest) { r.RoomId = w.room(elsewhere.GetPlaceId(), 30) }), errs.NotFound, "ROOM_ELSEWHERE", "room_id"},
		{"unknown meeting", book(func(r *meetingsv1.CreateBookingRequest) { r.MeetingId = uuid.NewString() }), errs.NotFound, "NOT_FOUND", "meeting_id"},
		{"not a uuid", book(func(r *meetingsv1.CreateBookingRequest) { r.RoomId = "../x" }), errs.Invalid, "STRING_UUID", "room_id"},
		{"called off", book(func(r *meetingsv1.CreateBookingRequest) {
			r.MeetingId, r.RoomId = gone.GetId(), w.room(gone.GetPlaceId(), 9)
		}), errs.Precondition, "MEETING_STATE", ""},
		{"two of one room", book(func(r *meetingsv1.CreateBookingRequest) { r.Quantity = 2 }), errs.Invalid, "BOOKING_QUANTITY", "quantity"},
		{"no length", book(func(r *meetingsv1.CreateBookingRequest) { r.StartTime, r.EndTime = m.GetStartTime(), m.GetStartTime() }), errs.Invalid, "BOOKING_PERIOD", "end_time"},
		{"backwards", book(func(r *meetingsv1.CreateBookingRequest) { r.StartTime, r.EndTime = m.GetEndTime(), m.GetStartTime() }), errs.Invalid, "BOOKING_PERIOD", "end_time"},
		{"a month and more", book(func(r *meetingsv1.CreateBookingRequest) { r.StartTime, r.EndTime = m.GetStartTime(), later(24+31*24+1) }), errs.Invalid, "BOOKING_TOO_LONG", "end_time"},
		{"too late for it", book(func(r *meetingsv1.CreateBookingRequest) { r.StartTime, r.EndTime = later(25), later(30) }), errs.Invalid, "BOOKING_OUTSIDE_MEETING", "start_time"},
		{"nothing", robots(0), errs.Invalid, "BOOKING_QUANTITY", "quantity"},
		{"less than nothing", robots(-1), errs.Invalid, "INT32_GTE_LTE", "quantity"},
		{"more than there are", robots(7), errs.Precondition, "EQUIPMENT_SHORT", "quantity"},
		{"unknown stock", book(func(r *meetingsv1.CreateBookingRequest) {
			r.RoomId, r.EquipmentId, r.Quantity = "", uuid.NewString(), 1
		}), errs.NotFound, "NOT_FOUND", "equipment_id"},

		{"stock of nothing", create(&meetingsv1.Equipment{Owner: whose, Kind: 1, Label: "x"}), errs.Invalid, "EQUIPMENT_COUNT", "equipment.quantity"},
		{"more broken than owned", create(&meetingsv1.Equipment{Owner: whose, Kind: 1, Label: "x", Quantity: 1, UnusableQuantity: 2}), errs.Invalid, "EQUIPMENT_COUNT", "equipment.unusable_quantity"},
		{"nobody's stock", create(&meetingsv1.Equipment{Kind: 1, Label: "x", Quantity: 1}), errs.Invalid, "FIELD_REQUIRED", "equipment.owner"},
		{"of no kind", create(&meetingsv1.Equipment{Owner: whose, Label: "x", Quantity: 1}), errs.Invalid, "FIELD_REQUIRED", "equipment.kind"},
		{"without a name", create(&meetingsv1.Equipment{Owner: whose, Kind: 1, Quantity: 1}), errs.Invalid, "FIELD_REQUIRED", "equipment.label"},
		{"unknown structure's", create(&meetingsv1.Equipment{Owner: "structures/" + uuid.NewString(), Kind: 1, Label: "x", Quantity: 1}), errs.NotFound, "NOT_FOUND", "equipment.owner"},
		{"a commune's, by a relay", create(&meetingsv1.Equipment{Owner: "territories/44109", Kind: 1, Label: "x", Quantity: 1}), errs.Denied, "NOT_PERMITTED", ""},
		{"owner of another shape", create(&meetingsv1.Equipment{Owner: "people/1", Kind: 1, Label: "x", Quantity: 1}), errs.Invalid, "STRING_PATTERN", "equipment.owner"},

		{"to nobody", lend(uuid.NewString(), 1, 2), errs.NotFound, "NOT_FOUND", "structure_id"},
		{"in the past", lend(structure, -3, -1), errs.Invalid, "BOOKING_IN_PAST", "end_time"},
		{"for no time", lend(structure, 3, 3), errs.Invalid, "BOOKING_PERIOD", "end_time"},

		{"need of nothing", needs(&meetingsv1.EquipmentNeed{Kind: 1}), errs.Invalid, "NEED_COUNT", "needs.equipment[0].quantity"},
		{"need of both", needs(&meetingsv1.EquipmentNeed{Kind: 1, Quantity: 1, PersonsPerUnit: 1}), errs.Invalid, "NEED_COUNT", "needs.equipment[0].quantity"},
		{"need twice", needs(&meetingsv1.EquipmentNeed{Kind: 1, Quantity: 1}, &meetingsv1.EquipmentNeed{Kind: 1, Quantity: 2}), errs.Invalid, "NEED_TWICE", "needs.equipment[1].kind"},
	} {
		t.Run(c.name, func(t *testing.T) { w.refused(c.err, c.kind, c.reason, c.field) })
	}
	w.clock.Set(begun.GetStartTime().AsTime())
	_, err := w.CreateBooking(w.as("organiser"), &meetingsv1.CreateBookingRequest{MeetingId: begun.GetId(), RoomId: w.room(begun.GetPlaceId(), 9)})
	w.refused(err, errs.Precondition, "MEETING_BEGUN", "meeting_id")
	w.rooms.away = true
	_, err = w.CreateBooking(w.as("organiser"), &meetingsv1.CreateBookingRequest{MeetingId: m.GetId(), RoomId: room})
	if e := errs.From(rpc.FromStatus(err)); e == nil || e.Kind != errs.Unavailable {
		t.Errorf("with the mesh away: %v", err)
	}
	if after := w.rows(); after != before {
		t.Fatalf("refused requests left %s; was %s", after, before)
	}
}

// Ten times the same request at once is one booking; another content under the same id is refused.
func TestConcurrentSameBooking(t *testing.T) {
	w := newWorld(t)
	m, stock := w.meeting(10), w.robots(6)
	req := &meetingsv1.CreateBookingRequest{MeetingId: m.GetId(), EquipmentId: stock.GetId(), Quantity: 4, RequestId: uuid.NewString()}
	var all sync.WaitGroup
	ids := make([]string, 10)
	for i := range ids {
		all.Go(func() {
			b, err := w.CreateBooking(w.as("organiser"), req)
			if err != nil {
				t.Error(err)
			}
			ids[i] = b.GetId()
		})
	}
	all.Wait()
	if len(slices.Compact(ids)) != 1 {
		t.Fatalf("%v; want one booking", ids)
	}
	_, err := w.CreateBooking(w.as("organiser"), &meetingsv1.CreateBookingRequest{MeetingId: m.GetId(), EquipmentId: stock.GetId(), Quantity: 2, RequestId: req.GetRequestId()})
	w.refused(err, errs.Precondition, "REQUEST_ID_REUSED", "request_id")
}

func TestWhoMayInLogistics(t *testing.T) {
	w := newWorld(t)
	m, stock := w.meeting(5), w.robots(50)
	loan := w.book(&meetingsv1.CreateBookingRequest{MeetingId: m.GetId(), EquipmentId: stock.GetId(), Quantity: 1}).GetCauseId()
	for name, c := range map[string]struct {
		call   func(person string) error
		may    []string
		hidden bool
	}{
		"book": {func(p string) error {
			_, err := w.CreateBooking(w.as(p), &meetingsv1.CreateBookingRequest{MeetingId: m.GetId(), EquipmentId: stock.GetId(), Quantity: 1})
			return err
		}, []string{"organiser", "coordinator"}, false},
		"read bookings": {func(p string) error {
			_, err := w.ListBookings(w.as(p), &meetingsv1.ListBookingsRequest{MeetingId: m.GetId()})
			return err
		}, []string{"organiser", "coordinator", "relay"}, false},
		"read gaps": {func(p string) error {
			_, err := w.CheckNeeds(w.as(p), &meetingsv1.CheckNeedsRequest{MeetingId: m.GetId()})
			return err
		}, []string{"organiser", "coordinator", "relay"}, false},
		"stock a structure": {func(p string) error {
			_, err := w.CreateEquipment(w.as(p), &meetingsv1.CreateEquipmentRequest{Equipment: &meetingsv1.Equipment{Owner: "structures/" + structure, Kind: 2, Label: "PC", Quantity: 1}})
			return err
		}, []string{"coordinator", "relay"}, false},
		"stock a commune": {func(p string) error {
			_, err := w.CreateEquipment(w.as(p), &meetingsv1.CreateEquipmentRequest{Equipment: &meetingsv1.Equipment{Owner: "territories/44109", Kind: 2, Label: "PC", Quantity: 1}})
			return err
		}, []string{"coordinator"}, false},
		"lend": {func(p string) error {
			_, err := w.CreateLoan(w.as(p), &meetingsv1.CreateLoanRequest{EquipmentId: stock.GetId(), StructureId: structure, Quantity: 1, StartTime: later(1), EndTime: later(2)})
			return err
		}, []string{"coordinator", "relay"}, false},
		"read a loan": {func(p string) error {
			_, err := w.GetLoan(w.as(p), &meetingsv1.GetLoanRequest{Id: loan})
			return err
		}, []string{"organiser", "coordinator", "relay"}, true},
		"hand out": {func(p string) error {
			_, err := w.HandOutLoan(w.as(p), &meetingsv1.HandOutLoanRequest{Id: loan})
			return err
		}, []string{"coordinator", "relay"}, true},
	} {
		for _, person := range everybody {
			t.Run(name+"/"+person, func(t *testing.T) {
				err := c.call(person)
				kind := errs.Kind(255)
				if err != nil {
					kind = errs.From(rpc.FromStatus(err)).Kind
				}
				denied := kind == errs.Denied || kind == errs.NotFound
				if denied == slices.Contains(c.may, person) || denied && (kind == errs.NotFound) != c.hidden {
					t.Fatalf("%v", err)
				}
			})
		}
	}
	for person, want := range map[string]bool{"relay": true, "coordinator": true, "national": true, "elsewhere": false, "organiser": false} {
		if got := must[*meetingsv1.ListLoansResponse](w)(w.ListLoans(w.as(person), &meetingsv1.ListLoansRequest{})).GetLoans(); len(got) > 0 != want {
			t.Errorf("%s sees %d loans", person, len(got))
		}
	}
}
