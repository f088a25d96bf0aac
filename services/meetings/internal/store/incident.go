package store

import (
	"context"
	"fmt"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	incidentColumns   = `id, meeting_id, kind, text, occurred_at, reporter_id, version, created_at`
	attachmentColumns = `id, incident_id, name, content_type, size, sha256, created_at`
)

func readIncident(scan database.Scan) (i domain.Incident, err error) {
	var occurred, created int64
	err = scan(&i.ID, &i.MeetingID, &i.Kind, &i.Text, &occurred, &i.ReporterID, &i.Version, &created)
	i.OccurTime, i.CreateTime = database.Time(occurred), database.Time(created)
	return i, err
}

func readAttachment(scan database.Scan) (a domain.Attachment, err error) {
	var created int64
	err = scan(&a.ID, &a.IncidentID, &a.Name, &a.ContentType, &a.Size, &a.SHA256, &created)
	a.CreateTime = database.Time(created)
	return a, err
}

// Incident returns one of a meeting's incidents with its attachments, or domain.ErrIncidentNotFound.
func (r reads) Incident(ctx context.Context, meetingID, id string) (domain.Incident, error) {
	i, err := database.One(ctx, r.q, domain.ErrIncidentNotFound, readIncident,
		`SELECT `+incidentColumns+` FROM incidents WHERE meeting_id = $1 AND id = $2`, meetingID, id)
	if err != nil {
		return i, err
	}
	i.Attachments, err = r.attachments(ctx, []string{id})
	return i, err
}

// Incidents returns a meeting's incidents with their attachments, oldest first.
func (r reads) Incidents(ctx context.Context, q domain.IncidentQuery) ([]domain.Incident, error) {
	created, id := after(q.Page)
	found, err := database.All(ctx, r.q, readIncident,
		`SELECT `+incidentColumns+` FROM incidents WHERE meeting_id = $1 AND (created_at, id) > ($2, $3)
		 ORDER BY created_at, id LIMIT CAST($4 AS BIGINT)`, q.MeetingID, created, id, q.Limit)
	if err != nil || len(found) == 0 {
		return found, err
	}
	ids := make([]string, len(found))
	place := make(map[string]int, len(found))
	for n, i := range found {
		ids[n], place[i.ID] = i.ID, n
	}
	attachments, err := r.attachments(ctx, ids)
	for _, a := range attachments {
		i := &found[place[a.IncidentID]]
		i.Attachments = append(i.Attachments, a)
	}
	return found, err
}

func (r reads) attachments(ctx context.Context, incidents []string) ([]domain.Attachment, error) {
	return database.All(ctx, r.q, readAttachment,
		`SELECT `+attachmentColumns+` FROM attachments WHERE `+among("incident_id", 1, incidents)+` ORDER BY created_at, id`, texts(incidents)...)
}

// IncidentCount counts a meeting's incidents.
func (r reads) IncidentCount(ctx context.Context, meetingID string) (int, error) {
	return database.One(ctx, r.q, errs.ErrInternal, func(scan database.Scan) (n int, err error) { return n, scan(&n) },
		`SELECT count(*) FROM incidents WHERE meeting_id = $1`, meetingID)
}

// Attachment returns one of an incident's attachments with its bytes, or domain.ErrAttachmentNotFound.
func (r reads) Attachment(ctx context.Context, incidentID, id string) (domain.Attachment, error) {
	return database.One(ctx, r.q, domain.ErrAttachmentNotFound, func(scan database.Scan) (a domain.Attachment, err error) {
		var created int64
		err = scan(&a.ID, &a.IncidentID, &a.Name, &a.ContentType, &a.Size, &a.SHA256, &created, &a.Content)
		a.CreateTime = database.Time(created)
		return a, err
	}, `SELECT `+attachmentColumns+`, content FROM attachments WHERE incident_id = $1 AND id = $2`, incidentID, id)
}

// HoldRunning locks the row of a meeting that has begun and is not declared, or returns domain.ErrNotRunning: a declaration at the same
// time comes before or after, not between.
func (t *tx) HoldRunning(ctx context.Context, meetingID string, now time.Time) error {
	result, err := t.SQL.ExecContext(ctx,
		`UPDATE meetings SET version = version WHERE id = $1 AND state IN (2, 3) AND starts_at <= $2`, meetingID, database.Micros(now))
	if err != nil {
		return database.Explain(err)
	}
	if n, err := result.RowsAffected(); n > 0 || err != nil {
		return err
	}
	return domain.ErrNotRunning
}

// InsertIncident adds an incident.
func (t *tx) InsertIncident(ctx context.Context, i domain.Incident) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO incidents (`+incidentColumns+`, attachment_count) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)`,
		i.ID, i.MeetingID, int(i.Kind), i.Text, database.Micros(i.OccurTime), i.ReporterID, i.Version, database.Micros(i.CreateTime))
	if err != nil {
		return fmt.Errorf("insert incident: %w", database.Explain(err))
	}
	return nil
}

// InsertAttachment adds an attachment and counts it on its incident, or returns domain.ErrAttachmentsFull.
func (t *tx) InsertAttachment(ctx context.Context, a domain.Attachment) error {
	result, err := t.SQL.ExecContext(ctx,
		`UPDATE incidents SET attachment_count = attachment_count + 1, version = version + 1 WHERE id = $1 AND attachment_count < 5`, a.IncidentID)
	if err != nil {
		return database.Explain(err)
	}
	if n, err := result.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return domain.ErrAttachmentsFull
	}
	_, err = t.SQL.ExecContext(ctx, `INSERT INTO attachments (`+attachmentColumns+`, content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		a.ID, a.IncidentID, a.Name, a.ContentType, a.Size, a.SHA256, database.Micros(a.CreateTime), a.Content)
	if err != nil {
		return fmt.Errorf("insert attachment: %w", database.Explain(err))
	}
	return nil
}
