package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// atWork is how many mails a death may repeat: those that are at work at once (docs/adr/0011-notices.md).
const atWork = 4

// mailbag is what the mail server got, and what it must agree with.
type mailbag struct {
	*life
	got  []delivered
	told map[string]*meetingsv1.Notice // by the Message-ID that a notice's mail has
}

// judge reads back every mail: each that is due came once, none besides. Then it shows that it would notice.
func (l *life) judge() {
	bag := mailbag{life: l, got: l.mail(), told: map[string]*meetingsv1.Notice{}}
	for _, n := range l.notices() {
		bag.told[n.GetId()+"@maillage.example"] = n
	}
	wrong, repeated := bag.check()
	for _, w := range wrong {
		l.t.Error(w)
	}
	l.t.Logf("%d mails due, %d came, %d of them again after a death under the same Message-ID; %d deaths: %d in a request, %d after a mail, %d in a start, %d others",
		len(l.due), len(bag.got), repeated, l.deaths(), l.inRequests, l.afterMails, l.inStarts, l.others)
	if l.deaths() < 6 || l.afterMails < 3 {
		l.t.Error("too few deaths for a trial")
	}
	if !l.t.Failed() {
		bag.control()
	}
}

// control shows that each kind of fault would be noticed.
func (b mailbag) control() {
	for what, harm := range map[string]func([]delivered) []delivered{
		"a mail is lost": func(got []delivered) []delivered {
			id := got[0].ID()
			return slices.DeleteFunc(got, func(m delivered) bool { return m.ID() == id })
		},
		"a mail came under a second Message-ID": func(got []delivered) []delivered {
			return append(got, delivered{edited(got[0], got[0].ID(), uuid.NewString()+"@maillage.example"), got[0].life})
		},
		"a mail came twice in one life": func(got []delivered) []delivered { return append(got, got[len(got)-1]) },
		"a mail went to somebody else":  func(got []delivered) []delivered { got[0].To = "lea-1@example.org"; return got },
		"a mail says another hour": func(got []delivered) []delivered {
			const half = "18=C2=A0h=C2=A030"
			i := slices.IndexFunc(got, func(m delivered) bool { return strings.Contains(string(m.Raw), half) })
			got[i].Mail = edited(got[i], half, "19=C2=A0h=C2=A030")
			return got
		},
		"entries of a calendar go back": func([]delivered) []delivered {
			first, _ := b.once()
			slices.Reverse(first)
			return first
		},
	} {
		b.t.Run(what, func(t *testing.T) {
			harmed := b
			harmed.got = harm(slices.Clone(b.got))
			found, _ := harmed.check()
			if len(found) == 0 {
				t.Fatal("nothing is found to be wrong")
			}
			t.Log(found[0])
		})
	}
}

// edited is a mail with another text in it.
func edited(m delivered, old, with string) testkit.Mail {
	return testkit.Mail{From: m.From, To: m.To, Raw: []byte(strings.ReplaceAll(string(m.Raw), old, with))}
}

func (b mailbag) check() (wrong []string, repeated int) {
	first, wrong := b.once()
	var letters []letter
	seen := map[[2]string]int{}
	for _, m := range first {
		one, err := b.read(m, seen)
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("%s to %s: %v", m.ID(), m.To, err))
		}
		letters = append(letters, one)
		n := b.told[m.ID()]
		if one.ofNoMeeting() && n == nil {
			continue
		}
		if n.GetState() != meetingsv1.NoticeState_NOTICE_STATE_SENT || b.letterOf(n) != untimed([]letter{one})[0] {
			wrong = append(wrong, fmt.Sprintf("%s: %+v is not what the notice says: %v", m.ID(), one, n))
		}
	}
	wrong = append(wrong, differ("mails", letters, b.due)...)
	for id, n := range b.told {
		if n.GetState() == meetingsv1.NoticeState_NOTICE_STATE_FAILED {
			wrong = append(wrong, fmt.Sprintf("%s has failed: %v", id, n))
		}
		if n.GetState() == meetingsv1.NoticeState_NOTICE_STATE_SENT && !slices.ContainsFunc(first, func(m delivered) bool { return m.ID() == id }) {
			wrong = append(wrong, fmt.Sprintf("%s was sent and is not there: %v", id, n))
		}
	}
	return wrong, len(b.got) - len(first)
}

// once is each mail as it came first. One that comes again came to a program that had died before it knew.
func (b mailbag) once() (first []delivered, wrong []string) {
	again, last := map[int]int{}, map[string]int{} // by life, and the life in which an id came last
	for _, m := range b.got {
		i := slices.IndexFunc(first, func(f delivered) bool { return f.ID() == m.ID() })
		before := last[m.ID()]
		last[m.ID()] = m.life
		switch {
		case i < 0:
			first = append(first, m)
			continue
		case before >= m.life:
			wrong = append(wrong, fmt.Sprintf("%s came twice in one life", m.ID()))
		case first[i].To != m.To || plain(first[i]) != plain(m):
			wrong = append(wrong, fmt.Sprintf("%s came twice, and differs", m.ID()))
		}
		again[before]++
	}
	for life, n := range again {
		if n > atWork {
			wrong = append(wrong, fmt.Sprintf("%d mails of life %d came again", n, life))
		}
	}
	return first, wrong
}
