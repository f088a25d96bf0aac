package access_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/access/accesstest"
	accessv1 "github.com/classcode/maillage/proto/gen/maillage/access/v1"
)

func TestServiceToken(t *testing.T) {
	key, now := access.DeriveServiceKey([]byte("a secret")), time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	const method = "/maillage.mesh.v1.ContactService/BatchGetContacts"
	token := key.Token("meetings", method, now)
	for name, c := range map[string]struct {
		key           access.ServiceKey
		token, method string
		now           time.Time
		ok            bool
	}{
		"good":           {key, token, method, now, true},
		"a minute after": {key, token, method, now.Add(time.Minute), true},
		"late":           {key, token, method, now.Add(61 * time.Second), false},
		"early":          {key, token, method, now.Add(-61 * time.Second), false},
		"another method": {key, token, "/maillage.mesh.v1.MeshService/GrantRole", now, false},
		"another key":    {access.DeriveServiceKey([]byte("another")), token, method, now, false},
		"no key":         {nil, access.ServiceKey(nil).Token("meetings", method, now), method, now, false},
		"empty":          {key, "", method, now, false},
		"cut":            {key, token[:len(token)-4], method, now, false},
		"junk":           {key, "%%%", method, now, false},
	} {
		service, err := c.key.Open(c.token, c.method, c.now)
		if c.ok != (err == nil) || c.ok != (service == "meetings") || !c.ok && !errors.Is(err, access.ErrTokenInvalid) {
			t.Errorf("%s: %q, %v", name, service, err)
		}
	}
	if shown := fmt.Sprintf("%v %#v", key, key); shown != "*** ***" {
		t.Fatal("the key is shown:", shown)
	}
}

func TestOnlyServices(t *testing.T) {
	services := &accessv1.Access{Rule: &accessv1.Access_Services{Services: &accessv1.Services{Names: []string{"meetings"}}}}
	guard, err := access.New(config(t, method{name: "M", access: services}))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		service, person string
		want            error
	}{
		"named": {"meetings", "", nil}, "not named": {"indicators", "", access.ErrNotPermitted},
		"a person": {"", "nat", access.ErrNotPermitted}, "nobody": {"", "", access.ErrTokenMissing},
	} {
		ctx := t.Context()
		if c.service != "" {
			ctx = access.WithService(ctx, c.service)
		}
		if c.person != "" {
			ctx = access.WithIdentity(ctx, access.Identity{Subject: c.person})
		}
		if _, err := guard.Check(ctx, "/test.v1.TestService/M", nil); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	nobody := &accessv1.Access{Rule: &accessv1.Access_Services{Services: &accessv1.Services{}}}
	if _, err := access.New(config(t, method{name: "M", access: nobody})); err == nil {
		t.Fatal("an option that names no service")
	}
}

func TestProfile(t *testing.T) {
	for name, c := range map[string]struct {
		claims map[string]any
		want   access.Profile
	}{
		"none":         {nil, access.Profile{}},
		"all":          {map[string]any{"name": "Anne", "email": "a@example.org", "email_verified": true, "locale": "fr"}, access.Profile{Name: "Anne", Email: "a@example.org", Language: "fr"}},
		"as a string":  {map[string]any{"email": "a@example.org", "email_verified": "true"}, access.Profile{Email: "a@example.org"}},
		"not verified": {map[string]any{"email": "a@example.org", "email_verified": false}, access.Profile{}},
		"not said":     {map[string]any{"email": "a@example.org"}, access.Profile{}},
		"other types":  {map[string]any{"name": 5, "email": []string{"a"}, "email_verified": map[string]any{}, "locale": nil}, access.Profile{}},
	} {
		issuer := accesstest.New(t)
		id, err := issuer.Verifier().Verify(t.Context(), issuer.Sign(c.claims))
		if err != nil || id.Profile != c.want {
			t.Errorf("%s: %+v, %v", name, id.Profile, err)
		}
	}
}
