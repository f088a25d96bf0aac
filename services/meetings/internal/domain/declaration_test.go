package domain

import (
	"testing"
	"time"
)

// Who is to be asked what they think of a meeting whose declaration was returned is asked once it is declared again.
func TestFeedbackWaitsForTheDeclaration(t *testing.T) {
	m := Meeting{Start: at(0, 2).Start, End: at(0, 2).End, OrganiserID: "organiser"}
	n := Notice{Kind: NoticeOrganiserFeedback, CreateTime: m.End}
	for name, c := range map[string]struct {
		state MeetingState
		after time.Duration
		wait  time.Duration
		drop  string
	}{
		"declared":          {MeetingHeld, time.Hour, 0, ""},
		"just returned":     {MeetingConfirmed, time.Second, 10 * time.Second, ""},
		"an hour ago":       {MeetingConfirmed, time.Hour, time.Hour, ""},
		"days ago":          {MeetingConfirmed, 72 * time.Hour, 24 * time.Hour, ""},
		"never again":       {MeetingConfirmed, feedbackTime, 0, ReasonStale},
		"called off at all": {MeetingCancelled, time.Hour, 0, ReasonStale},
	} {
		now := m.End.Add(c.after)
		m.State = c.state
		want := Decision{Drop: c.drop}
		if c.wait > 0 {
			want.Wait = now.Add(c.wait)
		}
		who := Addressee{Registration: Registration{PersonID: "organiser"}, Preferences: NoticePreferences{Level: NoticesAll}}
		if got := (Matter{Notice: n, Meeting: m, Addressee: who}).Decide(now); got != want {
			t.Errorf("%s: %+v; want %+v", name, got, want)
		}
	}
}
