package notices

import (
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/prose"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const nbsp = prose.Space

// words are what a language says. {module}, {date}, {until} and {name} are replaced.
type words struct {
	language string
	time     func(at time.Time, zone string) string

	greeting, stranger              string // to whom has a name ({name}), and to whom has none
	when, was, end, where           string
	cause, remote                   string
	professional, next              string
	accept, decline, leave          string
	come, stayAway, withdraw        string
	readSheet                       string                       // a practice sheet, as everyone reads it
	swap, yours, offered            string                       // to accept a proposal, and the two seats that it is about
	vote, date, register            string                       // to answer a poll, one of its dates, to come to what was chosen
	join, stayOut, commune, members string                       // to answer an invitation, and what the group is
	mode, link, newLink, joinRemote string                       // how people take part, and the link by which they do
	opine                           string                       // to say what one thinks of a meeting
	recognisers                     string                       // how many have recognised a badge
	badge                           func(domain.Standing) string // what it is called
	checkIn, screen                 string                       // to say that one is there, and to show the code for it
	left                            string                       // the seat that was given for another one
	calendar                        string                       // what the attachment is for
	event                           string                       // the entry in the calendar
	unsubscribe, unsubscribeFurther string                       // from reminders and changes, and from the rest
	footers                         map[domain.Subject]string
	causes                          map[domain.CancelCause]string // why a meeting is called off
	reopened                        map[domain.ReopenCause]string // why a professional is looked for again
	searching                       map[domain.SearchState]string // and what is done about it
	modes                           map[domain.MeetingMode]string
	phrases                         map[domain.NoticeKind]phrase
}

// phrase is what a kind of notice says.
type phrase struct{ subject, text string }

func in(language string) words {
	if language == "en" {
		return english
	}
	return french
}

// fill puts what people have written into a phrase; what stands in there is not looked at again.
func fill(phrase string, values ...string) string {
	return strings.NewReplacer(values...).Replace(phrase)
}
