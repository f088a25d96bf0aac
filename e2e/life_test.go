package e2e

import (
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/testkit"
)

// lifeSeed chooses when the program dies.
const lifeSeed = 4

// life is the story of a series: its people, its meetings, and the mails that everybody must have been sent.
type life struct {
	*program
	*fate
	flags  []string
	people map[string]*someone // by id
	due    []letter
	cast
	stage
}

// cast are the six roles.
type cast struct {
	national, coordinator, relay, organiser *someone
	learners, professionals                 []*someone
}

// A series lives its whole life through HTTP, by six roles, while the program dies again and again, some of it while mails go out. Whoever
// asks goes on asking with the same key. In the end everybody was sent what the answers promised, once each.
func TestSeriesLivesThroughDeaths(t *testing.T) {
	l := &life{program: install(t), people: map[string]*someone{}}
	sink := testkit.NewMailServer(t)
	l.fate = newFate(lifeSeed, l.program.kill)
	sink.OnAccepted(l.accepted)
	// So few mails a second that a death finds one of them at work, rarely two.
	l.flags = []string{"--mail-smtp", sink.URL(), "--mail-from", "maillage <notices@maillage.example>", "--mail-rate", "20"}
	began := time.Now()
	l.start(l.flags...)
	l.await()
	for _, act := range []struct {
		title string
		play  func()
	}{
		{"people, a place, a group", l.gather}, {"two meetings and what they need", l.plan}, {"somebody is invited", l.invite}, {"registrations until it is full", l.fill},
		{"seats change hands", l.handOver}, {"a professional is found", l.seek}, {"rooms, referent, readiness", l.prepare},
		{"postponed", l.postpone}, {"called off", l.callOff}, {"the day comes", l.hold}, {"nothing more", l.end},
	} {
		act.play()
		t.Logf("%5.1f s, %2d deaths, %3d mails: %s", time.Since(began).Seconds(), l.deaths(), len(l.mail()), act.title)
	}
	l.judge()
}
