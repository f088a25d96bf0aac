package api

import (
	"context"
	"slices"
	"strconv"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// ClaimBadge positions the caller at a level.
func (s *Server) ClaimBadge(ctx context.Context, req *meetingsv1.ClaimBadgeRequest) (*meetingsv1.BadgeClaim, error) {
	claim := domain.BadgeClaim{
		PersonID: caller(ctx), Standing: domain.Standing{Category: domain.BadgeCategory(req.GetCategory()), Level: domain.BadgeLevel(req.GetLevel())},
		Words: req.GetWords(), Evidence: req.GetAttestationIds(), NameShared: req.GetNameShared(),
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.BadgeClaim, error) {
		c, err := domain.ClaimBadge(ctx, tx, claim, s.issuing())
		return wire.BadgeClaim(c, nil, domain.Support{}), err
	})
}

// GetBadgeClaim returns a claim of the caller's.
func (s *Server) GetBadgeClaim(ctx context.Context, req *meetingsv1.GetBadgeClaimRequest) (*meetingsv1.BadgeClaim, error) {
	c, err := s.Store.BadgeClaim(ctx, req.GetId())
	if err == nil && c.PersonID != caller(ctx) {
		err = domain.ErrBadgeClaimNotFound
	}
	if err != nil {
		return nil, err
	}
	return s.supported(ctx, c)
}

// supported adds what peers have said.
func (s *Server) supported(ctx context.Context, c domain.BadgeClaim) (*meetingsv1.BadgeClaim, error) {
	said, err := s.Store.Recognitions(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	support, err := s.Store.Support(ctx, c)
	return wire.BadgeClaim(c, said, support), err
}

// ListBadgeClaims returns the caller's claims.
func (s *Server) ListBadgeClaims(ctx context.Context, req *meetingsv1.ListBadgeClaimsRequest) (*meetingsv1.ListBadgeClaimsResponse, error) {
	who := caller(ctx)
	all, next, err := page.List(s.Pages, page.Query{Method: "ListBadgeClaims", Order: "created,id", Scope: who}, req,
		func(after []string, limit int) ([]domain.BadgeClaim, error) {
			return s.Store.BadgeClaims(ctx, domain.BadgeQuery{PersonID: who, Page: domain.Page{After: after, Limit: limit}})
		}, claimCursor)
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListBadgeClaimsResponse{NextPageToken: next}
	for _, c := range all {
		claim, err := s.supported(ctx, c)
		if err != nil {
			return nil, err
		}
		out.Claims = append(out.Claims, claim)
	}
	return out, nil
}

func claimCursor(c domain.BadgeClaim) []string {
	return []string{strconv.FormatInt(database.Micros(c.CreateTime), 10), c.ID}
}

// WithdrawBadgeClaim takes a claim of the caller's back.
func (s *Server) WithdrawBadgeClaim(ctx context.Context, req *meetingsv1.WithdrawBadgeClaimRequest) (*meetingsv1.BadgeClaim, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.BadgeClaim, error) {
		c, err := domain.WithdrawBadgeClaim(ctx, tx, req.GetId(), caller(ctx), s.Now())
		return wire.BadgeClaim(c, nil, domain.Support{}), err
	})
}

// ListRecognisableClaims returns the open claims of people with whom the caller was at an attested meeting.
func (s *Server) ListRecognisableClaims(
	ctx context.Context, req *meetingsv1.ListRecognisableClaimsRequest,
) (*meetingsv1.ListRecognisableClaimsResponse, error) {
	who := caller(ctx)
	all, next, err := page.List(s.Pages, page.Query{Method: "ListRecognisableClaims", Order: "created,id", Scope: who}, req,
		func(after []string, limit int) ([]domain.PeerClaim, error) {
			return s.Store.PeerClaims(ctx, domain.BadgeQuery{PersonID: who, Page: domain.Page{After: after, Limit: limit}})
		},
		func(c domain.PeerClaim) []string { return claimCursor(c.BadgeClaim) })
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx, named(all))
	if err != nil {
		names = nil // without the mesh the claims are there all the same
	}
	out := &meetingsv1.ListRecognisableClaimsResponse{NextPageToken: next}
	for _, c := range all {
		name := ""
		if c.NameShared { // with this claim; the same person may keep it back with another
			name = names[c.PersonID]
		}
		out.Claims = append(out.Claims, wire.PeerClaim(c, name))
	}
	return out, nil
}

// named are the claimants who share their names with those whom they met.
func named(all []domain.PeerClaim) (persons []string) {
	for _, c := range all {
		if c.NameShared && !slices.Contains(persons, c.PersonID) {
			persons = append(persons, c.PersonID)
		}
	}
	return persons
}

// RecogniseBadgeClaim says that a peer's claim is so.
func (s *Server) RecogniseBadgeClaim(ctx context.Context, req *meetingsv1.RecogniseBadgeClaimRequest) (*meetingsv1.RecognisableClaim, error) {
	said := domain.Recognition{PeerID: caller(ctx), Sentence: req.GetSentence()}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.RecognisableClaim, error) {
		c, err := domain.Recognise(ctx, tx, req.GetId(), said, s.issuing())
		return wire.PeerClaim(c, ""), err
	})
}

// WithdrawRecognition takes that back.
func (s *Server) WithdrawRecognition(ctx context.Context, req *meetingsv1.WithdrawRecognitionRequest) (*meetingsv1.RecognisableClaim, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.RecognisableClaim, error) {
		c, err := domain.WithdrawRecognition(ctx, tx, req.GetId(), caller(ctx))
		return wire.PeerClaim(c, ""), err
	})
}
