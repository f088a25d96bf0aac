package meetings_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/link"
	"github.com/classcode/maillage/pkg/rpc"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	ready = meetingsv1.LinkState_LINK_STATE_READY
	done  = meetingsv1.LinkState_LINK_STATE_DONE
	over  = meetingsv1.LinkState_LINK_STATE_OVER
)

func (w *world) token(action, resource, person string) string {
	return link.DeriveKey(w.cfg.PageKey).Sign(link.Claim{Action: action, Resource: resource, PersonID: person, Expires: start.Add(1000 * time.Hour)})
}

// follow does what a link stands for, whatever that is.
func (w *world) follow(p *meetingsv1.LinkPreview, token string) error {
	var err error
	switch p.GetAction() {
	case meetingsv1.LinkAction_LINK_ACTION_ACCEPT_ASK:
		_, err = w.AnswerAskByLink(w.as(""), &meetingsv1.AnswerAskByLinkRequest{Token: token, Answer: meetingsv1.AskAnswer_ASK_ANSWER_ACCEPT})
	case meetingsv1.LinkAction_LINK_ACTION_DECLINE_ASK:
		_, err = w.AnswerAskByLink(w.as(""), &meetingsv1.AnswerAskByLinkRequest{Token: token, Answer: meetingsv1.AskAnswer_ASK_ANSWER_DECLINE})
	case meetingsv1.LinkAction_LINK_ACTION_ACCEPT_SWAP:
		_, err = w.FollowSwapLink(w.as(""), &meetingsv1.FollowSwapLinkRequest{Token: token})
	default:
		_, err = w.FollowRegistrationLink(w.as(""), &meetingsv1.FollowRegistrationLinkRequest{Token: token})
	}
	return err
}

// previewed checks what a link is said to do, that saying so changes nothing, and then, by following it twice, that it was true.
func (w *world) previewed(token string, state meetingsv1.LinkState, reason string) *meetingsv1.LinkPreview {
	w.Helper()
	before := w.rows()
	p := must[*meetingsv1.LinkPreview](w)(w.PreviewLink(w.as(""), &meetingsv1.PreviewLinkRequest{Token: token}))
	if p.GetState() != state || p.GetRefusal().GetReason() != reason || (reason == "") != (p.GetRefusal().GetTextFr() == "") {
		w.Fatalf("%v; want %v %s", p, state, reason)
	}
	if after := w.rows(); after != before {
		w.Fatalf("looking changed %s to %s", before, after)
	}
	err := w.follow(p, token)
	once := w.rows()
	if again := w.follow(p, token); (again == nil) != (err == nil) || w.rows() != once { // the first may have noted that an offer had lapsed
		w.Fatalf("%v, then %v; %s, then %s", err, again, once, w.rows())
	}
	switch {
	case state == over && (err == nil || errs.From(rpc.FromStatus(err)).Reason != reason):
		w.Fatalf("%v; want what was foreseen, %s", err, reason)
	case state != over && err != nil:
		w.Fatal(err)
	case state == ready && once == before:
		w.Fatal("nothing was done")
	}
	return p
}

// Whatever state a registration is in, what is foreseen of each link is what happens.
func TestPreviewOfARegistration(t *testing.T) {
	const accept, decline, leave = "acceptOffer", "declineOffer", "cancelRegistration"
	type outcome struct {
		state  meetingsv1.LinkState
		reason string
	}
	impossible, closed := outcome{over, "REGISTRATION_STATE"}, outcome{over, "MEETING_CLOSED"}
	for name, c := range map[string]struct {
		until string // how far the one who waits has come
		want  map[string]outcome
	}{
		"waits":     {"waits", map[string]outcome{accept: impossible, decline: impossible, leave: {ready, ""}}},
		"offered":   {"offered", map[string]outcome{accept: {ready, ""}, decline: {ready, ""}, leave: {ready, ""}}},
		"confirmed": {"confirmed", map[string]outcome{accept: {done, ""}, decline: impossible, leave: {ready, ""}}},
		"declined":  {"declined", map[string]outcome{accept: impossible, decline: {done, ""}, leave: impossible}},
		"cancelled": {"cancelled", map[string]outcome{accept: impossible, decline: impossible, leave: {done, ""}}},
		"lapsed":    {"lapsed", map[string]outcome{accept: {over, "OFFER_LAPSED"}, decline: {done, ""}, leave: impossible}},
		"off":       {"off", map[string]outcome{accept: closed, decline: closed, leave: closed}},
		"begun":     {"begun", map[string]outcome{accept: {done, ""}, decline: closed, leave: closed}},
	} {
		for action, want := range c.want {
			t.Run(name+", "+action, func(t *testing.T) {
				w := newWorld(t)
				m, r := w.waitsFor(c.until)
				p := w.previewed(w.token(action, r.GetId(), "b"), want.state, want.reason)
				if p.GetMeeting().GetId() != m.GetId() || p.GetRegistration().GetId() != r.GetId() || p.GetRegistration().GetPersonId() != "b" ||
					(p.GetRegistration().GetWaitingPosition() == 1) != (c.until == "waits") || p.GetMeeting().GetRemoteUrl() != "" {
					t.Fatalf("%v", p)
				}
			})
		}
	}
}

// waitsFor is the registration of "b", which waited behind the only seat until something happened.
func (w *world) waitsFor(what string) (*meetingsv1.Meeting, *meetingsv1.Registration) {
	w.Helper()
	m := must[*meetingsv1.Series](w)(w.CreateSeries(w.as("organiser"), &meetingsv1.CreateSeriesRequest{
		GroupId: w.group("44109"), Slots: []*meetingsv1.Slot{slot(100, 2), slot(200, 2)}, TimeZone: "Europe/Paris", Capacity: 1,
	})).GetMeetings()[0]
	seat, r := w.register("a", m.GetId()), w.register("b", m.GetId())
	follow := func(action string, r *meetingsv1.Registration, person string) {
		must[*meetingsv1.Registration](w)(w.FollowRegistrationLink(w.as(""), &meetingsv1.FollowRegistrationLinkRequest{Token: w.token(action, r.GetId(), person)}))
	}
	if what != "waits" {
		follow("cancelRegistration", seat, "a")
	}
	switch what {
	case "confirmed", "begun":
		follow("acceptOffer", r, "b")
	case "declined":
		follow("declineOffer", r, "b")
	case "cancelled":
		follow("cancelRegistration", r, "b")
	case "lapsed":
		w.clock.Set(start.Add(24 * time.Hour)) // at that instant, and nobody has noted it
	case "off":
		must[*meetingsv1.Meeting](w)(w.CancelMeeting(w.as("organiser"), &meetingsv1.CancelMeetingRequest{Id: m.GetId(), Cause: "x"}))
	}
	if what == "begun" {
		w.clock.Set(m.GetStartTime().AsTime())
	}
	return m, r
}

func TestPreviewOfRegistering(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(1)
	if p := w.previewed(w.token("register", m.GetId(), "a"), ready, ""); p.GetWaits() || p.GetRegistration() != nil || p.GetMeeting().GetModuleTitle() != "Programmation créative" {
		t.Fatalf("%v", p)
	}
	mine := w.previewed(w.token("register", m.GetId(), "a"), done, "").GetRegistration()
	if mine.GetState() != confirmed {
		t.Fatalf("%v", mine)
	}
	if p := w.previewed(w.token("register", m.GetId(), "b"), ready, ""); !p.GetWaits() {
		t.Fatalf("%v", p)
	}
	if p := w.previewed(w.token("register", m.GetId(), "b"), done, ""); p.GetRegistration().GetWaitingPosition() != 1 {
		t.Fatalf("%v", p)
	}
	w.previewed(w.token("cancelRegistration", mine.GetId(), "a"), ready, "")
	w.previewed(w.token("register", m.GetId(), "a"), ready, "") // again, and behind the offer to b
	remote := must[*meetingsv1.Series](w)(w.CreateSeries(w.as("organiser"), &meetingsv1.CreateSeriesRequest{
		GroupId: w.group("44109"), Slots: []*meetingsv1.Slot{slot(24, 2), slot(48, 2)}, TimeZone: "Europe/Paris", Capacity: 1,
		Mode: meetingsv1.MeetingMode_MEETING_MODE_REMOTE, RemoteUrl: "https://rendezvous.example/1",
	})).GetMeetings()[0]
	w.previewed(w.token("register", remote.GetId(), "a"), ready, "")
	if p := w.previewed(w.token("register", remote.GetId(), "a"), done, ""); p.GetRegistration().GetState() != confirmed || p.GetMeeting().GetRemoteUrl() != "" {
		t.Fatalf("%v", p)
	}
	if p := w.previewed(w.token("register", remote.GetId(), "b"), ready, ""); !p.GetWaits() {
		t.Fatalf("%v", p)
	}
	draft := must[*meetingsv1.Series](w)(w.CreateSeries(w.as("organiser"), &meetingsv1.CreateSeriesRequest{
		GroupId: w.group("44109"), Slots: []*meetingsv1.Slot{slot(24, 2), slot(48, 2)}, TimeZone: "Europe/Paris", Capacity: 1, Draft: true,
	})).GetMeetings()[0]
	_, err := w.PreviewLink(w.as(""), &meetingsv1.PreviewLinkRequest{Token: w.token("register", draft.GetId(), "a")})
	w.refused(err, errs.NotFound, "NOT_FOUND", "")
	w.clock.Set(m.GetStartTime().AsTime())
	w.previewed(w.token("register", m.GetId(), "c"), over, "MEETING_CLOSED")
}

func TestPreviewOfAnAsk(t *testing.T) {
	w := newWorld(t)
	m, fast, slow, next := w.sought(), w.professional(1), w.professional(2), w.professional(3)
	asks, line := w.ask(m, together, fast, slow), w.ask(m, oneByOne, next)
	accept := func(a *meetingsv1.Ask) string { return w.token("acceptAsk", a.GetId(), a.GetPersonId()) }
	decline := func(a *meetingsv1.Ask) string { return w.token("declineAsk", a.GetId(), a.GetPersonId()) }
	w.previewed(accept(line[0]), over, "ASK_NOT_SENT")
	if p := w.previewed(accept(asks[0]), ready, ""); p.GetAsk().GetId() != asks[0].GetId() || p.GetMeeting().GetId() != m.GetId() || p.GetAsk().GetDeadline() == nil {
		t.Fatalf("%v", p)
	}
	w.previewed(accept(asks[0]), done, "")
	w.previewed(accept(asks[1]), over, "ASK_SUPERSEDED")
	w.previewed(decline(asks[1]), over, "ASK_SUPERSEDED")
	w.previewed(decline(line[0]), ready, "") // who waits for the turn may decline before
	w.previewed(decline(asks[0]), ready, "") // who has accepted may withdraw
	w.previewed(decline(asks[0]), done, "")
	w.previewed(accept(asks[0]), over, "ASK_DECLINED")

	off := w.sought()
	ended := w.ask(off, together, slow)[0]
	must[*meetingsv1.Meeting](w)(w.CancelMeeting(w.as("organiser"), &meetingsv1.CancelMeetingRequest{Id: off.GetId(), Cause: "x"}))
	w.previewed(accept(ended), over, "ASK_SUPERSEDED")

	comes := w.ask(w.sought(), together, fast)[0]
	w.previewed(accept(comes), ready, "")
	late := w.ask(w.sought(), together, slow)[0]
	w.clock.Set(start.Add(time.Hour)) // its deadline, and nobody has noted it
	w.previewed(accept(late), over, "ASK_LAPSED")
	w.previewed(decline(late), over, "ASK_LAPSED")
	w.clock.Set(start.Add(24 * time.Hour))
	w.previewed(decline(comes), over, "MEETING_BEGUN")
}

func TestPreviewOfASwap(t *testing.T) {
	w := newWorld(t)
	one, other := w.meeting(2), w.meeting(2)
	ours, theirs := w.register("ours", one.GetId()), w.register("theirs", other.GetId())
	swap := must[*meetingsv1.Swap](w)(w.propose("ours", ours, other.GetId()))
	token := func(person string) string { return w.token("acceptSwap", swap.GetId(), person) }
	_, err := w.PreviewLink(w.as(""), &meetingsv1.PreviewLinkRequest{Token: token("stranger")})
	w.refused(err, errs.NotFound, "NOT_FOUND", "id")

	both := w.register("theirs", one.GetId()) // has a seat at both: nothing to swap
	w.previewed(token("theirs"), over, "ALREADY_REGISTERED")
	w.previewed(w.token("cancelRegistration", both.GetId(), "theirs"), ready, "")
	p := w.previewed(token("theirs"), ready, "")
	if p.GetMeeting().GetId() != one.GetId() || p.GetGivenMeeting().GetId() != other.GetId() || p.GetRegistration().GetId() != theirs.GetId() || p.GetSwap().GetId() != swap.GetId() {
		t.Fatalf("%v", p)
	}
	if p := w.previewed(token("theirs"), done, ""); p.GetRegistration().GetMeetingId() != one.GetId() || p.GetRegistration().GetState() != confirmed {
		t.Fatalf("%v", p)
	}
	w.register("third", other.GetId())
	w.previewed(token("third"), over, "SWAP_OVER")
}

func TestPreviewOfASwapThatCannotBe(t *testing.T) {
	w := newWorld(t)
	one, other := w.meeting(2), w.meeting(1)
	ours := w.register("ours", one.GetId())
	w.register("theirs", other.GetId())
	w.register("waits", other.GetId())
	swap := must[*meetingsv1.Swap](w)(w.propose("ours", ours, other.GetId()))
	w.previewed(w.token("acceptSwap", swap.GetId(), "waits"), over, "SWAP_SEAT")
	must[*meetingsv1.Meeting](w)(w.CancelMeeting(w.as("organiser"), &meetingsv1.CancelMeetingRequest{Id: other.GetId(), Cause: "x"}))
	w.previewed(w.token("acceptSwap", swap.GetId(), "theirs"), over, "MEETING_CLOSED")
	w.clock.Set(swap.GetExpireTime().AsTime())
	w.previewed(w.token("acceptSwap", swap.GetId(), "theirs"), over, "SWAP_OVER")
}

func TestPreviewOfAPoll(t *testing.T) {
	w := newWorld(t)
	p := must[*meetingsv1.Poll](w)(w.CreatePoll(w.as("organiser"), pollOf(w.group("44109"))))
	token := w.token("votePoll", p.GetId(), "b")
	preview := func() *meetingsv1.LinkPreview {
		return must[*meetingsv1.LinkPreview](w)(w.PreviewLink(w.as(""), &meetingsv1.PreviewLinkRequest{Token: token}))
	}
	must[*meetingsv1.Poll](w)(w.Vote(w.as("a"), w.votes(p.GetId(), yes, perhaps, no)))
	if v := preview(); v.GetState() != ready || len(v.GetVotes()) != 0 || v.GetPoll().GetOptions()[0].GetYesCount() != 1 || v.GetMeeting() != nil {
		t.Fatalf("%v", v)
	}
	mine := w.votes(p.GetId(), no, yes)
	mine.LinkToken = token
	voted := must[*meetingsv1.Poll](w)(w.Vote(w.as(""), mine))
	if v := preview(); v.GetState() != ready || !proto.Equal(v.GetPoll(), voted) || len(v.GetVotes()) != 2 || v.GetVotes()[1].GetAnswer() != yes {
		t.Fatalf("%v", v)
	}
	w.clock.Set(p.GetCloseTime().AsTime())
	if v := preview(); v.GetState() != over || v.GetRefusal().GetReason() != "POLL_CLOSED" || v.GetPoll().GetChosenOption() != 0 {
		t.Fatalf("%v", v)
	}
	must[*meetingsv1.Poll](w)(w.ClosePoll(w.as("organiser"), &meetingsv1.ClosePollRequest{Id: p.GetId()}))
	if v := preview(); v.GetState() != over || v.GetPoll().GetChosenOption() != 2 {
		t.Fatalf("%v", v)
	}
}

func TestPreviewRefusals(t *testing.T) {
	w := newWorld(t)
	m := w.sought()
	r := w.register("a", m.GetId())
	ask := w.ask(m, together, w.professional(1))[0]
	preview := func(token string) func() error {
		return func() error {
			p, err := w.PreviewLink(w.as(""), &meetingsv1.PreviewLinkRequest{Token: token})
			if p.GetMeeting() != nil {
				return errors.Join(err, errors.New("it says which meeting"))
			}
			return err
		}
	}
	good := w.token("acceptOffer", r.GetId(), "a")
	expired := link.DeriveKey(w.cfg.PageKey).Sign(link.Claim{Action: "acceptOffer", Resource: r.GetId(), PersonID: "a", Expires: start})
	foreign := link.DeriveKey([]byte("another")).Sign(link.Claim{Action: "acceptOffer", Resource: r.GetId(), PersonID: "a", Expires: start.Add(time.Hour)})
	long := make([]byte, 1025)
	for i := range long {
		long[i] = 'a'
	}
	refusals := map[string]refusal{
		"empty":                {preview(""), errs.Invalid, "STRING_MIN_LEN", "token"},
		"long":                 {preview(string(long)), errs.Invalid, "STRING_MAX_BYTES", "token"},
		"cut":                  {preview(good[:len(good)-1]), errs.Denied, "LINK_INVALID", "token"},
		"altered":              {preview(tampered(good)), errs.Denied, "LINK_INVALID", "token"},
		"foreign":              {preview(foreign), errs.Denied, "LINK_INVALID", "token"},
		"expired":              {preview(expired), errs.Denied, "LINK_EXPIRED", "token"},
		"of the mesh":          {preview(w.token("acceptInvitation", r.GetId(), "a")), errs.Denied, "LINK_INVALID", "token"},
		"somebody else's seat": {preview(w.token("cancelRegistration", r.GetId(), "b")), errs.Denied, "LINK_INVALID", "token"},
		"somebody else's ask":  {preview(w.token("acceptAsk", ask.GetId(), "b")), errs.NotFound, "NOT_FOUND", "token"},
	}
	for _, action := range []string{"acceptOffer", "declineOffer", "cancelRegistration", "acceptAsk", "declineAsk", "votePoll", "register"} {
		refusals["nothing to "+action] = refusal{preview(w.token(action, uuid.NewString(), "a")), errs.NotFound, "NOT_FOUND", ""}
	}
	w.refuses(refusals)
}
