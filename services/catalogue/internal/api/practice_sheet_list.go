package api

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/page"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
	"github.com/classcode/maillage/services/catalogue/internal/wire"
)

// GetPracticeSheet returns a published sheet to anyone, with what concerns them to those at work on it; any other to these alone.
func (s *Server) GetPracticeSheet(ctx context.Context, req *cataloguev1.GetPracticeSheetRequest) (*cataloguev1.PracticeSheet, error) {
	sheet, err := s.Store.Sheet(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	if reach := reachOf(ctx); reach.PersonID != "" {
		within, err := s.Store.SheetWork(ctx, domain.SheetWorkQuery{ID: sheet.ID, Reach: reach, Page: domain.Page{Limit: 1}})
		if err != nil {
			return nil, err
		}
		if len(within) > 0 {
			changes, err := s.Store.SheetChanges(ctx, sheet.ID, shownChanges)
			return wire.PracticeSheet(within[0], changes...), err
		}
	}
	if sheet.State != domain.SheetPublished {
		return nil, domain.ErrSheetNotFound
	}
	return wire.PublicSheet(sheet), nil
}

// reachOf is which sheets the caller works on.
func reachOf(ctx context.Context) domain.Reach {
	principal, _ := access.PrincipalFrom(ctx)
	scope := principal.Scope()
	return domain.Reach{PersonID: scope.PersonID, Territories: scope.Territories, National: scope.All}
}

// ListPracticeSheets searches the published sheets.
func (s *Server) ListPracticeSheets(ctx context.Context, req *cataloguev1.ListPracticeSheetsRequest) (*cataloguev1.ListPracticeSheetsResponse, error) {
	most := req.GetOrder() == cataloguev1.PracticeSheetOrder_PRACTICE_SHEET_ORDER_MOST_REUSED
	query := page.Query{Method: "ListPracticeSheets", Order: "newest", Filter: fmt.Sprintf("%q %q %d %d %q %q",
		req.GetQuery(), req.GetModuleId(), req.GetAge(), req.GetMaxDurationMinutes(), req.GetTerritoryCode(), req.GetDerivedFrom())}
	wanted := domain.SheetQuery{
		Words: words(req.GetQuery()), ModuleID: req.GetModuleId(), Age: int(req.GetAge()), MaxMinutes: int(req.GetMaxDurationMinutes()),
		Territory: req.GetTerritoryCode(), DerivedFrom: req.GetDerivedFrom(), Order: domain.NewestSheets,
	}
	if most {
		query.Order, wanted.Order = "reused", domain.MostReusedSheets
	}
	sheets, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.PracticeSheet, error) {
			wanted.Page = domain.Page{After: after, Limit: limit}
			return s.Store.Sheets(ctx, wanted)
		},
		func(sheet domain.PracticeSheet) []string {
			cursor := []string{strconv.FormatInt(database.Micros(sheet.PublishTime), 10), sheet.ID}
			if most {
				cursor = slices.Insert(cursor, 0, strconv.Itoa(sheet.Reuse.Rank()))
			}
			return cursor
		})
	out := &cataloguev1.ListPracticeSheetsResponse{NextPageToken: next}
	for _, sheet := range sheets {
		out.PracticeSheets = append(out.PracticeSheets, wire.PublicSheet(sheet))
	}
	return out, err
}

// words are what must stand in a sheet; the same word twice is one.
func words(query string) []string {
	all := strings.Fields(database.Fold(query))
	slices.Sort(all)
	return slices.Compact(all)
}

// ListPracticeSheetWork returns the sheets on which the caller has something to do.
func (s *Server) ListPracticeSheetWork(ctx context.Context, req *cataloguev1.ListPracticeSheetWorkRequest) (*cataloguev1.ListPracticeSheetWorkResponse, error) {
	reach := reachOf(ctx)
	query := page.Query{
		Method: "ListPracticeSheetWork", Filter: req.GetMeetingId() + " " + req.GetState().String(), Order: "id",
		Scope: strings.Join(append([]string{reach.PersonID, strconv.FormatBool(reach.National)}, reach.Territories...), " "),
	}
	sheets, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.PracticeSheet, error) {
			return s.Store.SheetWork(ctx, domain.SheetWorkQuery{
				MeetingID: req.GetMeetingId(), State: domain.SheetState(req.GetState()), Reach: reach, Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(sheet domain.PracticeSheet) []string { return []string{sheet.ID} })
	out := &cataloguev1.ListPracticeSheetWorkResponse{NextPageToken: next}
	for _, sheet := range sheets {
		out.PracticeSheets = append(out.PracticeSheets, wire.PracticeSheet(sheet))
	}
	return out, err
}
