package meetings_test

import (
	"strings"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/link"
	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// sign is a link that a mail could carry, until half an hour after the end of m.
func (w *world) sign(action, person string, m *meetingsv1.Meeting) string {
	return link.DeriveKey(w.cfg.PageKey).Sign(link.Claim{
		Action: action, Resource: m.GetId(), PersonID: person, Expires: m.GetEndTime().AsTime().Add(30 * time.Minute),
	})
}

// By link people check in as by account: with the code of the hour, once, while the meeting lets them.
func TestCheckInByLink(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(5)
	w.register("came", m.GetId())
	w.register("late", m.GetId())
	token := w.sign(domain.LinkCheckIn, "came", m)
	enter := func(token, code string) func() error {
		return func() error {
			_, err := w.FollowCheckInLink(w.as(""), &meetingsv1.FollowCheckInLinkRequest{Token: token, Code: code})
			return err
		}
	}
	foreseen := func(token string, state meetingsv1.LinkState, reason string) {
		t.Helper()
		p := must[*meetingsv1.LinkPreview](w)(w.PreviewLink(w.as(""), &meetingsv1.PreviewLinkRequest{Token: token}))
		if p.GetState() != state || p.GetRefusal().GetReason() != reason || p.GetMeeting().GetId() != m.GetId() {
			t.Fatalf("%v; want %v %s", p, state, reason)
		}
	}
	const ready, done, over = meetingsv1.LinkState_LINK_STATE_READY, meetingsv1.LinkState_LINK_STATE_DONE, meetingsv1.LinkState_LINK_STATE_OVER
	foreseen(token, over, "CHECK_IN_CLOSED")
	foreseen(w.sign(domain.LinkCheckIn, "stranger", m), over, "NO_SEAT_HERE")
	w.clock.Set(m.GetStartTime().AsTime())
	code := w.code(m.GetId())
	foreseen(token, ready, "")
	w.refuses(map[string]refusal{
		"another's link":  {enter(w.sign(domain.LinkShowCheckIn, "came", m), code), errs.Denied, "LINK_INVALID", "token"},
		"forged":          {enter(token[:len(token)-1]+"A", code), errs.Denied, "LINK_INVALID", "token"},
		"without a seat":  {enter(w.sign(domain.LinkCheckIn, "stranger", m), code), errs.Precondition, "NO_SEAT_HERE", "meeting_id"},
		"with a space":    {enter(token, code[:3]+" "+code[3:]), errs.Invalid, "STRING_PATTERN", "code"},
		"too few":         {enter(token, "12345"), errs.Invalid, "STRING_PATTERN", "code"},
		"without a token": {enter("", code), errs.Invalid, "STRING_MIN_LEN", "token"},
	})
	for range 2 {
		if err := enter(token, code)(); err != nil {
			t.Fatal(err)
		}
	}
	foreseen(token, done, "")
	changes := must[*meetingsv1.ListAttendanceChangesResponse](w)(w.ListAttendanceChanges(w.as("organiser"), &meetingsv1.ListAttendanceChangesRequest{MeetingId: m.GetId()})).GetChanges()
	if len(changes) != 1 || changes[0].GetPersonId() != "came" || changes[0].GetWay() != meetingsv1.AttendanceWay_ATTENDANCE_WAY_CODE {
		t.Fatalf("%v", changes)
	}
	w.clock.Set(m.GetEndTime().AsTime().Add(30 * time.Minute))
	w.refused(enter(w.sign(domain.LinkCheckIn, "late", m), code)(), errs.Denied, "LINK_EXPIRED", "token")
}

// The screen's link is the organiser's to ask for; whoever opens it sees the code, and how many are there.
func TestCheckInScreen(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(5)
	w.register("came", m.GetId())
	link := must[*meetingsv1.CheckInScreen](w)(w.GetCheckInScreen(w.as("organiser"), &meetingsv1.GetCheckInScreenRequest{MeetingId: m.GetId()}))
	token, found := strings.CutPrefix(link.GetUri(), "http://localhost:8080/presence/")
	if !found || !link.GetExpireTime().AsTime().Equal(m.GetEndTime().AsTime().Add(30*time.Minute)) {
		t.Fatalf("%v", link)
	}
	show := func() (*meetingsv1.CheckInCode, error) {
		return w.FollowCheckInScreenLink(w.as(""), &meetingsv1.FollowCheckInScreenLinkRequest{Token: token})
	}
	_, err := show()
	w.refused(err, errs.Precondition, "CHECK_IN_CLOSED", "meeting_id")
	w.clock.Set(m.GetStartTime().AsTime())
	shown := must[*meetingsv1.CheckInCode](w)(show())
	if shown.GetCode() != w.code(m.GetId()) || shown.GetUri() != "http://localhost:8080/presence/"+m.GetId()+"/"+shown.GetCode() || shown.GetPresentCount() != 0 {
		t.Fatalf("%v", shown)
	}
	if err := w.checkIn("came", m.GetId(), shown.GetCode())(); err != nil {
		t.Fatal(err)
	}
	if shown := must[*meetingsv1.CheckInCode](w)(show()); shown.GetPresentCount() != 1 {
		t.Fatalf("%v", shown)
	}
	for who, reason := range map[string]string{"came": "NOT_PERMITTED", "elsewhere": "NOT_PERMITTED"} {
		_, err := w.GetCheckInScreen(w.as(who), &meetingsv1.GetCheckInScreenRequest{MeetingId: m.GetId()})
		w.refused(err, errs.Denied, reason, "")
	}
	w.clock.Set(m.GetEndTime().AsTime().Add(30 * time.Minute))
	_, err = show()
	w.refused(err, errs.Denied, "LINK_EXPIRED", "token")
	_, err = w.GetCheckInScreen(w.as("organiser"), &meetingsv1.GetCheckInScreenRequest{MeetingId: m.GetId()})
	w.refused(err, errs.Precondition, "CHECK_IN_CLOSED", "meeting_id")
}

// The organiser is reminded once of a start, two days before; who comes can say so by the same mails as before.
func TestMailsBeforeAMeeting(t *testing.T) {
	o := newOffice(t)
	before := len(o.sink.Mails())
	m := o.meeting(5)
	o.register("guest-0", m.GetId())
	at := m.GetStartTime().AsTime()
	letters := func(subject string) (all []testkit.Letter) {
		for _, mail := range o.sink.Mails()[before:] {
			l, err := mail.Read()
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(strings.ReplaceAll(l.Subject, "\u00a0", " "), subject) {
				all = append(all, l)
			}
		}
		return all
	}
	testkit.Poll(t, awaited, func() bool { return len(letters("Votre place est confirmée")) == 1 }, "the confirmation")
	o.clock.Set(at.Add(-2 * time.Hour))
	testkit.Poll(t, awaited, func() bool { return len(letters("Vous organisez : ")) == 1 }, "the organiser to be reminded")
	_, token, found := strings.Cut(letters("Vous organisez : ")[0].Part("text/plain"), "/presence/")
	token, _, _ = strings.Cut(token, "\n")
	o.clock.Set(at)
	shown := must[*meetingsv1.CheckInCode](o.world)(o.FollowCheckInScreenLink(o.as(""), &meetingsv1.FollowCheckInScreenLinkRequest{Token: strings.TrimSpace(token)}))
	_, own, foundOwn := strings.Cut(letters("Votre place est confirmée")[0].Part("text/plain"), "/presence/")
	own, _, _ = strings.Cut(own, "\n")
	r := must[*meetingsv1.Registration](o.world)(o.FollowCheckInLink(o.as(""), &meetingsv1.FollowCheckInLinkRequest{Token: strings.TrimSpace(own), Code: shown.GetCode()}))
	if !found || !foundOwn || r.GetState() != present {
		t.Fatalf("%v", r)
	}
}
