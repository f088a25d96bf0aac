package store

import (
	"context"
	"fmt"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	checklistColumns = `meeting_id, meeting_type, list_version, version, recommended, recommended_for, created_at`

	itemColumns = `id, meeting_id, code, domain, text_fr, text_en, required, due_before, checked_by, requirement_version, state, person_id,
	checked_at, note, version`
)

func readChecklist(scan database.Scan) (c domain.Checklist, err error) {
	var date, created int64
	err = scan(&c.MeetingID, &c.Type, &c.ListVersion, &c.Version, &c.Recommended, &date, &created)
	c.RecommendedFor, c.CreateTime = instant(date), database.Time(created)
	return c, err
}

func itemFields(i *domain.Item, due, checked *int64) []any {
	return []any{
		&i.ID, &i.MeetingID, &i.Code, &i.Domain, &i.FR, &i.EN, &i.Required, due, &i.CheckedBy, &i.RequirementVersion, &i.State, &i.PersonID,
		checked, &i.Note, &i.Version,
	}
}

func readItem(scan database.Scan) (i domain.Item, err error) {
	var due, checked int64
	err = scan(itemFields(&i, &due, &checked)...)
	i.DueBefore, i.CheckTime = span(due), instant(checked)
	return i, err
}

// Checklist returns a meeting's checklist, or domain.ErrChecklistNotFound.
func (r reads) Checklist(ctx context.Context, meetingID string) (domain.Checklist, error) {
	c, err := database.One(ctx, r.q, domain.ErrChecklistNotFound, readChecklist,
		`SELECT `+checklistColumns+` FROM checklists WHERE meeting_id = $1`, meetingID)
	if err != nil {
		return c, err
	}
	c.Items, err = database.All(ctx, r.q, readItem,
		`SELECT `+itemColumns+` FROM checklist_items WHERE meeting_id = $1 ORDER BY due_before DESC, code`, meetingID)
	return c, err
}

// Item returns a line of a meeting's checklist, or domain.ErrItemNotFound.
func (r reads) Item(ctx context.Context, meetingID, id string) (domain.Item, error) {
	return database.One(ctx, r.q, domain.ErrItemNotFound, readItem,
		`SELECT `+itemColumns+` FROM checklist_items WHERE meeting_id = $1 AND id = $2`, meetingID, id)
}

func readOverdue(scan database.Scan) (o domain.Overdue, err error) {
	var due, checked, start int64
	err = scan(append(itemFields(&o.Item, &due, &checked), &o.CommuneCode, &start)...)
	o.DueBefore, o.CheckTime, o.Start = span(due), instant(checked), database.Time(start)
	return o, err
}

// Overdue returns what is late before the meetings to come in a territory, the longest late first.
func (r reads) Overdue(ctx context.Context, q domain.OverdueQuery) ([]domain.Overdue, error) {
	due, id := after(q.Page)
	return database.All(ctx, r.q, readOverdue,
		`SELECT i.id, i.meeting_id, i.code, i.domain, i.text_fr, i.text_en, i.required, i.due_before, i.checked_by, i.requirement_version,
		     i.state, i.person_id, i.checked_at, i.note, i.version, m.commune_code, m.starts_at
		 FROM meetings m JOIN checklist_items i ON i.meeting_id = m.id
		 WHERE m.starts_at > $1 AND m.state IN (2, 3) AND i.required = 1 AND i.state IN (1, 4) AND m.starts_at - i.due_before <= $1
		     AND m.commune_code IN (SELECT commune_code FROM commune_territories WHERE territory_code = $2)
		     AND (m.starts_at - i.due_before, i.id) > ($3, $4)
		 ORDER BY m.starts_at - i.due_before, i.id LIMIT CAST($5 AS BIGINT)`, database.Micros(q.Now), q.Territory, due, id, q.Limit)
}

// Unready returns the ids of the meetings that begin in the time and for whose date a postponement was not recommended.
func (r reads) Unready(ctx context.Context, from, to time.Time, after string, limit int) ([]string, error) {
	return database.All(ctx, r.q, readText,
		`SELECT id FROM meetings m
		 WHERE starts_at >= $1 AND starts_at <= $2 AND state IN (2, 3) AND id > $3 AND NOT EXISTS (
		     SELECT 1 FROM checklists c WHERE c.meeting_id = m.id AND c.recommended = 2 AND c.recommended_for = m.starts_at)
		 ORDER BY id LIMIT CAST($4 AS BIGINT)`, database.Micros(from), database.Micros(to), after, limit)
}

// Above returns what stands above a commune where something was planned.
func (r reads) Above(ctx context.Context, commune string) ([]string, error) {
	return database.All(ctx, r.q, readText,
		`SELECT territory_code FROM commune_territories WHERE commune_code = $1 ORDER BY territory_code`, commune)
}

// InsertChecklist adds a checklist unless the meeting has one.
func (t *tx) InsertChecklist(ctx context.Context, c domain.Checklist) error {
	result, err := t.SQL.ExecContext(ctx,
		`INSERT INTO checklists (`+checklistColumns+`) VALUES ($1, $2, $3, $4, 0, 0, $5) ON CONFLICT (meeting_id) DO NOTHING`,
		c.MeetingID, int(c.Type), c.ListVersion, c.Version, database.Micros(c.CreateTime))
	if err != nil {
		return fmt.Errorf("insert checklist: %w", database.Explain(err))
	}
	if n, err := result.RowsAffected(); n == 0 || err != nil {
		return err
	}
	return t.insertItems(ctx, c.Items)
}

// UpdateChecklist stores the type of a checklist and adds lines.
func (t *tx) UpdateChecklist(ctx context.Context, c domain.Checklist, added []domain.Item) error {
	err := database.Updated(t.SQL.ExecContext(ctx, `UPDATE checklists SET meeting_type = $2 WHERE meeting_id = $1`, c.MeetingID, int(c.Type)))
	if err != nil {
		return err
	}
	return t.insertItems(ctx, added)
}

func (t *tx) insertItems(ctx context.Context, all []domain.Item) error {
	rows := make([][]any, len(all))
	for n, i := range all {
		rows[n] = []any{
			i.ID, i.MeetingID, i.Code, int(i.Domain), i.FR, i.EN, flag(i.Required), i.DueBefore.Microseconds(), int(i.CheckedBy),
			i.RequirementVersion, int(i.State), i.PersonID, micros(i.CheckTime), i.Note, i.Version,
		}
	}
	return t.bulk(ctx, "checklist_items", itemColumns, rows)
}

// Advance raises the version of a meeting's readiness; whoever else would waits until the transaction ends.
func (t *tx) Advance(ctx context.Context, meetingID string) error {
	return database.Updated(t.SQL.ExecContext(ctx, `UPDATE checklists SET version = version + 1 WHERE meeting_id = $1`, meetingID))
}

// UpdateItem stores the next version of a line.
func (t *tx) UpdateItem(ctx context.Context, i domain.Item) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE checklist_items SET state = $1, person_id = $2, checked_at = $3, note = $4, version = $5 WHERE id = $6 AND version = $5 - 1`,
		int(i.State), i.PersonID, micros(i.CheckTime), i.Note, i.Version, i.ID))
}

// Recommend notes what is recommended for a date of a meeting; of two at once, one is told that it was the first.
func (t *tx) Recommend(ctx context.Context, meetingID string, r domain.Recommendation, date time.Time) (bool, error) {
	result, err := t.SQL.ExecContext(ctx,
		`UPDATE checklists SET recommended = $2, recommended_for = $3, version = version + 1
		 WHERE meeting_id = $1 AND (recommended_for <> $3 OR recommended < $2)`, meetingID, int(r), database.Micros(date))
	if err != nil {
		return false, database.Explain(err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

func readText(scan database.Scan) (text string, err error) { return text, scan(&text) }
