package gateway

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// A calendar program is answered without signing in, and hears that nothing has changed.
func TestCalendarFeed(t *testing.T) {
	door, fake := open(t, Config{}, Deps{})
	content := "BEGIN:VCALENDAR\r\n" + strings.Repeat("X-É:é\r\n", 500) + "END:VCALENDAR\r\n"
	fake.answer = func(call) (proto.Message, error) {
		return &meetingsv1.GetCalendarFeedResponse{
			Content: []byte(content), ModifyTime: timestamppb.New(time.Date(2026, 3, 29, 1, 2, 3, 4, time.UTC)),
		}, nil
	}
	secret := strings.Repeat("aZ_-", 10) + "abc"
	target := "/v1/calendars/" + secret + ".ics"
	res := ask(t, door, "GET", target, "")
	for name, want := range map[string]string{
		"Content-Type": "text/calendar; charset=utf-8", "Last-Modified": "Sun, 29 Mar 2026 01:02:03 GMT",
		"Cache-Control": "private, max-age=300", "X-Robots-Tag": "noindex",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if res.StatusCode != http.StatusOK || res.Body != content {
		t.Fatal(res.StatusCode, res.Body)
	}
	if got := fake.last(t).request.(*meetingsv1.GetCalendarFeedRequest).GetSecret(); got != secret {
		t.Fatalf("%q", got)
	}
	tag := res.Header.Get("ETag")
	for condition, code := range map[string]int{tag: 304, "W/" + tag: 304, `"other"`: 200} {
		res := ask(t, door, "GET", target, "", "If-None-Match: "+condition)
		if res.StatusCode != code || code == 304 && (res.Body != "" || res.Header.Get("ETag") != tag || res.Header.Get("Cache-Control") == "no-store") {
			t.Errorf("%s: %d %v", condition, res.StatusCode, res.Header)
		}
	}
	zipped := ask(t, door, "GET", target, "", "Accept-Encoding: gzip")
	if zipped.Header.Get("Content-Encoding") != "gzip" || ask(t, door, "GET", target, "", "Accept-Encoding: gzip", "If-None-Match: "+zipped.Header.Get("ETag")).StatusCode != 304 {
		t.Errorf("%v", zipped.Header)
	}
	if res := ask(t, door, "HEAD", target, ""); res.StatusCode != http.StatusOK || res.Header.Get("ETag") != tag {
		t.Errorf("HEAD: %d %v", res.StatusCode, res.Header)
	}
	content = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
	if res := ask(t, door, "GET", target, "", "If-None-Match: "+tag); res.StatusCode != http.StatusOK || res.Header.Get("ETag") == tag {
		t.Errorf("what has changed: %d %v", res.StatusCode, res.Header)
	}
}

func TestCalendarFeedRefused(t *testing.T) {
	door, fake := open(t, Config{}, Deps{})
	fake.answer = func(call) (proto.Message, error) { return nil, status.Error(codes.NotFound, "no such calendar") }
	known := strings.Repeat("a", 43)
	for _, secret := range []string{known, known[1:], known + "a", "", "..", known[1:] + "é", known[1:] + "%00", known[1:] + "%2f", known[1:] + "%ff"} {
		res := ask(t, door, "GET", "/v1/calendars/"+secret+".ics", "")
		p := refusal(t, res, http.StatusNotFound, "CALENDAR_UNKNOWN")
		if !strings.HasPrefix(p.Message, "Aucun calendrier") || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%q: %+v", secret, p)
		}
	}
	if n := len(fake.seen()); n != 1 {
		t.Errorf("%d secrets reached the service, want the one that is written like one", n)
	}
	p := refusal(t, ask(t, door, "GET", "/v1/calendars/"+known+".ics", "", "Accept-Language: en"), http.StatusNotFound, "CALENDAR_UNKNOWN")
	if !strings.HasPrefix(p.Message, "No calendar") {
		t.Errorf("%+v", p)
	}
	if res := ask(t, door, "POST", "/v1/calendars/"+known+".ics", "{}"); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
		t.Error(res.StatusCode, res.Header)
	}
	fake.answer = func(call) (proto.Message, error) { return nil, status.Error(codes.Unavailable, "away") }
	refusal(t, ask(t, door, "GET", "/v1/calendars/"+known+".ics", ""), http.StatusServiceUnavailable, "UNAVAILABLE")
}

// The RPCs beside a feed's link are reached as any others.
func TestCalendarsBesideTheirLinks(t *testing.T) {
	for method, target := range map[string]string{"GET": "/v1/calendars", "POST": "/v1/calendars/" + someID + ":revoke"} {
		door, fake := open(t, Config{}, Deps{})
		if res := ask(t, door, method, target, map[string]string{"GET": "", "POST": "{}"}[method]); res.StatusCode != http.StatusOK || len(fake.seen()) != 1 {
			t.Errorf("%s %s: %d %s", method, target, res.StatusCode, res.Body)
		}
	}
	door, fake := open(t, Config{}, Deps{})
	if res := ask(t, door, "POST", "/v1/calendars", "", "Idempotency-Key: "+someID); res.StatusCode != http.StatusOK {
		t.Fatal(res.StatusCode, res.Body)
	}
	if got := fake.last(t).request.(*meetingsv1.CreateCalendarRequest); got.GetRequestId() != someID {
		t.Errorf("%v", got)
	}
}
