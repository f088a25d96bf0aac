package gateway

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// farOff is when nobody who runs this test has been yet.
var farOff = time.Date(2126, 11, 26, 17, 30, 0, 0, time.UTC)

func aPublicMeeting(edit ...func(*meetingsv1.Meeting)) *meetingsv1.Meeting {
	return aMeeting(append([]func(*meetingsv1.Meeting){func(m *meetingsv1.Meeting) {
		m.Title, m.ModuleId, m.StructureId, m.RemoteUrl = "Chez <i>nous</i>", "module", "structure", "https://visio.example/secret"
		m.StartTime, m.EndTime = timestamppb.New(farOff), timestamppb.New(farOff.Add(2*time.Hour))
		m.Seats = []*meetingsv1.Seats{
			{Mode: meetingsv1.SeatMode_SEAT_MODE_IN_PERSON, Role: meetingsv1.SeatRole_SEAT_ROLE_LEARNER, Capacity: 10, Taken: 3},
			{Mode: meetingsv1.SeatMode_SEAT_MODE_IN_PERSON, Role: meetingsv1.SeatRole_SEAT_ROLE_FACILITATOR, Capacity: 2, Taken: 2},
		}
	}}, edit...)...)
}

// publicMeeting answers for one meeting and what is known around it.
type publicMeeting struct {
	meeting *meetingsv1.Meeting
	wrong   error // of a request for a link
	away    bool
}

func (p *publicMeeting) answer(c call) (proto.Message, error) {
	switch r := c.request.(type) {
	case *meetingsv1.GetMeetingRequest:
		if p.meeting == nil {
			return nil, refusedBy(codes.NotFound, "NOT_FOUND")
		}
		return p.meeting, nil
	case *meetingsv1.RequestRegistrationLinkRequest:
		return &meetingsv1.RequestRegistrationLinkResponse{}, p.wrong
	case *meetingsv1.GetMeetingCalendarRequest:
		if p.meeting == nil {
			return nil, refusedBy(codes.NotFound, "NOT_FOUND")
		}
		return &meetingsv1.GetMeetingCalendarResponse{Content: []byte("BEGIN:VCALENDAR")}, nil
	case *meshv1.GetPlaceRequest:
		return &meshv1.Place{
			Id: r.GetId(), Name: "Médiathèque <b>", Address: "24 quai de la Fosse, 44000 Nantes", Position: &meshv1.Position{Latitude: 47.2118, Longitude: -1.5619},
		}, p.names()
	case *meshv1.GetTerritoryRequest:
		return &meshv1.Territory{Code: r.GetCode(), Name: "Nantes"}, p.names()
	case *meshv1.GetStructureRequest:
		return &meshv1.Structure{Id: r.GetId(), Name: "Ville <b>de Nantes"}, p.names()
	case *cataloguev1.GetModuleRequest:
		return &cataloguev1.Module{Id: r.GetId(), Title: "Programmation créative", Uri: "https://modules.example/1"}, p.names()
	}
	return nil, errors.New(c.method)
}

func (p *publicMeeting) names() error {
	if p.away {
		return status.Error(codes.Unavailable, "away")
	}
	return nil
}

func (p *publicMeeting) open(t *testing.T, deps Deps) (http.Handler, *services) {
	t.Helper()
	door, fake := open(t, Config{}, deps)
	fake.answer = p.answer
	return door, fake
}

func pools(mode meetingsv1.MeetingMode, all ...[2]int32) func(*meetingsv1.Meeting) {
	return func(m *meetingsv1.Meeting) {
		m.Mode, m.Seats = mode, nil
		for i, n := range all {
			seat := meetingsv1.SeatMode_SEAT_MODE_IN_PERSON + meetingsv1.SeatMode(i)
			if mode == meetingsv1.MeetingMode_MEETING_MODE_REMOTE {
				seat = meetingsv1.SeatMode_SEAT_MODE_REMOTE
			}
			m.Seats = append(m.Seats, &meetingsv1.Seats{Mode: seat, Role: meetingsv1.SeatRole_SEAT_ROLE_LEARNER, Capacity: n[0], Taken: n[1]})
		}
	}
}

// Every state says what holds, in both languages, and offers to register where one can and nowhere else. The link to join is on no page.
func TestMeetingPage(t *testing.T) {
	state := func(s meetingsv1.MeetingState) func(*meetingsv1.Meeting) {
		return func(m *meetingsv1.Meeting) { m.State = s }
	}
	begins := func(from time.Duration) func(*meetingsv1.Meeting) {
		return func(m *meetingsv1.Meeting) {
			m.StartTime, m.EndTime = timestamppb.New(time.Now().Add(from)), timestamppb.New(time.Now().Add(from+2*time.Hour))
		}
	}
	const remote, hybrid = meetingsv1.MeetingMode_MEETING_MODE_REMOTE, meetingsv1.MeetingMode_MEETING_MODE_HYBRID
	for name, c := range map[string]struct {
		edit     func(*meetingsv1.Meeting)
		form     bool
		also, en []string
		not      []string
	}{
		"open": {state(meetingsv1.MeetingState_MEETING_STATE_OPEN), true, []string{
			"<h1>Chez &lt;i&gt;nous&lt;/i&gt;</h1>", "Programmation créative", "de 18 h 30 à 20 h 30<", "Médiathèque &lt;b&gt;, 24 quai de la Fosse, 44000 Nantes<",
			"Ville &lt;b&gt;de Nantes", "il reste 7 places", `href="https://modules.example/1"`, "openstreetmap.org/?mlat=47.21180&mlon=-1.56190&zoom=16",
			"/rencontres/" + someID + "/rencontre.ics", "reste à confirmer", `type="email"`, "coordination de votre territoire",
		}, []string{"7 seats are left", "is still to be confirmed", "until 20:30", "Send me the link"}, []string{"heure de Paris", ">complet"}},
		"confirmed": {state(meetingsv1.MeetingState_MEETING_STATE_CONFIRMED), true, []string{"aura bien lieu"}, []string{"will take place"}, []string{"à confirmer"}},
		"one left":  {pools(0, [2]int32{3, 2}), true, []string{"il reste 1 place<"}, []string{"1 seat is left"}, nil},
		"full": {pools(0, [2]int32{3, 3}), true, []string{"complet, avec une liste d'attente", "S'inscrire sur la liste d'attente</h2>"},
			[]string{"full, with a waiting list", "Join the waiting list"}, []string{"il reste"}},
		"remote": {pools(remote, [2]int32{3, 1}), true, []string{"à distance ; le lien pour participer vient avec l'inscription", "(heure de Paris)", "il reste 2 places"},
			[]string{"from afar; the link to join"}, []string{"openstreetmap", "Médiathèque"}},
		"hybrid": {pools(hybrid, [2]int32{3, 3}, [2]int32{9, 1}), true, []string{
			"sur place : complet, avec une liste d'attente ; à distance : il reste 8 places", ", ou à distance", "S'inscrire</h2>"},
			[]string{"at the place: full, with a waiting list; from afar: 8 seats are left"}, nil},
		"moved": {func(m *meetingsv1.Meeting) {
			m.PostponedCount, m.PostponeCause, m.PostponeNote = 1, meetingsv1.CancelCause_CANCEL_CAUSE_PLACE_UNAVAILABLE, "Salle <b>inondée."
		}, true, []string{"La date a changé", "Motif : le lieu n'est pas disponible à la date prévue. Salle &lt;b&gt;inondée."}, []string{"The date has changed"}, nil},
		"cancelled": {func(m *meetingsv1.Meeting) {
			m.State, m.CancelCause, m.CancelNote = meetingsv1.MeetingState_MEETING_STATE_CANCELLED, meetingsv1.CancelCause_CANCEL_CAUSE_OTHER, "Grève."
		}, false, []string{"n'aura pas lieu. Motif : Grève."}, []string{"will not take place"}, []string{"Places", ".ics"}},
		"begun":            {begins(-time.Hour), false, []string{"a commencé"}, []string{"has begun"}, []string{"Places", ".ics"}},
		"past, undeclared": {begins(-3 * time.Hour), false, []string{"est passé"}, []string{"is over"}, []string{".ics"}},
		"held":             {state(meetingsv1.MeetingState_MEETING_STATE_HELD), false, []string{"a eu lieu"}, []string{"has taken place"}, []string{".ics"}},
		"in La Réunion":    {func(m *meetingsv1.Meeting) { m.TimeZone = "Indian/Reunion" }, true, []string{"de 21 h 30 à 23 h 30 (heure de La Réunion)"}, []string{"at 21:30 (Reunion time), until 23:30"}, nil},
		"over midnight": {func(m *meetingsv1.Meeting) { m.EndTime = timestamppb.New(farOff.Add(7 * time.Hour)) }, true,
			[]string{"du mardi 26 novembre 2126 à 18 h 30 au mercredi 27 novembre 2126 à 1 h 30"}, nil, nil},
		"without a title": {func(m *meetingsv1.Meeting) { m.Title = "" }, true, []string{"<h1>Programmation créative</h1>"}, nil, []string{"<dt>Module"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := &publicMeeting{meeting: aPublicMeeting(c.edit)}
			door, fake := p.open(t, Deps{})
			for language, wants := range map[string][]string{"fr": c.also, "en": c.en} {
				res := ask(t, door, "GET", meetingPath+someID, "", "Accept-Language: "+language)
				body := plainText(res.Body)
				if res.StatusCode != http.StatusOK || strings.Contains(body, "<form") != c.form || strings.Contains(body, "visio.example") || strings.Contains(body, "<b>") {
					t.Fatal(res.StatusCode, body)
				}
				for _, want := range wants {
					if !strings.Contains(body, want) {
						t.Errorf("want %q in %s", want, body)
					}
				}
				for _, not := range c.not {
					if language == "fr" && strings.Contains(body, not) {
						t.Errorf("%q in %s", not, body)
					}
				}
			}
			for _, c := range fake.seen() {
				if name := c.method[strings.LastIndex(c.method, "/")+1:]; !strings.HasPrefix(name, "Get") {
					t.Errorf("looking calls %s", name)
				}
			}
		})
	}
}

// The page does without what does not answer, and a meeting that is not announced is none.
func TestMeetingPageMissing(t *testing.T) {
	p := &publicMeeting{meeting: aPublicMeeting(), away: true}
	door, fake := p.open(t, Deps{})
	res := ask(t, door, "GET", meetingPath+someID, "")
	if res.StatusCode != http.StatusOK || strings.Contains(res.Body, "Nantes") || !strings.Contains(res.Body, "<form") {
		t.Error(res.StatusCode, res.Body)
	}
	for header, want := range map[string]string{"Content-Security-Policy": formPolicy, "Cache-Control": "no-store", "Content-Language": "fr", "Referrer-Policy": "no-referrer"} {
		if got := res.Header.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	if res := ask(t, door, "GET", meetingPath+someID+"/rencontre.ics", ""); res.StatusCode != http.StatusOK || res.Body != "BEGIN:VCALENDAR" || res.Header.Get("Content-Type") != "text/calendar; charset=utf-8" {
		t.Error(res.StatusCode, res.Header, res.Body)
	}
	missing := func(id string) {
		t.Helper()
		if res := ask(t, door, "GET", meetingPath+id, ""); res.StatusCode != http.StatusNotFound || !strings.Contains(plainText(res.Body), "Ce temps de rencontre n'existe pas") || strings.Contains(res.Body, "<form") {
			t.Errorf("%q: %d %s", id, res.StatusCode, res.Body)
		}
	}
	for _, id := range []string{"", "x", someID + "x", "%00", "%ff", "..", strings.ToUpper(someID) + "%20"} {
		missing(id)
	}
	p.meeting.State = meetingsv1.MeetingState_MEETING_STATE_DRAFT
	missing(someID)
	p.meeting = nil
	missing(someID)
	for _, file := range []string{someID + "/rencontre.ics", someID + "/", someID + "/x", "x/rencontre.ics"} {
		refusal(t, ask(t, door, "GET", meetingPath+file, ""), http.StatusNotFound, "MEETING_UNKNOWN")
	}
	for path, allow := range map[string]string{someID: "GET, HEAD, POST", someID + "/rencontre.ics": "GET, HEAD"} {
		if res := ask(t, door, "DELETE", meetingPath+path, ""); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != allow {
			t.Error(res.StatusCode, res.Header)
		}
	}
	fake.answer = func(call) (proto.Message, error) { return nil, status.Error(codes.Unavailable, "dial tcp 10.0.0.7") }
	if res := ask(t, door, "GET", meetingPath+someID, ""); res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(res.Body, "ne répond pas") || strings.Contains(res.Body, "10.0.0.7") {
		t.Error(res.StatusCode, res.Body)
	}
}

// Whoever types an address reads the same of every one, and it stands in no log; what is none is said.
func TestMeetingPageRequested(t *testing.T) {
	var log bytes.Buffer
	p := &publicMeeting{meeting: aPublicMeeting()}
	door, fake := p.open(t, Deps{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	post := func(body string, headers ...string) answer {
		return ask(t, door, "POST", meetingPath+someID, body, append(headers, "Content-Type: application/x-www-form-urlencoded")...)
	}
	res := post("email=+anne%40example.org+", "Origin: null", "Sec-Fetch-Site: same-origin")
	if body := plainText(res.Body); res.StatusCode != http.StatusOK || !strings.Contains(body, "Si cette adresse est connue ici") || strings.Contains(body, "<form") ||
		!strings.Contains(body, "Chez &lt;i&gt;nous") || strings.Contains(body, "anne") {
		t.Fatal(res.StatusCode, body)
	}
	want := &meetingsv1.RequestRegistrationLinkRequest{MeetingId: someID, Email: "anne@example.org"}
	if got := fake.seen()[0].request; !proto.Equal(got, want) {
		t.Fatalf("%v; want %v", got, want)
	}
	if strings.Contains(log.String(), "anne") || !strings.Contains(log.String(), "route=/rencontres/{id}") {
		t.Error(log.String())
	}
	if other := post("email=nobody%40example.org"); other.Body != res.Body || other.StatusCode != res.StatusCode {
		t.Errorf("%s; %s", other.Body, res.Body)
	}
	refusal(t, post("email=anne%40example.org", "Origin: https://evil.example", "Sec-Fetch-Site: cross-site"), http.StatusForbidden, "ORIGIN_NOT_ALLOWED")
	if res := post(strings.Repeat("x", meetingBody+1)); res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Error(res.StatusCode)
	}
	for name, c := range map[string]struct {
		wrong error
		code  int
		say   string
		form  bool
	}{
		"no address":      {refusedBy(codes.InvalidArgument, "INVALID_ARGUMENT"), http.StatusBadRequest, "Corrigez-la", true},
		"begun meanwhile": {refusedBy(codes.FailedPrecondition, "MEETING_CLOSED"), http.StatusConflict, "a eu lieu", false},
		"gone":            {refusedBy(codes.NotFound, "NOT_FOUND"), http.StatusNotFound, "n'existe pas", false},
		"away":            {status.Error(codes.Unavailable, "dial tcp 10.0.0.7"), http.StatusServiceUnavailable, "Réessayez", false},
	} {
		t.Run(name, func(t *testing.T) {
			p.wrong, p.meeting.State = c.wrong, meetingsv1.MeetingState_MEETING_STATE_OPEN
			if name == "begun meanwhile" {
				p.meeting.State = meetingsv1.MeetingState_MEETING_STATE_HELD
			}
			res := post("email=%ff")
			if body := plainText(res.Body); res.StatusCode != c.code || !strings.Contains(body, c.say) || strings.Contains(body, "<form") != c.form || strings.Contains(body, "10.0.0.7") {
				t.Fatal(res.StatusCode, body)
			}
		})
	}
}
