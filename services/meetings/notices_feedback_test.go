package meetings_test

import (
	"strings"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/link"
	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Once a meeting is declared, those who were there and whoever organised are asked what they think, each by a link of their own.
func TestMailsOfFeedback(t *testing.T) {
	o := newOffice(t)
	o.contacts.reads("guest-1")
	before := len(o.sink.Mails())
	m := o.held(2, 1)
	o.clock.Set(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)) // whoever sleeps is asked in the morning
	letters := o.asked(before, m)
	follow := func(who string) (*meetingsv1.GiveFeedbackResponse, error) {
		return o.FollowFeedbackLink(o.as(""), &meetingsv1.FollowFeedbackLinkRequest{
			Token: letters[who], Satisfaction: meetingsv1.Satisfaction_SATISFACTION_FULLY, Usefulness: meetingsv1.Satisfaction_SATISFACTION_RATHER,
		})
	}
	for _, who := range []string{"guest-0", "guest-1", "organiser"} {
		p := must[*meetingsv1.LinkPreview](o.world)(o.PreviewLink(o.as(""), &meetingsv1.PreviewLinkRequest{Token: letters[who]}))
		if p.GetAction() != meetingsv1.LinkAction_LINK_ACTION_GIVE_FEEDBACK || p.GetState() != meetingsv1.LinkState_LINK_STATE_READY || p.GetMeeting().GetId() != m.GetId() {
			t.Errorf("%s sees %v", who, p)
		}
		if answer := must[*meetingsv1.GiveFeedbackResponse](o.world)(follow(who)); answer.GetWave() != "2026-T4" {
			t.Errorf("%s is answered %v", who, answer)
		}
		p = must[*meetingsv1.LinkPreview](o.world)(o.PreviewLink(o.as(""), &meetingsv1.PreviewLinkRequest{Token: letters[who]}))
		if p.GetState() != meetingsv1.LinkState_LINK_STATE_DONE {
			t.Errorf("%s, who has answered, sees %v", who, p)
		}
		_, err := follow(who)
		o.refused(err, errs.Precondition, "FEEDBACK_GIVEN", "")
	}
	s := must[*meetingsv1.FeedbackSummary](o.world)(o.GetFeedbackSummary(o.as("organiser"), &meetingsv1.GetFeedbackSummaryRequest{MeetingId: m.GetId()}))
	if s.GetParticipants().GetAnswered() != 2 || s.GetOrganisers().GetAnswered() != 1 {
		t.Errorf("counted %v", s)
	}
}

// asked gives the tokens of the mails that ask for feedback.
func (o *office) asked(before int, m *meetingsv1.Meeting) map[string]string {
	o.Helper()
	var letters map[string]string
	told := map[string]string{
		"guest-0": "Votre avis en une minute : Programmation créative", "guest-1": "What do you think, in one minute? Programmation créative",
		"organiser": "Votre avis d'organisateur en une minute : Programmation créative",
	}
	testkit.Poll(o.T, awaited, func() bool {
		letters = map[string]string{}
		for _, mail := range o.sink.Mails()[before:] {
			l, err := mail.Read()
			if err != nil {
				o.Fatal(err)
			}
			who := strings.TrimSuffix(mail.To, "@example.org")
			if strings.ReplaceAll(l.Subject, "\u00a0", " ") == told[who] {
				letters[who] = token(l, 1)
			}
		}
		return len(letters) == len(told)
	}, "the mails that ask what "+m.GetId()+" was like")
	return letters
}

func TestFeedbackLinkForesees(t *testing.T) {
	w := newWorld(t)
	m := w.held(1, 1)
	sign := func(person string) string {
		return link.DeriveKey(w.cfg.PageKey).Sign(link.Claim{
			Action: domain.LinkGiveFeedback, Resource: m.GetId(), PersonID: person, Expires: w.clock.Now().Add(100 * 24 * time.Hour),
		})
	}
	foreseen := func(person, reason string) {
		t.Helper()
		p := must[*meetingsv1.LinkPreview](w)(w.PreviewLink(w.as(""), &meetingsv1.PreviewLinkRequest{Token: sign(person)}))
		if p.GetState() != meetingsv1.LinkState_LINK_STATE_OVER || p.GetRefusal().GetReason() != reason {
			t.Errorf("%s sees %v, want %s", person, p, reason)
		}
	}
	foreseen("absent-0", "FEEDBACK_NOT_PRESENT")
	foreseen("stranger", "FEEDBACK_NOT_PRESENT")
	w.clock.Advance(30 * 24 * time.Hour)
	foreseen("guest-0", "FEEDBACK_TOO_LATE")
	_, err := w.FollowFeedbackLink(w.as(""), &meetingsv1.FollowFeedbackLinkRequest{Token: "x", Satisfaction: 4, Usefulness: 4})
	w.refused(err, errs.Denied, "LINK_INVALID", "token")
}
