package domain

import (
	"context"
	"fmt"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Feedback is what somebody thinks of a meeting; it does not say who.
type Feedback struct {
	ID           string // random: the order in which answers are kept tells nothing
	MeetingID    string
	Role         AttestationRole
	Satisfaction Satisfaction
	Usefulness   Satisfaction
	Comment      string
}

// Satisfaction is how much somebody agrees; the numbers are the contract's.
type Satisfaction int

// The degrees of agreement.
const (
	NotAtAll Satisfaction = iota + 1
	RatherNot
	Rather
	Fully
)

// agrees counts as satisfied.
func (s Satisfaction) agrees() bool { return s >= Rather }

// FeedbackReads finds what was answered.
type FeedbackReads interface {
	// Feedback is the answers on a meeting, in no order.
	Feedback(ctx context.Context, meetingID string) ([]Feedback, error)
	// Responded tells whether a person has answered.
	Responded(ctx context.Context, meetingID, personID string) (bool, error)
}

// FeedbackWrites keeps answers, and apart from them who has given one.
type FeedbackWrites interface {
	// KeepRespondent notes that a person has answered, or returns ErrFeedbackGiven.
	KeepRespondent(ctx context.Context, meetingID, personID string) error
	InsertFeedback(ctx context.Context, f Feedback) error
}

// FeedbackSummary is what was answered of a meeting.
type FeedbackSummary struct {
	MeetingID    string
	CampaignID   string
	CommuneCode  string
	Wave         string
	Participants FeedbackCount
	Organisers   FeedbackCount
	Comments     []string // of participants
	Returns      int      // of declarations, before this one
}

// FeedbackCount is how many think what.
type FeedbackCount struct{ Asked, Answered, Satisfied, Useful int }

// Suppressed says that what was answered would tell what one person thinks.
func (c FeedbackCount) Suppressed() bool { return c.Answered < fewestAnswers }

const (
	// fewestAnswers are shown.
	fewestAnswers = 5
	// feedbackTime is how long after a meeting one may still say what one thinks of it.
	feedbackTime = 30 * 24 * time.Hour
)

// What an answer may be refused for.
var (
	ErrFeedbackGiven = errs.New(errs.Precondition, "FEEDBACK_GIVEN",
		"You have answered already; answers are kept without names, so none can be changed.",
		"Vous avez déjà répondu ; les réponses sont gardées sans nom, on ne peut donc pas en changer.")
	ErrFeedbackStranger = errs.New(errs.Denied, "FEEDBACK_NOT_PRESENT",
		"Only those who were present, or organised the meeting, say what they think of it; ask the organiser if the attendance sheet is wrong.",
		"Seules les personnes présentes, ou qui ont organisé, donnent leur avis ; voyez avec l'organisateur si la feuille de présence se trompe.")
	ErrFeedbackTooEarly = errs.New(errs.Precondition, "FEEDBACK_TOO_EARLY",
		"You can answer once the organiser has declared that the meeting took place.",
		"Vous pourrez répondre quand l'organisateur aura déclaré que ce temps de rencontre a eu lieu.")
	ErrFeedbackTooLate = errs.New(errs.Precondition, "FEEDBACK_TOO_LATE",
		"Answers were taken for thirty days after the meeting.",
		"Les réponses étaient possibles pendant trente jours après ce temps de rencontre.")
)

// GiveFeedback keeps a person's answer and tells the counts, one answer of a meeting after the other.
func GiveFeedback(ctx context.Context, tx Tx, f Feedback, personID string, now time.Time) (FeedbackSummary, error) {
	m, err := tx.LockMeeting(ctx, f.MeetingID)
	if err != nil {
		return FeedbackSummary{}, errs.From(err).At("feedback.meeting_id")
	}
	if f.Role, err = m.respondent(ctx, tx, personID, now); err != nil {
		return FeedbackSummary{}, err
	}
	if err := tx.KeepRespondent(ctx, m.ID, personID); err != nil {
		return FeedbackSummary{}, err
	}
	if err := tx.InsertFeedback(ctx, f); err != nil {
		return FeedbackSummary{}, err
	}
	return countFeedback(ctx, tx, m)
}

// countFeedback tells how many are asked, and what was answered.
func countFeedback(ctx context.Context, tx Tx, m Meeting) (FeedbackSummary, error) {
	all, err := tx.Feedback(ctx, m.ID)
	if err != nil {
		return FeedbackSummary{}, err
	}
	s := SummariseFeedback(m, all)
	if s.Returns, err = tx.ReturnCount(ctx, m.ID); err != nil {
		return FeedbackSummary{}, err
	}
	return s, tx.Emit(ctx, Event{Name: "feedback.counted", State: s})
}

// askFeedback tells how many are asked, so that those who never answer count among them.
func askFeedback(ctx context.Context, tx Tx, m Meeting) error {
	_, err := countFeedback(ctx, tx, m)
	return err
}

// respondent is in which role a person answers, or why not.
func (m Meeting) respondent(ctx context.Context, tx Tx, personID string, now time.Time) (AttestationRole, error) {
	if err := m.asks(now); err != nil {
		return 0, errs.From(err).At("feedback.meeting_id")
	}
	if personID == m.OrganiserID {
		return Organiser, nil
	}
	own, err := tx.RegistrationsOf(ctx, m.ID, []string{personID})
	if err == nil && (len(own) == 0 || own[0].State != RegistrationPresent) {
		err = ErrFeedbackStranger.At("feedback.meeting_id")
	}
	return Participant, err
}

// asks is why a meeting takes no answers at present; nil when it does.
func (m Meeting) asks(now time.Time) error {
	switch {
	case m.State == MeetingCancelled || m.State < MeetingHeld:
		return ErrFeedbackTooEarly
	case !now.Before(m.FeedbackUntil()):
		return ErrFeedbackTooLate
	}
	return nil
}

// FeedbackUntil is when answers are no longer taken.
func (m Meeting) FeedbackUntil() time.Time { return m.End.Add(feedbackTime) }

// SummariseFeedback counts the answers on a meeting.
func SummariseFeedback(m Meeting, all []Feedback) FeedbackSummary {
	s := FeedbackSummary{
		MeetingID: m.ID, CampaignID: m.CampaignID, CommuneCode: m.CommuneCode, Wave: m.wave(),
		Participants: FeedbackCount{Asked: m.PresentCount}, Organisers: FeedbackCount{Asked: 1},
	}
	for _, f := range all {
		if f.Role == Organiser {
			s.Organisers.add(f)
			continue
		}
		s.Participants.add(f)
		if f.Comment != "" {
			s.Comments = append(s.Comments, f.Comment)
		}
	}
	return s
}

func (c *FeedbackCount) add(f Feedback) {
	c.Answered++
	if f.Satisfaction.agrees() {
		c.Satisfied++
	}
	if f.Usefulness.agrees() {
		c.Useful++
	}
}

// Version rises with each answer, and when a meeting is declared again.
func (s FeedbackSummary) Version() int64 {
	return int64(1 + s.Returns + s.Participants.Answered + s.Organisers.Answered)
}

// wave is the quarter of the year of a meeting, where it takes place.
func (m Meeting) wave() string {
	start := m.Start.In(zone(m.TimeZone))
	return fmt.Sprintf("%d-T%d", start.Year(), (int(start.Month())+2)/3)
}
