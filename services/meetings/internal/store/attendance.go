package store

import (
	"context"
	"fmt"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const attendanceColumns = `meeting_id, rank, registration_id, from_state, from_part, to_state, to_part, way, person_id, reason, said_at, created_at, disputed`

func readAttendanceChange(scan database.Scan) (c domain.AttendanceChange, err error) {
	var said, created int64
	err = scan(&c.MeetingID, &c.Rank, &c.RegistrationID, &c.FromState, &c.FromPart, &c.ToState, &c.ToPart, &c.Way, &c.PersonID, &c.Reason,
		&said, &created, &c.Disputed)
	c.SaidTime, c.CreateTime = database.Time(said), database.Time(created)
	return c, err
}

// AttendanceChanges returns what was said at a meeting, in its order.
func (r reads) AttendanceChanges(ctx context.Context, q domain.AttendanceQuery) ([]domain.AttendanceChange, error) {
	return database.All(ctx, r.q, readAttendanceChange,
		`SELECT `+attendanceColumns+` FROM attendance_changes c
		 WHERE meeting_id = $1 AND rank > CAST($2 AS BIGINT) AND ($3 = '' OR EXISTS
		     (SELECT 1 FROM registrations r WHERE r.id = c.registration_id AND r.person_id = $3))
		 ORDER BY rank LIMIT CAST($4 AS BIGINT)`, q.MeetingID, q.After, q.PersonID, q.Limit)
}

// AttendanceRank returns the last rank of a meeting's changes, 0 when nothing was said.
func (r reads) AttendanceRank(ctx context.Context, meetingID string) (int, error) {
	return database.One(ctx, r.q, errs.ErrInternal, func(scan database.Scan) (n int, err error) { return n, scan(&n) },
		`SELECT coalesce(max(rank), 0) FROM attendance_changes WHERE meeting_id = $1`, meetingID)
}

// InsertAttendanceChanges keeps changes.
func (t *tx) InsertAttendanceChanges(ctx context.Context, all []domain.AttendanceChange) error {
	rows := make([][]any, len(all))
	for i, c := range all {
		rows[i] = []any{
			c.MeetingID, c.Rank, c.RegistrationID, int(c.FromState), int(c.FromPart), int(c.ToState), int(c.ToPart), int(c.Way), c.PersonID,
			c.Reason, database.Micros(c.SaidTime), database.Micros(c.CreateTime), number(c.Disputed),
		}
	}
	return t.bulk(ctx, "attendance_changes", attendanceColumns, rows)
}

// HoldTries returns the wrong codes of a person at a meeting, and makes whoever asks at the same time wait.
func (t *tx) HoldTries(ctx context.Context, meetingID, personID string) (domain.Tries, error) {
	return database.One(ctx, t.q, errs.ErrInternal, func(scan database.Scan) (domain.Tries, error) {
		tries, since := domain.Tries{MeetingID: meetingID, PersonID: personID}, int64(0)
		err := scan(&since, &tries.Wrong)
		tries.Since = instant(since)
		return tries, err
	}, `INSERT INTO check_in_tries (meeting_id, person_id, since, wrong) VALUES ($1, $2, 0, 0)
	    ON CONFLICT (meeting_id, person_id) DO UPDATE SET wrong = check_in_tries.wrong RETURNING since, wrong`, meetingID, personID)
}

// SaveTries counts the wrong codes of a person at a meeting, which are held.
func (t *tx) SaveTries(ctx context.Context, tries domain.Tries) error {
	_, err := t.SQL.ExecContext(ctx, `UPDATE check_in_tries SET since = $3, wrong = $4 WHERE meeting_id = $1 AND person_id = $2`,
		tries.MeetingID, tries.PersonID, micros(tries.Since), tries.Wrong)
	if err != nil {
		return fmt.Errorf("count tries: %w", database.Explain(err))
	}
	return nil
}
