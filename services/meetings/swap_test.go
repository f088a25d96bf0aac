package meetings_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/link"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

func (w *world) propose(person string, r *meetingsv1.Registration, wanted string) (*meetingsv1.Swap, error) {
	return w.ProposeSwap(w.as(person), &meetingsv1.ProposeSwapRequest{Swap: &meetingsv1.Swap{RegistrationId: r.GetId(), WantedMeetingId: wanted}})
}

func TestSwapThroughTheDoor(t *testing.T) {
	w := newWorld(t)
	one, other := w.meeting(2), w.meeting(2)
	ours, theirs := w.register("ours", one.GetId()), w.register("theirs", other.GetId())

	_, err := w.propose("organiser", ours, other.GetId()) // who answers for seats otherwise
	w.refused(err, errs.Denied, "PERMISSION_DENIED", "")
	_, err = w.propose("theirs", ours, other.GetId())
	w.refused(err, errs.NotFound, "NOT_FOUND", "swap.registration_id")
	_, err = w.propose("", ours, other.GetId())
	w.refused(err, errs.Unauthenticated, "TOKEN_MISSING", "")
	_, err = w.propose("ours", ours, uuid.NewString())
	w.refused(err, errs.NotFound, "NOT_FOUND", "swap.wanted_meeting_id")
	_, err = w.propose("ours", ours, one.GetId())
	w.refused(err, errs.Precondition, "SWAP_OTHER_MODULE", "swap.wanted_meeting_id")
	_, err = w.propose("ours", ours, "no id")
	w.refused(err, errs.Invalid, "STRING_UUID", "swap.wanted_meeting_id")

	swap := must[*meetingsv1.Swap](w)(w.propose("ours", ours, other.GetId()))
	for person, want := range map[string]int{"ours": 1, "theirs": 1, "stranger": 0, "organiser": 0, "national": 0} {
		if list := must[*meetingsv1.ListSwapsResponse](w)(w.ListSwaps(w.as(person), &meetingsv1.ListSwapsRequest{})); len(list.GetSwaps()) != want {
			t.Errorf("%s sees %v", person, list)
		}
	}
	accept := func(person, swap, registration string) error {
		_, err := w.AcceptSwap(w.as(person), &meetingsv1.AcceptSwapRequest{Id: swap, RegistrationId: registration})
		return err
	}
	before := w.rows()
	w.refused(accept("ours", swap.GetId(), ours.GetId()), errs.Precondition, "SWAP_WITH_ONESELF", "id")
	w.refused(accept("stranger", swap.GetId(), theirs.GetId()), errs.NotFound, "NOT_FOUND", "registration_id")
	w.refused(accept("organiser", swap.GetId(), theirs.GetId()), errs.NotFound, "NOT_FOUND", "id")
	w.refused(accept("theirs", uuid.NewString(), theirs.GetId()), errs.NotFound, "NOT_FOUND", "id")
	_, err = w.WithdrawSwap(w.as("theirs"), &meetingsv1.WithdrawSwapRequest{Id: swap.GetId()})
	w.refused(err, errs.NotFound, "NOT_FOUND", "id")
	if after := w.rows(); after != before {
		t.Errorf("what was refused left %s, before %s", after, before)
	}

	request := &meetingsv1.AcceptSwapRequest{Id: swap.GetId(), RegistrationId: theirs.GetId(), RequestId: uuid.NewString()}
	done := must[*meetingsv1.AcceptSwapResponse](w)(w.AcceptSwap(w.as("theirs"), request))
	again := must[*meetingsv1.AcceptSwapResponse](w)(w.AcceptSwap(w.as("theirs"), request))
	if done.GetSwap().GetState() != meetingsv1.SwapState_SWAP_STATE_DONE || done.GetRegistration().GetMeetingId() != one.GetId() || again.String() != done.String() {
		t.Errorf("%v, then %v", done, again)
	}
	_, err = w.WithdrawSwap(w.as("ours"), &meetingsv1.WithdrawSwapRequest{Id: swap.GetId()})
	w.refused(err, errs.Precondition, "SWAP_OVER", "")
	for _, m := range []*meetingsv1.Meeting{one, other} {
		if m := must[*meetingsv1.Meeting](w)(w.GetMeeting(w.as("ours"), &meetingsv1.GetMeetingRequest{Id: m.GetId()})); m.GetTaken() != 1 {
			t.Errorf("%d seats are taken", m.GetTaken())
		}
	}
}

func TestSwapByLink(t *testing.T) {
	w := newWorld(t)
	one, other := w.meeting(2), w.meeting(2)
	ours := w.register("ours", one.GetId())
	w.register("theirs", other.GetId())
	swap := must[*meetingsv1.Swap](w)(w.propose("ours", ours, other.GetId()))
	key := link.DeriveKey(w.cfg.PageKey)
	follow := func(action, person string, expires time.Time) (*meetingsv1.AcceptSwapResponse, error) {
		token := key.Sign(link.Claim{Action: action, Resource: swap.GetId(), PersonID: person, Expires: expires})
		return w.FollowSwapLink(context.Background(), &meetingsv1.FollowSwapLinkRequest{Token: token})
	}
	end := swap.GetExpireTime().AsTime()
	_, err := w.FollowSwapLink(w.Context(), &meetingsv1.FollowSwapLinkRequest{Token: "altered"})
	w.refused(err, errs.Denied, "LINK_INVALID", "token")
	_, err = follow("acceptOffer", "theirs", end)
	w.refused(err, errs.Denied, "LINK_INVALID", "token")
	_, err = follow("acceptSwap", "theirs", start)
	w.refused(err, errs.Denied, "LINK_EXPIRED", "token")
	_, err = follow("acceptSwap", "stranger", end)
	w.refused(err, errs.NotFound, "NOT_FOUND", "id")
	w.clock.Set(end)
	_, err = follow("acceptSwap", "theirs", end.Add(time.Hour))
	w.refused(err, errs.Precondition, "SWAP_OVER", "id")
	list := must[*meetingsv1.ListSwapsResponse](w)(w.ListSwaps(w.as("ours"), &meetingsv1.ListSwapsRequest{}))
	if list.GetSwaps()[0].GetState() != meetingsv1.SwapState_SWAP_STATE_LAPSED {
		t.Errorf("%v", list)
	}
	w.clock.Set(end.Add(-time.Microsecond))
	for range 2 {
		if done := must[*meetingsv1.AcceptSwapResponse](w)(follow("acceptSwap", "theirs", end.Add(time.Hour))); done.GetRegistration().GetMeetingId() != one.GetId() {
			t.Errorf("%v", done)
		}
	}
}
