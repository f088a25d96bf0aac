package notices

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/classcode/maillage/pkg/link"
	"github.com/classcode/maillage/pkg/mail"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

var update = flag.Bool("update", false, "write the golden files anew")

var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// nowhere is a sender of which only the address is asked.
type nowhere struct{}

// From implements mail.Sender.
func (nowhere) From() mail.Address {
	return mail.Address{Name: "maillage", Email: "notices@maillage.example"}
}

// Send implements mail.Sender.
func (nowhere) Send(context.Context, mail.Message) error { return nil }

func post() *Post {
	return &Post{
		Mail: nowhere{}, Links: link.DeriveKey([]byte("a secret of this test")), BaseURL: "https://maillage.example",
		Now: func() time.Time { return now },
	}
}

func matter(kind domain.NoticeKind, language string) subjectMatter {
	start := time.Date(2026, 11, 24, 17, 30, 0, 0, time.UTC)
	m := domain.Meeting{
		ID: "0190a1b2-0000-7000-8000-00000000000a", ModuleTitle: "Programmation créative", State: domain.MeetingOpen, Version: 4,
		Start: start, End: start.Add(2 * time.Hour), TimeZone: "Europe/Paris", PlaceID: "place", Cancelled: domain.Reason{Cause: domain.PlaceUnavailable, Note: "La salle est inondée."},
	}
	r := domain.Registration{
		ID: "0190a1b2-0000-7000-8000-00000000000b", PersonID: "7c3f0a52-6c1e-4f0e-9a64-1d2c3b4a5f60", MeetingID: m.ID, Mode: domain.InPerson,
		State: domain.RegistrationConfirmed, OfferExpires: now.Add(24 * time.Hour),
	}
	told := domain.Terms{Start: start.Add(-24 * time.Hour), End: start.Add(-22 * time.Hour), TimeZone: "Europe/Paris", PlaceID: "other", Version: 2}
	other := domain.Meeting{
		ID: "0190a1b2-0000-7000-8000-00000000000e", ModuleTitle: m.ModuleTitle, Version: 7, Start: start.Add(72 * time.Hour), End: start.Add(74 * time.Hour),
		TimeZone: "Europe/Paris",
	}
	ask := domain.Ask{ID: "0190a1b2-0000-7000-8000-00000000000d", PersonID: r.PersonID, State: domain.AskSent, Deadline: now.Add(48 * time.Hour)}
	poll := domain.Poll{TimeZone: "Indian/Reunion", Closes: now.Add(48 * time.Hour), MeetingID: m.ID}
	for i := range 2 {
		begin := start.Add(time.Duration(i+7) * 24 * time.Hour)
		poll.Options = append(poll.Options, domain.PollOption{Position: i + 1, Slot: domain.Slot{Start: begin, End: begin.Add(2 * time.Hour)}})
	}
	place := "Médiathèque Jacques-Demy"
	if kind == domain.NoticeInvited {
		m = domain.Meeting{}
	}
	if kind == domain.NoticePollOpened || kind == domain.NoticePollWithoutDate {
		m, place = domain.Meeting{}, ""
	}
	if kind == domain.NoticeBadgeIssued {
		m, place = domain.Meeting{}, ""
	}
	who, subject := domain.Addressee{Registration: r, Told: told}, r.ID
	if kind.Subject() != domain.AboutRegistration {
		who.Registration, subject = domain.Registration{PersonID: r.PersonID}, ask.ID
	}
	return subjectMatter{
		Matter: domain.Matter{
			Notice:    domain.Notice{ID: "0190a1b2-0000-7000-8000-00000000000c", Kind: kind, SubjectID: subject},
			Addressee: who, Meeting: m, Ask: ask, Search: domain.Search{State: domain.Searching, ReopenCause: domain.ReopenedDeclined},
			Poll: poll, Invitation: domain.Invitation{CommuneCode: "97411", Members: 7, Expires: now.Add(14 * 24 * time.Hour)},
			Badge:  domain.Badge{Standing: domain.Standing{Category: domain.Technique, Level: domain.LevelMultiplier}, Peers: 2, CreateTime: now},
			Return: domain.DeclarationReturn{Reason: "Qui animait l'après-midi ?"},
			Swap:   domain.Swap{Expires: start.Add(-time.Hour)}, Other: other,
		},
		professional: "Noé Petit", otherPlace: "Espace numérique",
		contact: &meshv1.Contact{PersonId: r.PersonID, Name: "Anne Martin", Email: "anne@example.org", LanguageCode: language},
		module:  "Programmation créative", commune: "Saint-Denis", place: place, formerPlace: "Maison des associations",
	}
}

func kinds() (all []domain.NoticeKind) {
	for kind := domain.NoticeConfirmed; kind <= domain.NoticeRegistrationLink; kind++ {
		if kind.String() != "unspecified" {
			all = append(all, kind)
		}
	}
	return all
}

// Every kind in both languages, as text and HTML, as people get it.
func TestLetters(t *testing.T) {
	for _, language := range []string{"fr", "en"} {
		for _, kind := range kinds() {
			t.Run(fmt.Sprint(language, " ", kind), func(t *testing.T) {
				m, err := post().compose(matter(kind, language))
				if err != nil {
					t.Fatal(err)
				}
				attached := ""
				for _, c := range m.Calendars {
					attached += "\n======== " + c.Method + "\n" + strings.ReplaceAll(string(c.Content), "\r\n", "\n")
				}
				golden(t, fmt.Sprintf("%s.%s.txt", kind, language), m.Subject+"\n\n"+m.Text+"\n======== HTML\n"+m.HTML+attached)
			})
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != got {
		t.Errorf("%s differs (%v); -update writes it anew:\n%s", file, err, got)
	}
}

// What people have written stays what it is: no header, no markup, no property of the calendar.
func TestHostileTexts(t *testing.T) {
	for _, text := range []string{
		"Anne\r\nBcc: all@example.org", "</p><script>alert(1)</script>", "{date} {module}", "x\r\nATTENDEE:mailto:y@example.org", `a;b,c\n"d"`,
		"\u202Eenna", strings.Repeat("👩", 200), "",
		strings.Repeat("é", 199) + "\r\nBcc: all@example.org",
	} {
		for _, kind := range kinds() {
			s := matter(kind, "fr")
			s.contact.Name, s.module, s.place, s.professional = text, text, mail.Line(text), mail.Line(text)
			s.Meeting.ModuleTitle, s.Poll.Title, s.commune = text, text, mail.Line(text)
			s.Meeting.Cancelled.Note, s.Return.Reason = text, text
			m, err := post().compose(s)
			if err != nil {
				t.Fatal(err)
			}
			if strings.ContainsAny(m.Subject, "\r\n\u202E") || strings.Contains(m.HTML, "<script") || strings.Contains(m.Text, "\nBcc") || strings.Contains(m.Text, "\u202E") {
				t.Errorf("%s, %q: %q %q", kind, text, m.Subject, m.Text)
			}
			nobodysWords := kind == domain.NoticeBadgeIssued
			if strings.HasPrefix(text, "{") && !nobodysWords && !strings.Contains(m.Subject, text) {
				t.Errorf("%s, %q was filled in: %q", kind, text, m.Subject)
			}
			if len(m.Calendars) == 0 {
				continue
			}
			events := read(t, m.Calendars[0]).Events()
			if len(events) != 1 || len(events[0].Attendees()) != 1 || events[0].GetProperty(ics.ComponentPropertySummary).Value != "Temps de rencontre"+nbsp+": "+mail.Line(text) {
				t.Errorf("%s, %q: %s", kind, text, m.Calendars[0].Content)
			}
		}
	}
}

func read(t *testing.T, c mail.Calendar) *ics.Calendar {
	t.Helper()
	parsed, err := ics.ParseCalendar(strings.NewReader(string(c.Content)))
	if err != nil {
		t.Fatalf("%v\n%s", err, c.Content)
	}
	return parsed
}

// The entry is the meeting's, follows its versions, and has its hours in its zone.
func TestCalendarReadsBack(t *testing.T) {
	for name, c := range map[string]struct {
		kind                   domain.NoticeKind
		zone, start            string
		method, status, begins string
		offsets                string
	}{
		"Paris, winter":  {domain.NoticeConfirmed, "Europe/Paris", "2026-11-24T17:30:00Z", "REQUEST", "CONFIRMED", "20261124T183000", "+0200+0100"},
		"Paris, summer":  {domain.NoticeChanged, "Europe/Paris", "2026-06-01T16:00:00Z", "REQUEST", "CONFIRMED", "20260601T180000", "+0100+0200"},
		"over a change":  {domain.NoticeReminder, "Europe/Paris", "2026-10-24T23:30:00Z", "REQUEST", "CONFIRMED", "20261025T013000", "+0100+0200 +0200+0100"},
		"twice":          {domain.NoticeReminder, "Europe/Paris", "2026-10-25T01:30:00Z", "REQUEST", "CONFIRMED", "20261025T013000Z", ""},
		"La Réunion":     {domain.NoticeOffered, "Indian/Reunion", "2026-11-24T13:00:00Z", "REQUEST", "TENTATIVE", "20261124T170000", ""},
		"no zone at all": {domain.NoticeMeetingCancelled, "UTC", "2026-11-24T17:30:00Z", "CANCEL", "CANCELLED", "20261124T173000", "+0000+0000"},
		"given back":     {domain.NoticeCancelled, "America/Miquelon", "2026-07-01T20:00:00Z", "CANCEL", "CANCELLED", "20260701T180000", "-0300-0200"},
	} {
		t.Run(name, func(t *testing.T) {
			s := matter(c.kind, "en")
			start, err := time.Parse(time.RFC3339, c.start)
			if err != nil {
				t.Fatal(err)
			}
			s.Meeting.Start, s.Meeting.End, s.Meeting.TimeZone = start, start.Add(2*time.Hour), c.zone
			m, err := post().compose(s)
			if err != nil {
				t.Fatal(err)
			}
			calendar := read(t, m.Calendars[0])
			e := calendar.Events()[0]
			at := e.GetProperty(ics.ComponentPropertyDtStart)
			got := []string{
				e.Id(), e.GetProperty(ics.ComponentPropertySequence).Value, e.GetProperty(ics.ComponentPropertyStatus).Value, at.Value,
				strings.Join(at.ICalParameters["TZID"], ""), m.Calendars[0].Method,
			}
			want := []string{s.Meeting.ID, "4", c.status, c.begins, c.zone, c.method}
			if strings.HasSuffix(c.begins, "Z") {
				want[4] = ""
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%v, want %v", got, want)
			}
			if read, err := e.GetStartAt(); err != nil || !read.Equal(start) {
				t.Errorf("begins %v, %v", read, err)
			}
			var offsets []string
			for _, zone := range calendar.Timezones() {
				for _, observed := range zone.Components {
					o := offsetsOf(observed)
					offsets = append(offsets, o.GetProperty("TZOFFSETFROM").Value+o.GetProperty("TZOFFSETTO").Value)
				}
			}
			if c.offsets != "" && strings.Join(offsets, " ") != c.offsets {
				t.Errorf("zone %v, want %s", offsets, c.offsets)
			}
		})
	}
}

// offsetsOf is what a zone's summer and the rest of its year have in common.
func offsetsOf(observed ics.Component) *ics.ComponentBase {
	if summer, ok := observed.(*ics.Daylight); ok {
		return &summer.ComponentBase
	}
	return &observed.(*ics.Standard).ComponentBase
}

// Nobody unsubscribes from what answers their own doing, and everybody from the rest.
func TestUnsubscribeLinks(t *testing.T) {
	for _, kind := range kinds() {
		for language, w := range map[string]words{"fr": french, "en": english} {
			m, err := post().compose(matter(kind, language))
			if err != nil {
				t.Fatal(err)
			}
			label := w.unsubscribe
			if kind.Subject() != domain.AboutRegistration {
				label = w.unsubscribeFurther
			}
			has := m.Unsubscribe != ""
			if has == kind.Answers() || has != strings.Contains(m.Text, label) || has != strings.Contains(m.HTML, "/unsubscribe/") {
				t.Errorf("%s: %q", kind, m.Text)
			}
		}
	}
}

// An ask's links answer that ask, in its professional's name, until the meeting's start.
func TestLinksOfAnAsk(t *testing.T) {
	p := post()
	for kind, actions := range map[domain.NoticeKind][]string{
		domain.NoticeAskSent:     {domain.LinkAcceptAsk, domain.LinkDeclineAsk},
		domain.NoticeAskMoved:    {domain.LinkAcceptAsk, domain.LinkDeclineAsk},
		domain.NoticeAskAccepted: {domain.LinkDeclineAsk}, domain.NoticeAskChanged: {domain.LinkDeclineAsk},
		domain.NoticeAskFreed: {}, domain.NoticeAskSuperseded: {}, domain.NoticeProfessionalLost: {},
	} {
		s := matter(kind, "en")
		l := p.letter(s, english)
		if len(l.Actions) != len(actions) {
			t.Errorf("%s: %+v", kind, l.Actions)
			continue
		}
		for i, want := range actions {
			claim, err := p.Links.Open(strings.TrimPrefix(l.Actions[i].URL, "https://maillage.example/l/"), now, want)
			if err != nil || claim.Resource != s.Ask.ID || claim.PersonID != s.Addressee.PersonID || !claim.Expires.Equal(s.Meeting.Start) {
				t.Errorf("%s: %+v, %v", kind, claim, err)
			}
		}
	}
}

// A mail's links do what they say, for that person and that registration, until they end.
func TestLinks(t *testing.T) {
	p, s := post(), matter(domain.NoticeOffered, "fr")
	l := p.letter(s, french)
	for i, want := range []string{domain.LinkAcceptOffer, domain.LinkDeclineOffer} {
		token, found := strings.CutPrefix(l.Actions[i].URL, "https://maillage.example/l/")
		claim, err := p.Links.Open(token, now, want)
		if !found || err != nil || claim.Resource != s.Addressee.ID || claim.PersonID != s.Addressee.PersonID || !claim.Expires.Equal(s.Addressee.OfferExpires) {
			t.Errorf("%s: %+v, %v", l.Actions[i].URL, claim, err)
		}
	}
	token, found := strings.CutPrefix(l.Unsubscribe.URL, "https://maillage.example/unsubscribe/")
	if claim, err := p.Links.Open(token, now, domain.LinkUnsubscribe); !found || err != nil || claim.PersonID != s.Addressee.PersonID {
		t.Errorf("%s: %+v, %v", l.Unsubscribe.URL, claim, err)
	}
}

// The link is for those who take part from afar, in mails that say when: not for those on site, nor for those who may only hope to come.
func TestRemoteLink(t *testing.T) {
	const url = "https://visio.example/room?a=1,2&b=\u202e3"
	for name, c := range map[string]struct {
		kind  domain.NoticeKind
		mode  domain.MeetingMode
		seat  domain.SeatMode
		state domain.RegistrationState
		want  bool
	}{
		"hybrid, remote seat":        {domain.NoticeConfirmed, domain.MeetingHybrid, domain.Remote, domain.RegistrationConfirmed, true},
		"hybrid, on site":            {domain.NoticeConfirmed, domain.MeetingHybrid, domain.InPerson, domain.RegistrationConfirmed, false},
		"remote":                     {domain.NoticeReminder, domain.MeetingRemote, domain.Remote, domain.RegistrationConfirmed, true},
		"remote, seat still on site": {domain.NoticeChanged, domain.MeetingRemote, domain.InPerson, domain.RegistrationConfirmed, true},
		"swapped":                    {domain.NoticeSwapped, domain.MeetingHybrid, domain.Remote, domain.RegistrationConfirmed, true},
		"in person":                  {domain.NoticeReminder, domain.MeetingInPerson, domain.InPerson, domain.RegistrationConfirmed, false},
		"waits":                      {domain.NoticeChanged, domain.MeetingRemote, domain.Remote, domain.RegistrationWaitlisted, false},
		"offered":                    {domain.NoticeOffered, domain.MeetingRemote, domain.Remote, domain.RegistrationOffered, false},
		"called off":                 {domain.NoticeMeetingCancelled, domain.MeetingRemote, domain.Remote, domain.RegistrationConfirmed, false},
		"professional":               {domain.NoticeAskAccepted, domain.MeetingRemote, 0, 0, true},
		"professional, hybrid":       {domain.NoticeAskAccepted, domain.MeetingHybrid, 0, 0, false},
		"professional, asked":        {domain.NoticeAskSent, domain.MeetingRemote, 0, 0, false},
	} {
		s := matter(c.kind, "en")
		s.Meeting.Mode, s.Meeting.RemoteURL, s.Addressee.Mode, s.Addressee.State = c.mode, url, c.seat, c.state
		if c.kind == domain.NoticeAskAccepted {
			s.Ask.State = domain.AskAccepted
		}
		m, err := post().compose(s)
		if err != nil {
			t.Fatal(err)
		}
		shown := strings.Contains(m.Text, "Take part from afar:\nhttps://visio.example/room?a=1,2&b=3\n")
		if shown != c.want || strings.Contains(m.HTML, "https://visio.example/") != c.want {
			t.Errorf("%s: %q", name, m.Text)
		}
		if len(m.Calendars) == 0 {
			continue
		}
		e := read(t, m.Calendars[0]).Events()[0]
		link, location := e.GetProperty(ics.ComponentPropertyUrl), e.GetProperty(ics.ComponentPropertyLocation)
		if (link != nil) != c.want || c.want && (link.Value != "https://visio.example/room?a=1,2&b=3" || location.Value != link.Value) {
			t.Errorf("%s: %s", name, m.Calendars[0].Content)
		}
		if strings.Contains(m.Text, s.place) == s.Remote() && !strings.Contains(m.Subject, "Cancelled") {
			t.Errorf("%s: the place: %q", name, m.Text)
		}
	}
}

// A change of mode, and of the link alone, is told as such.
func TestChangeOfMode(t *testing.T) {
	for name, c := range map[string]struct {
		told domain.Terms
		mode domain.MeetingMode
		want []string
	}{
		"to remote": {domain.Terms{Mode: domain.MeetingInPerson, PlaceID: "place"}, domain.MeetingRemote, []string{
			"Participation : à distance\nAu lieu de : sur place", "Lieu : à distance\nAu lieu de : Maison des associations", "Participer à distance :\nhttps://visio.example/b",
		}},
		"to the place": {domain.Terms{Mode: domain.MeetingRemote, RemoteURL: "https://visio.example/b"}, domain.MeetingInPerson, []string{
			"Participation : sur place\nAu lieu de : à distance", "Lieu : Médiathèque Jacques-Demy\n",
		}},
		"another link": {domain.Terms{Mode: domain.MeetingRemote, RemoteURL: "https://visio.example/a"}, domain.MeetingRemote, []string{
			"Lien : il a changé, le nouveau est ci-dessous", "Participer à distance :\nhttps://visio.example/b",
		}},
	} {
		s := matter(domain.NoticeChanged, "fr")
		s.Meeting.Mode, s.Meeting.RemoteURL = c.mode, "https://visio.example/b"
		c.told.Start, c.told.End, c.told.TimeZone, c.told.Version = s.Meeting.Start, s.Meeting.End, s.Meeting.TimeZone, 3
		s.Addressee.Told = c.told
		if c.told.PlaceID == "" {
			s.formerPlace = ""
		}
		if s.Addressee.Told.Same(s.Terms()) {
			t.Errorf("%s is no change", name)
		}
		m, err := post().compose(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(strings.ReplaceAll(m.Text, nbsp, " "), want) {
				t.Errorf("%s: %q is missing in %q", name, want, m.Text)
			}
		}
	}
}

// Whoever hears that a meeting is postponed hears why, when that was said; an earlier start is no postponement.
func TestPostponedSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		kind  domain.NoticeKind
		why   domain.Reason
		later time.Duration
		want  string
	}{
		"postponed":               {domain.NoticeChanged, domain.Reason{Cause: domain.OrganiserAway, Note: "Une\r\ngrippe."}, 24 * time.Hour, "Motif : L'organisateur est empêché. Une grippe.\n"},
		"postponed, professional": {domain.NoticeAskChanged, domain.Reason{Cause: domain.WeatherOrTransport}, 24 * time.Hour, "Motif : La météo ou les transports ne le permettent pas.\n"},
		"nobody said why":         {domain.NoticeChanged, domain.Reason{}, 24 * time.Hour, ""},
		"earlier, once postponed": {domain.NoticeChanged, domain.Reason{Cause: domain.OrganiserAway}, -24 * time.Hour, ""},
		"reminded of it":          {domain.NoticeReminder, domain.Reason{Cause: domain.OrganiserAway}, 24 * time.Hour, ""},
	} {
		s := matter(c.kind, "fr")
		s.Meeting.Postponed, s.Addressee.Told.Start = c.why, s.Meeting.Start.Add(-c.later)
		m, err := post().compose(s)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(m.Text, nbsp, " ")
		if !strings.Contains(text, c.want) || c.want == "" && strings.Contains(text, "Motif") {
			t.Errorf("%s: %q", name, text)
		}
	}
}
