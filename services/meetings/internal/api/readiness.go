package api

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// ReadinessResolvers say whose the nouns of readiness are, by type.
func (s *Server) ReadinessResolvers() map[string]access.Resolver {
	return map[string]access.Resolver{
		"Readiness": s.readinessResource, "Incident": s.incidentResource, "Referent": s.referentResource,
		"Problem": s.problemResource, "ProblemDuty": s.problemDuty,
		"Requirement": s.requirementResource, "Threshold": s.thresholdResource, "ProblemRoute": s.problemRouteResource,
	}
}

// readinessResource is a meeting's board: the organiser's, and the referent's as soon as they are asked.
func (s *Server) readinessResource(ctx context.Context, meetingID string) (access.Resource, error) {
	m, r, err := s.withReferent(ctx, meetingID)
	return around(m, m.OrganiserID, r.Asked()), err
}

// incidentResource is a meeting's incidents: only once they have agreed the referent's.
func (s *Server) incidentResource(ctx context.Context, meetingID string) (access.Resource, error) {
	m, r, err := s.withReferent(ctx, meetingID)
	return around(m, m.OrganiserID, r.Agreed()), err
}

func around(m domain.Meeting, owners ...string) access.Resource {
	return access.Resource{ID: m.ID, Territory: m.CommuneCode, Structure: m.StructureID, Owners: some(owners...), Private: true}
}

func (s *Server) withReferent(ctx context.Context, meetingID string) (domain.Meeting, domain.Referent, error) {
	m, err := s.Store.Meeting(ctx, meetingID)
	if err != nil {
		return m, domain.Referent{}, err
	}
	named, err := s.Store.Referent(ctx, meetingID)
	return m, m.Referent(named), err
}

// part is what someone has to do with a meeting.
type part int

const (
	stranger    part = iota
	comes            // is registered, or is the professional who comes
	responsible      // organises, answers for it, hosts it or coordinates its territory
)

// partOf tells the caller's part in a meeting. That of those who come is told here, and not by a policy, which would have to be given
// all of them.
func (s *Server) partOf(ctx context.Context, m domain.Meeting, r domain.Referent) (part, error) {
	scope := access.ScopeFrom(ctx)
	switch {
	case scope.PersonID == m.OrganiserID, scope.PersonID == r.Asked(), m.StructureID != "" && slices.Contains(scope.Structures, m.StructureID):
		return responsible, nil
	}
	if coordinates, err := s.coordinates(ctx, m.CommuneCode); coordinates || err != nil {
		return responsible, err
	}
	own, err := s.Store.Registrations(ctx, domain.RegistrationQuery{MeetingID: m.ID, PersonID: scope.PersonID, Page: domain.Page{Limit: 1}})
	if err != nil {
		return stranger, err
	}
	if len(own) > 0 && own[0].State.Live() {
		return comes, nil
	}
	search, err := s.Store.Search(ctx, m.ID)
	switch {
	case errors.Is(err, domain.ErrSearchNotFound):
		return stranger, nil
	case err != nil || search.PersonID != scope.PersonID:
		return stranger, err
	}
	return comes, nil
}

// GetReadiness returns a meeting's board to every party of the meeting.
func (s *Server) GetReadiness(ctx context.Context, req *meetingsv1.GetReadinessRequest) (*meetingsv1.Readiness, error) {
	m, r, err := s.withReferent(ctx, req.GetMeetingId())
	if err != nil {
		return nil, errs.ErrNotFound.At("meeting_id").Because(err)
	}
	part, err := s.partOf(ctx, m, r)
	if err != nil {
		return nil, err
	}
	if part == stranger {
		return nil, errs.ErrNotFound.At("meeting_id")
	}
	b, err := domain.ReadBoard(ctx, s.Store, newID, m, s.Now())
	if err != nil {
		return nil, err
	}
	board := wire.Board(b)
	if part == comes {
		wire.WithoutNotes(board, false)
	}
	return board, nil
}

// CheckItem says where a line of the board stands.
func (s *Server) CheckItem(ctx context.Context, req *meetingsv1.CheckItemRequest) (*meetingsv1.Readiness, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Readiness, error) {
		m, err := tx.Meeting(ctx, req.GetMeetingId())
		if err != nil {
			return nil, err
		}
		item, err := tx.Item(ctx, m.ID, req.GetId())
		if err != nil {
			return nil, missingAt(err, "id")
		}
		if err := etag.Check(req.GetEtag(), item.Version); err != nil {
			return nil, err
		}
		err = domain.CheckItem(ctx, tx, m, item, domain.Check{
			State: domain.ItemState(req.GetState()), Note: req.GetNote(), PersonID: caller(ctx), Now: s.Now(),
		})
		if err != nil {
			return nil, err
		}
		b, err := domain.BoardOf(ctx, tx, m, s.Now())
		return wire.Board(b), err
	})
}

// missingAt names the field of the request that holds the id of what is missing.
func missingAt(err error, path string) error {
	if isMissing(err) {
		return errs.From(err).At(path)
	}
	return err
}

// ListOverdueChecks returns what is late before the meetings of a territory.
func (s *Server) ListOverdueChecks(ctx context.Context, req *meetingsv1.ListOverdueChecksRequest) (*meetingsv1.ListOverdueChecksResponse, error) {
	query := page.Query{Method: "ListOverdueChecks", Filter: req.GetTerritoryCode(), Order: "due,id"}
	overdue, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Overdue, error) {
			return s.Store.Overdue(ctx, domain.OverdueQuery{
				Territory: req.GetTerritoryCode(), Now: s.Now(), Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(o domain.Overdue) []string {
			return []string{strconv.FormatInt(database.Micros(o.Due()), 10), o.ID}
		})
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListOverdueChecksResponse{NextPageToken: next}
	for _, o := range overdue {
		out.OverdueChecks = append(out.OverdueChecks, wire.Overdue(o))
	}
	return out, nil
}
