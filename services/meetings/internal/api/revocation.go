package api

import (
	"context"
	"strings"

	"github.com/classcode/maillage/pkg/idempotent"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

const (
	credentialType = "application/vc"
	identityType   = "application/did+json"
	contextType    = "application/ld+json"
)

// RevokeAttestation says that an attestation no longer holds.
func (s *Server) RevokeAttestation(ctx context.Context, req *meetingsv1.RevokeAttestationRequest) (*meetingsv1.Attestation, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Attestation, error) {
		a, err := tx.Attestation(ctx, req.GetId())
		if err != nil {
			return nil, err
		}
		a, err = domain.RevokeAttestation(ctx, tx, a, domain.Revocation{
			Time: s.Now(), PersonID: caller(ctx), Reason: strings.TrimSpace(req.GetReason()),
		})
		return wire.Attestation(a), err
	})
}

// GetStatusList returns a list of revocations as a signed credential.
func (s *Server) GetStatusList(ctx context.Context, req *meetingsv1.GetStatusListRequest) (*meetingsv1.CredentialDocument, error) {
	list, err := s.Store.StatusList(ctx, int(req.GetList()))
	if err != nil {
		return nil, err
	}
	text, err := s.Credentials.StatusList(list)
	return &meetingsv1.CredentialDocument{MediaType: credentialType, Content: text}, err
}

// GetIssuer returns the issuer's DID document.
func (s *Server) GetIssuer(ctx context.Context, _ *meetingsv1.GetIssuerRequest) (*meetingsv1.CredentialDocument, error) {
	keys, err := s.Store.Keys(ctx)
	if err != nil {
		return nil, err
	}
	text, err := s.Credentials.Identity(keys)
	return &meetingsv1.CredentialDocument{MediaType: identityType, Content: text}, err
}

// GetTerms returns our own context.
func (s *Server) GetTerms(context.Context, *meetingsv1.GetTermsRequest) (*meetingsv1.CredentialDocument, error) {
	return &meetingsv1.CredentialDocument{MediaType: contextType, Content: s.Credentials.Terms()}, nil
}
