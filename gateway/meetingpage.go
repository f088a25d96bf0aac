package gateway

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/classcode/maillage/pkg/errs"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	// meetingPath is followed by a meeting's id: what posters and invitations lead to.
	meetingPath = "/rencontres/"
	meetingFile = "rencontre.ics"
	// meetingBody has room for an address of 254 characters, each written as %xx.
	meetingBody = 2 << 10
)

var errMeetingPage = errs.New(errs.NotFound, "MEETING_UNKNOWN",
	"There is no such meeting here.", "Il n'y a pas de tel temps de rencontre ici.")

// meetingPage is the page of a meeting, for anybody: what it is, when and where, and how to come. Looking at it changes nothing. Who types
// the address at which they are written to is sent a link of their own; the page does not tell who is known.
type meetingPage struct {
	*mailLink
	calendars meetingsv1.CalendarServiceClient
}

func newMeetingPage(cfg Config, deps Deps, web webFiles) *meetingPage {
	return &meetingPage{newMailLink(cfg, deps, web), meetingsv1.NewCalendarServiceClient(conn{deps.Meetings})}
}

// ServeHTTP is part of http.Handler.
func (p *meetingPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, file, isFile := strings.Cut(strings.TrimPrefix(r.URL.Path, meetingPath), "/")
	exchangeFrom(r.Context()).name = meetingPath + "{id}"
	post := r.Method == http.MethodPost && !isFile
	if r.Method != http.MethodGet && r.Method != http.MethodHead && !post {
		w.Header().Set("Allow", "GET, HEAD, POST")
		if isFile {
			w.Header().Set("Allow", "GET, HEAD")
		}
		refuse(w, r, errMethod)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), p.timeout)
	defer cancel()
	lang := speaks(r)
	switch {
	case isFile && (file != meetingFile || !isUUID(id)):
		refuse(w, r, errMeetingPage)
	case isFile:
		p.serveFile(ctx, w, r, id)
	case !isUUID(id):
		p.show(w, http.StatusNotFound, lang, noMeeting(lang))
	case post && !ours(r):
		refuse(w, r, errOrigin)
	case post:
		body, e := readBody(w, r, meetingBody)
		if e != nil {
			refuse(w, r, e)
			return
		}
		form, _ := url.ParseQuery(string(body)) // what cannot be read was not typed
		code, v := p.request(ctx, id, strings.TrimSpace(strings.ToValidUTF8(form.Get("email"), "\ufffd")), lang)
		p.show(w, code, lang, v)
	default:
		code, v := p.look(ctx, id, lang)
		p.show(w, code, lang, v)
	}
}

// ours refuses a form that another site has filled in, which browsers tell. An answer that hides where it comes from is taken: browsers
// say "null" of a page that sends no referrer, as this one.
func ours(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "" || site == "same-origin" || site == "none"
}

// look shows the meeting as it stands.
func (p *meetingPage) look(ctx context.Context, id string, lang tongue) (int, linkView) {
	m, err := p.meetings.GetMeeting(ctx, &meetingsv1.GetMeetingRequest{Id: id})
	switch {
	case status.Code(err) == codes.NotFound || err == nil && m.GetState() == meetingsv1.MeetingState_MEETING_STATE_DRAFT:
		return http.StatusNotFound, noMeeting(lang)
	case err != nil:
		return p.away(ctx, err, lang)
	}
	return http.StatusOK, viewMeetingPage(m, p.surroundings(ctx, m), time.Now(), lang)
}

func (p *meetingPage) away(ctx context.Context, err error, lang tongue) (int, linkView) {
	return p.problem(ctx, err, lang).Code, notAnswering(lang)
}

// request has a link sent to an address. The answer says the same of every address.
func (p *meetingPage) request(ctx context.Context, id, email string, lang tongue) (int, linkView) {
	_, err := p.meetings.RequestRegistrationLink(ctx, &meetingsv1.RequestRegistrationLinkRequest{MeetingId: id, Email: email})
	switch status.Code(err) {
	case codes.OK:
		code, v := p.look(ctx, id, lang)
		if code == http.StatusOK && v.Form != nil {
			v.requested(id, lang)
		}
		return code, v
	case codes.InvalidArgument:
		code, v := p.look(ctx, id, lang)
		if code == http.StatusOK && v.Form != nil {
			v.Warning = lang.say("This is not an e-mail address such as anne@example.org. Correct it, and send again.",
				"Ce n'est pas une adresse électronique comme anne@example.org. Corrigez-la, puis envoyez de nouveau.")
			code = http.StatusBadRequest
		}
		return code, v
	case codes.FailedPrecondition: // it has begun or was called off meanwhile, which the page says
		code, v := p.look(ctx, id, lang)
		if code == http.StatusOK {
			code = http.StatusConflict
		}
		return code, v
	case codes.NotFound:
		return http.StatusNotFound, noMeeting(lang)
	}
	return p.away(ctx, err, lang)
}

// serveFile gives the meeting for a calendar.
func (p *meetingPage) serveFile(ctx context.Context, w http.ResponseWriter, r *http.Request, id string) {
	found, err := p.calendars.GetMeetingCalendar(ctx, &meetingsv1.GetMeetingCalendarRequest{MeetingId: id})
	switch {
	case status.Code(err) == codes.NotFound:
		refuse(w, r, errMeetingPage)
	case err != nil:
		p.problem(ctx, err, speaks(r)).write(w, r)
	default:
		h := w.Header()
		h.Set("Content-Type", "text/calendar; charset=utf-8")
		h.Set("Content-Disposition", `attachment; filename="`+meetingFile+`"`)
		h.Set("X-Robots-Tag", "noindex")
		_, _ = w.Write(found.GetContent()) // a caller who has left is nobody's error
	}
}
