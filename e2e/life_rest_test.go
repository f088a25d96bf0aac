package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// notices are those of the three meetings, as the coordinator reads them.
func (l *life) notices() (all []*meetingsv1.Notice) {
	l.t.Helper()
	for _, m := range []*meetingsv1.Meeting{l.first, l.second, l.elsewhere} {
		code, answer := l.persist(http.MethodGet, of(m, "/notices?pageSize=500"), l.coordinator.token, "", "")
		page := &meetingsv1.ListNoticesResponse{}
		if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal([]byte(answer), page); code != http.StatusOK || err != nil {
			l.t.Fatalf("%d %s: %v", code, answer, err)
		}
		all = append(all, page.GetNotices()...)
	}
	return all
}

// rest waits until everything that must have been sent is known to have been: what comes next would make some of it untrue.
func (l *life) rest() {
	l.t.Helper()
	var wrong []string
	defer func() {
		if l.t.Failed() {
			l.t.Log(strings.Join(wrong, "\n"))
		}
	}()
	testkit.Poll(l.t, patience, func() bool {
		all := l.notices()
		wrong = differ("notices", untimed(l.sent(all)), slices.DeleteFunc(untimed(l.due), letter.ofNoMeeting))
		return len(wrong) == 0 && !slices.ContainsFunc(all, func(n *meetingsv1.Notice) bool {
			return n.GetState() == meetingsv1.NoticeState_NOTICE_STATE_PENDING
		})
	}, "the mails to be sent")
}

// sent are the letters that notices say were sent.
func (l *life) sent(all []*meetingsv1.Notice) (letters []letter) {
	for _, n := range all {
		if n.GetState() == meetingsv1.NoticeState_NOTICE_STATE_SENT {
			letters = append(letters, l.letterOf(n))
		}
	}
	return letters
}

func (l *life) letterOf(n *meetingsv1.Notice) letter {
	return letter{l.whose(n), strings.TrimPrefix(n.GetKind().String(), "NOTICE_KIND_"), n.GetMeetingId(), time.Time{}}
}

// whose is the id of the person whom a notice concerns: by the registration, by the ask, or whoever organises.
func (l *life) whose(n *meetingsv1.Notice) string {
	for _, r := range l.registrations {
		if r.GetId() == n.GetRegistrationId() {
			return r.GetPersonId()
		}
	}
	if a := l.asks[n.GetSubjectId()]; a != nil {
		return a.GetPersonId()
	}
	for _, m := range l.starts {
		if m.GetId() == n.GetMeetingId() {
			return m.GetOrganiserId()
		}
	}
	return ""
}

// ofNoMeeting is a letter that no meeting's list has.
func (l letter) ofNoMeeting() bool { return l.meeting == "" }

// untimed are letters without their hours.
func untimed(all []letter) []letter {
	out := slices.Clone(all)
	for i := range out {
		out[i].start = time.Time{}
	}
	return out
}

// differ says which letters there are too many or too few of.
func differ(what string, got, want []letter) (wrong []string) {
	count := map[letter]int{}
	for _, one := range want {
		count[one]++
	}
	for _, one := range got {
		count[one]--
	}
	for one, n := range count {
		if n != 0 {
			wrong = append(wrong, fmt.Sprintf("%s: %d missing of %+v", what, n, one))
		}
	}
	return wrong
}

// link is the token of the link with a label in the last mail to someone about a meeting, or about none.
func (l *life) link(m *meetingsv1.Meeting, who *someone, label string) string {
	l.t.Helper()
	all := l.mail()
	for _, one := range slices.Backward(all) {
		text := plain(one)
		if at, _ := hourIn(text); one.To != who.email() || l.starts[at].GetId() != m.GetId() {
			continue
		}
		if _, after, found := strings.Cut(text, label+" :\n"); found {
			url, _, _ := strings.Cut(after, "\n")
			_, token, _ := strings.Cut(url, "/l/")
			return token
		}
	}
	l.t.Fatalf("no mail to %s lets them: %s", who.name, label)
	return ""
}

// plain is a mail's text on lines that end in one character, with plain spaces.
func plain(m delivered) string {
	read, err := m.Read()
	if err != nil {
		return err.Error()
	}
	return spaces.Replace(read.Part("text/plain"))
}

var spaces = strings.NewReplacer("\u00a0", " ", "\r\n", "\n")

func paris(at time.Time) time.Time {
	there, err := time.LoadLocation(zone)
	if err != nil {
		panic(err) // it is embedded in every program of ours
	}
	return at.In(there)
}
