package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/classcode/maillage/pkg/errs"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	calendarPath, calendarSuffix = "/v1/calendars/", ".ics"
	// A program that asks more often is answered by what it has; one that was revoked stops within that time wherever it was kept.
	calendarFresh = 5 * time.Minute
)

var (
	calendarSecret = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	errCalendar    = errs.New(errs.NotFound, "CALENDAR_UNKNOWN",
		"No calendar has this link: it was cut short, or revoked. Make a new one, and subscribe to that.",
		"Aucun calendrier n'a ce lien : il a été tronqué, ou révoqué. Créez-en un autre et abonnez-vous à celui-là.")
)

// calendarFeed is the link to which people's calendar programs subscribe. They sign in nowhere: the link is the secret.
type calendarFeed struct {
	calendars meetingsv1.CalendarServiceClient
	log       *slog.Logger
	timeout   time.Duration
}

// isCalendarFeed tells a feed's link from the RPCs beside it.
func isCalendarFeed(path string) bool {
	return strings.HasPrefix(path, calendarPath) && strings.HasSuffix(path, calendarSuffix)
}

// ServeHTTP is part of http.Handler.
func (c *calendarFeed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	exchangeFrom(r.Context()).name = calendarPath + "{secret}" + calendarSuffix // never the secret
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, r, errMethod)
		return
	}
	secret := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, calendarPath), calendarSuffix)
	if !calendarSecret.MatchString(secret) {
		refuse(w, r, errCalendar)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), c.timeout)
	defer cancel()
	feed, err := c.calendars.GetCalendarFeed(ctx, &meetingsv1.GetCalendarFeedRequest{Secret: secret})
	switch status.Code(err) {
	case codes.OK:
		writeCalendar(w, r, feed)
	case codes.NotFound:
		refuse(w, r, errCalendar)
	default:
		serviceProblem(ctx, c.log, err, speaks(r)).write(w, r)
	}
}

func writeCalendar(w http.ResponseWriter, r *http.Request, feed *meetingsv1.GetCalendarFeedResponse) {
	d := newDocument("text/calendar; charset=utf-8", feed.GetContent())
	h := w.Header()
	h.Set("Last-Modified", feed.GetModifyTime().AsTime().Format(http.TimeFormat))
	h.Set("Content-Disposition", `inline; filename="maillage.ics"`)
	h.Set("X-Robots-Tag", "noindex")
	d.age = "private, max-age=" + strconv.Itoa(int(calendarFresh/time.Second))
	d.ServeHTTP(w, r)
}
