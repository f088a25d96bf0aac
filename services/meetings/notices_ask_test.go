package meetings_test

import (
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// token is that of the n-th link of a mail.
func token(l testkit.Letter, n int) string {
	parts := strings.Split(l.Part("text/plain"), "https://maillage.example/l/")
	if n >= len(parts) {
		return ""
	}
	found, _, _ := strings.Cut(parts[n], "\r\n")
	return found
}

// followAsk answers by the n-th link of a mail.
func (o *office) followAsk(l testkit.Letter, n int, answer meetingsv1.AskAnswer) *meetingsv1.Ask {
	o.Helper()
	return must[*meetingsv1.Ask](o.world)(o.AnswerAskByLink(o.as(""), &meetingsv1.AnswerAskByLinkRequest{Token: token(l, n), Answer: answer}))
}

// soughtLater is a meeting in a hundred hours, for which a professional is looked for.
func (o *office) soughtLater() *meetingsv1.Meeting {
	o.Helper()
	m := o.later(5)
	must[*meetingsv1.ProfessionalSearch](o.world)(o.StartSearch(o.as("organiser"), &meetingsv1.StartSearchRequest{MeetingId: m.GetId()}))
	return m
}

func (o *office) move(m *meetingsv1.Meeting, hours int) *meetingsv1.Meeting {
	o.Helper()
	s := slot(hours, 2)
	return must[*meetingsv1.Meeting](o.world)(o.UpdateMeeting(o.as("organiser"), &meetingsv1.UpdateMeetingRequest{
		Meeting:    &meetingsv1.Meeting{Id: m.GetId(), StartTime: s.GetStartTime(), EndTime: s.GetEndTime()},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"start_time", "end_time"}},
	}))
}

const (
	acceptAnswer  = meetingsv1.AskAnswer_ASK_ANSWER_ACCEPT
	declineAnswer = meetingsv1.AskAnswer_ASK_ANSWER_DECLINE
)

// From the question to the end, by the links of the mails: who is asked, who comes, who no longer does, and what the organiser hears.
func TestMailsOfASearch(t *testing.T) {
	o := newOffice(t)
	m, comes, other, third := o.soughtLater(), o.professional(1), o.professional(2), o.professional(3)
	o.contacts.reads(other)
	o.ask(m, together, comes, other)
	letters := o.until(0, comes+": Pouvez-vous venir ? Programmation créative", other+": Can you come? Programmation créative")
	body := strings.ReplaceAll(letters[other].Part("text/plain"), "\u00a0", " ")
	for _, want := range []string{"Please answer by Saturday 21 November 2026 at 14:00 (Paris time)", "Place: Médiathèque"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is missing in %q", want, body)
		}
	}
	if letters[other].Header.Get("List-Unsubscribe") == "" || letters[other].Part("text/calendar") != "" {
		t.Error("a question can be ended by one click, and is no entry of the calendar")
	}

	o.followAsk(letters[comes], 1, acceptAnswer)
	o.followAsk(letters[comes], 1, acceptAnswer)
	letters = o.until(2, comes+": C'est noté, vous venez : Programmation créative", other+": You are no longer needed: Programmation créative",
		"organiser: Un professionnel vient : Programmation créative")
	if method, e := o.calendar(letters[comes]); method != "REQUEST" || e.Id() != m.GetId() || letters[comes].Header.Get("List-Unsubscribe") != "" {
		t.Errorf("%s %s", method, e.Id())
	}
	if text := letters["organiser"].Part("text/plain"); !strings.Contains(text, strings.ToUpper(comes)) {
		t.Errorf("who comes? %q", text)
	}
	if text := letters[other].Part("text/plain"); strings.Contains(text, strings.ToUpper(comes)) || token(letters[other], 1) != "" {
		t.Errorf("%q", text)
	}

	// The meeting moves, and takes the professional along.
	m = o.move(m, 101)
	o.heard(m, 1)
	o.clock.Advance(6 * time.Minute)
	letters = o.until(5, comes+": Changement : Programmation créative")
	if _, e := o.calendar(letters[comes]); e.GetProperty(ics.ComponentPropertySequence).Value != strings.Trim(m.GetEtag(), `"`) {
		t.Error(e.Serialize(nil))
	}

	// Withdrawn by the same mail's link: one entry less in the calendar, and the organiser knows.
	o.followAsk(letters[comes], 1, declineAnswer)
	letters = o.until(6, comes+": Votre désistement est noté : Programmation créative", "organiser: Le professionnel ne vient plus : Programmation créative")
	if method, _ := o.calendar(letters[comes]); method != "CANCEL" {
		t.Error(method)
	}
	if text := letters["organiser"].Part("text/plain"); !strings.Contains(text, "Le professionnel s'est désisté.") || !strings.Contains(text, "Personne n'est sollicité") {
		t.Errorf("%q", text)
	}

	// The next declines, and nobody is asked any more.
	o.ask(m, oneByOne, third)
	letters = o.until(8, third+": Pouvez-vous venir ? Programmation créative")
	o.followAsk(letters[third], 2, declineAnswer)
	letters = o.until(9, "organiser: Professionnel à trouver : Programmation créative")
	if text := letters["organiser"].Part("text/plain"); !strings.Contains(text, "Les personnes sollicitées ont décliné.") {
		t.Errorf("%q", text)
	}

	// Called off: who comes is told, with the entry.
	o.ask(m, together, other)
	letters = o.until(10, other+": Can you come? Programmation créative")
	o.followAsk(letters[other], 1, acceptAnswer)
	o.until(11, other+": You come: Programmation créative", "organiser: Un professionnel vient : Programmation créative")
	must[*meetingsv1.Meeting](o.world)(o.CancelMeeting(o.as("organiser"), &meetingsv1.CancelMeetingRequest{Id: m.GetId(), Cause: "La salle est inondée."}))
	letters = o.until(13, other+": Cancelled: Programmation créative")
	if method, _ := o.calendar(letters[other]); method != "CANCEL" || !strings.Contains(letters[other].Part("text/plain"), "La salle est inondée.") {
		t.Error(method)
	}
	o.onceEach(m.GetId())
}

// A move that frees the professional is told as that, and not as a change; who has not answered yet hears of the new date.
func TestMailsOfAMoveThatFrees(t *testing.T) {
	o := newOffice(t)
	pro, waits := o.professional(1), o.professional(2)
	m, busy := o.soughtLater(), o.soughtLater() // at the same time
	m = o.move(m, 110)
	o.followAsk(o.askedBy(0, m, pro)[pro], 1, acceptAnswer)
	o.until(1, pro+": C'est noté, vous venez : Programmation créative", "organiser: Un professionnel vient : Programmation créative")
	o.followAsk(o.askedBy(3, busy, pro, waits)[pro], 1, acceptAnswer)
	o.until(5, pro+": C'est noté, vous venez : Programmation créative", "organiser: Un professionnel vient : Programmation créative",
		waits+": Votre venue n'est plus nécessaire : Programmation créative")
	o.clock.Advance(6 * time.Minute) // what moved before anybody was asked is nobody's news
	m = o.move(m, 101)
	letters := o.until(8, pro+": Votre venue n'est plus attendue : Programmation créative", "organiser: Le professionnel ne vient plus : Programmation créative")
	if method, e := o.calendar(letters[pro]); method != "CANCEL" || e.Id() != m.GetId() {
		t.Errorf("%s %s", method, e.Id())
	}
	o.heard(m, 2)
	o.clock.Advance(6 * time.Minute)
	o.askedBy(10, m, waits)
	o.move(m, 112)
	o.heard(m, 3)
	o.clock.Advance(6 * time.Minute)
	letters = o.until(11, waits+": Changement, pouvez-vous venir ? Programmation créative")
	o.followAsk(letters[waits], 1, acceptAnswer)
	o.until(12, waits+": C'est noté, vous venez : Programmation créative", "organiser: Un professionnel vient : Programmation créative")
}

// askedBy asks professionals together, and gives the mails that they get after those before.
func (o *office) askedBy(before int, m *meetingsv1.Meeting, people ...string) map[string]testkit.Letter {
	o.Helper()
	req := asking(m, together, people...)
	req.Deadline = timestamppb.New(o.clock.Now().Add(time.Hour))
	must[*meetingsv1.AskProfessionalsResponse](o.world)(o.AskProfessionals(o.as("organiser"), req))
	want := make([]string, len(people))
	for i, person := range people {
		want[i] = person + ": Pouvez-vous venir ? Programmation créative"
	}
	return o.until(before, want...)
}

// Asked by night and answered before the morning: no mail asks what was answered, and nobody hears the end of what they were not asked.
func TestAskedAtNight(t *testing.T) {
	o := newOffice(t)
	m, pro, other := o.soughtLater(), o.professional(1), o.professional(2)
	o.clock.Set(time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC))
	req := asking(m, together, pro, other)
	req.Deadline = timestamppb.New(o.clock.Now().Add(40 * time.Hour))
	asks := must[*meetingsv1.AskProfessionalsResponse](o.world)(o.AskProfessionals(o.as("organiser"), req)).GetAsks()
	states := func() map[string]int {
		got := map[string]int{}
		for _, n := range must[*meetingsv1.ListNoticesResponse](o.world)(o.ListNotices(o.as("organiser"), &meetingsv1.ListNoticesRequest{MeetingId: m.GetId()})).GetNotices() {
			got[strings.TrimPrefix(n.GetKind().String(), "NOTICE_KIND_")+" "+strings.TrimPrefix(n.GetState().String(), "NOTICE_STATE_")+" "+n.GetReason()]++
		}
		return got
	}
	testkit.Poll(t, awaited, func() bool { return states()["ASK_SENT PENDING "] == 2 }, "both to be asked in the morning")
	must[*meetingsv1.Ask](o.world)(o.AcceptAsk(o.as(pro), &meetingsv1.AcceptAskRequest{Id: asks[0].GetId()}))
	o.until(0, pro+": C'est noté, vous venez : Programmation créative")
	testkit.Poll(t, awaited, func() bool { // a question that is looked at only now is dropped already, and its end with it
		got := states()
		return got["ASK_SUPERSEDED PENDING "]+got["ASK_SUPERSEDED DROPPED STALE"] == 1 && got["PROFESSIONAL_COMES PENDING "] == 1
	}, "the rest of the news")
	testkit.Poll(t, awaited, func() bool { // a look under way when the hours pass would seem to be a dead process's, and the mail be sent twice
		var waits int
		err := o.db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM jobs WHERE key LIKE 'send:professional-comes:%' AND lease_owner = '' AND free_at > $1`,
			o.clock.Now().Add(time.Hour).UnixMicro()).Scan(&waits)
		return err == nil && waits == 1
	}, "the organiser's mail to wait for the morning")
	o.clock.Set(time.Date(2026, 11, 22, 6, 0, 1, 0, time.UTC))
	o.until(1, "organiser: Un professionnel vient : Programmation créative")
	testkit.Poll(t, awaited, func() bool {
		o.clock.Advance(time.Second) // whoever waits for the question's end looks again after a minute
		got := states()
		return got["ASK_SENT DROPPED STALE"] == 2 && got["ASK_SUPERSEDED DROPPED STALE"] == 1
	}, "the rest to be dropped")
	if n := len(o.sink.Mails()); n != 2 {
		t.Fatalf("%d mails", n)
	}
}
