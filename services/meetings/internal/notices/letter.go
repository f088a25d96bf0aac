package notices

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/classcode/maillage/pkg/link"
	"github.com/classcode/maillage/pkg/mail"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// subjectMatter is a matter with what only the mesh knows.
type subjectMatter struct {
	domain.Matter
	contact            *meshv1.Contact
	module             string // of a group whose matter belongs to no meeting
	commune            string // of a group that invites
	place, formerPlace string
	otherPlace         string // of the other meeting of a swap
	professional       string // who comes, for the organiser
}

// letter is a mail before it is text or HTML.
type letter struct {
	Language, Subject, Greeting, Text string
	Facts                             []fact
	Actions                           []action
	Calendar, Footer                  string // Calendar is empty without an attachment
	Unsubscribe                       action // none when the mail answers the receiver's own doing
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
	attachments, err := p.calendars(s, w)
	if err != nil {
		return nil, err
	}
	if len(attachments) > 0 {
		l.Calendar = w.calendar
	}
	var html strings.Builder
	if err := page.Execute(&html, l); err != nil {
		return nil, err
	}
	return &mail.Message{
		ID: s.ID, To: mail.Address{Name: s.contact.GetName(), Email: s.contact.GetEmail()}, Subject: l.Subject, Text: l.plain(),
		HTML: html.String(), Language: w.language, Date: p.Now(), Unsubscribe: l.Unsubscribe.URL, Calendars: attachments,
	}, nil
}

func (p *Post) letter(s subjectMatter, w words) letter {
	m, phrase := s.Meeting, w.phrases[s.telling()]
	values := []string{
		"{module}", s.title(), "{date}", w.time(m.Start, m.TimeZone), "{until}", w.time(s.until()),
		"{name}", mail.Line(s.contact.GetName()),
	}
	greeting := w.stranger
	if s.contact.GetName() != "" {
		greeting = w.greeting
	}
	l := letter{
		Language: w.language, Subject: fill(phrase.subject, values...), Greeting: fill(greeting, values...), Text: fill(phrase.text, values...),
		Facts: s.facts(w), Actions: append(s.joining(w), p.actions(s, w)...), Footer: w.footers[s.Kind.Subject()],
	}
	if !s.Kind.Answers() {
		l.Unsubscribe = action{w.unsubscribeFurther, p.unsubscribe(s)}
		if s.Kind.Subject() == domain.AboutRegistration {
			l.Unsubscribe.Label = w.unsubscribe
		}
	}
	return l
}

// title is what a meeting is called.
func title(m domain.Meeting) string { return mail.Line(cmp.Or(m.Title, m.ModuleTitle)) }

// title is what the matter is called: as the meeting, or, before there is one, as the poll or the module.
func (s subjectMatter) title() string {
	if s.Kind.Subject() == domain.AboutBadge {
		return in(s.contact.GetLanguageCode()).badge(s.Badge.Standing)
	}
	return cmp.Or(title(s.Meeting), mail.Line(cmp.Or(s.Poll.Title, s.module)))
}

// until is the hour by which an answer is expected, and the zone of its clocks.
func (s subjectMatter) until() (at time.Time, zone string) {
	switch zone = s.Meeting.TimeZone; s.Kind.Subject() {
	case domain.AboutAsk:
		return s.Ask.Deadline, zone
	case domain.AboutSwap:
		return s.Swap.Expires, zone
	case domain.AboutPoll:
		return s.Poll.Closes, s.Poll.TimeZone
	case domain.AboutInvitation:
		return s.Invitation.Expires, s.Invitation.Zone()
	case domain.AboutBadge: // it has none; what else of the mail lasts as long again as from a meeting's end
		return s.Badge.CreateTime, zone
	}
	if s.Kind == domain.NoticeFeedback || s.Kind == domain.NoticeOrganiserFeedback {
		return s.Meeting.FeedbackUntil(), zone
	}
	return s.Addressee.OfferExpires, zone
}

// telling is the kind whose words are used: whoever was asked is told in the same words as who comes that a meeting is called off.
func (s subjectMatter) telling() domain.NoticeKind {
	if s.Kind == domain.NoticeAskSuperseded && s.Meeting.State == domain.MeetingCancelled {
		return domain.NoticeAskMeetingCancelled
	}
	return s.Kind
}

// facts are when and where, and what of it was otherwise; of a meeting that will not take place, why.
func (s subjectMatter) facts(w words) (facts []fact) {
	m := s.Meeting
	when := fact{w.when, w.time(m.Start, m.TimeZone)}
	switch s.telling() {
	case domain.NoticeMeetingCancelled, domain.NoticeAskMeetingCancelled:
		return []fact{{w.cause, w.why(m.Cancelled)}}
	case domain.NoticeAskSuperseded, domain.NoticeAskWithdrawn, domain.NoticeAskFreed, domain.NoticeFeedback, domain.NoticeOrganiserFeedback,
		domain.NoticeSheetReturned, domain.NoticeSheetPublished:
		return []fact{when}
	case domain.NoticeSearchReopened, domain.NoticeProfessionalLost:
		// What the next in line has answered meanwhile is told by another mail.
		return []fact{when, {w.cause, w.reopened[s.Search.ReopenCause]}, {w.next, w.searching[s.Search.State]}}
	case domain.NoticeDeclarationReturned:
		return []fact{when, {w.cause, mail.Line(s.Return.Reason)}}
	case domain.NoticePollWithoutDate:
		return nil
	case domain.NoticeBadgeIssued:
		return []fact{{w.recognisers, strconv.Itoa(s.Badge.Peers)}}
	case domain.NoticeInvited:
		return s.group(w)
	case domain.NoticePollOpened:
		for _, o := range s.Poll.Options {
			facts = append(facts, fact{fmt.Sprint(w.date, " ", o.Position), w.time(o.Slot.Start, s.Poll.TimeZone)})
		}
		return facts
	case domain.NoticeSwapProposed:
		return []fact{{w.offered, s.seat(w, s.Other, s.otherPlace, s.Offer.Mode)}, {w.yours, s.seat(w, m, s.place, s.Addressee.Mode)}}
	case domain.NoticeSwapped:
		return append(s.hours(w), fact{w.left, s.seat(w, s.Other, s.otherPlace, 0)})
	case domain.NoticeProfessionalComes:
		if s.professional != "" {
			facts = append(facts, fact{w.professional, s.professional})
		}
	}
	return append(facts, s.hours(w)...)
}

// group is which one invites: groups have no names.
func (s subjectMatter) group(w words) (facts []fact) {
	if s.place != "" {
		facts = append(facts, fact{w.where, s.place})
	}
	if s.commune != "" {
		facts = append(facts, fact{w.commune, s.commune})
	}
	return append(facts, fact{w.members, strconv.Itoa(s.Invitation.Members)})
}

// seat is a seat in one line.
func (s subjectMatter) seat(w words, m domain.Meeting, place string, mode domain.SeatMode) string {
	line := w.time(m.Start, m.TimeZone)
	if mode == domain.Remote || m.Mode == domain.MeetingRemote {
		place = w.remote
	}
	if place != "" {
		line += ", " + place
	}
	return line
}

// hours are when and where, each with what was told before where it is otherwise now.
func (s subjectMatter) hours(w words) (facts []fact) {
	m, told := s.Meeting, s.Addressee.Told
	changed := s.changed() && told.Version > 0
	facts = append(facts, fact{w.when, w.time(m.Start, m.TimeZone)})
	if changed && (!told.Start.Equal(m.Start) || told.TimeZone != m.TimeZone) {
		facts = append(facts, fact{w.was, w.time(told.Start, told.TimeZone)})
	}
	if changed && m.Start.After(told.Start) && m.Postponed.Cause != 0 {
		facts = append(facts, fact{w.cause, w.why(m.Postponed)})
	}
	facts = append(facts, fact{w.end, w.time(m.End, m.TimeZone)})
	if changed && told.Mode != m.Mode {
		facts = append(facts, fact{w.mode, w.modes[m.Mode]}, fact{w.was, w.modes[told.Mode]})
	}
	where := s.place
	if s.Remote() {
		where = w.remote
	}
	if where != "" {
		facts = append(facts, fact{w.where, where})
	}
	if changed && s.formerPlace != "" {
		facts = append(facts, fact{w.was, s.formerPlace})
	}
	if changed && told.RemoteURL != "" && s.Link() != "" && told.RemoteURL != s.Link() {
		facts = append(facts, fact{w.link, w.newLink})
	}
	return facts
}

// changed reports whether the mail tells the difference to what was told before.
func (s subjectMatter) changed() bool {
	return s.Kind == domain.NoticeChanged || s.Kind == domain.NoticeAskChanged || s.Kind == domain.NoticeAskMoved
}

// why is a cause in words, with what the organiser added.
func (w words) why(r domain.Reason) string {
	return strings.TrimSpace(w.causes[r.Cause] + " " + mail.Line(r.Note))
}

// joining is the link by which the receiver takes part from afar, where the mail says when and how that is.
func (s subjectMatter) joining(w words) []action {
	if e, ok := s.entry(); !ok || e != expected || s.Link() == "" {
		return nil
	}
	return []action{{w.joinRemote, address(s.Link())}}
}

// address is a link as it is safe to show: nothing in it turns the direction of what follows.
func address(link string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, link)
}

// actions are what the receiver can do from the mail.
func (p *Post) actions(s subjectMatter, w words) []action {
	start := s.Meeting.Start
	switch s.Kind {
	case domain.NoticeOffered:
		until := s.Addressee.OfferExpires
		return []action{{w.accept, p.does(s, domain.LinkAcceptOffer, until)}, {w.decline, p.does(s, domain.LinkDeclineOffer, until)}}
	case domain.NoticeWaitlisted:
		return []action{p.leave(s, w)}
	case domain.NoticeConfirmed, domain.NoticeReminder, domain.NoticeShortReminder, domain.NoticeChanged,
		domain.NoticeMeetingConfirmed, domain.NoticeSwapped:
		if s.Addressee.State != domain.RegistrationConfirmed { // who waits hears of changes, too
			return []action{p.leave(s, w)}
		}
		return []action{p.leave(s, w), p.present(s, domain.LinkCheckIn, w.checkIn)}
	case domain.NoticeOrganiserReminder:
		return []action{p.present(s, domain.LinkShowCheckIn, w.screen)}
	case domain.NoticeAskSent, domain.NoticeAskMoved:
		return []action{{w.come, p.does(s, domain.LinkAcceptAsk, start)}, {w.stayAway, p.does(s, domain.LinkDeclineAsk, start)}}
	case domain.NoticeSwapProposed:
		return []action{{w.swap, p.does(s, domain.LinkAcceptSwap, s.Swap.Expires)}}
	case domain.NoticeInvited:
		until := s.Invitation.Expires
		return []action{{w.join, p.does(s, domain.LinkAcceptInvitation, until)}, {w.stayOut, p.does(s, domain.LinkDeclineInvitation, until)}}
	case domain.NoticeFeedback, domain.NoticeOrganiserFeedback:
		return []action{{w.opine, p.link("/l/", link.Claim{
			Action: domain.LinkGiveFeedback, Resource: s.Meeting.ID, PersonID: s.Addressee.PersonID, Expires: s.Meeting.FeedbackUntil(),
		})}}
	case domain.NoticePollOpened:
		return []action{{w.vote, p.does(s, domain.LinkVotePoll, s.Poll.Closes)}}
	case domain.NoticePollClosed, domain.NoticeRegistrationLink:
		if s.Addressee.State.Live() {
			return nil
		}
		return []action{{w.register, p.link("/l/", link.Claim{
			Action: domain.LinkRegister, Resource: s.Meeting.ID, PersonID: s.Addressee.PersonID, Expires: start,
		})}}
	case domain.NoticeSheetPublished:
		return []action{{w.readSheet, p.BaseURL + "/fiches/" + s.SubjectID}}
	case domain.NoticeAskAccepted, domain.NoticeAskChanged:
		return []action{{w.withdraw, p.does(s, domain.LinkDeclineAsk, start)}}
	}
	return nil
}

func (p *Post) leave(s subjectMatter, w words) action {
	return action{w.leave, p.does(s, domain.LinkCancelRegistration, s.Meeting.Start)}
}

// present leads to where people say that they are there.
func (p *Post) present(s subjectMatter, does, label string) action {
	return action{label, p.link(domain.PresencePath, link.Claim{
		Action: does, Resource: s.Meeting.ID, PersonID: s.Addressee.PersonID, Expires: s.Meeting.CheckInUntil(),
	})}
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
	line("\n-- \n", l.Footer)
	if l.Unsubscribe.URL != "" {
		line(l.Unsubscribe.Label, colon, "\n", l.Unsubscribe.URL)
	}
	return b.String()
}
