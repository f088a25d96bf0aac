package api

import (
	"context"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/page"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/certificate"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// StructureResource says of a structure that it is there.
func (s *Server) StructureResource(ctx context.Context, id string) (access.Resource, error) {
	_, err := s.structure(ctx, id)
	return access.Resource{Type: "Structure", ID: id, Structure: id}, err
}

// lookedUp is what a link shows, at the instant at which somebody looks.
type lookedUp struct {
	share  domain.AttestationShare
	name   string // of the holder, where it is shown
	all    []domain.ShownAttestation
	badges []domain.ShownBadge
	now    time.Time
}

// open finds what a link shows. A link that never was, was hidden, has ended, or whose holder is forgotten, shows the same nothing.
func (s *Server) open(ctx context.Context, token string) (found lookedUp, err error) {
	found.now = s.Now()
	if found.share, err = s.Store.AttestationShareOf(ctx, digest(token)); err != nil {
		return found, err
	}
	if !found.share.Serves(found.now) {
		return found, domain.ErrAttestationNotShown
	}
	all, err := s.Store.SharedCredentials(ctx, found.share.ID)
	if err != nil {
		return found, err
	}
	if len(all) == 0 {
		return found, domain.ErrAttestationNotShown
	}
	judge, err := domain.NewJudge(ctx, s.Store, s.Credentials, found.now)
	if err != nil {
		return found, err
	}
	for _, c := range all {
		if c.IsBadge {
			found.badges = append(found.badges, judge.ShowBadge(c, found.share.Shown))
		} else {
			found.all = append(found.all, judge.Show(c, found.share.Shown))
		}
	}
	names, err := s.names(ctx, holders(found.share))
	found.name = names[found.share.PersonID]
	return found, err
}

// LookupAttestationShare returns what a link shows.
func (s *Server) LookupAttestationShare(
	ctx context.Context, req *meetingsv1.LookupAttestationShareRequest,
) (*meetingsv1.LookupAttestationShareResponse, error) {
	found, err := s.open(ctx, req.GetToken())
	if err != nil {
		return nil, err
	}
	shown := make([]*meetingsv1.ShownAttestation, len(found.all))
	for i, a := range found.all {
		if shown[i], err = s.shown(ctx, a); err != nil {
			return nil, err
		}
	}
	return wire.LookedUp(found.share, found.name, shown, found.badges, found.now), nil
}

// RenderAttestationShare returns what a link shows as a PDF.
func (s *Server) RenderAttestationShare(
	ctx context.Context, req *meetingsv1.RenderAttestationShareRequest,
) (*meetingsv1.RenderAttestationShareResponse, error) {
	found, err := s.open(ctx, req.GetToken())
	if err != nil {
		return nil, err
	}
	c := certificate.Certificate{
		Holder: found.name, Shown: found.share.Shown, Badges: found.badges, URL: s.PublicURL + sharePath + req.GetToken(),
		Until: found.share.ExpireTime, Now: found.now,
	}
	for _, a := range found.all {
		commune, err := s.communeName(ctx, a.CommuneCode)
		if err != nil {
			return nil, err
		}
		c.All = append(c.All, certificate.Attestation{ShownAttestation: a, Commune: commune})
	}
	content, err := c.Write()
	return &meetingsv1.RenderAttestationShareResponse{Content: content}, err
}

// communeName is empty where no commune is shown.
func (s *Server) communeName(ctx context.Context, code string) (string, error) {
	if code == "" {
		return "", nil
	}
	return s.territoryName(ctx, code)
}

// shown adds the name of the commune, where that is shown.
func (s *Server) shown(ctx context.Context, a domain.ShownAttestation) (*meetingsv1.ShownAttestation, error) {
	commune, err := s.communeName(ctx, a.CommuneCode)
	return wire.ShownAttestation(a, commune), err
}

// holders are those whose names are shown.
func holders(shares ...domain.AttestationShare) (persons []string) {
	for _, s := range shares {
		if s.Shown.Has(domain.ShownName) {
			persons = append(persons, s.PersonID)
		}
	}
	slices.Sort(persons)
	return slices.Compact(persons)
}

// ListShownAttestations returns what is shown to a structure.
func (s *Server) ListShownAttestations(
	ctx context.Context, req *meetingsv1.ListShownAttestationsRequest,
) (*meetingsv1.ListShownAttestationsResponse, error) {
	now := s.Now()
	all, next, err := page.List(s.Pages, page.Query{Method: "ListShownAttestations", Filter: req.GetStructureId(), Order: "share,id"}, req,
		func(after []string, limit int) ([]domain.StructureCredential, error) {
			return s.Store.StructureCredentials(ctx, domain.StructureCredentialQuery{
				StructureID: req.GetStructureId(), Now: now, Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(a domain.StructureCredential) []string { return []string{a.Share.ID, a.ID} })
	if err != nil {
		return nil, err
	}
	judge, err := domain.NewJudge(ctx, s.Store, s.Credentials, now)
	if err != nil {
		return nil, err
	}
	shares := make([]domain.AttestationShare, len(all))
	for i, a := range all {
		shares[i] = a.Share
	}
	names, err := s.names(ctx, holders(shares...))
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListShownAttestationsResponse{NextPageToken: next}
	for _, a := range all {
		item := &meetingsv1.StructureAttestation{HolderName: nameShown(names, a.Share), Url: s.knownURL(a.Share)}
		if a.IsBadge {
			item.Badge = wire.ShownBadge(judge.ShowBadge(a.SharedCredential, a.Share.Shown))
		} else if item.Attestation, err = s.shown(ctx, judge.Show(a.SharedCredential, a.Share.Shown)); err != nil {
			return nil, err
		}
		out.Attestations = append(out.Attestations, item)
	}
	return out, nil
}

// nameShown is a holder's name in one share: the same person may hide it in another.
func nameShown(names map[string]string, s domain.AttestationShare) string {
	if !s.Shown.Has(domain.ShownName) {
		return ""
	}
	return names[s.PersonID]
}

// knownURL is a share's link, unless it was made with a key that this service no longer has.
func (s *Server) knownURL(share domain.AttestationShare) string {
	if digest(s.shareSecret(share.ID)) != share.Digest {
		return ""
	}
	return s.shareURL(share.ID)
}
