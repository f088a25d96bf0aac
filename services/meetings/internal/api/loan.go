package api

import (
	"context"
	"strconv"
	"strings"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// LoanResource says who lends, and who organises the meeting that borrows.
func (s *Server) LoanResource(ctx context.Context, id string) (access.Resource, error) {
	l, err := s.Store.Loan(ctx, id)
	if err != nil {
		return access.Resource{}, err
	}
	e, err := s.Store.Equipment(ctx, l.EquipmentID)
	if err != nil {
		return access.Resource{}, err
	}
	resource := access.Resource{Type: "Loan", ID: id, Territory: e.CommuneCode, Structure: e.StructureID, Private: true}
	if l.MeetingID != "" {
		m, err := s.Store.Meeting(ctx, l.MeetingID)
		if err != nil {
			return access.Resource{}, err
		}
		resource.Owners = some(m.OrganiserID)
	}
	return resource, nil
}

// CreateLoan lends units of a stock to a structure.
func (s *Server) CreateLoan(ctx context.Context, req *meetingsv1.CreateLoanRequest) (*meetingsv1.Loan, error) {
	period, err := hours(req.GetStartTime(), req.GetEndTime())
	if err != nil {
		return nil, err
	}
	if _, err := s.structure(ctx, req.GetStructureId()); err != nil {
		return nil, at(err, "structure_id")
	}
	wanted := domain.Loan{
		ID: newID(), EquipmentID: req.GetEquipmentId(), BookingID: newID(), StructureID: req.GetStructureId(), Quantity: int(req.GetQuantity()),
		CreateTime: s.Now(),
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Loan, error) {
		l, _, err := domain.Reserve(ctx, tx, wanted, period, false)
		return wire.Loan(l, s.Now()), err
	})
}

// GetLoan returns a loan.
func (s *Server) GetLoan(ctx context.Context, req *meetingsv1.GetLoanRequest) (*meetingsv1.Loan, error) {
	l, err := s.Store.Loan(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Loan(l, s.Now()), nil
}

// ListLoans returns the loans of the stocks that the caller lends, oldest first.
func (s *Server) ListLoans(ctx context.Context, req *meetingsv1.ListLoansRequest) (*meetingsv1.ListLoansResponse, error) {
	scope := access.ScopeFrom(ctx)
	query := page.Query{
		Method: "ListLoans", Order: "created,id",
		Filter: strings.Join([]string{req.GetEquipmentId(), req.GetMeetingId(), req.GetState().String(), strconv.FormatBool(req.GetLate())}, "|"),
		Scope:  strconv.FormatBool(scope.All) + "|" + strings.Join(scope.Structures, ",") + "|" + strings.Join(scope.Territories, ","),
	}
	wanted := domain.LoanQuery{
		All: scope.All, Structures: scope.Structures, Territories: scope.Territories,
		EquipmentID: req.GetEquipmentId(), MeetingID: req.GetMeetingId(), State: domain.LoanState(req.GetState()),
	}
	if req.GetLate() {
		wanted.LateAt = s.Now()
	}
	loans, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Loan, error) {
			wanted.Page = domain.Page{After: after, Limit: limit}
			return s.Store.Loans(ctx, wanted)
		},
		func(l domain.Loan) []string {
			return []string{strconv.FormatInt(database.Micros(l.CreateTime), 10), l.ID}
		})
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListLoansResponse{NextPageToken: next}
	for _, l := range loans {
		out.Loans = append(out.Loans, wire.Loan(l, s.Now()))
	}
	return out, nil
}

// HandOutLoan says that the borrower has the units.
func (s *Server) HandOutLoan(ctx context.Context, req *meetingsv1.HandOutLoanRequest) (*meetingsv1.Loan, error) {
	return s.onLoan(ctx, req, func(tx domain.Tx, l domain.Loan) (domain.Loan, error) {
		return domain.HandOutLoan(ctx, tx, l, s.Now())
	})
}

// CancelLoan gives up units that were not handed out.
func (s *Server) CancelLoan(ctx context.Context, req *meetingsv1.CancelLoanRequest) (*meetingsv1.Loan, error) {
	return s.onLoan(ctx, req, func(tx domain.Tx, l domain.Loan) (domain.Loan, error) {
		return domain.CancelReserved(ctx, tx, l, s.Now())
	})
}

func (s *Server) onLoan(ctx context.Context, req onMeetingRequest, use func(domain.Tx, domain.Loan) (domain.Loan, error)) (*meetingsv1.Loan, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Loan, error) {
		l, err := tx.Loan(ctx, req.GetId())
		if err != nil {
			return nil, err
		}
		if err := etag.Check(req.GetEtag(), l.Version); err != nil {
			return nil, err
		}
		l, err = use(tx, l)
		return wire.Loan(l, s.Now()), err
	})
}

// ReturnLoan records in which condition the units came back.
func (s *Server) ReturnLoan(ctx context.Context, req *meetingsv1.ReturnLoanRequest) (*meetingsv1.Loan, error) {
	in := req.GetCondition()
	condition := domain.Condition{Good: int(in.GetGood()), Worn: int(in.GetWorn()), Damaged: int(in.GetDamaged()), Lost: int(in.GetLost())}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Loan, error) {
		l, err := tx.Loan(ctx, req.GetId())
		if err != nil {
			return nil, err
		}
		l, err = domain.ReturnLoan(ctx, tx, l, condition, req.GetNote(), s.Now())
		return wire.Loan(l, s.Now()), err
	})
}
