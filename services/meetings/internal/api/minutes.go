package api

import (
	"context"
	"strconv"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// incidentsInMinutes is how many incidents are gathered; the count tells of the others.
const incidentsInMinutes = 500

// WriteMinutes writes the report on a meeting.
func (s *Server) WriteMinutes(ctx context.Context, req *meetingsv1.WriteMinutesRequest) (*meetingsv1.Minutes, error) {
	given := req.GetMinutes().GetEtag()
	check := func(m domain.Minutes) error {
		if etag.Check(given, m.Version) != nil { // whose own path is a request's, not a resource's
			return errs.ErrStaleEtag.At("minutes.etag").With("current", etag.Of(m.Version))
		}
		return nil
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Minutes, error) {
		m, err := domain.WriteMinutes(ctx, tx, minutes(ctx, req), check, s.Now())
		return wire.Minutes(m), err
	})
}

func minutes(ctx context.Context, req *meetingsv1.WriteMinutesRequest) domain.Minutes {
	in := req.GetMinutes()
	m := domain.Minutes{
		MeetingID: req.GetMeetingId(), Modality: domain.MeetingMode(in.GetModality()), AuthorID: caller(ctx),
		MinutesReport: domain.MinutesReport{
			Irritants: append([]string(nil), in.GetIrritants()...), Needs: append([]string(nil), in.GetNeeds()...), Summary: in.GetSummary(),
		},
	}
	for _, p := range in.GetParticipants() {
		m.Participants = append(m.Participants, domain.ParticipantCount{
			Category: int(p.GetCategory()), Count: int(p.GetCount()), Institutions: int(p.GetInstitutionCount()),
		})
	}
	for _, a := range in.GetActions() {
		m.Actions = append(m.Actions, domain.MinutesAction{What: a.GetWhat(), Who: a.GetWho(), When: a.GetWhen(), Indicator: a.GetIndicator()})
	}
	return m
}

// GetMinutes returns the report on a meeting; its incidents may show persons, and are for those who may read them.
func (s *Server) GetMinutes(ctx context.Context, req *meetingsv1.GetMinutesRequest) (*meetingsv1.Minutes, error) {
	m, err := s.Store.Minutes(ctx, req.GetMeetingId())
	if err != nil {
		return nil, missingAt(err, "meeting_id")
	}
	meeting, err := s.Store.Meeting(ctx, m.MeetingID)
	if err != nil {
		return nil, err
	}
	out := wire.Minutes(m)
	n, err := s.Store.IncidentCount(ctx, m.MeetingID)
	if err != nil {
		return nil, err
	}
	out.IncidentCount = int32(n) //nolint:gosec // as many as people report
	if all, err := s.prepares(ctx, meeting); err != nil || !all {
		return out, err
	}
	incidents, err := s.Store.Incidents(ctx, domain.IncidentQuery{MeetingID: m.MeetingID, Page: domain.Page{Limit: incidentsInMinutes}})
	for _, i := range incidents {
		out.Incidents = append(out.Incidents, wire.Incident(i))
	}
	return out, err
}

// CloseMinutes closes the report.
func (s *Server) CloseMinutes(ctx context.Context, req *meetingsv1.CloseMinutesRequest) (*meetingsv1.Minutes, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Minutes, error) {
		m, err := domain.CloseMinutes(ctx, tx, req.GetMeetingId(), caller(ctx), stillAt(req.GetEtag()), s.Now())
		return wire.Minutes(m), missingAt(err, "meeting_id")
	})
}

// ReopenMinutes opens the report again.
func (s *Server) ReopenMinutes(ctx context.Context, req *meetingsv1.ReopenMinutesRequest) (*meetingsv1.Minutes, error) {
	why := domain.MinutesReopening{PersonID: caller(ctx), Reason: req.GetReason(), CreateTime: s.Now()}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Minutes, error) {
		m, err := domain.ReopenMinutes(ctx, tx, req.GetMeetingId(), why, stillAt(req.GetEtag()))
		return wire.Minutes(m), missingAt(err, "meeting_id")
	})
}

// stillAt checks that minutes still have an etag.
func stillAt(given string) func(domain.Minutes) error {
	return func(m domain.Minutes) error { return etag.Check(given, m.Version) }
}

// ReturnDeclaration returns a declaration to the organiser.
func (s *Server) ReturnDeclaration(ctx context.Context, req *meetingsv1.ReturnDeclarationRequest) (*meetingsv1.Meeting, error) {
	return s.onMeeting(ctx, req, func(tx domain.Tx, m domain.Meeting) (domain.Meeting, error) {
		return domain.ReturnDeclaration(ctx, tx, m, domain.DeclarationReturn{PersonID: caller(ctx), Reason: req.GetReason(), CreateTime: s.Now()})
	})
}

// ListDeclarationReturns returns why declarations of a meeting were returned.
func (s *Server) ListDeclarationReturns(
	ctx context.Context, req *meetingsv1.ListDeclarationReturnsRequest,
) (*meetingsv1.ListDeclarationReturnsResponse, error) {
	query := page.Query{Method: "ListDeclarationReturns", Filter: req.GetMeetingId(), Order: "rank"}
	returns, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.DeclarationReturn, error) {
			return s.Store.DeclarationReturns(ctx, domain.ReturnQuery{MeetingID: req.GetMeetingId(), After: rankAfter(after), Limit: limit})
		},
		func(r domain.DeclarationReturn) []string { return []string{strconv.Itoa(r.Rank)} })
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListDeclarationReturnsResponse{NextPageToken: next}
	for _, r := range returns {
		out.Returns = append(out.Returns, wire.DeclarationReturn(r))
	}
	return out, nil
}
