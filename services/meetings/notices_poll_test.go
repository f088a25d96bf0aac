package meetings_test

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/errs"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// The group is asked, votes by the mails' links, and hears what was chosen, with a link to come.
func TestMailsOfAPoll(t *testing.T) {
	o := newOffice(t)
	request := pollOf(o.group("44109"))
	request.Title = ""
	poll := must[*meetingsv1.Poll](o.world)(o.CreatePoll(o.as("organiser"), request))
	letters := o.until(0, "anne: Quelle date vous convient ? Programmation créative", "ben: Which date suits you? Programmation créative",
		"chloe: Quelle date vous convient ? Programmation créative")
	body := strings.ReplaceAll(letters["ben"].Part("text/plain"), "\u00a0", " ")
	for _, want := range []string{"Say by Sunday 22 November 2026 at 13:00 (Paris time)", "Date 3: Thursday 3 December 2026 at 12:00 (Paris time)"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is missing in %q", want, body)
		}
	}
	vote := o.votes(poll.GetId(), no, yes, no)
	vote.LinkToken = token(letters["ben"], 1)
	must[*meetingsv1.Poll](o.world)(o.Vote(o.as(""), vote))
	closed := must[*meetingsv1.Poll](o.world)(o.ClosePoll(o.as("organiser"), &meetingsv1.ClosePollRequest{Id: poll.GetId()}))
	letters = o.until(3, "anne: La date est choisie : Programmation créative", "ben: The date is chosen: Programmation créative",
		"chloe: La date est choisie : Programmation créative")
	if body := strings.ReplaceAll(letters["ben"].Part("text/plain"), "\u00a0", " "); !strings.Contains(body, "When: Wednesday 2 December 2026 at 18:30 (Paris time)") {
		t.Errorf("%q", body)
	}
	r := must[*meetingsv1.Registration](o.world)(o.FollowRegistrationLink(o.as(""), &meetingsv1.FollowRegistrationLinkRequest{Token: token(letters["ben"], 1)}))
	if r.GetMeetingId() != closed.GetResultMeetingId() || r.GetPersonId() != "ben" {
		t.Fatalf("%v", r)
	}
	o.until(6, "ben: Your seat is confirmed: Programmation créative")

	// Another date for the same meeting: whoever has a seat hears of the change, and of nothing else.
	request.MeetingId, request.CloseTime = r.GetMeetingId(), timestamppb.New(o.clock.Now().Add(time.Hour))
	again := must[*meetingsv1.Poll](o.world)(o.CreatePoll(o.as("organiser"), request))
	o.until(7, "anne: Quelle date vous convient ? Programmation créative", "ben: Which date suits you? Programmation créative",
		"chloe: Quelle date vous convient ? Programmation créative")
	must[*meetingsv1.Poll](o.world)(o.ClosePoll(o.as("organiser"), &meetingsv1.ClosePollRequest{Id: again.GetId(), Option: 3}))
	o.until(10, "anne: La date est choisie : Programmation créative", "chloe: La date est choisie : Programmation créative")
	o.heard(must[*meetingsv1.Meeting](o.world)(o.GetMeeting(o.as(""), &meetingsv1.GetMeetingRequest{Id: r.GetMeetingId()})), 1)
	o.clock.Advance(6 * time.Minute)
	o.until(12, "ben: Change: Programmation créative")
	o.refused(func() error {
		_, err := o.Vote(o.as(""), vote)
		return err
	}(), errs.Precondition, "POLL_CLOSED", "id")

	// Nobody chooses: once the last date has come, the group hears that.
	request.MeetingId = ""
	o.clock.Set(start.Add(time.Hour))
	request.CloseTime = timestamppb.New(o.clock.Now().Add(time.Hour))
	must[*meetingsv1.Poll](o.world)(o.CreatePoll(o.as("organiser"), request))
	o.until(13, "anne: Quelle date vous convient ? Programmation créative", "ben: Which date suits you? Programmation créative",
		"chloe: Quelle date vous convient ? Programmation créative")
	must[*meetingsv1.Meeting](o.world)(o.CancelMeeting(o.as("organiser"), &meetingsv1.CancelMeetingRequest{Id: r.GetMeetingId(), Cause: "x"}))
	o.until(16, "ben: Cancelled: Programmation créative")
	o.clock.Set(time.Date(2026, 12, 3, 11, 0, 0, 0, time.UTC))
	o.until(17, "anne: Aucune date n'a été retenue : Programmation créative", "ben: No date was chosen: Programmation créative",
		"chloe: Aucune date n'a été retenue : Programmation créative")
}
