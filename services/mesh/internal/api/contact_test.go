package api_test

import (
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/rpc"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

func (f *fixture) contacts(t *testing.T) {
	claims := map[string]any{"sub": "anne", "name": "Anne Martin", "email": "anne@example.org", "email_verified": true, "locale": "en-GB"}
	as := func(claims map[string]any) func() (*meshv1.Contact, error) {
		ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+f.issuer.Sign(claims))
		return func() (*meshv1.Contact, error) {
			return f.GetContact(ctx, &meshv1.GetContactRequest{})
		}
	}
	known := must[*meshv1.Contact](t)(as(claims)())
	if known.GetName() != "Anne Martin" || known.GetEmail() != "anne@example.org" || known.GetLanguageCode() != "en" || known.GetEtag() != `"1"` {
		t.Fatalf("%v", known)
	}
	claims["email_verified"], claims["email"] = false, "someone-else@example.org"
	if c := must[*meshv1.Contact](t)(as(claims)()); c.GetEmail() != "anne@example.org" || c.GetEtag() != `"1"` {
		t.Fatalf("an address that nobody has verified: %v", c)
	}
	if c := must[*meshv1.Contact](t)(as(map[string]any{"sub": "silent"})()); c.GetEmail() != "" || c.GetEtag() != `"0"` || c.GetLanguageCode() != "fr" {
		t.Fatalf("%v", c)
	}

	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+f.issuer.Sign(claims))
	update := func(c *meshv1.Contact, mask ...string) (*meshv1.Contact, error) {
		return f.UpdateContact(ctx, &meshv1.UpdateContactRequest{Contact: c, UpdateMask: &fieldmaskpb.FieldMask{Paths: mask}})
	}
	edited := must[*meshv1.Contact](t)(update(&meshv1.Contact{Email: "ana@example.org", Name: "ignored"}, "email"))
	if edited.GetEmail() != "ana@example.org" || edited.GetName() != "Anne Martin" {
		t.Fatalf("%v", edited)
	}
	claims["email_verified"] = true
	if c := must[*meshv1.Contact](t)(as(claims)()); c.GetEmail() != "ana@example.org" {
		t.Fatalf("the sign-in changed what the person had chosen: %v", c)
	}
	for name, c := range map[string]struct {
		contact       *meshv1.Contact
		mask          string
		code          codes.Code
		reason, field string
	}{
		"stale":      {&meshv1.Contact{Etag: `"1"`}, "name", codes.Aborted, "ETAG_MISMATCH", "contact.etag"},
		"header":     {&meshv1.Contact{Name: "Anne\r\nBcc: x@example.org"}, "name", codes.InvalidArgument, "CONTACT_NAME_INVALID", "contact.name"},
		"turned":     {&meshv1.Contact{Name: "\u202eAnne"}, "name", codes.InvalidArgument, "CONTACT_NAME_INVALID", "contact.name"},
		"not ours":   {&meshv1.Contact{}, "person_id", codes.InvalidArgument, "FIELD_MASK_INVALID", "update_mask"},
		"no address": {&meshv1.Contact{Email: "a(b)@example.org"}, "email", codes.InvalidArgument, "INVALID_ARGUMENT", "contact.email"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := update(c.contact, c.mask)
			refused(t, err, c.code, c.reason, c.field)
		})
	}
	long := strings.Repeat("👩", 200)
	if c := must[*meshv1.Contact](t)(update(&meshv1.Contact{Name: long}, "name")); c.GetName() != long {
		t.Fatalf("%v", c)
	}
	f.batch(t, known.GetPersonId())
}

// batch: meetings may ask, in its own name and with the key; nobody else may, whatever their roles.
func (f *fixture) batch(t *testing.T, person string) {
	req := &meshv1.BatchGetContactsRequest{PersonIds: []string{person, unknown}}
	asService := func(key access.ServiceKey, name string) meshv1.ContactServiceClient {
		return meshv1.NewContactServiceClient(rpc.AsService(f.conn, key, name))
	}
	found := must[*meshv1.BatchGetContactsResponse](t)(asService(serviceKey, "meetings").BatchGetContacts(t.Context(), req)).GetContacts()
	if len(found) != 1 || found[0].GetEmail() != "ana@example.org" {
		t.Fatalf("%v", found)
	}
	_, err := asService(serviceKey, "indicators").BatchGetContacts(t.Context(), req)
	refused(t, err, codes.PermissionDenied, "NOT_PERMITTED", "")
	_, err = asService(access.DeriveServiceKey([]byte("another")), "meetings").BatchGetContacts(t.Context(), req)
	refused(t, err, codes.Unauthenticated, "TOKEN_INVALID", "")
	_, err = f.BatchGetContacts(f.as(t, "national 1"), req)
	refused(t, err, codes.PermissionDenied, "NOT_PERMITTED", "")
	_, err = f.BatchGetContacts(t.Context(), req)
	refused(t, err, codes.Unauthenticated, "TOKEN_MISSING", "")
	// The same holds of who has an address.
	find := &meshv1.FindPersonsRequest{Email: "ANA@example.org"}
	if ids := must[*meshv1.FindPersonsResponse](t)(asService(serviceKey, "meetings").FindPersons(t.Context(), find)).GetPersonIds(); len(ids) != 1 || ids[0] != person {
		t.Fatalf("%v", ids)
	}
	_, err = asService(serviceKey, "indicators").FindPersons(t.Context(), find)
	refused(t, err, codes.PermissionDenied, "NOT_PERMITTED", "")
	_, err = f.FindPersons(f.as(t, "national 1"), find)
	refused(t, err, codes.PermissionDenied, "NOT_PERMITTED", "")
	_, err = f.FindPersons(t.Context(), find)
	refused(t, err, codes.Unauthenticated, "TOKEN_MISSING", "")
	// A service is nobody: what asks for a person refuses it.
	_, err = asService(serviceKey, "meetings").GetContact(t.Context(), &meshv1.GetContactRequest{})
	refused(t, err, codes.Unauthenticated, "TOKEN_MISSING", "")
}
