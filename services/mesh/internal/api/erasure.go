package api

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/access"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// PersonResource says that a person is their own. Of somebody who was erased whoever calls may hear so: they may be the same human being,
// who asks again, and whom nothing connects with the person any more.
func (s *Server) PersonResource(ctx context.Context, id string) (access.Resource, error) {
	resource := access.Resource{Type: "Person", ID: id, Owners: []string{id}, Private: true}
	erased, err := s.Store.Erased(ctx, id)
	switch {
	case err != nil:
		return resource, err
	case erased.IsZero():
		_, err = s.Store.Person(ctx, id)
		return resource, err
	}
	identity, _ := access.IdentityFrom(ctx)
	who, err := s.Store.PersonOf(ctx, domain.Identity{Issuer: identity.Issuer, Subject: identity.Subject})
	resource.Owners = append(resource.Owners, who.ID)
	return resource, err
}

// ErasePerson forgets a person.
func (s *Server) ErasePerson(ctx context.Context, req *meshv1.ErasePersonRequest) (*meshv1.ErasePersonResponse, error) {
	var at time.Time
	err := s.Store.Write(ctx, func(tx domain.Tx) (err error) {
		at, err = domain.ErasePerson(ctx, tx, domain.Erasure{PersonID: req.GetPersonId(), OrderedBy: caller(ctx), Reason: req.GetReason()})
		return err
	})
	if err != nil {
		return nil, err
	}
	return &meshv1.ErasePersonResponse{EraseTime: timestamppb.New(at)}, nil
}
