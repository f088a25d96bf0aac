package api

import (
	"context"
	"strconv"
	"strings"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/page"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// AttestationResource says whose an attestation is.
func (s *Server) AttestationResource(ctx context.Context, id string) (access.Resource, error) {
	a, err := s.Store.Attestation(ctx, id)
	return access.Resource{Type: "Attestation", ID: id, Territory: a.CommuneCode, Owners: some(a.PersonID), Private: true}, err
}

// GetAttestation returns an attestation.
func (s *Server) GetAttestation(ctx context.Context, req *meetingsv1.GetAttestationRequest) (*meetingsv1.Attestation, error) {
	a, err := s.Store.Attestation(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Attestation(a), nil
}

// ListAttestations returns the caller's attestations and those of the territories that the caller coordinates.
func (s *Server) ListAttestations(ctx context.Context, req *meetingsv1.ListAttestationsRequest) (*meetingsv1.ListAttestationsResponse, error) {
	scope := access.ScopeFrom(ctx) // All is left aside: the national role gives no personal data
	query := page.Query{
		Method: "ListAttestations", Filter: req.GetMeetingId(), Order: "created,id",
		Scope: scope.PersonID + "|" + strings.Join(scope.Territories, ","),
	}
	attestations, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Attestation, error) {
			return s.Store.Attestations(ctx, domain.AttestationQuery{
				PersonID: scope.PersonID, Territories: scope.Territories, MeetingID: req.GetMeetingId(),
				Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(a domain.Attestation) []string {
			return []string{strconv.FormatInt(database.Micros(a.CreateTime), 10), a.ID}
		})
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListAttestationsResponse{NextPageToken: next}
	for _, a := range attestations {
		out.Attestations = append(out.Attestations, wire.Attestation(a))
	}
	return out, nil
}

// VerifyAttestation says whether a credential is genuine.
func (s *Server) VerifyAttestation(ctx context.Context, req *meetingsv1.VerifyAttestationRequest) (*meetingsv1.VerifyAttestationResponse, error) {
	verdict, err := domain.Verify(ctx, s.Store, s.Credentials, req.GetCredential(), s.Now())
	if err != nil {
		return nil, err
	}
	return wire.Verdict(verdict), nil
}

// GetKeySet returns the keys that verify credentials.
func (s *Server) GetKeySet(ctx context.Context, _ *meetingsv1.GetKeySetRequest) (*meetingsv1.KeySet, error) {
	keys, err := s.Store.Keys(ctx)
	if err != nil {
		return nil, err
	}
	return wire.KeySet(keys), nil
}
