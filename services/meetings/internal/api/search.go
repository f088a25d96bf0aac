package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/rpc"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// Professionals is what meetings asks of the mesh about professionals.
type Professionals interface {
	FindProfessionals(ctx context.Context, in *meshv1.FindProfessionalsRequest, opts ...grpc.CallOption) (*meshv1.FindProfessionalsResponse, error)
}

const (
	// ranked is how many of the nearest professionals are ranked; who comes from further has little chance to be better.
	ranked = 200
	// shown is how many candidates are answered when the request does not say.
	shown = 20
)

// StartSearch starts to look for a professional.
func (s *Server) StartSearch(ctx context.Context, req *meetingsv1.StartSearchRequest) (*meetingsv1.ProfessionalSearch, error) {
	fresh := domain.Search{ID: newID(), MeetingID: req.GetMeetingId(), Tags: req.GetTags()}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.ProfessionalSearch, error) {
		started, err := domain.StartSearch(ctx, tx, fresh, s.Now())
		return wire.Search(started), err
	})
}

// GetSearch returns a meeting's search.
func (s *Server) GetSearch(ctx context.Context, req *meetingsv1.GetSearchRequest) (*meetingsv1.ProfessionalSearch, error) {
	search, err := s.Store.Search(ctx, req.GetMeetingId())
	if errors.Is(err, domain.ErrSearchNotFound) {
		return wire.Search(domain.Search{MeetingID: req.GetMeetingId(), State: domain.NotSought}), nil
	}
	if err != nil {
		return nil, err
	}
	return wire.Search(search), nil
}

// ListCandidates returns who could come, the best first.
func (s *Server) ListCandidates(ctx context.Context, req *meetingsv1.ListCandidatesRequest) (*meetingsv1.ListCandidatesResponse, error) {
	m, err := s.Store.Meeting(ctx, req.GetMeetingId())
	if err != nil {
		return nil, err
	}
	search, err := s.Store.Search(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	found, err := s.find(ctx, m, nil)
	if err != nil {
		return nil, err
	}
	from, to := domain.LoadPeriod(m)
	engagements, err := s.Store.Engagements(ctx, persons(found), from, to)
	if err != nil {
		return nil, err
	}
	asks, err := s.Store.AsksOf(ctx, search.ID)
	if err != nil {
		return nil, err
	}
	asked := map[string]domain.AskState{}
	for _, a := range asks { // the last one of a person says where they stand
		asked[a.PersonID] = a.At(s.Now()).State
	}
	out := &meetingsv1.ListCandidatesResponse{}
	best := domain.Rank(domain.Need{Meeting: m, Tags: search.Tags}, found, engagements)
	for _, c := range best[:min(len(best), cmp.Or(int(req.GetLimit()), shown))] {
		out.Candidates = append(out.Candidates, wire.Candidate(c, asked[c.PersonID]))
	}
	return out, nil
}

// find asks the mesh, in the caller's name, for the professionals near a meeting, or for those named.
func (s *Server) find(ctx context.Context, m domain.Meeting, named []string) ([]domain.Profile, error) {
	found, err := s.Professionals.FindProfessionals(ctx, &meshv1.FindProfessionalsRequest{
		PageSize: ranked, CommuneCode: m.CommuneCode, PersonIds: named,
		StartTime: timestamppb.New(m.Start), EndTime: timestamppb.New(m.End),
	})
	if err != nil {
		return nil, rpc.FromStatus(err)
	}
	out := make([]domain.Profile, len(found.GetProfessionals()))
	for i, p := range found.GetProfessionals() {
		out[i] = domain.Profile{
			PersonID: p.GetPersonId(), Metres: int(p.GetDistanceMetres()), InReach: p.GetInReach(), Remote: p.GetRemote(),
			ModuleIDs: p.GetModuleIds(), Tags: p.GetTags(), Free: domain.Free(p.GetFree()), MonthlyLimit: int(p.GetMonthlyLimit()),
		}
	}
	return out, nil
}

func persons(profiles []domain.Profile) []string {
	out := make([]string, len(profiles))
	for i, p := range profiles {
		out[i] = p.PersonID
	}
	return out
}

// AskProfessionals asks professionals whether they come.
func (s *Server) AskProfessionals(ctx context.Context, req *meetingsv1.AskProfessionalsRequest) (*meetingsv1.AskProfessionalsResponse, error) {
	deadline, err := instant(req.GetDeadline(), "deadline")
	if err != nil {
		return nil, err
	}
	m, err := s.Store.Meeting(ctx, req.GetMeetingId())
	if err != nil {
		return nil, err
	}
	// Before the transaction: another service must not hold up this one's writer.
	found, err := s.find(ctx, m, req.GetPersonIds())
	if err != nil {
		return nil, err
	}
	for i, id := range req.GetPersonIds() {
		if !slices.Contains(persons(found), id) {
			return nil, domain.ErrNotProfessional.At(fmt.Sprintf("person_ids[%d]", i))
		}
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.AskProfessionalsResponse, error) {
		search, asks, err := domain.AskProfessionals(ctx, tx, domain.Asking{
			MeetingID: m.ID, PersonIDs: req.GetPersonIds(), Mode: domain.AskMode(req.GetMode()), Deadline: deadline, NewID: newID, Now: s.Now(),
		})
		out := &meetingsv1.AskProfessionalsResponse{Search: wire.Search(search)}
		for _, a := range asks {
			out.Asks = append(out.Asks, wire.Ask(a))
		}
		return out, err
	})
}

// ConcludeWithout says that the meeting does without, and why.
func (s *Server) ConcludeWithout(ctx context.Context, req *meetingsv1.ConcludeWithoutRequest) (*meetingsv1.ProfessionalSearch, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.ProfessionalSearch, error) {
		search, err := domain.OpenSearch(ctx, tx, req.GetMeetingId(), s.Now())
		if err != nil {
			return nil, err
		}
		if err := etag.Check(req.GetEtag(), search.Version); err != nil {
			return nil, err
		}
		search, err = domain.ConcludeWithout(ctx, tx, search, domain.WithoutReason(req.GetReason()), req.GetText())
		return wire.Search(search), err
	})
}

// CountSearches counts the searches of a territory.
func (s *Server) CountSearches(ctx context.Context, req *meetingsv1.CountSearchesRequest) (*meetingsv1.CountSearchesResponse, error) {
	counts, err := s.Store.SearchCounts(ctx, req.GetTerritoryCode())
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.CountSearchesResponse{}
	for _, c := range counts {
		out.LostCount += int32(c.Lost)
		out.Counts = append(out.Counts, &meetingsv1.SearchCount{
			State: meetingsv1.SearchState(c.State), WithoutReason: meetingsv1.WithoutReason(c.Reason), Count: int32(c.Count),
		})
	}
	return out, nil
}
