package gateway

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/classcode/maillage/pkg/link"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	// presencePath is followed by the signed part of a mail's link, or, from a QR code, by a meeting and its code.
	presencePath = "/presence/"
	// presenceCookie holds the personal link of whoever checks in, for the page behind the QR code; it goes to that meeting's page only.
	presenceCookie = "presence"
	// presenceBody has room for a code, however it is written.
	presenceBody = 1 << 10
)

// scannedPath is what a QR code leads to, after presencePath.
var scannedPath = regexp.MustCompile(`^([0-9a-f-]{36})/([0-9]{6})$`)

// presence is where people say that they are there: a room's screen with the code, the page behind a personal link, and the page behind the
// screen's QR code. Looking at a page changes nothing, whoever looks; pressing its button does. A browser that has opened a personal link
// keeps it until nobody checks in any more, so that scanning is enough afterwards.
type presence struct {
	*mailLink
	attendance meetingsv1.AttendanceServiceClient
}

func newPresence(cfg Config, deps Deps, web webFiles) *presence {
	return &presence{newMailLink(cfg, deps, web), meetingsv1.NewAttendanceServiceClient(conn{deps.Meetings})}
}

// ServeHTTP is part of http.Handler.
func (p *presence) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	exchangeFrom(r.Context()).name = presencePath // never the token
	ctx, cancel := context.WithTimeout(r.Context(), p.timeout)
	defer cancel()
	r = r.WithContext(ctx)
	rest, lang := strings.TrimPrefix(r.URL.Path, presencePath), speaks(r)
	scanned := scannedPath.FindStringSubmatch(rest)
	screen := scanned == nil && link.ActionOf(rest) == "showCheckIn"
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead && (r.Method != http.MethodPost || screen):
		w.Header().Set("Allow", "GET, HEAD, POST")
		if screen {
			w.Header().Set("Allow", "GET, HEAD")
		}
		refuse(w, r, errMethod)
	case scanned != nil:
		p.scan(w, r, scanned[1], scanned[2], lang)
	case len(rest) > linkLength || !linkToken.MatchString(rest):
		wrong := fromError(link.ErrInvalid, lang)
		p.show(w, wrong.Code, lang, refusedLink(lang, rest, wrong))
	case screen:
		p.screen(w, r, rest, lang)
	default:
		p.personal(w, r, rest, lang)
	}
}

// personal is the page behind a mail's link: the code is typed there.
func (p *presence) personal(w http.ResponseWriter, r *http.Request, token string, lang tongue) {
	seen, err := p.meetings.PreviewLink(r.Context(), &meetingsv1.PreviewLinkRequest{Token: token})
	wrong := fromError(link.ErrInvalid, lang)
	if err != nil {
		wrong = p.problem(r.Context(), err, lang)
	}
	if seen.GetAction() != meetingsv1.LinkAction_LINK_ACTION_CHECK_IN { // also of another page
		p.show(w, wrong.Code, lang, refusedLink(lang, token, wrong))
		return
	}
	v := viewCheckIn(seen, true, lang)
	v.Parts = []linkPart{{Facts: p.facts(r.Context(), seen.GetMeeting(), seen.GetRegistration().GetMode(), lang)}}
	code := http.StatusOK
	if r.Method == http.MethodPost {
		body, e := readBody(w, r, presenceBody)
		if e != nil {
			refuse(w, r, e)
			return
		}
		form, _ := url.ParseQuery(string(body)) // what cannot be read was not said
		code, v = p.enter(r.Context(), v, token, digits(form.Get("code")), lang)
	}
	http.SetCookie(w, &http.Cookie{
		Name: presenceCookie, Value: token, Path: presencePath + seen.GetMeeting().GetId(), Expires: seen.GetExpireTime().AsTime(),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: overTLS(r),
	})
	p.show(w, code, lang, v)
}

// scan is the page behind the screen's QR code: one tap is enough in a browser that knows whose it is.
func (p *presence) scan(w http.ResponseWriter, r *http.Request, meeting, code string, lang tongue) {
	token := ""
	if known, err := r.Cookie(presenceCookie); err == nil && linkToken.MatchString(known.Value) && len(known.Value) <= linkLength {
		token = known.Value
	}
	seen, err := (*meetingsv1.LinkPreview)(nil), error(nil)
	if token != "" {
		seen, err = p.meetings.PreviewLink(r.Context(), &meetingsv1.PreviewLinkRequest{Token: token})
	}
	if err != nil {
		wrong := p.problem(r.Context(), err, lang)
		if wrong.Code >= http.StatusInternalServerError {
			p.show(w, wrong.Code, lang, refusedLink(lang, token, wrong))
			return
		}
	}
	if seen.GetAction() != meetingsv1.LinkAction_LINK_ACTION_CHECK_IN || seen.GetMeeting().GetId() != meeting {
		unknown := http.StatusOK
		if r.Method == http.MethodPost {
			unknown = http.StatusForbidden
		}
		p.show(w, unknown, lang, viewStranger(lang))
		return
	}
	v, answer := viewCheckIn(seen, false, lang), http.StatusOK
	v.Parts = []linkPart{{Facts: p.facts(r.Context(), seen.GetMeeting(), seen.GetRegistration().GetMode(), lang)}}
	if r.Method == http.MethodPost {
		if _, e := readBody(w, r, presenceBody); e != nil { // it says nothing that the path does not
			refuse(w, r, e)
			return
		}
		answer, v = p.enter(r.Context(), v, token, code, lang)
	}
	p.show(w, answer, lang, v)
}

// enter says that somebody is there, and shows what came of it; v is the page before.
func (p *presence) enter(ctx context.Context, v linkView, token, code string, lang tongue) (int, linkView) {
	_, err := p.attendance.FollowCheckInLink(ctx, &meetingsv1.FollowCheckInLinkRequest{Token: token, Code: code})
	if err == nil {
		there := viewPresent(lang)
		there.Parts = v.Parts
		return http.StatusOK, there
	}
	wrong := p.problem(ctx, err, lang)
	if v.over { // the page said why already
		return wrong.Code, v
	}
	return wrong.Code, viewNotEntered(v, wrong, token, lang)
}

// digits is a code as people write it: 123 456.
func digits(said string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(said, "\ufffd"))
}

// overTLS tells whether the browser came by https, to the door or to what stands before it. Whoever lies about that gets a stricter cookie.
func overTLS(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// screen is what the room sees.
func (p *presence) screen(w http.ResponseWriter, r *http.Request, token string, lang tongue) {
	seen, err := p.meetings.PreviewLink(r.Context(), &meetingsv1.PreviewLinkRequest{Token: token})
	if err == nil && seen.GetState() == meetingsv1.LinkState_LINK_STATE_OVER {
		p.showScreen(w, http.StatusOK, p.closedScreen(seen, lang))
		return
	}
	var shown *meetingsv1.CheckInCode
	if err == nil {
		shown, err = p.attendance.FollowCheckInScreenLink(r.Context(), &meetingsv1.FollowCheckInScreenLinkRequest{Token: token})
	}
	if err != nil {
		wrong := p.problem(r.Context(), err, lang)
		refused := refusedLink(lang, token, wrong)
		p.showScreen(w, wrong.Code, screenView{Lang: lang, Heading: refused.Heading, Texts: refused.Texts})
		return
	}
	p.showScreen(w, http.StatusOK, openScreen(seen.GetMeeting(), shown, lang))
}
