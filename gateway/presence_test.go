package gateway

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/link"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	checkInFr = "Dites que vous êtes là"
	thereFr   = "C'est noté : vous êtes là"
	someCode  = "123456"
)

// room answers for one meeting, whose screen shows one code.
type room struct {
	linked
	entered []*meetingsv1.FollowCheckInLinkRequest
	refusal error
	present int32
}

func newRoom() *room {
	return &room{linked: linked{meeting: &meetingsv1.LinkPreview{
		Action: meetingsv1.LinkAction_LINK_ACTION_CHECK_IN, State: linkReady, Meeting: aMeeting(), ExpireTime: timestamppb.New(linkStart.Add(150 * time.Minute)),
	}}}
}

func (r *room) answer(c call) (proto.Message, error) {
	switch in := c.request.(type) {
	case *meetingsv1.FollowCheckInLinkRequest:
		r.entered = append(r.entered, in)
		return &meetingsv1.Registration{Id: someID}, r.refusal
	case *meetingsv1.FollowCheckInScreenLinkRequest:
		return &meetingsv1.CheckInCode{Code: someCode, Uri: "https://maillage.example/presence/" + someID + "/" + someCode, PresentCount: r.present}, r.refusal
	}
	return r.linked.answer(c)
}

func (r *room) open(t *testing.T) http.Handler {
	t.Helper()
	door, fake := open(t, Config{}, Deps{})
	fake.answer = r.answer
	return door
}

func presenceToken(action string) string {
	return link.DeriveKey([]byte("a secret")).Sign(link.Claim{Action: action, Resource: someID, PersonID: "who", Expires: linkStart})
}

// Looking at any of the pages changes nothing. The personal one is remembered for its meeting's page only, and no longer than it serves.
func TestPresenceLooked(t *testing.T) {
	r := newRoom()
	door := r.open(t)
	token := presenceToken("checkIn")
	for _, c := range []struct{ method, path, header string }{
		{"GET", presencePath + token, ""}, {"HEAD", presencePath + token, ""}, {"GET", presencePath + someID + "/" + someCode, ""},
		{"GET", presencePath + someID + "/" + someCode, "Cookie: presence=" + token},
		{"GET", presencePath + presenceToken("showCheckIn"), ""},
	} {
		res := ask(t, door, c.method, c.path, "", "X-A: b", c.header)
		if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Security-Policy"), "default-src 'none'; ") || res.Header.Get("Cache-Control") != "no-store" ||
			res.Header.Get("X-Robots-Tag") != "noindex" {
			t.Errorf("%s %s: %d %v", c.method, c.path, res.StatusCode, res.Header)
		}
	}
	if len(r.entered) != 0 {
		t.Fatalf("looking checks in: %v", r.entered)
	}
	kept := func(headers ...string) string {
		return ask(t, door, "GET", presencePath+token, "", headers...).Header.Get("Set-Cookie")
	}
	const as = "; Expires=Tue, 24 Nov 2026 20:00:00 GMT; HttpOnly; "
	if got, want := kept(), "presence="+token+"; Path=/presence/"+someID+as+"SameSite=Lax"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got, want := kept("X-Forwarded-Proto: https"), as+"Secure; SameSite=Lax"; !strings.HasSuffix(got, want) {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := ask(t, door, "GET", presencePath+someID+"/"+someCode, "").Header.Get("Set-Cookie"); got != "" {
		t.Errorf("a stranger is given %s", got)
	}
}

// The code is typed as it is shown, or scanned by a browser that has opened a personal link of this meeting.
func TestPresenceEntered(t *testing.T) {
	token, scanned := presenceToken("checkIn"), presencePath+someID+"/"+someCode
	for name, c := range map[string]struct {
		path, body, cookie string
		code               int
		heading            string
		entered            bool
	}{
		"typed":                 {presencePath + token, "code=123+456", "", 200, thereFr, true},
		"typed with other room": {presencePath + token, "code=123%C2%A0456", "", 200, thereFr, true},
		"scanned":               {scanned, "", "Cookie: presence=" + token, 200, thereFr, true},
		"scanned by a stranger": {scanned, "", "", 403, checkInFr, false},
		"of another meeting":    {presencePath + "0190a1b2-0000-7000-8000-0000000000ff/" + someCode, "", "Cookie: presence=" + token, 403, checkInFr, false},
		"a cookie of nobody":    {scanned, "", "Cookie: presence=../..", 403, checkInFr, false},
		"no code in the path":   {presencePath + someID + "/12345", "", "Cookie: presence=" + token, 403, "Ce lien ne convient pas", false},
		"too much":              {presencePath + token, strings.Repeat("1", presenceBody+1), "", 413, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom()
			res := ask(t, r.open(t), "POST", c.path, c.body, "Content-Type: application/x-www-form-urlencoded", c.cookie)
			if res.StatusCode != c.code || c.heading != "" && !strings.Contains(plainText(res.Body), "<h1>"+c.heading+"</h1>") {
				t.Fatalf("%d %s", res.StatusCode, res.Body)
			}
			if c.entered != (len(r.entered) == 1) || c.entered && (r.entered[0].GetCode() != someCode || r.entered[0].GetToken() != token) {
				t.Fatalf("entered %v", r.entered)
			}
		})
	}
}

func refusedFor(reason string, code codes.Code, details ...*durationpb.Duration) error {
	st, err := status.New(code, reason).WithDetails(&errdetails.ErrorInfo{Reason: reason, Domain: domain}, &errdetails.LocalizedMessage{Locale: "fr", Message: "Raison : " + reason})
	for _, d := range details {
		st, err = st.WithDetails(&errdetails.RetryInfo{RetryDelay: d})
	}
	if err != nil {
		panic(err)
	}
	return st.Err()
}

// Each refusal says in plain words what to do, and keeps the field where typing again helps.
func TestPresenceRefused(t *testing.T) {
	token, known := presenceToken("checkIn"), "Cookie: presence="+presenceToken("checkIn")
	for name, c := range map[string]struct {
		path    string
		refusal error
		code    int
		heading string
		say     string
		again   bool
	}{
		"wrong":           {presencePath + token, refusedFor("CODE_WRONG", codes.InvalidArgument), 400, checkInFr, "Raison : CODE_WRONG", true},
		"expired":         {presencePath + token, refusedFor("CODE_EXPIRED", codes.InvalidArgument), 400, checkInFr, "Raison : CODE_EXPIRED", true},
		"no digits":       {presencePath + token, refusedFor("FIELD_INVALID", codes.InvalidArgument), 400, checkInFr, "Tapez les six chiffres", true},
		"locked":          {presencePath + token, refusedFor("CHECK_IN_LOCKED", codes.ResourceExhausted, durationpb.New(9*time.Minute+time.Second)), 429, "Trop de codes faux", "Patientez 10 minutes", false},
		"no seat":         {presencePath + token, refusedFor("NO_SEAT_HERE", codes.FailedPrecondition), 409, "Vous n'avez pas de place à ce temps de rencontre", "Dites votre nom", false},
		"noted absent":    {presencePath + token, refusedFor("ATTENDANCE_SAID", codes.FailedPrecondition), 409, "Votre absence a été notée", "elle le corrigera", false},
		"too late":        {presencePath + token, refusedFor("CHECK_IN_CLOSED", codes.FailedPrecondition), 409, "On ne s'enregistre pas à cette heure", "une demi-heure", false},
		"scanned too old": {presencePath + someID + "/" + someCode, refusedFor("CODE_EXPIRED", codes.InvalidArgument), 400, "Ce code a changé", "Scannez de nouveau", false},
		"away":            {presencePath + token, status.Error(codes.Unavailable, "away"), 503, "maillage ne répond pas en ce moment", "Réessayez", false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom()
			r.refusal = c.refusal
			res := ask(t, r.open(t), "POST", c.path, "code=123456", known)
			body := plainText(res.Body)
			if res.StatusCode != c.code || !strings.Contains(body, "<h1>"+c.heading+"</h1>") || !strings.Contains(body, c.say) || c.again != strings.Contains(body, `name="code"`) {
				t.Fatalf("%d %s", res.StatusCode, body)
			}
		})
	}
}

// The pages foresee what pressing would come to.
func TestPresenceForeseen(t *testing.T) {
	for name, c := range map[string]struct {
		edit    func(*meetingsv1.LinkPreview)
		heading string
	}{
		"there already": {func(p *meetingsv1.LinkPreview) { p.State = linkDone }, thereFr},
		"too early":     {func(p *meetingsv1.LinkPreview) { because(p, "CHECK_IN_CLOSED") }, "On ne s'enregistre pas à cette heure"},
		"no seat":       {func(p *meetingsv1.LinkPreview) { because(p, "NO_SEAT_HERE") }, "Vous n'avez pas de place à ce temps de rencontre"},
		"cancelled": {func(p *meetingsv1.LinkPreview) {
			because(p, "MEETING_STATE").Meeting.State = meetingsv1.MeetingState_MEETING_STATE_CANCELLED
		}, "Ce temps de rencontre est annulé"},
		"held": {func(p *meetingsv1.LinkPreview) {
			because(p, "MEETING_STATE").Meeting.State = meetingsv1.MeetingState_MEETING_STATE_HELD
		}, "Ce temps de rencontre a eu lieu"},
	} {
		r := newRoom()
		c.edit(r.meeting)
		door := r.open(t)
		for _, path := range []string{presenceToken("checkIn"), someID + "/" + someCode} {
			res := ask(t, door, "GET", presencePath+path, "", "Cookie: presence="+presenceToken("checkIn"))
			if body := plainText(res.Body); res.StatusCode != http.StatusOK || !strings.Contains(body, "<h1>"+c.heading+"</h1>") || strings.Contains(body, "<button") {
				t.Errorf("%s: %d %s", name, res.StatusCode, body)
			}
		}
	}
}

// The screen shows the code, a QR code of its address and how many are there, and renews itself with and without script; nobody is named.
func TestPresenceScreen(t *testing.T) {
	r := newRoom()
	r.meeting.Action = meetingsv1.LinkAction_LINK_ACTION_SHOW_CHECK_IN
	door, path := r.open(t), presencePath+presenceToken("showCheckIn")
	for n, count := range []string{"Aucune présence n'est encore notée.", "1 personne est notée présente.", "2 personnes sont notées présentes."} {
		r.present = int32(n) //nolint:gosec // three
		body := plainText(ask(t, door, "GET", path, "").Body)
		for _, want := range []string{count, `<p class="code">123 456</p>`, `<noscript><meta http-equiv="refresh"`, `<script src="/assets/screen-`, `<svg class="qr"`, "<h1>Programmation créative</h1>"} {
			if !strings.Contains(body, want) {
				t.Fatalf("no %q in %s", want, body)
			}
		}
	}
	if res := ask(t, door, "POST", path, ""); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("posted: %d, %s", res.StatusCode, res.Header.Get("Allow"))
	}
	because(r.meeting, "CHECK_IN_CLOSED")
	if body := plainText(ask(t, door, "GET", path, "").Body); strings.Contains(body, someCode) || !strings.Contains(body, "affichera le code d'elle-même") || !strings.Contains(body, `http-equiv="refresh"`) {
		t.Error(body)
	}
	r.missing = refusedFor("LINK_EXPIRED", codes.PermissionDenied)
	if res := ask(t, door, "GET", path, ""); res.StatusCode != http.StatusForbidden || !strings.Contains(plainText(res.Body), "Ce lien a expiré") {
		t.Errorf("%d %s", res.StatusCode, res.Body)
	}
}
