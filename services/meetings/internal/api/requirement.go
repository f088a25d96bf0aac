package api

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

func (s *Server) requirementResource(ctx context.Context, id string) (access.Resource, error) {
	r, err := s.Store.Requirement(ctx, id)
	return access.Resource{Territory: r.Territory}, err
}

// CreateRequirement puts a requirement in force in a territory.
func (s *Server) CreateRequirement(ctx context.Context, req *meetingsv1.CreateRequirementRequest) (*meetingsv1.Requirement, error) {
	in := req.GetRequirement()
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Requirement, error) {
		r, err := domain.PutRequirement(ctx, tx, domain.Requirement{
			ID: newID(), Type: domain.MeetingType(in.GetMeetingType()), Territory: in.GetTerritoryCode(), Code: in.GetCode(),
			Domain: domain.RequirementDomain(in.GetDomain()), FR: in.GetTextFr(), EN: in.GetTextEn(), Required: in.GetRequired(),
			DueBefore: inHours(in.GetDueHoursBeforeStart()), CheckedBy: domain.Charge(in.GetCheckedBy()), CreateTime: s.Now(),
		})
		return wire.Requirement(r), err
	})
}

// ListRequirements returns the list in force in a territory.
func (s *Server) ListRequirements(ctx context.Context, req *meetingsv1.ListRequirementsRequest) (*meetingsv1.ListRequirementsResponse, error) {
	kind := domain.MeetingType(req.GetMeetingType())
	above, err := s.above(ctx, req.GetTerritoryCode())
	if err != nil {
		return nil, err
	}
	rules := domain.DefaultRules()
	asked, err := s.Store.Requirements(ctx, kind, above)
	if err != nil {
		return nil, err
	}
	query := page.Query{Method: "ListRequirements", Filter: fmt.Sprint(kind, "|", req.GetTerritoryCode()), Order: "due,code"}
	requirements, next, err := inForce(s.Pages, query, req, domain.ListInForce(rules, kind, asked),
		func(r domain.Requirement) string { return r.Code })
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListRequirementsResponse{NextPageToken: next, ListVersion: int32(rules.Version)}
	for _, r := range requirements {
		out.Requirements = append(out.Requirements, wire.Requirement(r))
	}
	return out, nil
}

// DeleteRequirement takes a requirement out of force.
func (s *Server) DeleteRequirement(ctx context.Context, req *meetingsv1.DeleteRequirementRequest) (*meetingsv1.Requirement, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Requirement, error) {
		r, err := tx.RetireRequirement(ctx, req.GetId(), s.Now())
		return wire.Requirement(r), err
	})
}

// above is a territory and what stands above it; nothing for no territory.
func (s *Server) above(ctx context.Context, territory string) ([]string, error) {
	if territory == "" {
		return nil, nil
	}
	above, err := s.Territories.Ancestors(ctx, territory)
	if isMissing(err) {
		return nil, errs.Missing("territory", "territoire").At("territory_code")
	}
	return above, err
}

// inForce is a page of rules that were merged here from what ships and what is kept: too few to be read page by page. A page begins after the
// rule that the token names; when that is gone, the list is another one.
func inForce[T any](key page.Key, query page.Query, req page.Request, all []T, name func(T) string) ([]T, string, error) {
	return page.List(key, query, req, func(after []string, limit int) ([]T, error) {
		rest := all
		if len(after) == 1 {
			n := slices.IndexFunc(all, func(r T) bool { return name(r) == after[0] })
			if n < 0 {
				return nil, errs.ErrPageToken.At("page_token")
			}
			rest = all[n+1:]
		}
		return rest[:min(limit, len(rest))], nil
	}, func(r T) []string { return []string{name(r)} })
}

func inHours(n int32) time.Duration { return time.Duration(n) * time.Hour }
