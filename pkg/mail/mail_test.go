package mail_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/mail"
	"github.com/classcode/maillage/pkg/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

var date = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func message() mail.Message {
	return mail.Message{
		ID: "0190a1b2-0000-7000-8000-000000000001", To: mail.Address{Name: "Anne", Email: "anne@example.org"}, Subject: "Votre place",
		Text: "Bonjour Anne,\n.\nà bientôt", HTML: "<p>Bonjour Anne</p>", Language: "fr", Date: date,
		Unsubscribe: "https://maillage.example/unsubscribe/abc", Calendars: []mail.Calendar{{Method: "CANCEL", Content: []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")}, {Method: "REQUEST", Content: []byte("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")}},
	}
}

func open(t *testing.T, cfg mail.Config) mail.Sender {
	t.Helper()
	s, err := mail.Open(cfg, testkit.Logger(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func server(t *testing.T) (*testkit.MailServer, mail.Sender) {
	t.Helper()
	sink := testkit.NewMailServer(t)
	return sink, open(t, mail.Config{SMTP: config.Secret(sink.URL()), From: "Maillage <notices@maillage.example>"})
}

func read(t *testing.T, m testkit.Mail) testkit.Letter {
	t.Helper()
	l, err := m.Read()
	if err != nil {
		t.Fatalf("%v\n%s", err, m.Raw)
	}
	return l
}

func TestThroughAServer(t *testing.T) {
	sink, sender := server(t)
	for range 2 { // a retry is the same mail
		if err := sender.Send(t.Context(), message()); err != nil {
			t.Fatal(err)
		}
	}
	mails := sink.Mails()
	if len(mails) != 2 || mails[0].ID() != mails[1].ID() || mails[0].From != "notices@maillage.example" || mails[0].To != "anne@example.org" {
		t.Fatalf("%+v", mails)
	}
	l := read(t, mails[0])
	for name, want := range map[string]string{
		"Message-Id": "<0190a1b2-0000-7000-8000-000000000001@maillage.example>", "To": `"Anne" <anne@example.org>`,
		"From": `"Maillage" <notices@maillage.example>`, "Auto-Submitted": "auto-generated", "Content-Language": "fr",
		"List-Unsubscribe": "<https://maillage.example/unsubscribe/abc>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"Date": "Tue, 24 Nov 2026 12:00:00 +0000",
	} {
		if got := l.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := strings.ReplaceAll(l.Part("text/plain"), "\r\n", "\n"); got != message().Text || l.Part("text/html") != message().HTML {
		t.Errorf("%q", l.Parts)
	}
	last := l.Parts[len(l.Parts)-1]
	if last.Type != "text/calendar" || last.Params["method"] != "REQUEST" || string(last.Content) != string(message().Calendars[1].Content) {
		t.Errorf("%q", last)
	}
}

// Whatever people call themselves, a mail has the headers that we gave it, on lines that every server takes.
func TestNoHeaderFromOutside(t *testing.T) {
	sink, sender := server(t)
	plain := message()
	if err := sender.Send(t.Context(), plain); err != nil {
		t.Fatal(err)
	}
	names := read(t, sink.Mails()[0]).Header
	for _, text := range []string{
		"Anne\r\nBcc: all@example.org", "Anne\nSubject: other\n\nbody", "Anne\r", "\x00Anne", "\u2028Bcc: x@y", "Anne\u0085Bcc: x@y",
		"\u202Egro.elpmaxe@esle\u202C", "مريم", "👩‍👩‍👧 Anne", strings.Repeat("é", 200), strings.Repeat("x", 200), strings.Repeat("👩", 300),
		`Anne" <all@example.org>, "`, "=?utf-8?q?Bcc:=20x?=", "a,b;c:d@e", "\xff\xfe", " ", "O'Brien (l'Haÿ)", "=cmd|' /C'!A0",
	} {
		m := message()
		m.To.Name, m.Subject = text, text
		if err := sender.Send(t.Context(), m); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		mails := sink.Mails()
		last := mails[len(mails)-1]
		l := read(t, last)
		to, err := l.Header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != "anne@example.org" || to[0].Name != mail.Line(text) || last.To != "anne@example.org" {
			t.Errorf("%q: to %v, %v", text, to, err)
		}
		if l.Subject != mail.Line(text) {
			t.Errorf("%q: subject %q", text, l.Subject)
		}
		if len(l.Header) != len(names) {
			t.Errorf("%q: headers %v", text, l.Header)
		}
		for line := range strings.SplitSeq(string(last.Raw), "\r\n") {
			if len(line) > 998 || strings.ContainsAny(line, "\r\n\x00") {
				t.Errorf("%q: line %q", text, line)
			}
		}
	}
}

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"Anne\t\r\n  Martin\n": "Anne Martin", "a\u202Eb\u2066c\uFEFF": "abc", "\x1b[31mred": "[31mred",
		strings.Repeat("é", 201): strings.Repeat("é", 199) + "…", strings.Repeat("é", 200): strings.Repeat("é", 200), "": "",
		"=?utf-8?q?a=0D=0AB?=": "= ?utf-8?q?a=0D=0AB?=",
	} {
		if got := mail.Line(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	sink, sender := server(t)
	answer := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user anne@example.org"}
	sink.Refuse(func(string) error { return answer })
	err := sender.Send(t.Context(), message())
	if !errors.Is(err, mail.ErrRefused) || strings.Contains(err.Error(), "anne") {
		t.Fatalf("%v", err)
	}
	answer = &smtp.SMTPError{Code: 451, Message: "greylisted"}
	if err := sender.Send(t.Context(), message()); err == nil || errors.Is(err, mail.ErrRefused) {
		t.Fatalf("%v", err)
	}
	for _, email := range []string{"", "anne", "anne@", "@example.org", "anne@example.org, b@example.org", "Anne <a@example.org>", "anne@exämple.org", "a\r\nb@example.org", `"a b"@example.org`, strings.Repeat("a", 250) + "@example.org"} {
		m := message()
		m.To.Email = email
		if err := sender.Send(t.Context(), m); !errors.Is(err, mail.ErrRefused) {
			t.Errorf("%q: %v", email, err)
		}
	}
	sink.Close()
	if err := sender.Send(t.Context(), message()); err == nil || errors.Is(err, mail.ErrRefused) {
		t.Fatalf("a server that is away: %v", err)
	}
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	sender := open(t, mail.Config{Folder: dir})
	for range 2 {
		if err := sender.Send(t.Context(), message()); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 || files[0].Name() != message().ID+".eml" {
		t.Fatalf("%v, %v", files, err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, files[0].Name()))
	if err != nil || read(t, testkit.Mail{Raw: raw}).Subject != message().Subject {
		t.Fatalf("%s, %v", raw, err)
	}
	m := message()
	m.ID = "../escape"
	if err := sender.Send(t.Context(), m); err == nil {
		t.Fatal("a file outside of the folder")
	}
}

func TestMistakes(t *testing.T) {
	for name, cfg := range map[string]mail.Config{
		"nothing":       {},
		"no sender":     {SMTP: "smtp://localhost"},
		"bad sender":    {Folder: "x", From: "nobody"},
		"not an URL":    {SMTP: "localhost:25", From: "a@example.org"},
		"other scheme":  {SMTP: "http://secret@localhost", From: "a@example.org"},
		"path":          {SMTP: "smtp://localhost/x", From: "a@example.org"},
		"port too high": {SMTP: "smtp://localhost:99999", From: "a@example.org"},
	} {
		if _, err := mail.Open(cfg, slog.New(slog.DiscardHandler)); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, url := range []string{"smtps://user:pass@mail.example.org", "smtp://user:pass@mail.example.org:587/"} {
		open(t, mail.Config{SMTP: config.Secret(url), From: "a@example.org"})
	}
}
