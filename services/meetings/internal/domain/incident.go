package domain

import (
	"context"
	"errors"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Incident is what went wrong while a meeting ran.
type Incident struct {
	ID          string
	MeetingID   string
	Kind        ProblemKind
	Text        string
	OccurTime   time.Time
	ReporterID  string
	Attachments []Attachment // without their bytes, oldest first
	Version     int64        // 1, and 1 more for each attachment
	CreateTime  time.Time
}

// IncidentQuery selects a meeting's incidents, oldest first.
type IncidentQuery struct {
	MeetingID string
	Page
}

// IncidentReads finds incidents.
type IncidentReads interface {
	// Incident is one of a meeting's, with its attachments, or ErrIncidentNotFound.
	Incident(ctx context.Context, meetingID, id string) (Incident, error)
	Incidents(ctx context.Context, q IncidentQuery) ([]Incident, error)
	IncidentCount(ctx context.Context, meetingID string) (int, error)
	// Attachment is one of an incident's, with its bytes, or ErrAttachmentNotFound.
	Attachment(ctx context.Context, incidentID, id string) (Attachment, error)
}

// IncidentWrites changes incidents.
type IncidentWrites interface {
	// HoldRunning holds a meeting that has begun and is not declared until the transaction ends, or refuses with ErrNotRunning.
	HoldRunning(ctx context.Context, meetingID string, now time.Time) error
	InsertIncident(ctx context.Context, i Incident) error
	// InsertAttachment refuses with ErrAttachmentsFull when the incident has as many as it may.
	InsertAttachment(ctx context.Context, a Attachment) error
}

// What an incident may be refused for.
var (
	ErrIncidentNotFound = errs.Missing("incident", "incident")
	ErrNotRunning       = errs.New(errs.Precondition, "MEETING_NOT_RUNNING",
		"Incidents are documented from the start of a meeting until it is declared held; before, report a problem.",
		"Un incident se consigne du début d'un temps de rencontre jusqu'à sa déclaration ; avant, signalez un problème.")
	ErrOccurTime = errs.New(errs.Invalid, "OCCUR_TIME",
		"Give a moment between the start of the meeting and now.",
		"Donnez un moment entre le début du temps de rencontre et maintenant.")
)

// ReportIncident documents what went wrong, from the meeting's start until it is declared.
func ReportIncident(ctx context.Context, tx Tx, m Meeting, i Incident) (_ Incident, err error) {
	if i.Text, err = written(i.Text, "incident.text"); err != nil {
		return i, err
	}
	now := i.CreateTime
	if err := tx.HoldRunning(ctx, m.ID, now); err != nil {
		return i, err
	}
	switch {
	case i.OccurTime.IsZero():
		i.OccurTime = now
	case i.OccurTime.Before(m.Start) || i.OccurTime.After(now):
		return i, ErrOccurTime.At("incident.occur_time")
	}
	i.MeetingID, i.Version = m.ID, 1
	if err := tx.InsertIncident(ctx, i); err != nil {
		return i, err
	}
	return i, tx.Emit(ctx, Event{Name: "incident.reported", State: i})
}

// AddAttachment adds what shows an incident, while incidents may be reported.
func AddAttachment(ctx context.Context, tx Tx, meetingID string, a Attachment) (Attachment, error) {
	if _, err := tx.Incident(ctx, meetingID, a.IncidentID); err != nil {
		return a, err
	}
	if err := tx.HoldRunning(ctx, meetingID, a.CreateTime); err != nil {
		return a, err
	}
	if err := tx.InsertAttachment(ctx, a); errors.Is(err, ErrAttachmentsFull) {
		return a, ErrAttachmentsFull.At("incident_id")
	} else if err != nil {
		return a, err
	}
	i, err := tx.Incident(ctx, meetingID, a.IncidentID)
	if err != nil {
		return a, err
	}
	return a, tx.Emit(ctx, Event{Name: "incident.documented", State: i})
}
