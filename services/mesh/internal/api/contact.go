package api

import (
	"context"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/wire"
)

// hearContact keeps what the caller's sign-in says of them, when it says something new.
func (s *Server) hearContact(ctx context.Context) (domain.Contact, error) {
	known, err := s.Store.Contact(ctx, caller(ctx))
	if err != nil {
		return known, err
	}
	identity, _ := access.IdentityFrom(ctx)
	said := identity.Profile
	if known.Told(said.Name, said.Email, said.Language) == known {
		return known, nil
	}
	err = s.Store.Write(ctx, func(tx domain.Tx) (err error) {
		if err := domain.HearContact(ctx, tx, known.PersonID, said.Name, said.Email, said.Language, s.now()); err != nil {
			return err
		}
		known, err = tx.Contact(ctx, known.PersonID)
		return err
	})
	return known, err
}

// GetContact returns the caller's own contact.
func (s *Server) GetContact(ctx context.Context, _ *meshv1.GetContactRequest) (*meshv1.Contact, error) {
	c, err := s.hearContact(ctx)
	if err != nil {
		return nil, err
	}
	return wire.Contact(c), nil
}

// UpdateContact changes the caller's own contact.
func (s *Server) UpdateContact(ctx context.Context, req *meshv1.UpdateContactRequest) (*meshv1.Contact, error) {
	in := req.GetContact()
	change := domain.Contact{Name: in.GetName(), Email: in.GetEmail(), Language: in.GetLanguageCode()}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.Contact, error) {
		c, err := tx.Contact(ctx, caller(ctx))
		if err != nil {
			return nil, err
		}
		if etag.Check(in.GetEtag(), c.Version) != nil {
			return nil, errs.ErrStaleEtag.At("contact.etag").With("current", etag.Of(c.Version))
		}
		c, err = domain.UpdateContact(ctx, tx, c, change, req.GetUpdateMask().GetPaths(), s.now())
		return wire.Contact(c), err
	})
}

// BatchGetContacts tells a service to whom it writes.
func (s *Server) BatchGetContacts(ctx context.Context, req *meshv1.BatchGetContactsRequest) (*meshv1.BatchGetContactsResponse, error) {
	found, err := s.Store.Contacts(ctx, req.GetPersonIds())
	if err != nil {
		return nil, err
	}
	out := &meshv1.BatchGetContactsResponse{}
	for _, c := range found {
		out.Contacts = append(out.Contacts, wire.Contact(c))
	}
	return out, nil
}

// FindPersons tells a service who has an address.
func (s *Server) FindPersons(ctx context.Context, req *meshv1.FindPersonsRequest) (*meshv1.FindPersonsResponse, error) {
	found, err := s.Store.PersonsAt(ctx, req.GetEmail())
	return &meshv1.FindPersonsResponse{PersonIds: found}, err
}
