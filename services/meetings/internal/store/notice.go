package store

import (
	"context"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/jobs"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const noticeColumns = `id, key, meeting_id, subject_id, person_id, kind, state, reason, starts_at, due_at, created_at, ended_at`

var noticeTypes = []database.Column{
	database.Text, database.Text, database.Text, database.Text, database.Text, database.BigInt, database.BigInt, database.Text,
	database.BigInt, database.BigInt, database.BigInt, database.BigInt,
}

func readNotice(scan database.Scan) (n domain.Notice, err error) {
	var start, due, created, ended int64
	err = scan(&n.ID, &n.Key, &n.MeetingID, &n.SubjectID, &n.PersonID, &n.Kind, &n.State, &n.Reason, &start, &due, &created, &ended)
	n.Start, n.Due, n.CreateTime, n.EndTime = instant(start), database.Time(due), database.Time(created), instant(ended)
	return n, err
}

// Notice returns the notice with a key, or domain.ErrNoticeNotFound.
func (r reads) Notice(ctx context.Context, key string) (domain.Notice, error) {
	return database.One(ctx, r.q, domain.ErrNoticeNotFound, readNotice, `SELECT `+noticeColumns+` FROM notices WHERE key = $1`, key)
}

// Notices returns a meeting's notices, oldest first.
func (r reads) Notices(ctx context.Context, q domain.NoticeQuery) ([]domain.Notice, error) {
	created, id := after(q.Page)
	return database.All(ctx, r.q, readNotice,
		`SELECT `+noticeColumns+` FROM notices WHERE meeting_id = $1 AND ($2 = 0 OR state = $2) AND (created_at, id) > ($3, $4)
		 ORDER BY created_at, id LIMIT CAST($5 AS BIGINT)`, q.MeetingID, int(q.State), created, id, q.Limit)
}

// Awaits tells whether a notice of a kind is still to be sent.
func (r reads) Awaits(ctx context.Context, subjectID string, kind domain.NoticeKind) (bool, error) {
	found, err := database.All(ctx, r.q, func(scan database.Scan) (one int, err error) { return one, scan(&one) },
		`SELECT 1 FROM notices WHERE subject_id = $1 AND kind = $2 AND state = 1 LIMIT 1`, subjectID, int(kind))
	return len(found) > 0, err
}

// InsertNotices adds the notices whose keys are new.
func (t *tx) InsertNotices(ctx context.Context, all []domain.Notice) error {
	rows := make([][]any, len(all))
	for i, n := range all {
		rows[i] = []any{
			n.ID, n.Key, n.MeetingID, n.SubjectID, n.PersonID, int(n.Kind), int(n.State), n.Reason, micros(n.Start),
			database.Micros(n.Due), database.Micros(n.CreateTime), micros(n.EndTime),
		}
	}
	return t.Values(1, noticeTypes, rows, func(given database.Table) error {
		insert := `INSERT INTO notices (` + noticeColumns + `) SELECT * FROM ` + given.Text + //nolint:gosec // numbered parameters
			` AS n WHERE column1 IS NOT NULL ON CONFLICT (key) DO NOTHING`
		_, err := t.SQL.ExecContext(ctx, insert, given.Args...)
		return database.Explain(err)
	})
}

// EndNotice keeps what became of a pending notice.
func (t *tx) EndNotice(ctx context.Context, n domain.Notice) error {
	_, err := t.SQL.ExecContext(ctx, `UPDATE notices SET state = $1, reason = $2, ended_at = $3 WHERE id = $4 AND state = 1`,
		int(n.State), n.Reason, micros(n.EndTime), n.ID)
	return database.Explain(err)
}

// KeepTerms remembers what was told, unless something of a later version was.
func (t *tx) KeepTerms(ctx context.Context, subjectID string, told domain.Terms) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO notice_terms (subject_id, starts_at, ends_at, time_zone, place_id, mode, remote_url, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		 ON CONFLICT (subject_id) DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, time_zone = excluded.time_zone,
		     place_id = excluded.place_id, mode = excluded.mode, remote_url = excluded.remote_url, version = excluded.version
		 WHERE notice_terms.version <= excluded.version`,
		subjectID, database.Micros(told.Start), database.Micros(told.End), told.TimeZone, told.PlaceID, int(told.Mode), told.RemoteURL, told.Version)
	return database.Explain(err)
}

// OpenWindow opens a window, unless one is open.
func (t *tx) OpenWindow(ctx context.Context, meetingID string) (int64, bool, error) {
	opened, err := database.All(ctx, t.q, func(scan database.Scan) (n int64, err error) { return n, scan(&n) },
		`INSERT INTO notice_windows (meeting_id, number, open) VALUES ($1, 1, 1)
		 ON CONFLICT (meeting_id) DO UPDATE SET number = notice_windows.number + 1, open = 1 WHERE notice_windows.open = 0
		 RETURNING number`, meetingID)
	if err != nil || len(opened) == 0 {
		return 0, false, err
	}
	return opened[0], true, nil
}

// CloseWindow closes the window, when it is open.
func (t *tx) CloseWindow(ctx context.Context, meetingID string) error {
	_, err := t.SQL.ExecContext(ctx, `UPDATE notice_windows SET open = 0 WHERE meeting_id = $1`, meetingID)
	return database.Explain(err)
}

// FinishTask marks a task as done.
func (t *tx) FinishTask(ctx context.Context, id, lease string) error {
	return jobs.Finish(ctx, t.SQL, id, lease, t.now())
}

// Schedule adds tasks as jobs; the runner is woken once they are committed.
func (t *tx) Schedule(ctx context.Context, tasks ...domain.Task) error {
	all := make([]jobs.Job, len(tasks))
	for i, task := range tasks {
		all[i] = jobs.Job{Kind: task.Kind, Key: task.Key, Due: task.Due, Payload: task.Payload}
	}
	t.scheduled = t.scheduled || len(all) > 0
	return jobs.Enqueue(ctx, t.SQL, t.now(), all...)
}
