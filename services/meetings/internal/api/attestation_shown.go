package api

import (
	"context"
	"slices"

	"google.golang.org/grpc"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/mail"
	"github.com/classcode/maillage/pkg/page"
	"github.com/classcode/maillage/pkg/rpc"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// contactsAtOnce is how many names the mesh tells at once.
const contactsAtOnce = 100

// Contacts is how people are called, as the mesh tells this service in its own name.
type Contacts interface {
	BatchGetContacts(ctx context.Context, in *meshv1.BatchGetContactsRequest, opts ...grpc.CallOption) (*meshv1.BatchGetContactsResponse, error)
}

// StructureResource says of a structure that it is there.
func (s *Server) StructureResource(ctx context.Context, id string) (access.Resource, error) {
	_, err := s.structure(ctx, id)
	return access.Resource{Type: "Structure", ID: id, Structure: id}, err
}

// LookupAttestationShare returns what a link shows.
func (s *Server) LookupAttestationShare(
	ctx context.Context, req *meetingsv1.LookupAttestationShareRequest,
) (*meetingsv1.LookupAttestationShareResponse, error) {
	now := s.Now()
	share, err := s.Store.AttestationShareOf(ctx, digest(req.GetToken()))
	if err != nil {
		return nil, err
	}
	if !share.Serves(now) {
		return nil, domain.ErrAttestationNotShown
	}
	all, err := s.Store.SharedAttestations(ctx, share.ID)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 { // whoever has shown them is forgotten
		return nil, domain.ErrAttestationNotShown
	}
	judge, err := domain.NewJudge(ctx, s.Store, s.Credentials, now)
	if err != nil {
		return nil, err
	}
	shown := make([]*meetingsv1.ShownAttestation, len(all))
	for i, a := range all {
		if shown[i], err = s.shown(ctx, judge.Show(a, share.Shown)); err != nil {
			return nil, err
		}
	}
	names, err := s.names(ctx, holders(share))
	return wire.LookedUp(share, names[share.PersonID], shown, now), err
}

// shown adds the name of the commune, where that is shown.
func (s *Server) shown(ctx context.Context, a domain.ShownAttestation) (*meetingsv1.ShownAttestation, error) {
	if a.CommuneCode == "" {
		return wire.ShownAttestation(a, ""), nil
	}
	commune, err := s.territoryName(ctx, a.CommuneCode)
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

// names are how people are called now; this service keeps none.
func (s *Server) names(ctx context.Context, persons []string) (map[string]string, error) {
	names := make(map[string]string, len(persons))
	if s.Contacts == nil {
		return names, nil
	}
	for some := range slices.Chunk(persons, contactsAtOnce) {
		found, err := s.Contacts.BatchGetContacts(ctx, &meshv1.BatchGetContactsRequest{PersonIds: some})
		if err != nil {
			return nil, rpc.FromStatus(err)
		}
		for _, c := range found.GetContacts() {
			names[c.GetPersonId()] = mail.Line(c.GetName())
		}
	}
	return names, nil
}

// ListShownAttestations returns what is shown to a structure.
func (s *Server) ListShownAttestations(
	ctx context.Context, req *meetingsv1.ListShownAttestationsRequest,
) (*meetingsv1.ListShownAttestationsResponse, error) {
	now := s.Now()
	all, next, err := page.List(s.Pages, page.Query{Method: "ListShownAttestations", Filter: req.GetStructureId(), Order: "share,id"}, req,
		func(after []string, limit int) ([]domain.StructureAttestation, error) {
			return s.Store.StructureAttestations(ctx, domain.StructureAttestationQuery{
				StructureID: req.GetStructureId(), Now: now, Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(a domain.StructureAttestation) []string { return []string{a.Share.ID, a.ID} })
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
		shown, err := s.shown(ctx, judge.Show(a.SharedAttestation, a.Share.Shown))
		if err != nil {
			return nil, err
		}
		out.Attestations = append(out.Attestations, &meetingsv1.StructureAttestation{
			HolderName: nameShown(names, a.Share), Attestation: shown, Url: s.knownURL(a.Share),
		})
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
