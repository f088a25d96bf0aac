package api

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	"github.com/classcode/maillage/pkg/rpc"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// Places is what problems ask of the mesh.
type Places interface {
	GetPlace(ctx context.Context, in *meshv1.GetPlaceRequest, opts ...grpc.CallOption) (*meshv1.Place, error)
}

// problemResource says whom a problem concerns; coordinators and relays by where it is.
func (s *Server) problemResource(ctx context.Context, id string) (access.Resource, error) {
	p, duty, err := s.problem(ctx, id)
	duty.Owners = some(append(duty.Owners, p.ReporterID)...)
	return duty, err
}

// problemDuty says who answers for mending it.
func (s *Server) problemDuty(ctx context.Context, id string) (access.Resource, error) {
	_, duty, err := s.problem(ctx, id)
	return duty, err
}

func (s *Server) problem(ctx context.Context, id string) (domain.Problem, access.Resource, error) {
	p, err := s.Store.Problem(ctx, id)
	if err != nil {
		return p, access.Resource{}, err
	}
	duty := access.Resource{ID: id, Territory: p.CommuneCode, Structure: p.StructureID, Owners: some(p.ResponsibleID), Private: true}
	if p.MeetingID != "" {
		m, r, err := s.withReferent(ctx, p.MeetingID)
		if err != nil {
			return p, access.Resource{}, err
		}
		duty.Owners = some(p.ResponsibleID, m.OrganiserID, r.Agreed())
	}
	return p, duty, nil
}

// ReportProblem keeps a problem and routes it to whoever mends it.
func (s *Server) ReportProblem(ctx context.Context, req *meetingsv1.ReportProblemRequest) (*meetingsv1.Problem, error) {
	in := req.GetProblem()
	report := domain.Report{Now: s.Now(), Problem: domain.Problem{
		ID: newID(), MeetingID: in.GetMeetingId(), PlaceID: in.GetPlaceId(), Kind: domain.ProblemKind(in.GetKind()),
		Severity: domain.Severity(in.GetSeverity()), Text: in.GetText(), ReporterID: caller(ctx),
	}}
	if (in.GetMeetingId() == "") == (in.GetPlaceId() == "") {
		return nil, domain.ErrProblemWhere.At("problem.meeting_id")
	}
	var err error
	if in.GetMeetingId() != "" {
		err = s.mustHavePart(ctx, in.GetMeetingId())
	} else {
		err = s.locate(ctx, &report)
	}
	if err != nil {
		return nil, err
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Problem, error) {
		p, err := domain.ReportProblem(ctx, tx, report)
		return wire.Problem(p, s.Now()), err
	})
}

// mustHavePart refuses a stranger's word about a meeting: it may call for postponing.
func (s *Server) mustHavePart(ctx context.Context, meetingID string) error {
	m, r, err := s.withReferent(ctx, meetingID)
	if err != nil {
		return errs.ErrNotFound.At("problem.meeting_id").Because(err)
	}
	part, err := s.partOf(ctx, m, r)
	if err == nil && part == stranger {
		err = errs.ErrNotFound.At("problem.meeting_id")
	}
	return err
}

// locate asks the mesh where a place is.
func (s *Server) locate(ctx context.Context, r *domain.Report) error {
	place, err := s.Places.GetPlace(ctx, &meshv1.GetPlaceRequest{Id: r.PlaceID})
	if err = rpc.FromStatus(err); isMissing(err) {
		return errs.Missing("place", "lieu").At("problem.place_id")
	}
	if err != nil {
		return err
	}
	r.CommuneCode, r.StructureID = place.GetCommuneCode(), place.GetStructureId()
	r.Territories, err = s.Territories.Ancestors(ctx, r.CommuneCode)
	return err
}

// GetProblem returns a problem.
func (s *Server) GetProblem(ctx context.Context, req *meetingsv1.GetProblemRequest) (*meetingsv1.Problem, error) {
	p, err := s.Store.Problem(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Problem(p, s.Now()), nil
}

// ListProblems returns the problems that concern the caller.
func (s *Server) ListProblems(ctx context.Context, req *meetingsv1.ListProblemsRequest) (*meetingsv1.ListProblemsResponse, error) {
	scope, now := access.ScopeFrom(ctx), s.Now()
	viewer := domain.Viewer{PersonID: scope.PersonID, Territories: scope.Territories, Structures: scope.Structures}
	query := page.Query{
		Method: "ListProblems", Order: "created,id",
		Filter: strings.Join([]string{req.GetMeetingId(), req.GetPlaceId(), req.GetState().String(), strconv.FormatBool(req.GetLate())}, "|"),
		Scope:  fmt.Sprint(viewer),
	}
	problems, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Problem, error) {
			q := domain.ProblemQuery{
				Viewer: viewer, MeetingID: req.GetMeetingId(), PlaceID: req.GetPlaceId(), State: domain.ProblemState(req.GetState()),
				Page: domain.Page{After: after, Limit: limit},
			}
			if req.GetLate() {
				q.LateAt = now
			}
			return s.Store.Problems(ctx, q)
		},
		func(p domain.Problem) []string {
			return []string{strconv.FormatInt(database.Micros(p.CreateTime), 10), p.ID}
		})
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListProblemsResponse{NextPageToken: next}
	for _, p := range problems {
		out.Problems = append(out.Problems, wire.Problem(p, now))
	}
	return out, nil
}

// AssignProblem says who mends a problem, and until when.
func (s *Server) AssignProblem(ctx context.Context, req *meetingsv1.AssignProblemRequest) (*meetingsv1.Problem, error) {
	var promise time.Time
	if req.GetPromiseTime() != nil {
		var err error
		if promise, err = instant(req.GetPromiseTime(), "promise_time"); err != nil {
			return nil, err
		}
	}
	return s.onProblem(ctx, req, func(tx domain.Tx, p domain.Problem) (domain.Problem, error) {
		return domain.AssignProblem(ctx, tx, p, cmp.Or(req.GetPersonId(), caller(ctx)), promise, s.Now())
	})
}

// MendProblem says that a problem is mended.
func (s *Server) MendProblem(ctx context.Context, req *meetingsv1.MendProblemRequest) (*meetingsv1.Problem, error) {
	return s.onProblem(ctx, req, func(tx domain.Tx, p domain.Problem) (domain.Problem, error) {
		return domain.MendProblem(ctx, tx, p, s.Now())
	})
}

// CloseProblem agrees that a problem is mended.
func (s *Server) CloseProblem(ctx context.Context, req *meetingsv1.CloseProblemRequest) (*meetingsv1.Problem, error) {
	return s.onProblem(ctx, req, func(tx domain.Tx, p domain.Problem) (domain.Problem, error) { return domain.CloseProblem(ctx, tx, p) })
}

// ReopenProblem says that a mended problem is back.
func (s *Server) ReopenProblem(ctx context.Context, req *meetingsv1.ReopenProblemRequest) (*meetingsv1.Problem, error) {
	return s.onProblem(ctx, req, func(tx domain.Tx, p domain.Problem) (domain.Problem, error) {
		return domain.ReopenProblem(ctx, tx, p, s.Now())
	})
}

// onProblemRequest names a problem, and perhaps the etag that it must still have.
type onProblemRequest interface {
	proto.Message
	GetId() string
	GetEtag() string
}

func (s *Server) onProblem(ctx context.Context, req onProblemRequest, use func(domain.Tx, domain.Problem) (domain.Problem, error)) (*meetingsv1.Problem, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Problem, error) {
		p, err := tx.Problem(ctx, req.GetId())
		if err != nil {
			return nil, err
		}
		if err := etag.Check(req.GetEtag(), p.Version); err != nil {
			return nil, err
		}
		p, err = use(tx, p)
		return wire.Problem(p, s.Now()), err
	})
}
