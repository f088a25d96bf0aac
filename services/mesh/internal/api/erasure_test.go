package api_test

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

func (f *fixture) erasure(t *testing.T) {
	claims := map[string]any{"sub": "leaver", "persona": "learner", "name": "Léa Verne", "email": "lea@example.org", "email_verified": true}
	own := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+f.issuer.Sign(claims))
	me := must[*meshv1.Person](t)(f.ResolvePerson(own, &meshv1.ResolvePersonRequest{})).GetId()
	someone := f.person(t, "learner 40").GetId()

	order := func(person string) *meshv1.ErasePersonRequest {
		return &meshv1.ErasePersonRequest{PersonId: person, Confirm: "erase"}
	}
	_, err := f.ErasePerson(own, &meshv1.ErasePersonRequest{PersonId: me})
	refused(t, err, codes.InvalidArgument, "INVALID_ARGUMENT", "confirm")
	for _, who := range []string{someone, unknown} { // whether there is such a person is nobody's to know
		_, err = f.ErasePerson(own, order(who))
		refused(t, err, codes.NotFound, "NOT_FOUND", "person_id")
	}
	_, err = f.ErasePerson(f.as(t, "coordinator 1"), order(someone))
	refused(t, err, codes.NotFound, "NOT_FOUND", "person_id")
	_, err = f.ErasePerson(f.as(t, "national 1"), order(someone))
	refused(t, err, codes.InvalidArgument, "FIELD_REQUIRED", "reason")
	_, err = f.ErasePerson(f.as(t, "national 1"), order(unknown))
	refused(t, err, codes.NotFound, "NOT_FOUND", "person_id")

	done := must[*meshv1.ErasePersonResponse](t)(f.ErasePerson(own, order(me)))
	// Asked again the answer is the same, though by then the caller is somebody new.
	if again := must[*meshv1.ErasePersonResponse](t)(f.ErasePerson(own, order(me))); !again.GetEraseTime().AsTime().Equal(done.GetEraseTime().AsTime()) {
		t.Errorf("%v, then %v", done, again)
	}
	fresh := must[*meshv1.Person](t)(f.ResolvePerson(own, &meshv1.ResolvePersonRequest{}))
	if fresh.GetId() == me || fresh.GetVersion() != 1 {
		t.Errorf("%v", fresh)
	}
	byOrder := order(someone)
	byOrder.Reason = "Demande reçue par courrier"
	must[*meshv1.ErasePersonResponse](t)(f.ErasePerson(f.as(t, "national 1"), byOrder))
	_, err = f.GrantRole(f.as(t, "national 1"), &meshv1.GrantRoleRequest{PersonId: someone, Grant: &meshv1.RoleGrant{Role: meshv1.Role_ROLE_NATIONAL}})
	refused(t, err, codes.NotFound, "NOT_FOUND", "person_id")
}
