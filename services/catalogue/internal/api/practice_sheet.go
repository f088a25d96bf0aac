package api

import (
	"context"
	"slices"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
	"github.com/classcode/maillage/services/catalogue/internal/wire"
)

// shownChanges is how many changes of a sheet are shown.
const shownChanges = 100

// MeetingResource says who writes a meeting's sheets.
func (s *Server) MeetingResource(ctx context.Context, id string) (access.Resource, error) {
	m, err := s.Store.Meeting(ctx, id)
	if err != nil {
		return access.Resource{}, err
	}
	people, err := s.Store.Group(ctx, id)
	return access.Resource{Type: "Meeting", ID: id, Territory: m.CommuneCode, Owners: people}, err
}

// PracticeSheetResource says whose group a sheet is, and where.
func (s *Server) PracticeSheetResource(ctx context.Context, id string) (access.Resource, error) {
	return s.sheetResource(ctx, "PracticeSheet", id, func(m domain.Meeting) ([]string, error) { return s.Store.Group(ctx, m.ID) })
}

// OrganisedPracticeSheetResource says who organises the meeting of a sheet, and where.
func (s *Server) OrganisedPracticeSheetResource(ctx context.Context, id string) (access.Resource, error) {
	return s.sheetResource(ctx, "OrganisedPracticeSheet", id, func(m domain.Meeting) ([]string, error) {
		return slices.DeleteFunc([]string{m.OrganiserID}, func(id string) bool { return id == "" }), nil
	})
}

func (s *Server) sheetResource(ctx context.Context, kind, id string, owners func(domain.Meeting) ([]string, error)) (access.Resource, error) {
	sheet, err := s.Store.Sheet(ctx, id)
	if err != nil {
		return access.Resource{}, err
	}
	m, err := s.Store.Meeting(ctx, sheet.MeetingID)
	if err != nil {
		return access.Resource{}, err
	}
	people, err := owners(m)
	return access.Resource{Type: kind, ID: id, Territory: m.CommuneCode, Owners: people}, err
}

// CreatePracticeSheet begins a sheet of a meeting's group.
func (s *Server) CreatePracticeSheet(ctx context.Context, req *cataloguev1.CreatePracticeSheetRequest) (*cataloguev1.PracticeSheet, error) {
	origin, err := s.origin(ctx, req.GetMeetingId())
	if err != nil {
		return nil, err
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*cataloguev1.PracticeSheet, error) {
		sheet := sheetOf(req.GetPracticeSheet())
		sheet.ID, sheet.MeetingID, sheet.Origin = newID(), req.GetMeetingId(), origin
		sheet, err := domain.BeginSheet(ctx, tx, sheet, caller(ctx), s.Now())
		return wire.PracticeSheet(sheet), err
	})
}

// WritePracticeSheet writes a sheet that the group has in hand.
func (s *Server) WritePracticeSheet(ctx context.Context, req *cataloguev1.WritePracticeSheetRequest) (*cataloguev1.PracticeSheet, error) {
	given := req.GetPracticeSheet().GetEtag()
	if given == "" {
		return nil, errs.ErrRequired.At("practice_sheet.etag")
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*cataloguev1.PracticeSheet, error) {
		sheet := sheetOf(req.GetPracticeSheet())
		sheet.ID = req.GetId()
		sheet, err := domain.WriteSheet(ctx, tx, sheet, as(given, "practice_sheet.etag"), caller(ctx), s.Now())
		return wire.PracticeSheet(sheet), err
	})
}

// SubmitPracticeSheet sends a sheet up.
func (s *Server) SubmitPracticeSheet(ctx context.Context, req *cataloguev1.SubmitPracticeSheetRequest) (*cataloguev1.PracticeSheet, error) {
	sheet, err := s.Store.Sheet(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	origin, err := s.origin(ctx, sheet.MeetingID)
	if err != nil {
		return nil, err
	}
	check := func(sheet domain.PracticeSheet) error { return etag.Check(req.GetEtag(), sheet.Version) }
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*cataloguev1.PracticeSheet, error) {
		sheet, err := domain.SubmitSheet(ctx, tx, req.GetId(), origin, check, caller(ctx), s.Now())
		return wire.PracticeSheet(sheet), err
	})
}

var reviewMoves = map[cataloguev1.ReviewOutcome]domain.SheetMove{
	cataloguev1.ReviewOutcome_REVIEW_OUTCOME_REVIEWED:  domain.ApproveMove,
	cataloguev1.ReviewOutcome_REVIEW_OUTCOME_PUBLISHED: domain.PublishMove,
	cataloguev1.ReviewOutcome_REVIEW_OUTCOME_RETURNED:  domain.ReturnMove,
}

// ReviewPracticeSheet decides of a sheet that was sent up.
func (s *Server) ReviewPracticeSheet(ctx context.Context, req *cataloguev1.ReviewPracticeSheetRequest) (*cataloguev1.PracticeSheet, error) {
	review := domain.SheetReview{SheetID: req.GetId(), PersonID: caller(ctx), Move: reviewMoves[req.GetOutcome()], Note: req.GetNote()}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*cataloguev1.PracticeSheet, error) {
		sheet, err := domain.ReviewSheet(ctx, tx, review, as(req.GetEtag(), "etag"), s.Now())
		return wire.PracticeSheet(sheet), err
	})
}

// RecordPracticeSheetReuse says that the caller used a published sheet.
func (s *Server) RecordPracticeSheetReuse(ctx context.Context, req *cataloguev1.RecordPracticeSheetReuseRequest) (*cataloguev1.PracticeSheet, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*cataloguev1.PracticeSheet, error) {
		sheet, err := domain.ReuseSheet(ctx, tx, req.GetId(), caller(ctx), s.Now())
		return wire.PublicSheet(sheet), err
	})
}

// as asks for the very version that was read; "*" would overwrite what nobody has seen.
func as(given, path string) func(domain.PracticeSheet) error {
	return func(sheet domain.PracticeSheet) error {
		if current := etag.Of(sheet.Version); given != current {
			return errs.ErrStaleEtag.At(path).With("current", current)
		}
		return nil
	}
}

// origin is where a meeting takes place, with what lies above; a commune that the mesh does not know lies nowhere else.
func (s *Server) origin(ctx context.Context, meetingID string) (domain.SheetOrigin, error) {
	m, err := s.Store.Meeting(ctx, meetingID)
	o := domain.SheetOrigin{CommuneCode: m.CommuneCode, Date: m.Date}
	if err != nil || m.CommuneCode == "" {
		return o, err
	}
	o.Territories, err = s.Territories.Ancestors(ctx, m.CommuneCode)
	if err != nil && errs.From(err).Kind == errs.NotFound {
		o.Territories, err = []string{m.CommuneCode}, nil
	}
	return o, err
}

func sheetOf(in *cataloguev1.PracticeSheet) domain.PracticeSheet {
	sheet := domain.PracticeSheet{DerivedFrom: in.GetDerivedFrom(), SheetText: domain.SheetText{
		ModuleID: in.GetModuleId(), Title: in.GetTitle(), Summary: in.GetSummary(), MinAge: int(in.GetMinAge()), MaxAge: int(in.GetMaxAge()),
		Minutes: int(in.GetDurationMinutes()), Material: slices.Clone(in.GetMaterial()), Competences: slices.Clone(in.GetCompetences()),
		Keywords: slices.Clone(in.GetKeywords()), Worked: in.GetWorked(), DidNotWork: in.GetDidNotWork(), Licence: in.GetLicence(),
	}}
	for _, step := range in.GetSteps() {
		sheet.Steps = append(sheet.Steps, domain.SheetStep{Title: step.GetTitle(), Text: step.GetText(), Minutes: int(step.GetMinutes())})
	}
	return sheet
}
