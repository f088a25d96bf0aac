package api

import (
	"context"
	"slices"

	"google.golang.org/grpc"

	"github.com/classcode/maillage/pkg/mail"
	"github.com/classcode/maillage/pkg/rpc"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// contactsAtOnce is how many names the mesh tells at once.
const contactsAtOnce = 100

// Contacts is how people are called and who has an address, as the mesh tells this service in its own name.
type Contacts interface {
	BatchGetContacts(ctx context.Context, in *meshv1.BatchGetContactsRequest, opts ...grpc.CallOption) (*meshv1.BatchGetContactsResponse, error)
	FindPersons(ctx context.Context, in *meshv1.FindPersonsRequest, opts ...grpc.CallOption) (*meshv1.FindPersonsResponse, error)
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

// personsAt are those who are written to at an address; nobody when nobody can tell.
func (s *Server) personsAt(ctx context.Context, email string) ([]string, error) {
	if s.Contacts == nil {
		return nil, nil
	}
	found, err := s.Contacts.FindPersons(ctx, &meshv1.FindPersonsRequest{Email: email})
	return found.GetPersonIds(), rpc.FromStatus(err)
}
