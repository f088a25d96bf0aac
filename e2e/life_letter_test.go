package e2e

import (
	"cmp"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// subjects are what each kind's mails are called, in French and in English; the meeting's name follows.
var subjects = map[string]map[string]string{
	"fr": {
		"CONFIRMED": "Votre place est confirmée : ", "WAITLISTED": "Liste d'attente : ", "OFFERED": "Une place s'est libérée : ",
		"DECLINED": "Vous avez laissé la place : ", "CANCELLED": "Votre inscription est annulée : ", "REMINDER": "Rappel : ", "SHORT_REMINDER": "Bientôt : ",
		"CHANGED": "Changement : ", "MEETING_CANCELLED": "Annulé : ", "MEETING_CONFIRMED": "C'est confirmé : ",
		"ASK_SENT": "Pouvez-vous venir ? ", "ASK_ACCEPTED": "C'est noté, vous venez : ", "ASK_FREED": "Votre venue n'est plus attendue : ",
		"PROFESSIONAL_COMES": "Un professionnel vient : ", "PROFESSIONAL_LOST": "Le professionnel ne vient plus : ",
		"INVITED": "Un groupe vous invite : ", "FEEDBACK": "Votre avis en une minute : ", "ORGANISER_FEEDBACK": "Votre avis d'organisateur en une minute : ",
		"DECLARATION_RETURNED": "À déclarer de nouveau : ", "PRACTICE_SHEET_RETURNED": "Une fiche pratique vous revient : ", "PRACTICE_SHEET_PUBLISHED": "Une fiche pratique est publiée : ",
		"ORGANISER_REMINDER": "Vous organisez : ",
	},
	"en": {
		"CONFIRMED": "Your seat is confirmed: ", "WAITLISTED": "Waiting list: ", "REMINDER": "Reminder: ", "CHANGED": "Change: ",
		"MEETING_CANCELLED": "Cancelled: ", "FEEDBACK": "What do you think, in one minute? ",
	},
}

// reasons are why the first meeting was postponed, and the second one called off.
var reasons = map[string]map[string]string{
	"CHANGED":           {"fr": "Motif : L'organisateur est empêché.\n", "en": "Reason: The organiser cannot come.\n"},
	"MEETING_CANCELLED": {"fr": "Motif : La météo ou les transports ne le permettent pas. Verglas\n", "en": "Reason: The weather or the transports do not allow it. Verglas\n"},
}

// hour is when a mail says that a meeting is, or would have been.
var hour = regexp.MustCompile(`(?:Quand : |prévu |When: |planned for )\pL+ (\d+)(?:er)? (\pL+) (\d{4}) (?:à|at) (\d+)(?: h ?|:)(\d*)`)

var months = []string{
	"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
	"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
}

// read takes a mail apart: what letter it is, by what it says alone. seen holds the version of each entry in each person's calendar.
func (b mailbag) read(m delivered, seen map[[2]string]int) (one letter, err error) {
	who := b.at(m.To)
	if who == nil {
		return one, errors.New("nobody has this address")
	}
	one.to = who.id
	mailed, err := m.Read()
	if err != nil {
		return one, err
	}
	if to, err := mail.ParseAddress(mailed.Header.Get("To")); err != nil || to.Address != who.email() || to.Name != who.name {
		return one, fmt.Errorf("the header says: to %q", mailed.Header.Get("To"))
	}
	if got := mailed.Header.Get("Content-Language"); got != who.language {
		return one, fmt.Errorf("in %q", got)
	}
	about := b.first // which has the group's module
	if one.kind = kindBySubject(who.language, mailed.Subject, about); one.kind != "INVITED" {
		if one.start, err = hourIn(plain(m)); err != nil {
			return one, err
		}
		about = b.starts[one.start]
		one.meeting, one.kind = about.GetId(), kindBySubject(who.language, mailed.Subject, about)
	}
	if why := reasons[one.kind][who.language]; !strings.Contains(plain(m), why) {
		return one, fmt.Errorf("does not say why: %s", why)
	}
	return one, b.entry(one, who, mailed, seen)
}

// at is who has an address.
func (l *life) at(email string) *someone {
	for _, who := range l.people {
		if who.email() == email {
			return who
		}
	}
	return nil
}

// kindBySubject is the kind of a mail about a meeting.
func kindBySubject(language, subject string, m *meetingsv1.Meeting) string {
	for kind, said := range subjects[language] {
		if spaces.Replace(subject) == said+cmp.Or(m.GetTitle(), m.GetModuleTitle()) {
			return kind
		}
	}
	return "of no kind: " + subject
}

func hourIn(text string) (time.Time, error) {
	said := hour.FindStringSubmatch(text)
	if said == nil {
		return time.Time{}, fmt.Errorf("no hour in %q", text)
	}
	number := func(i int) int {
		n, _ := strconv.Atoi(said[i]) // full hours have no minutes
		return n
	}
	month := time.Month(slices.Index(months, said[2])%12 + 1)
	return time.Date(number(3), month, number(1), number(4), number(5), 0, 0, paris(time.Now()).Location()).UTC(), nil
}

// The letters that take the meeting out of the receiver's calendar, and those that leave the calendar alone.
var (
	withdrawing = []string{"CANCELLED", "DECLINED", "MEETING_CANCELLED", "ASK_FREED"}
	without     = []string{"WAITLISTED", "ASK_SENT", "PROFESSIONAL_COMES", "PROFESSIONAL_LOST", "INVITED", "FEEDBACK", "ORGANISER_FEEDBACK", "DECLARATION_RETURNED", "ORGANISER_REMINDER",
		"PRACTICE_SHEET_RETURNED", "PRACTICE_SHEET_PUBLISHED"}
)

// entry checks a mail's calendar entry: one name for a meeting for ever, its hour, and a version that never goes back.
func (b mailbag) entry(one letter, who *someone, mailed testkit.Letter, seen map[[2]string]int) error {
	text := mailed.Part("text/calendar")
	if slices.Contains(without, one.kind) || one.kind == "CHANGED" && slices.Contains(b.in(b.first, waitlisted), who) {
		if text != "" {
			return errors.New("an entry for who has no seat")
		}
		return nil
	}
	calendar, err := ics.ParseCalendar(strings.NewReader(text))
	if err != nil || len(calendar.Events()) != 1 {
		return fmt.Errorf("one entry is wanted, not %q", text)
	}
	method, want := "", "REQUEST"
	for _, p := range calendar.CalendarProperties {
		if p.IANAToken == string(ics.PropertyMethod) {
			method = p.Value
		}
	}
	if slices.Contains(withdrawing, one.kind) {
		want = "CANCEL"
	}
	e := calendar.Events()[0]
	start, err := e.GetStartAt()
	if err != nil || method != want || e.Id() != one.meeting || !start.Equal(one.start) {
		return fmt.Errorf("%s of %s at %v; want %s of %s at %v", method, e.Id(), start, want, one.meeting, one.start)
	}
	return risen(e, one, seen)
}

func risen(e *ics.VEvent, one letter, seen map[[2]string]int) error {
	version, err := strconv.Atoi(e.GetProperty(ics.ComponentPropertySequence).Value)
	entry := [2]string{one.to, one.meeting}
	before := seen[entry]
	seen[entry] = version
	news := slices.Contains([]string{"CHANGED", "MEETING_CANCELLED", "ASK_FREED"}, one.kind)
	if err != nil || version < before || news && version == before {
		return fmt.Errorf("version %d after %d", version, before)
	}
	return nil
}
