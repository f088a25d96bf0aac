package notices

import (
	_ "embed"
	"html/template"
	"strings"

	"github.com/classcode/maillage/pkg/mail"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// subjectMatter is a matter with what only the mesh knows.
type subjectMatter struct {
	domain.Matter
	contact            *meshv1.Contact
	place, formerPlace string
}

// letter is a mail before it is text or HTML.
type letter struct {
	Language, Subject, Greeting, Text string
	Facts                             []fact
	Actions                           []action
	Calendar, Footer                  string // Calendar is empty without an attachment
	Unsubscribe                       action
}

type fact struct{ Label, Value string }

type action struct{ Label, URL string }

//go:embed letter.html
var layout string

var page = template.Must(template.New("letter").Parse(layout))

// compose puts a notice into its receiver's language.
func (p *Post) compose(s subjectMatter) (*mail.Message, error) {
	w := in(s.contact.GetLanguageCode())
	l := p.letter(s, w)
	attachment, err := p.calendar(s, w)
	if err != nil {
		return nil, err
	}
	if attachment != nil {
		l.Calendar = w.calendar
	}
	var html strings.Builder
	if err := page.Execute(&html, l); err != nil {
		return nil, err
	}
	return &mail.Message{
		ID: s.ID, To: mail.Address{Name: s.contact.GetName(), Email: s.contact.GetEmail()}, Subject: l.Subject, Text: l.plain(),
		HTML: html.String(), Language: w.language, Date: p.Now(), Unsubscribe: l.Unsubscribe.URL, Calendar: attachment,
	}, nil
}

func (p *Post) letter(s subjectMatter, w words) letter {
	m, phrase := s.Meeting, w.phrases[s.Kind]
	values := []string{
		"{module}", mail.Line(m.ModuleTitle), "{date}", w.time(m.Start, m.TimeZone),
		"{until}", w.time(s.Addressee.OfferExpires, m.TimeZone), "{name}", mail.Line(s.contact.GetName()),
	}
	greeting := w.stranger
	if s.contact.GetName() != "" {
		greeting = w.greeting
	}
	return letter{
		Language: w.language, Subject: fill(phrase.subject, values...), Greeting: fill(greeting, values...), Text: fill(phrase.text, values...),
		Facts: s.facts(w), Actions: p.actions(s, w), Footer: w.footer, Unsubscribe: action{w.unsubscribe, p.unsubscribe(s)},
	}
}

// facts are when and where, and what of it was otherwise; of a meeting that will not take place, why.
func (s subjectMatter) facts(w words) (facts []fact) {
	m, told := s.Meeting, s.Addressee.Told
	if s.Kind == domain.NoticeMeetingCancelled {
		return []fact{{w.cause, w.why(m.Cancelled)}}
	}
	changed := s.Kind == domain.NoticeChanged && told.Version > 0
	facts = append(facts, fact{w.when, w.time(m.Start, m.TimeZone)})
	if changed && (!told.Start.Equal(m.Start) || told.TimeZone != m.TimeZone) {
		facts = append(facts, fact{w.was, w.time(told.Start, told.TimeZone)})
	}
	facts = append(facts, fact{w.end, w.time(m.End, m.TimeZone)})
	where := s.place
	if s.Addressee.Mode == domain.Remote {
		where = w.remote
	}
	if where != "" {
		facts = append(facts, fact{w.where, where})
	}
	if changed && s.formerPlace != "" {
		facts = append(facts, fact{w.was, s.formerPlace})
	}
	return facts
}

// why is a cause in words, with what the organiser added.
func (w words) why(r domain.Reason) string {
	return strings.TrimSpace(w.causes[r.Cause] + " " + mail.Line(r.Note))
}

// actions are what the receiver can do from the mail.
func (p *Post) actions(s subjectMatter, w words) []action {
	switch s.Kind {
	case domain.NoticeOffered:
		until := s.Addressee.OfferExpires
		return []action{{w.accept, p.does(s, domain.LinkAcceptOffer, until)}, {w.decline, p.does(s, domain.LinkDeclineOffer, until)}}
	case domain.NoticeLapsed, domain.NoticeDeclined, domain.NoticeCancelled, domain.NoticeMeetingCancelled:
		return nil
	}
	return []action{{w.leave, p.does(s, domain.LinkCancelRegistration, s.Meeting.Start)}}
}

// plain is the letter as text.
func (l letter) plain() string {
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(parts, "") + "\n") }
	colon := ":"
	if l.Language == "fr" {
		colon = nbsp + colon
	}
	line(l.Greeting, "\n\n", l.Text, "\n")
	for _, f := range l.Facts {
		line(f.Label, colon, " ", f.Value)
	}
	for _, a := range l.Actions {
		line("\n", a.Label, colon, "\n", a.URL)
	}
	if l.Calendar != "" {
		line("\n", l.Calendar)
	}
	line("\n-- \n", l.Footer, "\n", l.Unsubscribe.Label, colon, "\n", l.Unsubscribe.URL)
	return b.String()
}
