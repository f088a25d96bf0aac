package meetings_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// entries are what a mail does to the calendar: the method of each of its objects, by meeting.
func (o *office) entries(l testkit.Letter) map[string]string {
	o.Helper()
	all := map[string]string{}
	for _, part := range l.Parts {
		if part.Type != "text/calendar" {
			continue
		}
		c, err := ics.ParseCalendar(strings.NewReader(string(part.Content)))
		if err != nil {
			o.Fatal(err)
		}
		all[c.Events()[0].Id()] = part.Params["method"]
	}
	return all
}

// A proposal is told to those who hold a wanted seat, and to nobody else; done, it is one mail to each of the two.
func TestMailsOfASwap(t *testing.T) {
	o := newOffice(t)
	one, other := o.later(3), o.later(3)
	ours := o.register("anne", one.GetId())
	o.register("both", one.GetId())
	for _, person := range []string{"ben", "both", "chloe"} {
		o.register(person, other.GetId())
	}
	o.until(0, "anne: Votre place est confirmée : Programmation créative", "both: Votre place est confirmée : Programmation créative",
		"both: Votre place est confirmée : Programmation créative", "ben: Your seat is confirmed: Programmation créative",
		"chloe: Votre place est confirmée : Programmation créative")
	must[*meetingsv1.Swap](o.world)(o.propose("anne", ours, other.GetId()))
	letters := o.until(5, "ben: A swap is proposed to you: Programmation créative", "chloe: On vous propose un échange : Programmation créative")
	if strings.Contains(letters["ben"].Part("text/plain"), "ANNE") || letters["ben"].Header.Get("List-Unsubscribe") == "" {
		t.Errorf("%q", letters["ben"].Part("text/plain"))
	}
	for range 2 {
		must[*meetingsv1.AcceptSwapResponse](o.world)(o.FollowSwapLink(o.as(""), &meetingsv1.FollowSwapLinkRequest{Token: token(letters["ben"], 1)}))
	}
	letters = o.until(7, "anne: Places échangées : Programmation créative", "ben: Seats swapped: Programmation créative")
	if got, want := fmt.Sprint(o.entries(letters["ben"])), fmt.Sprint(map[string]string{one.GetId(): "REQUEST", other.GetId(): "CANCEL"}); got != want {
		t.Errorf("%s; want %s", got, want)
	}
	if got, want := fmt.Sprint(o.entries(letters["anne"])), fmt.Sprint(map[string]string{one.GetId(): "CANCEL", other.GetId(): "REQUEST"}); got != want {
		t.Errorf("%s; want %s", got, want)
	}
	// The new seat is one like any other: it is told of a change, and given back by the mail's link.
	one = o.move(one, 101)
	o.heard(one, 1)
	o.clock.Advance(6 * time.Minute)
	changed := o.until(9, "ben: Change: Programmation créative", "both: Changement : Programmation créative")
	if text := changed["ben"].Part("text/plain"); !strings.Contains(text, "Instead of") {
		t.Errorf("%q", text)
	}
	must[*meetingsv1.Registration](o.world)(o.FollowRegistrationLink(o.as(""), &meetingsv1.FollowRegistrationLinkRequest{Token: token(letters["ben"], 1)}))
	o.until(11, "ben: Your registration is cancelled: Programmation créative")
	// Everything is heard once more, and nobody is written to.
	o.stop()
	o.begin()
	o.register("last", o.later(1).GetId())
	o.until(12, "last: Votre place est confirmée : Programmation créative")
}

// Whoever proposes hears when nobody accepts; a proposal that is withdrawn by night is not told in the morning.
func TestMailsOfASwapWithoutEnd(t *testing.T) {
	o := newOffice(t)
	one, other := o.later(3), o.later(3)
	o.move(one, 120)
	ours := o.register("anne", one.GetId())
	o.register("ben", other.GetId())
	o.until(0, "anne: Votre place est confirmée : Programmation créative", "ben: Your seat is confirmed: Programmation créative")
	o.clock.Set(time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC))
	night := must[*meetingsv1.Swap](o.world)(o.propose("anne", ours, other.GetId()))
	find := func(state meetingsv1.NoticeState, reason string) func() bool {
		return func() bool {
			found := must[*meetingsv1.ListNoticesResponse](o.world)(o.ListNotices(o.as("organiser"), &meetingsv1.ListNoticesRequest{MeetingId: other.GetId(), State: state}))
			for _, n := range found.GetNotices() {
				if n.GetKind() == meetingsv1.NoticeKind_NOTICE_KIND_SWAP_PROPOSED && n.GetSubjectId() == night.GetId() && n.GetRegistrationId() == "" && n.GetReason() == reason {
					return true
				}
			}
			return false
		}
	}
	testkit.Poll(t, awaited, find(meetingsv1.NoticeState_NOTICE_STATE_PENDING, ""), "the proposal to wait for the morning")
	must[*meetingsv1.Swap](o.world)(o.WithdrawSwap(o.as("anne"), &meetingsv1.WithdrawSwapRequest{Id: night.GetId()}))
	o.clock.Set(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
	testkit.Poll(t, awaited, find(meetingsv1.NoticeState_NOTICE_STATE_DROPPED, "STALE"), "it to be dropped")
	again := must[*meetingsv1.Swap](o.world)(o.propose("anne", ours, other.GetId()))
	o.until(2, "ben: A swap is proposed to you: Programmation créative")
	o.clock.Set(again.GetExpireTime().AsTime())
	letters := map[string]testkit.Letter{}
	testkit.Poll(t, awaited, func() bool {
		for _, m := range o.sink.Mails()[3:] {
			l, err := m.Read()
			if err != nil {
				t.Fatal(err)
			}
			letters[strings.ReplaceAll(l.Subject, "\u00a0", " ")] = l
		}
		_, told := letters["Échange sans suite : Programmation créative"]
		return told
	}, "the proposer to hear")
	for subject, l := range letters { // besides reminders
		if strings.HasPrefix(subject, "Place") || strings.HasPrefix(subject, "Votre inscription") || l.Part("text/plain") == "" {
			t.Errorf("%s", subject)
		}
	}
}
