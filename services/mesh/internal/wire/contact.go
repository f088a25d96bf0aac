package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Contact is a contact as the contract has it; no event carries one.
func Contact(c domain.Contact) *meshv1.Contact {
	return &meshv1.Contact{
		PersonId: c.PersonID, Name: c.Name, Email: c.Email, LanguageCode: c.Language, Etag: etag.Of(c.Version), UpdateTime: timestamp(c.UpdateTime),
	}
}
