package domain

import (
	"strings"
	"testing"
)

func TestRemoteURL(t *testing.T) {
	for address, reason := range map[string]string{
		"": "", "https://visio.example.org/maillage": "", "https://visio.example.org:8443/a?b=c#d": "",
		"http://visio.example.org": "REMOTE_URL_INVALID", "javascript:alert(1)": "REMOTE_URL_INVALID", "https://": "REMOTE_URL_INVALID",
		"visio.example.org": "REMOTE_URL_INVALID", "https://bank.example@visio.example.org": "REMOTE_URL_INVALID",
		"https://visio.example.org/\r\nBcc: x": "REMOTE_URL_INVALID", "https://visio.example.org/a b": "REMOTE_URL_INVALID",
		"https://:443/": "REMOTE_URL_INVALID", "//visio.example.org": "REMOTE_URL_INVALID",
	} {
		t.Run(address, func(t *testing.T) { refusedAs(t, checkRemoteURL(address, "remote_url"), reason, "remote_url") })
	}
}

func TestTitle(t *testing.T) {
	for text, want := range map[string]string{
		"Robots 🤖 et capteurs":   "Robots 🤖 et capteurs",
		"  ورشة البرمجة  ":       "ورشة البرمجة",
		strings.Repeat("é", 200): strings.Repeat("é", 200),
		"👩‍💻 à l'Haÿ-les-Roses":  "👩‍💻 à l'Haÿ-les-Roses",
		strings.Repeat("é", 201): "",
		"":                       "",
		" \t ":                   "",
		"Robots\r\nBcc: x@y.z":   "",
		"Robots\nla suite":       "",
		"Robots\u2028la suite":   "",
		"cloche\a":               "",
	} {
		t.Run(text, func(t *testing.T) {
			got, err := title(text, "title")
			if got != want || (err == nil) != (want != "") {
				t.Fatalf("%q, %v; want %q", got, err, want)
			}
		})
	}
}

func TestJoinable(t *testing.T) {
	place := func(m Meeting) Meeting { m.PlaceID = "place"; return m }
	link := func(m Meeting) Meeting { m.RemoteURL = "https://visio.example.org"; return m }
	for name, c := range map[string]struct {
		meeting Meeting
		reason  string
	}{
		"in person":                  {place(Meeting{Mode: MeetingInPerson}), ""},
		"in person, nowhere":         {link(Meeting{Mode: MeetingInPerson}), "PLACE_MISSING"},
		"remote":                     {link(Meeting{Mode: MeetingRemote}), ""},
		"remote, without link":       {place(Meeting{Mode: MeetingRemote}), "REMOTE_URL_MISSING"},
		"hybrid":                     {place(link(Meeting{Mode: MeetingHybrid})), ""},
		"hybrid, without link":       {place(Meeting{Mode: MeetingHybrid}), "REMOTE_URL_MISSING"},
		"hybrid, nowhere":            {link(Meeting{Mode: MeetingHybrid}), "PLACE_MISSING"},
		"of before there were modes": {place(Meeting{}), ""},
	} {
		t.Run(name, func(t *testing.T) { refusedAs(t, c.meeting.joinable("id"), c.reason, "id") })
	}
}

func TestReason(t *testing.T) {
	for name, c := range map[string]struct {
		why           Reason
		reason, field string
	}{
		"weather":        {Reason{WeatherOrTransport, ""}, "", ""},
		"with a note":    {Reason{HealthRisk, "grippe"}, "", ""},
		"other":          {Reason{OtherCause, "dégât des eaux"}, "", ""},
		"other, silent":  {Reason{OtherCause, " \t"}, "FIELD_REQUIRED", "note"},
		"none":           {Reason{}, "FIELD_REQUIRED", "cause"},
		"none, but note": {Reason{0, "parce que"}, "FIELD_REQUIRED", "cause"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.why.given("cause", "note")
			refusedAs(t, err, c.reason, c.field)
		})
	}
}
