package meetings_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/emersion/go-smtp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/errs"
	busevents "github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/mail"
	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// awaited is for a machine that does much else; what is awaited takes a moment.
const awaited = time.Minute

// contacts knows everyone but "nobody"; some read English.
type contacts struct {
	meshv1.ContactServiceClient
	mu      sync.Mutex
	english map[string]bool
}

func (c *contacts) reads(person string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.english[person] = true
}

func (c *contacts) BatchGetContacts(_ context.Context, in *meshv1.BatchGetContactsRequest, _ ...grpc.CallOption) (*meshv1.BatchGetContactsResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := &meshv1.BatchGetContactsResponse{}
	for _, id := range in.GetPersonIds() {
		language := "fr"
		if c.english[id] {
			language = "en"
		}
		if id != "nobody" {
			out.Contacts = append(out.Contacts, &meshv1.Contact{PersonId: id, Name: strings.ToUpper(id), Email: id + "@example.org", LanguageCode: language})
		}
	}
	return out, nil
}

// forming knows three members of every group, and the invitations that a test gives it.
type forming struct {
	meshv1.FormingServiceClient
	mu          sync.Mutex
	invitations map[string]*meshv1.Invitation
}

func (*forming) ListMemberships(_ context.Context, in *meshv1.ListMembershipsRequest, _ ...grpc.CallOption) (*meshv1.ListMembershipsResponse, error) {
	out := &meshv1.ListMembershipsResponse{}
	for _, person := range []string{"anne", "ben", "chloe"} {
		out.Memberships = append(out.Memberships, &meshv1.Membership{GroupId: in.GetGroupId(), PersonId: person})
	}
	return out, nil
}

// office is a world whose service sends mails to a real server.
type office struct {
	*world
	sink     *testkit.MailServer
	contacts *contacts
	forming  *forming
	stop     func()
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{world: newWorld(t), sink: testkit.NewMailServer(t), contacts: &contacts{english: map[string]bool{"ben": true}}, forming: &forming{invitations: map[string]*meshv1.Invitation{}}}
	var err error
	o.deps.Mail, err = mail.Open(mail.Config{SMTP: config.Secret(o.sink.URL()), From: "maillage <notices@maillage.example>"}, testkit.Logger(t))
	if err != nil {
		t.Fatal(err)
	}
	o.deps.Forming, o.deps.Contacts, o.deps.Log, o.cfg.PublicURL = o.forming, o.contacts, testkit.Logger(t), "https://maillage.example/"
	o.begin()
	return o
}

// begin starts the service with an event bus that knows nothing yet; stop ends it.
func (o *office) begin() {
	o.Helper()
	server, err := busevents.Embedded(busevents.ServerConfig{Dir: o.TempDir(), Log: testkit.Logger(o.T)})
	if err != nil {
		o.Fatal(err)
	}
	o.Cleanup(server.Close)
	if o.deps.Bus, err = server.Connect(busevents.Config{Name: "meetings", Log: testkit.Logger(o.T)}); err != nil {
		o.Fatal(err)
	}
	o.Cleanup(o.deps.Bus.Close)
	s := o.service()
	o.serve(s)
	ctx, cancel := context.WithCancel(o.Context())
	var ended sync.WaitGroup
	ended.Go(func() {
		if err := s.Run(ctx); err != nil {
			o.Errorf("run: %v", err)
		}
	})
	o.stop = func() { cancel(); ended.Wait() }
	o.Cleanup(o.stop)
}

// until waits for these mails besides those before, and gives the last to each person.
func (o *office) until(before int, want ...string) map[string]testkit.Letter {
	o.Helper()
	testkit.Poll(o.T, awaited, func() bool { return len(o.sink.Mails()) >= before+len(want) }, fmt.Sprint("the mails ", want))
	letters := map[string]testkit.Letter{}
	var got []string
	for _, m := range o.sink.Mails()[before:] {
		l, err := m.Read()
		if err != nil {
			o.Fatal(err)
		}
		who := strings.TrimSuffix(m.To, "@example.org")
		letters[who] = l
		got = append(got, who+": "+strings.ReplaceAll(l.Subject, "\u00a0", " "))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		o.Fatalf("mails %q, want %q", got, want)
	}
	return letters
}

// later plans a meeting that begins in a hundred hours.
func (o *office) later(capacity int32) *meetingsv1.Meeting {
	o.Helper()
	series := seriesOf(o.group("44109"), capacity)
	series.Slots = []*meetingsv1.Slot{slot(100, 2), slot(150, 2)}
	return must[*meetingsv1.Series](o.world)(o.CreateSeries(o.as("organiser"), series)).GetMeetings()[0]
}

func (o *office) calendar(l testkit.Letter) (method string, e *ics.VEvent) {
	o.Helper()
	c, err := ics.ParseCalendar(strings.NewReader(l.Part("text/calendar")))
	if err != nil {
		o.Fatal(err)
	}
	for _, p := range c.CalendarProperties {
		if p.IANAToken == "METHOD" {
			method = p.Value
		}
	}
	return method, c.Events()[0]
}

// The whole way: a registration, its event, the job that follows, the mail; through a waiting list, moves, a reminder and the end.
func TestMailsOfAMeeting(t *testing.T) {
	o := newOffice(t)
	m := o.later(2)
	first := o.register("anne", m.GetId())
	o.register("ben", m.GetId())
	o.register("chloe", m.GetId())
	letters := o.until(0, "anne: Votre place est confirmée : Programmation créative", "ben: Your seat is confirmed: Programmation créative",
		"chloe: Liste d'attente : Programmation créative")
	if method, e := o.calendar(letters["ben"]); method != "REQUEST" || e.Id() != m.GetId() {
		t.Fatalf("%s %s", method, e.Id())
	}
	if body := letters["anne"].Part("text/plain"); !strings.Contains(body, "Bonjour ANNE") || !strings.Contains(body, "Médiathèque") || strings.Contains(body, "BEN") {
		t.Fatal(body)
	}

	// One gives the seat back, and the next is offered it.
	must[*meetingsv1.Registration](o.world)(o.CancelRegistration(o.as("anne"), &meetingsv1.CancelRegistrationRequest{MeetingId: m.GetId(), Id: first.GetId()}))
	letters = o.until(3, "anne: Votre inscription est annulée : Programmation créative", "chloe: Une place s'est libérée : Programmation créative")
	if method, _ := o.calendar(letters["anne"]); method != "CANCEL" {
		t.Fatal(method)
	}
	if body := letters["chloe"].Part("text/plain"); strings.Count(body, "https://maillage.example/l/") != 2 {
		t.Fatal(body)
	}
	offered := must[*meetingsv1.ListRegistrationsResponse](o.world)(o.ListRegistrations(o.as("chloe"), &meetingsv1.ListRegistrationsRequest{MeetingId: m.GetId()}))
	must[*meetingsv1.Registration](o.world)(o.AcceptOffer(o.as("chloe"), &meetingsv1.AcceptOfferRequest{MeetingId: m.GetId(), Id: offered.GetRegistrations()[0].GetId()}))
	o.until(5, "chloe: Votre place est confirmée : Programmation créative")

	// Two edits within the window are one mail, as the difference to what was known.
	for _, hours := range []int{101, 102} {
		s := slot(hours, 2)
		m = must[*meetingsv1.Meeting](o.world)(o.UpdateMeeting(o.as("organiser"), &meetingsv1.UpdateMeetingRequest{
			Meeting:    &meetingsv1.Meeting{Id: m.GetId(), StartTime: s.GetStartTime(), EndTime: s.GetEndTime()},
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"start_time", "end_time"}},
		}))
	}
	o.heard(m, 2)
	o.clock.Advance(6 * time.Minute)
	letters = o.until(6, "ben: Change: Programmation créative", "chloe: Changement : Programmation créative")
	body := strings.ReplaceAll(letters["ben"].Part("text/plain"), "\u00a0", " ")
	if !strings.Contains(body, "When: Wednesday 25 November 2026 at 19:00 (Paris time)\r\nInstead of: Wednesday 25 November 2026 at 17:00 (Paris time)") {
		t.Fatalf("%q", body)
	}
	if _, e := o.calendar(letters["ben"]); e.GetProperty(ics.ComponentPropertySequence).Value != strings.Trim(m.GetEtag(), `"`) {
		t.Fatal(e.Serialize(nil))
	}

	// Two days before; what was planned for the hours before the moves comes to nothing.
	o.clock.Set(m.GetStartTime().AsTime().Add(-48 * time.Hour))
	o.until(8, "ben: Reminder: Programmation créative", "chloe: Rappel : Programmation créative", "organiser: Vous organisez : Programmation créative")
	must[*meetingsv1.Meeting](o.world)(o.CancelMeeting(o.as("organiser"), &meetingsv1.CancelMeetingRequest{Id: m.GetId(), Cause: "La salle est inondée."}))
	letters = o.until(11, "ben: Cancelled: Programmation créative", "chloe: Annulé : Programmation créative")
	if body := letters["chloe"].Part("text/plain"); !strings.Contains(body, "La salle est inondée.") {
		t.Fatal(body)
	}
	o.onceEach(m.GetId())
}

// heard waits until n changes of a meeting were heard: the clock must not move before.
func (o *office) heard(m *meetingsv1.Meeting, n int) {
	o.Helper()
	testkit.Poll(o.T, awaited, func() bool {
		var heard int
		const query = `SELECT count(*) FROM jobs WHERE kind = 'notices.announce' AND key >= $1 AND key < $2`
		from := "announce:short-reminder:" + m.GetId() + ":"
		err := o.db.Read().QueryRowContext(o.Context(), query, from, from+"~").Scan(&heard)
		return err == nil && heard == n+1 // one of when it was planned
	}, "the changes to be heard")
}

// windows waits until the n-th window of a meeting's changes is open.
func (o *office) windows(meeting string, n int) {
	o.Helper()
	testkit.Poll(o.T, awaited, func() bool {
		var number, open int
		err := o.db.Read().QueryRowContext(o.Context(), `SELECT number, open FROM notice_windows WHERE meeting_id = $1`, meeting).Scan(&number, &open)
		return err == nil && number == n && open == 1
	}, "the changes to be collected")
}

// onceEach: every notice that was sent is one mail, every mail is a notice, and neither a restart nor the events once more change that.
func (o *office) onceEach(meeting string) {
	o.Helper()
	sent := map[string]bool{}
	list := func() *meetingsv1.ListNoticesResponse {
		return must[*meetingsv1.ListNoticesResponse](o.world)(o.ListNotices(o.as("organiser"), &meetingsv1.ListNoticesRequest{MeetingId: meeting, PageSize: 500}))
	}
	testkit.Poll(o.T, awaited, func() bool {
		return !slices.ContainsFunc(list().GetNotices(), func(n *meetingsv1.Notice) bool { return n.GetState() == meetingsv1.NoticeState_NOTICE_STATE_PENDING })
	}, "nothing to be pending")
	for _, n := range list().GetNotices() {
		if n.GetState() == meetingsv1.NoticeState_NOTICE_STATE_SENT {
			sent[n.GetId()+"@maillage.example"] = true
		}
	}
	before := len(o.sink.Mails())
	if before != len(sent) {
		o.Fatalf("%d mails for %d notices", before, len(sent))
	}
	for _, m := range o.sink.Mails() {
		if !sent[m.ID()] {
			o.Fatalf("%s is no notice", m.ID())
		}
		delete(sent, m.ID())
	}
	o.stop()
	o.begin()
	// Whoever registers now is written to after everything was heard once more.
	other := o.later(1)
	o.register("last", other.GetId())
	o.until(before, "last: Votre place est confirmée : Programmation créative")
}

// What cannot be delivered says so, and holds up nobody.
func TestNotDelivered(t *testing.T) {
	o := newOffice(t)
	o.sink.Refuse(func(to string) error {
		if strings.HasPrefix(to, "gone@") {
			return &smtp.SMTPError{Code: 550, Message: "no such user"}
		}
		return nil
	})
	m := o.later(5)
	for _, person := range []string{"gone", "nobody", "anne"} {
		o.register(person, m.GetId())
	}
	o.until(0, "anne: Votre place est confirmée : Programmation créative")
	testkit.Poll(t, awaited, func() bool {
		got := map[string]int{}
		for _, n := range must[*meetingsv1.ListNoticesResponse](o.world)(o.ListNotices(o.as("coordinator"), &meetingsv1.ListNoticesRequest{MeetingId: m.GetId()})).GetNotices() {
			got[strings.TrimPrefix(n.GetState().String(), "NOTICE_STATE_")+" "+n.GetReason()]++
		}
		return got["SENT "] == 1 && got["FAILED REFUSED"] == 1 && got["DROPPED NO_ADDRESS"] == 1
	}, "each to end in its own way")
	_, err := o.ListNotices(o.as("anne"), &meetingsv1.ListNoticesRequest{MeetingId: m.GetId()})
	o.refused(err, errs.Denied, "NOT_PERMITTED", "")
}

// One click in the mail, and the reminders end; what concerns the seat goes on.
func TestUnsubscribed(t *testing.T) {
	o := newOffice(t)
	m := o.later(5)
	o.register("anne", m.GetId())
	letter := o.until(0, "anne: Votre place est confirmée : Programmation créative")["anne"]
	if letter.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Fatal(letter.Header)
	}
	url := strings.Trim(letter.Header.Get("List-Unsubscribe"), "<>")
	token, ok := strings.CutPrefix(url, "https://maillage.example/unsubscribe/")
	if !ok {
		t.Fatal(url)
	}
	for range 2 {
		must[*meetingsv1.UnsubscribeResponse](o.world)(o.Unsubscribe(o.as(""), &meetingsv1.UnsubscribeRequest{Token: token}))
	}
	p := must[*meetingsv1.NoticePreferences](o.world)(o.GetNoticePreferences(o.as("anne"), &meetingsv1.GetNoticePreferencesRequest{}))
	if p.GetLevel() != meetingsv1.NoticeLevel_NOTICE_LEVEL_ESSENTIAL || p.GetEtag() != `"1"` || p.GetQuietStartTime() != "21:00" {
		t.Fatalf("%v", p)
	}
	_, err := o.Unsubscribe(o.as(""), &meetingsv1.UnsubscribeRequest{Token: token[1:]})
	o.refused(err, errs.Denied, "LINK_INVALID", "")
	accept, _, _ := strings.Cut(strings.SplitN(letter.Part("text/plain"), "/l/", 2)[1], "\r\n")
	_, err = o.Unsubscribe(o.as(""), &meetingsv1.UnsubscribeRequest{Token: accept}) // a link for something else
	o.refused(err, errs.Denied, "LINK_INVALID", "")

	o.clock.Set(m.GetStartTime().AsTime().Add(-48 * time.Hour))
	o.until(1, "organiser: Vous organisez : Programmation créative")
	must[*meetingsv1.Meeting](o.world)(o.CancelMeeting(o.as("organiser"), &meetingsv1.CancelMeetingRequest{Id: m.GetId(), Cause: "x"}))
	o.until(2, "anne: Annulé : Programmation créative")
}

func TestNoticePreferences(t *testing.T) {
	w := newWorld(t)
	set := func(p *meetingsv1.NoticePreferences, mask ...string) (*meetingsv1.NoticePreferences, error) {
		return w.UpdateNoticePreferences(w.as("anne"), &meetingsv1.UpdateNoticePreferencesRequest{Preferences: p, UpdateMask: &fieldmaskpb.FieldMask{Paths: mask}})
	}
	p := must[*meetingsv1.NoticePreferences](w)(set(&meetingsv1.NoticePreferences{ShortReminder: true, QuietStartTime: "22:30"}, "short_reminder", "quiet_start_time"))
	if !p.GetShortReminder() || p.GetQuietStartTime() != "22:30" || p.GetQuietEndTime() != "07:00" || p.GetLevel() != 1 || p.GetEtag() != `"1"` {
		t.Fatalf("%v", p)
	}
	for _, c := range map[string]struct {
		p             *meetingsv1.NoticePreferences
		mask          string
		reason, field string
	}{
		"hour":  {&meetingsv1.NoticePreferences{QuietStartTime: "24:00"}, "quiet_start_time", "STRING_PATTERN", "preferences.quiet_start_time"},
		"level": {&meetingsv1.NoticePreferences{Level: 9}, "level", "ENUM_DEFINED_ONLY", "preferences.level"},
		"mask":  {&meetingsv1.NoticePreferences{}, "person_id", "FIELD_MASK_INVALID", "update_mask"},
	} {
		_, err := set(c.p, c.mask)
		w.refused(err, errs.Invalid, c.reason, c.field)
	}
	_, err := set(&meetingsv1.NoticePreferences{Etag: `"0"`}, "level")
	w.refused(err, errs.Stale, "ETAG_MISMATCH", "preferences.etag")
	_, err = w.GetNoticePreferences(w.as(""), &meetingsv1.GetNoticePreferencesRequest{})
	w.refused(err, errs.Unauthenticated, "TOKEN_MISSING", "")
}
