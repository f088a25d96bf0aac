package api

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/wire"
)

// ProfessionalResource says whose a profile is, and from where; to others it does not exist.
func (s *Server) ProfessionalResource(ctx context.Context, personID string) (access.Resource, error) {
	p, err := s.Store.Professional(ctx, personID)
	return access.Resource{Type: "Professional", ID: personID, Territory: p.CommuneCode, Owners: []string{personID}, Private: true}, err
}

// professionalOf reads what a caller may say in a profile; the contract has checked the hours.
func professionalOf(in *meshv1.Professional) domain.Professional {
	p := domain.Professional{
		PersonID: in.GetPersonId(), CommuneCode: in.GetCommuneCode(), RadiusKM: int(in.GetRadiusKm()), Remote: in.GetRemote(),
		ModuleIDs: in.GetModuleIds(), Tags: in.GetTags(), MonthlyLimit: int(in.GetMonthlyLimit()), Active: in.GetActive(),
		StructureID: in.GetStructureId(), Calendar: domain.Calendar{TimeZone: in.GetTimeZone()},
	}
	for _, a := range in.GetAvailabilities() {
		p.Calendar.Availabilities = append(p.Calendar.Availabilities, domain.Availability{
			Weekday: int(a.GetWeekday()), Start: minute(a.GetStart()), End: minute(a.GetEnd()),
		})
	}
	for _, a := range in.GetAbsences() {
		p.Calendar.Absences = append(p.Calendar.Absences, domain.Absence{First: a.GetFirstDate(), Last: a.GetLastDate()})
	}
	return p
}

// minute of the day that "HH:MM" says.
func minute(clock string) int {
	hours, minutes, _ := strings.Cut(clock, ":")
	h, _ := strconv.Atoi(hours)
	m, _ := strconv.Atoi(minutes)
	return h*60 + m
}

// CreateProfessional makes the caller's profile.
func (s *Server) CreateProfessional(ctx context.Context, req *meshv1.CreateProfessionalRequest) (*meshv1.Professional, error) {
	if err := s.accompanies(ctx, req.GetProfessional()); err != nil {
		return nil, err
	}
	professional := professionalOf(req.GetProfessional())
	professional.PersonID, professional.CreateTime = caller(ctx), s.now()
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.Professional, error) {
		created, err := domain.CreateProfessional(ctx, tx, professional, req.GetAdult())
		return wire.Professional(created), err
	})
}

// accompanies checks that the modules exist, outside of the transaction: another service must not hold up this one's writer.
func (s *Server) accompanies(ctx context.Context, in *meshv1.Professional) error {
	for i, id := range in.GetModuleIds() {
		if err := s.Modules.Check(ctx, id); err != nil {
			if e := errs.From(err); e.Kind == errs.Invalid {
				err = e.At(fmt.Sprintf("professional.module_ids[%d]", i))
			}
			return err
		}
	}
	return nil
}

// GetProfessional returns a profile.
func (s *Server) GetProfessional(ctx context.Context, req *meshv1.GetProfessionalRequest) (*meshv1.Professional, error) {
	professional, err := s.Store.Professional(ctx, req.GetPersonId())
	if err != nil {
		return nil, err
	}
	return wire.Professional(professional), nil
}

// ListProfessionals returns the profiles that the caller may see.
func (s *Server) ListProfessionals(ctx context.Context, req *meshv1.ListProfessionalsRequest) (*meshv1.ListProfessionalsResponse, error) {
	territory, err := s.territoryFilter(ctx, req.GetTerritoryCode())
	if err != nil {
		return nil, err
	}
	who := viewer(ctx)
	query := page.Query{Method: "ListProfessionals", Filter: territory, Order: "created,person", Scope: scopeOf(who)}
	all, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Professional, error) {
			return s.Store.Professionals(ctx, domain.ProfessionalQuery{
				Viewer: who, Territory: territory, Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(p domain.Professional) []string { return byTime(p.CreateTime, p.PersonID) })
	if err != nil {
		return nil, err
	}
	out := &meshv1.ListProfessionalsResponse{NextPageToken: next}
	for _, p := range all {
		out.Professionals = append(out.Professionals, wire.Professional(p))
	}
	return out, nil
}

// UpdateProfessional changes the caller's profile.
func (s *Server) UpdateProfessional(ctx context.Context, req *meshv1.UpdateProfessionalRequest) (*meshv1.Professional, error) {
	if err := s.accompanies(ctx, req.GetProfessional()); err != nil {
		return nil, err
	}
	change := professionalOf(req.GetProfessional())
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.Professional, error) {
		p, err := tx.Professional(ctx, change.PersonID)
		if err != nil {
			return nil, err
		}
		if etag.Check(req.GetProfessional().GetEtag(), p.Version) != nil {
			return nil, errs.ErrStaleEtag.At("professional.etag").With("current", etag.Of(p.Version))
		}
		p, err = domain.UpdateProfessional(ctx, tx, p, change, req.GetUpdateMask().GetPaths())
		return wire.Professional(p), err
	})
}

// defaultReach is how far professionals are looked for when the request does not say, in metres: as far as one may say to go.
const defaultReach = 200_000

// FindProfessionals returns who could join a meeting, nearest first.
func (s *Server) FindProfessionals(ctx context.Context, req *meshv1.FindProfessionalsRequest) (*meshv1.FindProfessionalsResponse, error) {
	if err := domain.MaySeek(ctx, s.Store, caller(ctx)); err != nil {
		return nil, err
	}
	from, err := s.point(ctx, req)
	if err != nil {
		return nil, err
	}
	free, err := freeFor(req)
	if err != nil {
		return nil, err
	}
	wanted := domain.Wanted{From: from, Radius: float64(req.GetRadiusMetres()), ModuleID: req.GetModuleId(), PersonIDs: req.GetPersonIds()}
	if wanted.Radius == 0 {
		wanted.Radius = defaultReach
	}
	query := page.Query{Method: "FindProfessionals", Filter: fmt.Sprint(wanted), Order: "distance,person"}
	near, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.NearProfessional, error) {
			wanted.Page = domain.Page{After: after, Limit: limit}
			return s.Store.NearestProfessionals(ctx, wanted)
		},
		func(n domain.NearProfessional) []string {
			return []string{strconv.FormatFloat(n.Distance, 'g', -1, 64), n.PersonID}
		})
	if err != nil {
		return nil, err
	}
	out := &meshv1.FindProfessionalsResponse{NextPageToken: next}
	for _, n := range near {
		out.Professionals = append(out.Professionals, wire.FoundProfessional(n, free(n.Calendar)))
	}
	return out, nil
}

// freeFor tells of a calendar whether it leaves the request's period free; without a period there is nothing to tell.
func freeFor(req *meshv1.FindProfessionalsRequest) (func(domain.Calendar) domain.Free, error) {
	if req.GetStartTime() == nil && req.GetEndTime() == nil {
		return func(domain.Calendar) domain.Free { return 0 }, nil
	}
	start, end := instant(req.GetStartTime()), instant(req.GetEndTime())
	period := domain.Period{Start: start, End: end}
	return func(c domain.Calendar) domain.Free { return c.Free(period) }, period.Check()
}

// instant is the zero time for what is no date.
func instant(t *timestamppb.Timestamp) time.Time {
	if !t.IsValid() {
		return time.Time{}
	}
	return t.AsTime()
}
