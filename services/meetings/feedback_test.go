package meetings_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/errs"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// opinion is an answer.
func opinion(meetingID string, satisfaction, usefulness meetingsv1.Satisfaction, comment string) *meetingsv1.GiveFeedbackRequest {
	return &meetingsv1.GiveFeedbackRequest{Feedback: &meetingsv1.Feedback{MeetingId: meetingID, Satisfaction: satisfaction, Usefulness: usefulness, Comment: comment}}
}

// held is a declared meeting at which guests were present, and others were not.
func (w *world) held(present, absent int) *meetingsv1.Meeting {
	w.Helper()
	m := w.meeting(20)
	sheet := &meetingsv1.RecordAttendanceRequest{MeetingId: m.GetId()}
	for n := range present + absent {
		who, state := fmt.Sprint("guest-", n), meetingsv1.RegistrationState_REGISTRATION_STATE_PRESENT
		if n >= present {
			who, state = fmt.Sprint("absent-", n-present), meetingsv1.RegistrationState_REGISTRATION_STATE_ABSENT
		}
		sheet.Attendances = append(sheet.Attendances, &meetingsv1.Attendance{RegistrationId: w.register(who, m.GetId()).GetId(), State: state})
	}
	m = must[*meetingsv1.Meeting](w)(w.ConfirmMeeting(w.as("organiser"), &meetingsv1.ConfirmMeetingRequest{Id: m.GetId(), Etag: m.GetEtag()}))
	w.clock.Set(m.GetEndTime().AsTime())
	m = must[*meetingsv1.Meeting](w)(w.RecordAttendance(w.as("organiser"), sheet))
	w.report("organiser", m.GetId())
	return must[*meetingsv1.Meeting](w)(w.DeclareMeeting(w.as("organiser"), &meetingsv1.DeclareMeetingRequest{Id: m.GetId(), Etag: m.GetEtag()}))
}

func TestFeedbackShowsFromFiveAnswers(t *testing.T) {
	w := newWorld(t)
	m := w.held(6, 1)
	const yes, no = meetingsv1.Satisfaction_SATISFACTION_FULLY, meetingsv1.Satisfaction_SATISFACTION_RATHER_NOT
	for n := range 4 {
		answer := must[*meetingsv1.GiveFeedbackResponse](w)(w.GiveFeedback(w.as(fmt.Sprint("guest-", n)), opinion(m.GetId(), yes, no, fmt.Sprint("avis ", n))))
		if answer.GetWave() != "2026-T4" {
			t.Errorf("wave %q", answer.GetWave())
		}
	}
	must[*meetingsv1.GiveFeedbackResponse](w)(w.GiveFeedback(w.as("organiser"), opinion(m.GetId(), no, no, "")))
	read := func(who string) *meetingsv1.FeedbackSummary {
		return must[*meetingsv1.FeedbackSummary](w)(w.GetFeedbackSummary(w.as(who), &meetingsv1.GetFeedbackSummaryRequest{MeetingId: m.GetId()}))
	}
	if four := read("organiser"); !four.GetParticipants().GetSuppressed() || four.GetParticipants().Satisfied != nil || four.GetParticipants().Useful != nil || len(four.GetComments()) > 0 ||
		four.GetParticipants().GetAnswered() != 4 || four.GetParticipants().GetAsked() != 6 || four.GetOrganisers().Satisfied != nil {
		t.Errorf("four answers show %v", four)
	}
	must[*meetingsv1.GiveFeedbackResponse](w)(w.GiveFeedback(w.as("guest-4"), opinion(m.GetId(), no, yes, "")))
	for _, who := range []string{"organiser", "coordinator", "relay"} {
		five := read(who)
		slices.Sort(five.GetComments())
		if p := five.GetParticipants(); p.GetSuppressed() || p.GetSatisfied() != 4 || p.GetUseful() != 1 || strings.Join(five.GetComments(), ", ") != "avis 0, avis 1, avis 2, avis 3" {
			t.Errorf("%s is shown %v of five answers", who, five)
		}
	}
	for _, who := range []string{"guest-0", "elsewhere", "national"} {
		_, err := w.GetFeedbackSummary(w.as(who), &meetingsv1.GetFeedbackSummaryRequest{MeetingId: m.GetId()})
		w.refused(err, errs.Denied, "NOT_PERMITTED", "")
	}
}

func TestFeedbackRefusals(t *testing.T) {
	w := newWorld(t)
	const yes = meetingsv1.Satisfaction_SATISFACTION_FULLY
	planned := w.meeting(3)
	w.register("guest-0", planned.GetId())
	_, err := w.GiveFeedback(w.as("guest-0"), opinion(planned.GetId(), yes, yes, ""))
	w.refused(err, errs.Precondition, "FEEDBACK_TOO_EARLY", "feedback.meeting_id")

	m := w.held(2, 1)
	for who, reason := range map[string]string{"absent-0": "FEEDBACK_NOT_PRESENT", "stranger": "FEEDBACK_NOT_PRESENT"} {
		_, err := w.GiveFeedback(w.as(who), opinion(m.GetId(), yes, yes, ""))
		w.refused(err, errs.Denied, reason, "feedback.meeting_id")
	}
	_, err = w.GiveFeedback(w.as("guest-0"), opinion(m.GetId(), 0, yes, ""))
	w.refused(err, errs.Invalid, "ENUM_NOT_IN", "feedback.satisfaction")
	_, err = w.GiveFeedback(w.as("guest-0"), opinion(m.GetId(), yes, yes, strings.Repeat("é", 501)))
	w.refused(err, errs.Invalid, "STRING_MAX_LEN", "feedback.comment")
	must[*meetingsv1.GiveFeedbackResponse](w)(w.GiveFeedback(w.as("guest-0"), opinion(m.GetId(), yes, yes, "")))
	_, err = w.GiveFeedback(w.as("guest-0"), opinion(m.GetId(), yes, yes, ""))
	w.refused(err, errs.Precondition, "FEEDBACK_GIVEN", "")
	w.clock.Advance(32 * 24 * time.Hour)
	_, err = w.GiveFeedback(w.as("guest-1"), opinion(m.GetId(), yes, yes, ""))
	w.refused(err, errs.Precondition, "FEEDBACK_TOO_LATE", "feedback.meeting_id")
	_, err = w.GiveFeedback(w.as(""), opinion(m.GetId(), yes, yes, ""))
	w.refused(err, errs.Unauthenticated, "TOKEN_MISSING", "")
}
