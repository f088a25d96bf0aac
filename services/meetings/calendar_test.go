package meetings_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/classcode/maillage/pkg/errs"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// shown is the entries of a feed: the summary, the status and where, by start.
func (w *world) shown(secret string) (all []string) {
	w.Helper()
	c, err := ics.ParseCalendar(strings.NewReader(w.feed(secret)))
	if err != nil {
		w.Fatal(err)
	}
	for _, e := range c.Events() {
		text := func(p ics.ComponentProperty) string {
			if found := e.GetProperty(p); found != nil {
				return found.Value
			}
			return ""
		}
		summary := strings.TrimPrefix(text(ics.ComponentPropertySummary), "Temps de rencontre\u00a0: ")
		all = append(all, strings.Join([]string{
			summary, text(ics.ComponentPropertyStatus), text(ics.ComponentPropertyLocation), text(ics.ComponentPropertyUrl),
		}, "|"))
	}
	return all
}

func (w *world) shows(what, secret string, want ...string) {
	w.Helper()
	if got := w.shown(secret); fmt.Sprint(got) != fmt.Sprint(want) {
		w.Errorf("%s: %q\nwant %q", what, got, want)
	}
}

func TestCalendarsThroughTheDoor(t *testing.T) {
	w := newWorld(t)
	group := w.group("44109")
	create := func(person string, c *meetingsv1.Calendar) error {
		_, err := w.CreateCalendar(w.as(person), &meetingsv1.CreateCalendarRequest{Calendar: c})
		return err
	}
	before := w.number(`SELECT count(*) FROM calendars`)
	w.refused(create("", nil), errs.Unauthenticated, "TOKEN_MISSING", "")
	w.refused(create("stranger", &meetingsv1.Calendar{GroupId: group}), errs.Denied, "PERMISSION_DENIED", "")
	w.refused(create("coordinator", &meetingsv1.Calendar{GroupId: group}), errs.Denied, "PERMISSION_DENIED", "")
	w.refused(create("a", &meetingsv1.Calendar{GroupId: uuid.NewString()}), errs.NotFound, "NOT_FOUND", "calendar.group_id")
	w.refused(create("a", &meetingsv1.Calendar{PlaceId: uuid.NewString()}), errs.NotFound, "NOT_FOUND", "calendar.place_id")
	w.refused(create("a", &meetingsv1.Calendar{TerritoryCode: "BAS-X"}), errs.NotFound, "NOT_FOUND", "calendar.territory_code")
	w.refused(create("a", &meetingsv1.Calendar{TerritoryCode: "nowhere"}), errs.Invalid, "STRING_PATTERN", "calendar.territory_code")
	w.refused(create("a", &meetingsv1.Calendar{PlaceId: place, TerritoryCode: "FR"}), errs.Invalid, "CALENDAR_SUBJECT", "calendar")
	if after := w.number(`SELECT count(*) FROM calendars`); after != before {
		t.Fatalf("%d calendars were left by what was refused", after-before)
	}

	request := &meetingsv1.CreateCalendarRequest{Calendar: &meetingsv1.Calendar{GroupId: group}, RequestId: uuid.NewString()}
	made := must[*meetingsv1.CreateCalendarResponse](w)(w.CreateCalendar(w.as("a"), request))
	again := must[*meetingsv1.CreateCalendarResponse](w)(w.CreateCalendar(w.as("a"), request))
	if made.String() != again.String() || !strings.HasPrefix(made.GetUrl(), "http://localhost:8080/v1/calendars/") || !strings.HasSuffix(made.GetUrl(), ".ics") {
		t.Fatalf("%v, then %v", made, again)
	}
	w.subscribe("organiser", &meetingsv1.Calendar{GroupId: group})
	list := must[*meetingsv1.ListCalendarsResponse](w)(w.ListCalendars(w.as("a"), &meetingsv1.ListCalendarsRequest{}))
	if len(list.GetCalendars()) != 1 || list.GetCalendars()[0].GetGroupId() != group || list.GetCalendars()[0].GetId() != made.GetCalendar().GetId() {
		t.Fatalf("%v", list)
	}
	secret := strings.TrimSuffix(made.GetUrl()[strings.LastIndex(made.GetUrl(), "/")+1:], ".ics")
	if n := w.number(`SELECT count(*) FROM calendars c, requests q WHERE c.digest = $1 OR instr(hex(q.reply), hex($1)) > 0`, secret); n != 0 || len(secret) != 43 {
		t.Fatalf("a secret of %d letters is kept", len(secret))
	}
	w.shows("a group without meetings", secret)

	for _, other := range []string{"b", "organiser", "coordinator"} {
		_, err := w.RevokeCalendar(w.as(other), &meetingsv1.RevokeCalendarRequest{Id: made.GetCalendar().GetId()})
		w.refused(err, errs.NotFound, "NOT_FOUND", "id")
	}
	for range 2 {
		revoked := must[*meetingsv1.Calendar](w)(w.RevokeCalendar(w.as("a"), &meetingsv1.RevokeCalendarRequest{Id: made.GetCalendar().GetId()}))
		if !revoked.GetRevokeTime().AsTime().Equal(start) {
			t.Fatalf("%v", revoked)
		}
		w.clock.Advance(time.Second)
	}
	for _, secret := range []string{secret, secret[1:], secret + "A", strings.Repeat("A", 43), "é", "-"} {
		_, err := w.GetCalendarFeed(w.Context(), &meetingsv1.GetCalendarFeedRequest{Secret: secret})
		w.refused(err, errs.NotFound, "NOT_FOUND", "")
	}
	_, err := w.GetCalendarFeed(w.Context(), &meetingsv1.GetCalendarFeedRequest{})
	w.refused(err, errs.Invalid, "STRING_MIN_LEN", "secret")
	if list := must[*meetingsv1.ListCalendarsResponse](w)(w.ListCalendars(w.as("a"), &meetingsv1.ListCalendarsRequest{})); len(list.GetCalendars()) != 0 {
		t.Fatalf("%v", list)
	}
}

func TestCalendarsAreNotWithoutEnd(t *testing.T) {
	w := newWorld(t)
	var last string
	for range 50 {
		last, _ = w.subscribe("a", nil)
	}
	_, err := w.CreateCalendar(w.as("a"), &meetingsv1.CreateCalendarRequest{})
	w.refused(err, errs.Precondition, "CALENDARS_MANY", "")
	w.subscribe("b", nil)
	must[*meetingsv1.Calendar](w)(w.RevokeCalendar(w.as("a"), &meetingsv1.RevokeCalendarRequest{Id: last}))
	w.subscribe("a", nil)
}

// A person's own feed has what the person goes to, and the link of those that the person joins from afar.
func TestOwnCalendar(t *testing.T) {
	w := newWorld(t)
	_, secret := w.subscribe("a", nil)
	_, organisers := w.subscribe("relay", nil)
	here, there, full := w.single("Ici", "Europe/Paris", start.Add(24*time.Hour)), w.single("Ailleurs", "Europe/Paris", start.Add(48*time.Hour)), w.single("Complet", "Europe/Paris", start.Add(72*time.Hour))
	w.register("a", here.GetId())
	left := w.register("a", there.GetId())
	w.shows("two seats", secret, "Ici|TENTATIVE|Médiathèque, Nantes|", "Ailleurs|TENTATIVE|Médiathèque, Nantes|")
	must[*meetingsv1.Registration](w)(w.CancelRegistration(w.as("a"), &meetingsv1.CancelRegistrationRequest{MeetingId: there.GetId(), Id: left.GetId()}))
	must[*meetingsv1.Meeting](w)(w.UpdateMeeting(w.as("relay"), &meetingsv1.UpdateMeetingRequest{
		Meeting:    &meetingsv1.Meeting{Id: here.GetId(), Mode: meetingsv1.MeetingMode_MEETING_MODE_REMOTE, RemoteUrl: "https://visio.example/x"},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"mode", "remote_url"}},
	}))
	must[*meetingsv1.Meeting](w)(w.ConfirmMeeting(w.as("relay"), &meetingsv1.ConfirmMeetingRequest{Id: here.GetId()}))
	w.shows("one given back, one from afar", secret, "Ici|CONFIRMED|https://visio.example/x|https://visio.example/x")
	w.shows("whoever organises", organisers, "Ici|CONFIRMED|https://visio.example/x|https://visio.example/x",
		"Ailleurs|TENTATIVE|Médiathèque, Nantes|", "Complet|TENTATIVE|Médiathèque, Nantes|")

	// Nobody else is given the link, and a place shows nothing of what has left it.
	_, public := w.subscribe("a", &meetingsv1.Calendar{TerritoryCode: "44109"})
	_, atPlace := w.subscribe("a", &meetingsv1.Calendar{PlaceId: place})
	w.shows("a commune", public, "Ici|CONFIRMED|À distance|", "Ailleurs|TENTATIVE|Nantes|", "Complet|TENTATIVE|Nantes|")
	w.shows("a place", atPlace, "Ailleurs|TENTATIVE|Médiathèque, Nantes|", "Complet|TENTATIVE|Médiathèque, Nantes|")
	_, elsewhere := w.subscribe("a", &meetingsv1.Calendar{TerritoryCode: "13055"})
	w.shows("another commune", elsewhere)

	w.register("a", full.GetId())
	w.callOff(full)
	w.callOff(here)
	w.shows("called off", secret, "Annulé\u00a0: Temps de rencontre\u00a0: Ici|CANCELLED|À distance|",
		"Annulé\u00a0: Temps de rencontre\u00a0: Complet|CANCELLED|Médiathèque, Nantes|")
}

// Nothing in a feed says who organises, or who comes.
func TestCalendarNamesNobody(t *testing.T) {
	w := newWorld(t)
	group := w.group("44109")
	must[*meetingsv1.Series](w)(w.CreateSeries(w.as("organiser"), seriesOf(group, 5)))
	_, ofGroup := w.subscribe("a", &meetingsv1.Calendar{GroupId: group})
	_, own := w.subscribe("organiser", nil)
	w.shows("the group's", ofGroup, "Programmation créative|TENTATIVE|Médiathèque, Nantes|", "Programmation créative|TENTATIVE|Médiathèque, Nantes|")
	for _, feed := range []string{w.feed(ofGroup), w.feed(own)} {
		for _, word := range []string{"ORGANIZER", "ATTENDEE", "organiser", "mailto", "METHOD"} {
			if strings.Contains(feed, word) {
				t.Errorf("%s in %s", word, feed)
			}
		}
		for _, line := range []string{
			"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n", "X-PUBLISHED-TTL:PT1H\r\n", "DTSTAMP:20261121T120000Z\r\n", "LAST-MODIFIED:20261121T120000Z\r\n",
		} {
			if !strings.Contains(feed, line) {
				t.Errorf("no %q in %s", line, feed)
			}
		}
	}
	first := w.feed(ofGroup)
	w.clock.Advance(time.Hour)
	if first != w.feed(ofGroup) {
		t.Error("a feed in which nothing changed has changed")
	}
}

// Whoever has left a group reads its feed no longer; its organiser still does.
func TestCalendarOfAGroupThatWasLeft(t *testing.T) {
	w := newWorld(t)
	group := w.group("44109")
	_, member := w.subscribe("a", &meetingsv1.Calendar{GroupId: group}) // "a" is in the group until the service can ask: the mesh then knows three others
	_, organiser := w.subscribe("organiser", &meetingsv1.Calendar{GroupId: group})
	w.feed(member)
	w.deps.Forming = &forming{}
	w.serve(w.service())
	_, err := w.GetCalendarFeed(w.Context(), &meetingsv1.GetCalendarFeedRequest{Secret: member})
	w.refused(err, errs.NotFound, "NOT_FOUND", "")
	w.feed(organiser)
	w.mesh.away = true
	_, err = w.GetCalendarFeed(w.Context(), &meetingsv1.GetCalendarFeedRequest{Secret: organiser})
	w.refused(err, errs.Unavailable, "UNAVAILABLE", "")
}
