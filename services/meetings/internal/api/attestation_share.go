package api

import (
	"context"
	"strconv"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// sharePath is where the door shows what a link shows.
const sharePath = "/a/"

// AttestationShareResource says whose a share is; to others it does not exist.
func (s *Server) AttestationShareResource(ctx context.Context, id string) (access.Resource, error) {
	share, err := s.Store.AttestationShare(ctx, id)
	return access.Resource{Type: "AttestationShare", ID: id, Owners: some(share.PersonID), Private: true}, err
}

// CreateAttestationShare shows attestations and badges, and tells the link this once.
func (s *Server) CreateAttestationShare(
	ctx context.Context, req *meetingsv1.CreateAttestationShareRequest,
) (*meetingsv1.CreateAttestationShareResponse, error) {
	in := req.GetShare()
	if in.GetStructureId() != "" {
		if _, err := s.structure(ctx, in.GetStructureId()); err != nil {
			return nil, errs.From(err).At("share.structure_id")
		}
	}
	share := domain.AttestationShare{
		ID: newID(), PersonID: caller(ctx), Attestations: in.GetAttestationIds(), Badges: in.GetBadgeIds(), Label: in.GetLabel(),
		StructureID: in.GetStructureId(),
	}
	for _, f := range in.GetShownFields() {
		share.Shown |= domain.ShownFieldsOf(domain.ShownField(f))
	}
	if in.GetExpireTime() != nil {
		share.ExpireTime = in.GetExpireTime().AsTime()
	}
	share.Digest = digest(s.shareSecret(share.ID))
	// What is remembered for a retry has no link in it: no secret is kept anywhere.
	made, err := idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.AttestationShare, error) {
		share, err := domain.CreateAttestationShare(ctx, tx, share, s.Now())
		return wire.AttestationShare(share), err
	})
	if err != nil {
		return nil, err
	}
	return &meetingsv1.CreateAttestationShareResponse{Share: made, Url: s.shareURL(made.GetId())}, nil
}

func (s *Server) shareSecret(id string) string { return s.secretOf("attestation share", id) }

func (s *Server) shareURL(id string) string { return s.PublicURL + sharePath + s.shareSecret(id) }

// ListAttestationShares returns what the caller shows.
func (s *Server) ListAttestationShares(
	ctx context.Context, req *meetingsv1.ListAttestationSharesRequest,
) (*meetingsv1.ListAttestationSharesResponse, error) {
	who := caller(ctx)
	shares, next, err := page.List(s.Pages, page.Query{Method: "ListAttestationShares", Order: "created,id", Scope: who}, req,
		func(after []string, limit int) ([]domain.AttestationShare, error) {
			return s.Store.AttestationShares(ctx, domain.AttestationShareQuery{PersonID: who, Now: s.Now(), Page: domain.Page{After: after, Limit: limit}})
		},
		func(a domain.AttestationShare) []string {
			return []string{strconv.FormatInt(database.Micros(a.CreateTime), 10), a.ID}
		})
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListAttestationSharesResponse{NextPageToken: next}
	for _, share := range shares {
		out.Shares = append(out.Shares, wire.AttestationShare(share))
	}
	return out, nil
}

// HideAttestationShare ends a share.
func (s *Server) HideAttestationShare(ctx context.Context, req *meetingsv1.HideAttestationShareRequest) (*meetingsv1.AttestationShare, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.AttestationShare, error) {
		share, err := domain.HideAttestationShare(ctx, tx, req.GetId(), s.Now())
		return wire.AttestationShare(share), err
	})
}
