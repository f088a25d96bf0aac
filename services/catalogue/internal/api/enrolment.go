package api

import (
	"context"
	"strconv"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
	"github.com/classcode/maillage/services/catalogue/internal/wire"
)

// EnrolmentResource says whose an enrolment is; to anyone else it does not exist.
func (s *Server) EnrolmentResource(ctx context.Context, id string) (access.Resource, error) {
	e, err := s.Store.Enrolment(ctx, id)
	return access.Resource{Type: "Enrolment", ID: id, Owners: []string{e.PersonID}, Private: true}, err
}

// CreateEnrolment enrols the caller in a module.
func (s *Server) CreateEnrolment(ctx context.Context, req *cataloguev1.CreateEnrolmentRequest) (*cataloguev1.Enrolment, error) {
	enrolment := domain.Enrolment{
		ID: newID(), PersonID: caller(ctx), CreateTime: s.Now(),
		ModuleID: req.GetEnrolment().GetModuleId(), Level: domain.Level(req.GetEnrolment().GetLevel()),
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*cataloguev1.Enrolment, error) {
		created, err := domain.Enrol(ctx, tx, enrolment)
		return wire.Enrolment(created), err
	})
}

// GetEnrolment returns an enrolment to its owner.
func (s *Server) GetEnrolment(ctx context.Context, req *cataloguev1.GetEnrolmentRequest) (*cataloguev1.Enrolment, error) {
	enrolment, err := s.Store.Enrolment(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Enrolment(enrolment), nil
}

// ListEnrolments returns the caller's enrolments.
func (s *Server) ListEnrolments(ctx context.Context, req *cataloguev1.ListEnrolmentsRequest) (*cataloguev1.ListEnrolmentsResponse, error) {
	query := page.Query{Method: "ListEnrolments", Order: "created,id", Scope: caller(ctx)}
	enrolments, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Enrolment, error) {
			return s.Store.Enrolments(ctx, domain.EnrolmentQuery{PersonID: caller(ctx), Page: domain.Page{After: after, Limit: limit}})
		},
		func(e domain.Enrolment) []string {
			return []string{strconv.FormatInt(database.Micros(e.CreateTime), 10), e.ID}
		})
	if err != nil {
		return nil, err
	}
	out := &cataloguev1.ListEnrolmentsResponse{NextPageToken: next}
	for _, e := range enrolments {
		out.Enrolments = append(out.Enrolments, wire.Enrolment(e))
	}
	return out, nil
}

// CompleteStep records that the caller has completed a step.
func (s *Server) CompleteStep(ctx context.Context, req *cataloguev1.CompleteStepRequest) (*cataloguev1.Enrolment, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*cataloguev1.Enrolment, error) {
		enrolment, err := tx.Enrolment(ctx, req.GetId())
		if err != nil {
			return nil, err
		}
		if err := etag.Check(req.GetEtag(), enrolment.Version); err != nil {
			return nil, err
		}
		enrolment, err = domain.CompleteStep(ctx, tx, enrolment, req.GetStepId(), s.Now())
		return wire.Enrolment(enrolment), err
	})
}
