package meetings_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/classcode/maillage/pkg/errs"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	atPlace  = meetingsv1.MeetingMode_MEETING_MODE_IN_PERSON
	fromAfar = meetingsv1.MeetingMode_MEETING_MODE_REMOTE
)

// mode changes how people take part in a meeting, in its organiser's name.
func (w *world) mode(m *meetingsv1.Meeting, mode meetingsv1.MeetingMode) (*meetingsv1.Meeting, error) {
	return w.UpdateMeeting(w.as("organiser"), &meetingsv1.UpdateMeetingRequest{
		Meeting: &meetingsv1.Meeting{Id: m.GetId(), Mode: mode}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"mode"}},
	})
}

// Everyone goes over with the meeting: the confirmed, the offered and who waits, who may answer as before.
func TestModeTakesEveryoneAlong(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(1)
	first, second, third := w.register("a", m.GetId()), w.register("b", m.GetId()), w.register("c", m.GetId())
	must[*meetingsv1.Registration](w)(w.CancelRegistration(w.as("a"), &meetingsv1.CancelRegistrationRequest{MeetingId: m.GetId(), Id: first.GetId()}))
	remote := must[*meetingsv1.Meeting](w)(w.mode(m, fromAfar))
	if remote.GetMode() != fromAfar || remote.GetCapacity() != 1 || remote.GetTaken() != 1 || remote.GetWaiting() != 1 {
		t.Fatalf("%v", remote)
	}
	if r := w.stands("b", second, offered, 0); r.GetMode() != meetingsv1.SeatMode_SEAT_MODE_REMOTE {
		t.Fatalf("%v; want it remote", r)
	}
	w.stands("c", third, waitlisted, 1)
	must[*meetingsv1.Registration](w)(w.AcceptOffer(w.as("b"), &meetingsv1.AcceptOfferRequest{MeetingId: m.GetId(), Id: second.GetId()}))
	if r := w.register("a", m.GetId()); r.GetId() != first.GetId() || r.GetMode() != meetingsv1.SeatMode_SEAT_MODE_REMOTE || r.GetWaitingPosition() != 2 {
		t.Fatalf("%v; want the end of the line", r)
	}
	must[*meetingsv1.Meeting](w)(w.mode(m, atPlace))
	w.stands("b", second, confirmed, 0)
	w.stands("c", third, waitlisted, 1)
	w.stands("a", first, waitlisted, 2)
}

func TestModeRefusals(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(3)
	for mode, want := range map[meetingsv1.SeatMode]refusal{
		meetingsv1.SeatMode_SEAT_MODE_REMOTE: {kind: errs.Precondition, reason: "SEATS_NOT_OF_MODE"}, 7: {kind: errs.Invalid, reason: "ENUM_DEFINED_ONLY"},
	} {
		_, err := w.SetSeats(w.as("organiser"), &meetingsv1.SetSeatsRequest{MeetingId: m.GetId(), Mode: mode, Capacity: 2})
		w.refused(err, want.kind, want.reason, "mode")
	}
	_, err := w.mode(m, 9)
	w.refused(err, errs.Invalid, "ENUM_DEFINED_ONLY", "meeting.mode")
	_, err = w.CreateRegistration(w.as("a"), &meetingsv1.CreateRegistrationRequest{
		MeetingId: m.GetId(), Registration: &meetingsv1.Registration{Mode: meetingsv1.SeatMode_SEAT_MODE_REMOTE},
	})
	w.refused(err, errs.Precondition, "NO_SUCH_SEATS", "registration")
	w.clock.Advance(m.GetStartTime().AsTime().Sub(w.clock.Now()) + time.Second)
	_, err = w.mode(m, fromAfar)
	w.refused(err, errs.Precondition, "MEETING_BEGUN", "meeting.id")
	read := must[*meetingsv1.Meeting](w)(w.GetMeeting(w.as(""), &meetingsv1.GetMeetingRequest{Id: m.GetId()}))
	if read.GetMode() != atPlace || len(read.GetSeats()) != 1 {
		t.Fatalf("%v; want nothing changed", read)
	}
}
