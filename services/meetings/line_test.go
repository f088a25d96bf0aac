package meetings_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/link"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	confirmed  = meetingsv1.RegistrationState_REGISTRATION_STATE_CONFIRMED
	waitlisted = meetingsv1.RegistrationState_REGISTRATION_STATE_WAITLISTED
	offered    = meetingsv1.RegistrationState_REGISTRATION_STATE_OFFERED
	declined   = meetingsv1.RegistrationState_REGISTRATION_STATE_DECLINED
)

// stands checks where a registration stands, and its place in the line.
func (w *world) stands(person string, r *meetingsv1.Registration, state meetingsv1.RegistrationState, position int32) *meetingsv1.Registration {
	w.Helper()
	r = must[*meetingsv1.Registration](w)(w.GetRegistration(w.as(person), &meetingsv1.GetRegistrationRequest{MeetingId: r.GetMeetingId(), Id: r.GetId()}))
	if r.GetState() != state || r.GetWaitingPosition() != position {
		w.Fatalf("%s: %v; want %s, number %d", person, r, state, position)
	}
	return r
}

func TestWaitingList(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(1)
	first, second, third := w.register("a", m.GetId()), w.register("b", m.GetId()), w.register("c", m.GetId())
	if first.GetState() != confirmed || second.GetWaitingPosition() != 1 || third.GetWaitingPosition() != 2 {
		t.Fatalf("%v, %v, %v", first, second, third)
	}
	cancel := &meetingsv1.CancelRegistrationRequest{MeetingId: m.GetId(), Id: first.GetId(), Reason: "  Je suis malade "}
	if gone := must[*meetingsv1.Registration](w)(w.CancelRegistration(w.as("a"), cancel)); gone.GetReason() != "Je suis malade" {
		t.Fatalf("%v; want the reason kept", gone)
	}
	if r := w.stands("b", second, offered, 0); !r.GetOfferExpireTime().AsTime().Equal(m.GetStartTime().AsTime()) {
		t.Fatalf("%v; want an offer until the start, which is in a day", r)
	}
	w.stands("c", third, waitlisted, 1)
	declining := &meetingsv1.DeclineOfferRequest{MeetingId: m.GetId(), Id: second.GetId(), RequestId: uuid.NewString()}
	for range 2 {
		if r := must[*meetingsv1.Registration](w)(w.DeclineOffer(w.as("b"), declining)); r.GetState() != declined {
			t.Fatalf("%v; want it declined", r)
		}
	}
	accepting := &meetingsv1.AcceptOfferRequest{MeetingId: m.GetId(), Id: third.GetId()}
	for range 2 {
		if r := must[*meetingsv1.Registration](w)(w.AcceptOffer(w.as("c"), accepting)); r.GetState() != confirmed {
			t.Fatalf("%v; want it confirmed", r)
		}
	}
	read := must[*meetingsv1.Meeting](w)(w.GetMeeting(w.as(""), &meetingsv1.GetMeetingRequest{Id: m.GetId()}))
	if read.GetTaken() != 1 || read.GetWaiting() != 0 || len(read.GetSeats()) != 1 {
		t.Fatalf("%v", read)
	}
}

func TestSeatsOfSeveralKinds(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(1)
	set := &meetingsv1.SetSeatsRequest{MeetingId: m.GetId(), Mode: meetingsv1.SeatMode_SEAT_MODE_REMOTE, Capacity: 1}
	must[*meetingsv1.Meeting](w)(w.mode(m, meetingsv1.MeetingMode_MEETING_MODE_HYBRID))
	if hybrid := must[*meetingsv1.Meeting](w)(w.SetSeats(w.as("organiser"), set)); hybrid.GetCapacity() != 2 || len(hybrid.GetSeats()) != 2 {
		t.Fatalf("%v; want two kinds of seats", hybrid)
	}
	inPerson, waits := w.register("a", m.GetId()), w.register("b", m.GetId())
	remote := func(person string, r *meetingsv1.Registration) (*meetingsv1.Registration, error) {
		return w.UpdateRegistration(w.as(person), &meetingsv1.UpdateRegistrationRequest{
			Registration: &meetingsv1.Registration{Id: r.GetId(), MeetingId: m.GetId(), Mode: meetingsv1.SeatMode_SEAT_MODE_REMOTE},
			UpdateMask:   &fieldmaskpb.FieldMask{Paths: []string{"mode"}},
		})
	}
	if switched := must[*meetingsv1.Registration](w)(remote("a", inPerson)); switched.GetMode() != set.GetMode() || switched.GetState() != confirmed {
		t.Fatalf("%v; want a seat of the other kind", switched)
	}
	w.stands("b", waits, offered, 0)
	must[*meetingsv1.Registration](w)(w.AcceptOffer(w.as("b"), &meetingsv1.AcceptOfferRequest{MeetingId: m.GetId(), Id: waits.GetId()}))
	_, err := remote("b", waits)
	w.refused(err, errs.Precondition, "MEETING_FULL", "registration.mode")
	w.stands("b", waits, confirmed, 0)
	_, err = w.CreateRegistration(w.as("c"), &meetingsv1.CreateRegistrationRequest{
		MeetingId: m.GetId(), Registration: &meetingsv1.Registration{Role: meetingsv1.SeatRole_SEAT_ROLE_FACILITATOR},
	})
	w.refused(err, errs.Precondition, "NO_SUCH_SEATS", "registration")
}

// Nobody but the person lets others see the name.
func TestNameShared(t *testing.T) {
	w := newWorld(t)
	r := w.register("a", w.meeting(2).GetId())
	share := &meetingsv1.UpdateRegistrationRequest{
		Registration: &meetingsv1.Registration{Id: r.GetId(), MeetingId: r.GetMeetingId(), NameShared: true}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"name_shared"}},
	}
	_, err := w.UpdateRegistration(w.as("organiser"), share)
	w.refused(err, errs.Denied, "PERMISSION_DENIED", "")
	if shared := must[*meetingsv1.Registration](w)(w.UpdateRegistration(w.as("a"), share)); !shared.GetNameShared() {
		t.Fatalf("%v", shared)
	}
}

func TestLinks(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(1)
	key := link.DeriveKey(w.cfg.PageKey)
	token := func(action, resource, person string) string {
		return key.Sign(link.Claim{Action: action, Resource: resource, PersonID: person, Expires: start.Add(20 * time.Hour)})
	}
	follow := func(token string) (*meetingsv1.Registration, error) {
		return w.FollowRegistrationLink(w.as(""), &meetingsv1.FollowRegistrationLinkRequest{Token: token})
	}
	mine, waits := token("register", m.GetId(), "a"), token("register", m.GetId(), "b")
	first := must[*meetingsv1.Registration](w)(follow(mine))
	if again := must[*meetingsv1.Registration](w)(follow(mine)); again.GetId() != first.GetId() || again.GetState() != confirmed {
		t.Fatalf("%v, then %v", first, again)
	}
	must[*meetingsv1.Registration](w)(follow(waits))
	second := must[*meetingsv1.Registration](w)(follow(waits))
	if second.GetState() != waitlisted || second.GetWaitingPosition() != 1 {
		t.Fatalf("%v; want to wait, as the first time", second)
	}
	accept := token("acceptOffer", second.GetId(), "b")
	_, err := follow(accept)
	w.refused(err, errs.Precondition, "REGISTRATION_STATE", "")
	must[*meetingsv1.Registration](w)(follow(token("cancelRegistration", first.GetId(), "a")))
	for range 2 {
		if r := must[*meetingsv1.Registration](w)(follow(accept)); r.GetState() != confirmed {
			t.Fatalf("%v", r)
		}
	}
	w.refuses(map[string]refusal{
		"somebody else's":    {func() error { _, err := follow(token("acceptOffer", second.GetId(), "a")); return err }, errs.Denied, "LINK_INVALID", "token"},
		"for something else": {func() error { _, err := follow(token("unsubscribe", second.GetId(), "b")); return err }, errs.Denied, "LINK_INVALID", "token"},
		"cut":                {func() error { _, err := follow(accept[1:]); return err }, errs.Denied, "LINK_INVALID", "token"},
		"nothing":            {func() error { _, err := follow(""); return err }, errs.Invalid, "STRING_MIN_LEN", "token"},
		"no such meeting":    {func() error { _, err := follow(token("register", uuid.NewString(), "a")); return err }, errs.NotFound, "NOT_FOUND", "meeting_id"},
	})
	w.clock.Set(start.Add(20 * time.Hour))
	_, err = follow(mine)
	w.refused(err, errs.Denied, "LINK_EXPIRED", "token")
}
