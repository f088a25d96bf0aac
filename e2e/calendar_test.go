package e2e

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// calendars has a person subscribe to a place's meetings, and revoke the link: the next reading finds nothing.
func (s *site) calendars(t *testing.T) {
	s = s.in(t)
	learner := s.token("learner", "subscriber")
	meeting := s.planned("Portes ouvertes, robots ; et café")
	code, answer := s.ask(http.MethodPost, "/v1/calendars", learner, `{"territoryCode":"69123"}`)
	if code != http.StatusOK {
		t.Fatalf("%d %s", code, answer)
	}
	link, err := url.Parse(field(t, answer, "url"))
	if err != nil {
		t.Fatal(err)
	}
	read := func(method, tag string) (code int, header http.Header, feed string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.url()+link.Path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("If-None-Match", tag)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, response.Header, string(body)
	}
	code, header, feed := read(http.MethodGet, "")
	for _, part := range []string{
		"BEGIN:VCALENDAR\r\n", "X-WR-CALNAME:Temps de rencontre\u00a0: Lyon\r\n", "UID:" + meeting + "\r\n", "STATUS:TENTATIVE\r\n",
		"LOCATION:Lyon\r\n", "TZID:Europe/Paris\r\n", "END:VCALENDAR\r\n",
	} {
		if !strings.Contains(feed, part) {
			t.Errorf("no %q in %s", part, feed)
		}
	}
	tag := header.Get("ETag")
	if code != http.StatusOK || header.Get("Content-Type") != "text/calendar; charset=utf-8" || tag == "" || header.Get("Last-Modified") == "" {
		t.Errorf("%d %v", code, header)
	}
	if code, _, _ := read(http.MethodGet, tag); code != http.StatusNotModified {
		t.Errorf("again: %d", code)
	}
	if code, header, _ := read(http.MethodHead, ""); code != http.StatusOK {
		t.Errorf("HEAD: %d %v", code, header)
	}
	_, list := s.ask(http.MethodGet, "/v1/calendars", learner, "")
	if !strings.Contains(list, "69123") || strings.Contains(list, strings.TrimSuffix(link.Path[strings.LastIndex(link.Path, "/")+1:], ".ics")) {
		t.Errorf("%s", list)
	}
	_, id, _ := strings.Cut(strings.ReplaceAll(list, " ", ""), `"id":"`)
	if code, answer := s.ask(http.MethodPost, "/v1/calendars/"+id[:36]+":revoke", learner, "{}"); code != http.StatusOK {
		t.Fatalf("%d %s", code, answer)
	}
	if code, _, _ := read(http.MethodGet, tag); code != http.StatusNotFound {
		t.Errorf("revoked: %d", code)
	}
}

// planned is a structure's meeting in Lyon.
func (s *site) planned(title string) string {
	s.t.Helper()
	code, answer := s.ask(http.MethodPost, "/v1/places", s.token("coordinator", "c1"), `{"name":"Salle","structureId":"`+structure+`",`+lyon+`}`)
	if code != http.StatusOK {
		s.t.Fatalf("place: %d %s", code, answer)
	}
	day := time.Now().AddDate(0, 1, 0).Format(time.DateOnly)
	code, answer = s.ask(http.MethodPost, "/v1/meetings", s.token("relay", "host"), `{"parent":"structures/`+structure+`","meeting":{"title":"`+title+`",
		"placeId":"`+field(s.t, answer, "id")+`","timeZone":"Europe/Paris","capacity":10,"localStartTime":"`+day+`T18:30","localEndTime":"`+day+`T20:30"}}`)
	if code != http.StatusOK {
		s.t.Fatalf("meeting: %d %s", code, answer)
	}
	return field(s.t, answer, "id")
}
