package meetings_test

import (
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// A meeting that goes to the screen is told to those who were to come, with its link; another link is told too, and what they know already
// is not.
func TestMailsOfAChangeOfMode(t *testing.T) {
	o := newOffice(t)
	m := o.later(3)
	o.register("anne", m.GetId())
	o.register("ben", m.GetId())
	o.until(0, "anne: Votre place est confirmée : Programmation créative", "ben: Your seat is confirmed: Programmation créative")
	heard := 0
	change := func(edit *meetingsv1.Meeting, mask ...string) {
		edit.Id = m.GetId()
		must[*meetingsv1.Meeting](o.world)(o.UpdateMeeting(o.as("organiser"), &meetingsv1.UpdateMeetingRequest{
			Meeting: edit, UpdateMask: &fieldmaskpb.FieldMask{Paths: mask},
		}))
		heard++
		o.windows(m.GetId(), heard)
		o.clock.Advance(6 * time.Minute)
	}
	change(&meetingsv1.Meeting{Mode: meetingsv1.MeetingMode_MEETING_MODE_REMOTE, RemoteUrl: "https://visio.example/a"}, "mode", "remote_url")
	letters := o.until(2, "anne: Changement : Programmation créative", "ben: Change: Programmation créative")
	body := strings.ReplaceAll(letters["ben"].Part("text/plain"), "\u00a0", " ")
	for _, want := range []string{"How to take part: from afar\r\nInstead of: at the place", "Place: remote\r\nInstead of: Médiathèque", "https://visio.example/a"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is missing in %q", want, body)
		}
	}
	if _, e := o.calendar(letters["ben"]); e.GetProperty(ics.ComponentPropertyUrl).Value != "https://visio.example/a" {
		t.Error(e.Serialize(nil))
	}
	change(&meetingsv1.Meeting{RemoteUrl: "https://visio.example/b"}, "remote_url")
	letters = o.until(4, "anne: Changement : Programmation créative", "ben: Change: Programmation créative")
	if text := letters["anne"].Part("text/plain"); !strings.Contains(text, "le nouveau est ci-dessous") || !strings.Contains(text, "https://visio.example/b") {
		t.Errorf("%q", text)
	}
	change(&meetingsv1.Meeting{Title: "Robots"}, "title")
	o.clock.Set(m.GetStartTime().AsTime().Add(-48 * time.Hour))
	letters = o.until(6, "anne: Rappel : Robots", "ben: Reminder: Robots", "organiser: Vous organisez : Robots")
	if text := letters["anne"].Part("text/plain"); !strings.Contains(text, "https://visio.example/b") {
		t.Errorf("%q", text)
	}
	o.onceEach(m.GetId())
}
