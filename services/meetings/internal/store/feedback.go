package store

import (
	"context"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

func readFeedback(scan database.Scan) (f domain.Feedback, err error) {
	return f, scan(&f.ID, &f.MeetingID, &f.Role, &f.Satisfaction, &f.Usefulness, &f.Comment)
}

// Feedback returns the answers on a meeting in the order of their ids, which are random.
func (r reads) Feedback(ctx context.Context, meetingID string) ([]domain.Feedback, error) {
	return database.All(ctx, r.q, readFeedback,
		`SELECT id, meeting_id, role, satisfaction, usefulness, comment FROM feedback WHERE meeting_id = $1 ORDER BY id`, meetingID)
}

// Responded tells whether a person has answered.
func (r reads) Responded(ctx context.Context, meetingID, personID string) (bool, error) {
	found, err := database.All(ctx, r.q, func(scan database.Scan) (id string, err error) { return id, scan(&id) },
		`SELECT person_id FROM respondents WHERE meeting_id = $1 AND person_id = $2`, meetingID, personID)
	return len(found) > 0, err
}

// KeepRespondent notes who has answered, or returns domain.ErrFeedbackGiven.
func (t *tx) KeepRespondent(ctx context.Context, meetingID, personID string) error {
	_, err := t.SQL.ExecContext(ctx, `INSERT INTO respondents (meeting_id, person_id) VALUES ($1, $2)`, meetingID, personID)
	if kind, _ := database.Violation(err); kind == database.Unique {
		return domain.ErrFeedbackGiven.Because(err)
	}
	return database.Explain(err)
}

// InsertFeedback adds an answer.
func (t *tx) InsertFeedback(ctx context.Context, f domain.Feedback) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO feedback (id, meeting_id, role, satisfaction, usefulness, comment) VALUES ($1, $2, $3, $4, $5, $6)`,
		f.ID, f.MeetingID, int(f.Role), int(f.Satisfaction), int(f.Usefulness), f.Comment)
	return database.Explain(err)
}
