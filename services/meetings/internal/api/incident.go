package api

import (
	"context"
	"strconv"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// ReportIncident documents what goes wrong while a meeting runs.
func (s *Server) ReportIncident(ctx context.Context, req *meetingsv1.ReportIncidentRequest) (*meetingsv1.Incident, error) {
	in := req.GetIncident()
	incident := domain.Incident{
		ID: newID(), Kind: domain.ProblemKind(in.GetKind()), Text: in.GetText(), ReporterID: caller(ctx), CreateTime: s.Now(),
	}
	if in.GetOccurTime() != nil {
		var err error
		if incident.OccurTime, err = instant(in.GetOccurTime(), "incident.occur_time"); err != nil {
			return nil, err
		}
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Incident, error) {
		m, err := tx.Meeting(ctx, req.GetMeetingId())
		if err != nil {
			return nil, err
		}
		i, err := domain.ReportIncident(ctx, tx, m, incident)
		return wire.Incident(i), err
	})
}

// ListIncidents returns a meeting's incidents.
func (s *Server) ListIncidents(ctx context.Context, req *meetingsv1.ListIncidentsRequest) (*meetingsv1.ListIncidentsResponse, error) {
	query := page.Query{Method: "ListIncidents", Filter: req.GetMeetingId(), Order: "created,id"}
	incidents, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Incident, error) {
			return s.Store.Incidents(ctx, domain.IncidentQuery{MeetingID: req.GetMeetingId(), Page: domain.Page{After: after, Limit: limit}})
		},
		func(i domain.Incident) []string {
			return []string{strconv.FormatInt(database.Micros(i.CreateTime), 10), i.ID}
		})
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListIncidentsResponse{NextPageToken: next}
	for _, i := range incidents {
		out.Incidents = append(out.Incidents, wire.Incident(i))
	}
	return out, nil
}

// AddAttachment adds what shows an incident; the answer leaves the bytes out.
func (s *Server) AddAttachment(ctx context.Context, req *meetingsv1.AddAttachmentRequest) (*meetingsv1.Attachment, error) {
	in := req.GetAttachment()
	attachment, err := domain.NewAttachment(in.GetName(), in.GetContentType(), in.GetContent())
	if err != nil {
		return nil, err
	}
	attachment.ID, attachment.IncidentID, attachment.CreateTime = newID(), req.GetIncidentId(), s.Now()
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Attachment, error) {
		a, err := domain.AddAttachment(ctx, tx, req.GetMeetingId(), attachment)
		a.Content = nil
		return wire.Attachment(a), missingAt(err, "incident_id")
	})
}

// GetAttachment returns an attachment with its bytes.
func (s *Server) GetAttachment(ctx context.Context, req *meetingsv1.GetAttachmentRequest) (*meetingsv1.Attachment, error) {
	if _, err := s.Store.Incident(ctx, req.GetMeetingId(), req.GetIncidentId()); err != nil {
		return nil, missingAt(err, "incident_id")
	}
	a, err := s.Store.Attachment(ctx, req.GetIncidentId(), req.GetId())
	if err != nil {
		return nil, missingAt(err, "id")
	}
	return wire.Attachment(a), nil
}
