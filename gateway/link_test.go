package gateway

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/link"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

func plainText(body string) string {
	return strings.NewReplacer("\u00a0", " ", "&#39;", "'", "&amp;", "&").Replace(body)
}

// Every state says what holds, in both languages, and has a button where there is something to do and nowhere else.
func TestLinkPages(t *testing.T) {
	for name, c := range linkCases() {
		t.Run(name, func(t *testing.T) {
			door, _ := c.open(t, Deps{})
			for _, speaks := range []struct{ language, heading, button string }{{"fr-FR", c.fr, c.buttonFr}, {"en", c.en, c.buttonEn}} {
				res := ask(t, door, "GET", linkAddress(&c.linked), "", "Accept-Language: "+speaks.language)
				body := plainText(res.Body)
				if res.StatusCode != http.StatusOK || !strings.Contains(body, "<h1>"+speaks.heading+"</h1>") || !strings.Contains(body, `<html lang="`+speaks.language[:2]+`"`) {
					t.Fatalf("%d %s", res.StatusCode, body)
				}
				if button := `<button type="submit">` + speaks.button + `</button>`; (speaks.button != "") != strings.Contains(body, "<button") || speaks.button != "" && !strings.Contains(body, button) {
					t.Fatalf("want %q in %s", button, body)
				}
				if speaks.language == "fr-FR" && !strings.Contains(body, c.also) {
					t.Fatalf("want %q in %s", c.also, body)
				}
				if strings.Contains(body, "<b>") || strings.Contains(body, "<script") || strings.Contains(body, "{{") {
					t.Fatal(body)
				}
			}
		})
	}
}

// Looking changes nothing, whoever looks, and leaves the token nowhere.
func TestLinkLooked(t *testing.T) {
	var log bytes.Buffer
	l := registrationCases()["offer"].linked
	door, fake := l.open(t, Deps{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	address := linkAddress(&l)
	for _, method := range []string{"GET", "HEAD"} {
		res := ask(t, door, method, address, "")
		for header, want := range map[string]string{
			"Content-Security-Policy": formPolicy, "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
			"Content-Language": "fr", "Vary": "Accept-Language", "Content-Type": "text/html; charset=utf-8",
		} {
			if res.StatusCode != http.StatusOK || !strings.Contains(strings.Join(res.Header.Values(header), ", "), want) {
				t.Errorf("%d, %s: %q, want %q", res.StatusCode, header, res.Header.Values(header), want)
			}
		}
	}
	body := plainText(ask(t, door, "GET", address, "").Body)
	for _, want := range []string{"Programmation créative", "mardi 24 novembre 2026 à 18 h 30 (heure de Paris)", "Médiathèque &lt;b&gt;, Nantes"} {
		if !strings.Contains(body, want) {
			t.Errorf("want %q in %s", want, body)
		}
	}
	for _, c := range fake.seen() {
		if name := c.method[strings.LastIndex(c.method, "/")+1:]; !strings.HasPrefix(name, "Preview") && !strings.HasPrefix(name, "Get") {
			t.Errorf("looking calls %s", name)
		}
	}
	if token := strings.TrimPrefix(address, linkPath); !strings.Contains(log.String(), "route="+linkPath) || strings.Contains(log.String(), token[:20]) {
		t.Error(log.String())
	}
	l.away = true // the page does without the names
	if res := ask(t, door, "GET", address, ""); res.StatusCode != http.StatusOK || strings.Contains(res.Body, "Nantes") || !strings.Contains(res.Body, "<button") {
		t.Error(res.StatusCode, res.Body)
	}
}

// Who presses has it done, with this very token, and reads what holds then; pressing again is the same answer.
func TestLinkFollowed(t *testing.T) {
	key := link.DeriveKey([]byte("a secret"))
	cases := linkCases()
	for _, c := range []struct {
		action, before, after string
		want                  func(token string) proto.Message
	}{
		{"register", "register", "waits", func(token string) proto.Message { return &meetingsv1.FollowRegistrationLinkRequest{Token: token} }},
		{"cancelRegistration", "give back", "given back", func(token string) proto.Message { return &meetingsv1.FollowRegistrationLinkRequest{Token: token} }},
		{"acceptOffer", "offer", "offer taken", func(token string) proto.Message { return &meetingsv1.FollowRegistrationLinkRequest{Token: token} }},
		{"declineOffer", "decline an offer", "offer declined", func(token string) proto.Message { return &meetingsv1.FollowRegistrationLinkRequest{Token: token} }},
		{"acceptAsk", "come", "comes", func(token string) proto.Message {
			return &meetingsv1.AnswerAskByLinkRequest{Token: token, Answer: meetingsv1.AskAnswer_ASK_ANSWER_ACCEPT}
		}},
		{"declineAsk", "decline to come", "does not come", func(token string) proto.Message {
			return &meetingsv1.AnswerAskByLinkRequest{Token: token, Answer: meetingsv1.AskAnswer_ASK_ANSWER_DECLINE, Reason: "En congé é\ufffd"}
		}},
		{"acceptSwap", "swap", "swapped", func(token string) proto.Message { return &meetingsv1.FollowSwapLinkRequest{Token: token} }},
		{"acceptInvitation", "invitation", "invitation accepted", func(token string) proto.Message { return &meshv1.AnswerInvitationRequest{Token: token} }},
		{"declineInvitation", "decline to join", "invitation declined", func(token string) proto.Message { return &meshv1.AnswerInvitationRequest{Token: token} }},
	} {
		t.Run(c.action, func(t *testing.T) {
			l, after := cases[c.before].linked, cases[c.after]
			l.after = func(l *linked) { l.meeting, l.group = after.meeting, after.group }
			door, fake := l.open(t, Deps{})
			token := key.Sign(link.Claim{Action: c.action, Resource: someID, Expires: linkStart})
			var pages []string
			for range 2 {
				res := ask(t, door, "POST", linkPath+token, "reason=En+cong%C3%A9+%C3%A9%ff", "Content-Type: application/x-www-form-urlencoded", "Origin: null")
				if res.StatusCode != http.StatusOK || !strings.Contains(plainText(res.Body), "<h1>"+after.fr+"</h1>") {
					t.Fatal(res.StatusCode, res.Body)
				}
				pages = append(pages, res.Body)
			}
			if pages[0] != pages[1] || !proto.Equal(fake.seen()[0].request, c.want(token)) {
				t.Fatalf("%v; want %v", fake.seen()[0].request, c.want(token))
			}
		})
	}
}

func refusedBy(code codes.Code, reason string) error {
	st, err := status.New(code, "Why: "+reason).WithDetails(info(reason), &errdetails.LocalizedMessage{Locale: "fr", Message: "Raison : " + reason})
	if err != nil {
		panic(err)
	}
	return st.Err()
}

// What is refused says why, with the status that the API has for it, and what it was about where that is known.
func TestLinkRefused(t *testing.T) {
	cases := linkCases()
	for name, c := range map[string]struct {
		method    string
		linked    linked
		code      int
		heading   string
		say, keep string // keep is a fact
	}{
		"expired":          {"GET", linked{missing: refusedBy(codes.PermissionDenied, "LINK_EXPIRED")}, 403, "Ce lien a expiré", "Vous pouvez vous réinscrire", ""},
		"expired, pressed": {"POST", linked{missing: refusedBy(codes.PermissionDenied, "LINK_EXPIRED"), refused: refusedBy(codes.PermissionDenied, "LINK_EXPIRED")}, 403, "Ce lien a expiré", "Vous pouvez vous réinscrire", ""},
		"forged":           {"GET", linked{missing: refusedBy(codes.PermissionDenied, "LINK_INVALID")}, 403, "Ce lien ne convient pas", "Rouvrez-le depuis le courriel", ""},
		"forged, pressed":  {"POST", linked{missing: refusedBy(codes.PermissionDenied, "LINK_INVALID"), refused: refusedBy(codes.PermissionDenied, "LINK_INVALID")}, 403, "Ce lien ne convient pas", "Rouvrez-le depuis le courriel", ""},
		"gone":             {"GET", linked{missing: refusedBy(codes.NotFound, "NOT_FOUND")}, 404, "Ce lien ne mène plus à rien", "rien à faire", ""},
		"away":             {"GET", linked{missing: status.Error(codes.Unavailable, "dial tcp 10.0.0.7")}, 503, "maillage ne répond pas en ce moment", "Réessayez", ""},
		"away, pressed":    {"POST", linked{missing: status.Error(codes.Unavailable, "x"), refused: status.Error(codes.Unavailable, "x")}, 503, "maillage ne répond pas en ce moment", "Réessayez", ""},
		"lapsed meanwhile": {"POST", linked{meeting: cases["offer lapsed"].meeting, refused: refusedBy(codes.FailedPrecondition, "OFFER_LAPSED")}, 409, "La place est allée à une autre personne", "Vous pouvez vous réinscrire", "Programmation créative"},
		"begun meanwhile":  {"POST", linked{meeting: cases["closed"].meeting, refused: refusedBy(codes.FailedPrecondition, "MEETING_CLOSED")}, 409, "Ce temps de rencontre a commencé", "ne changent plus", "Nantes"},
		"another came":     {"POST", linked{meeting: cases["another comes"].meeting, refused: refusedBy(codes.FailedPrecondition, "ASK_SUPERSEDED")}, 409, "On n'a plus besoin de vous", "Raison", "Nantes"},
		"engaged":          {"POST", linked{meeting: cases["come"].meeting, refused: refusedBy(codes.FailedPrecondition, "PROFESSIONAL_TAKEN")}, 409, "Vous avez un autre engagement à ce moment", "Raison", "Nantes"},
		"another workshop": {"POST", linked{meeting: cases["register"].meeting, refused: refusedBy(codes.FailedPrecondition, "SLOT_CHOSEN")}, 409, "Vous avez un autre atelier à cette heure", "Raison", "Nantes"},
		"swapped before":   {"POST", linked{meeting: cases["swap over"].meeting, refused: refusedBy(codes.FailedPrecondition, "SWAP_OVER")}, 409, "Cet échange n'est plus possible", "reste telle quelle", "Nantes"},
		"full meanwhile":   {"POST", linked{group: cases["group full"].group, refused: refusedBy(codes.FailedPrecondition, "GROUP_FULL")}, 409, "Ce groupe est complet", "Raison", "Nantes"},
		"something new":    {"POST", linked{meeting: cases["register"].meeting, refused: refusedBy(codes.FailedPrecondition, "NEVER_HEARD_OF")}, 409, "Cela n'a pas été possible", "Raison : NEVER_HEARD_OF", "Nantes"},
	} {
		t.Run(name, func(t *testing.T) {
			door, _ := c.linked.open(t, Deps{})
			res := ask(t, door, c.method, linkAddress(&c.linked), "")
			body := plainText(res.Body)
			if res.StatusCode != c.code || !strings.Contains(body, "<h1>"+c.heading+"</h1>") || !strings.Contains(body, c.say) || !strings.Contains(body, c.keep) {
				t.Fatal(res.StatusCode, body)
			}
			if strings.Contains(body, "10.0.0.7") || strings.Contains(body, "<button") || res.Header.Get("Content-Security-Policy") != formPolicy {
				t.Fatal(body)
			}
		})
	}
}

// What is no token reaches no service.
func TestLinkMalformed(t *testing.T) {
	l := registrationCases()["offer"].linked
	door, fake := l.open(t, Deps{})
	for _, token := range []string{"", "a%00", "%ff%fe", "a/b", "..", "a.b", "%e2%80%ae", strings.Repeat("a", 1025), "a+b=", "%252f"} {
		for _, method := range []string{"GET", "POST"} {
			res := ask(t, door, method, linkPath+token, "")
			if res.StatusCode != http.StatusForbidden || !strings.Contains(res.Body, "Ce lien ne convient pas") {
				t.Errorf("%s %q: %d %s", method, token, res.StatusCode, res.Body)
			}
		}
	}
	if res := ask(t, door, "DELETE", linkAddress(&l), ""); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD, POST" {
		t.Error(res.StatusCode, res.Header)
	}
	if res := ask(t, door, "POST", linkAddress(&l), strings.Repeat("x", linkBody+1)); res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Error(res.StatusCode)
	}
	if calls := fake.seen(); len(calls) != 0 {
		t.Errorf("%d calls", len(calls))
	}
	foreign := linkPath + link.DeriveKey([]byte("x")).Sign(link.Claim{Action: "launchMissiles", Resource: someID})
	ask(t, door, "GET", foreign, "")
	if calls := fake.seen(); calls[0].method != "/maillage.meetings.v1.MeetingsService/PreviewLink" { // who knows all, and refuses
		t.Errorf("%v", calls)
	}
}

func TestLinkToAPoll(t *testing.T) {
	l := pollCases()["vote again"].linked
	door, fake := l.open(t, Deps{})
	token := link.DeriveKey([]byte("a secret")).Sign(link.Claim{Action: "votePoll", Resource: someID, Expires: linkStart})
	post := func(form url.Values) answer {
		return ask(t, door, "POST", linkPath+token, form.Encode(), "Content-Type: application/x-www-form-urlencoded")
	}
	res := post(url.Values{"option-1": {"yes"}, "option-3": {"no"}, "option-9": {"yes"}, "other": {"x"}})
	want := &meetingsv1.VoteRequest{Id: someID, LinkToken: token, Votes: []*meetingsv1.Vote{
		{Option: 1, Answer: meetingsv1.PollAnswer_POLL_ANSWER_YES}, {Option: 3, Answer: meetingsv1.PollAnswer_POLL_ANSWER_NO},
	}}
	if got := fake.seen()[1].request; !proto.Equal(got, want) {
		t.Fatalf("%v; want %v", got, want)
	}
	if res.StatusCode != http.StatusOK || !strings.Contains(res.Body, "Vos réponses sont notées") || !strings.Contains(res.Body, "<button") {
		t.Fatal(res.StatusCode, res.Body)
	}
	l.refused = refusedBy(codes.InvalidArgument, "INVALID_ARGUMENT")
	if res := post(nil); res.StatusCode != http.StatusBadRequest || !strings.Contains(plainText(res.Body), "Répondez à une date au moins") || !strings.Contains(res.Body, `name="option-3"`) {
		t.Fatal(res.StatusCode, res.Body)
	}
	l.meeting, l.refused = pollCases()["date chosen"].meeting, refusedBy(codes.FailedPrecondition, "POLL_CLOSED")
	if res := post(url.Values{"option-1": {"yes"}}); res.StatusCode != http.StatusConflict || !strings.Contains(res.Body, "La date est choisie") || !strings.Contains(res.Body, "Rencontre 🤖") {
		t.Fatal(res.StatusCode, res.Body)
	}
}
