package access_test

import (
	"context"
	"embed"
	"errors"
	"io"
	"io/fs"
	"maps"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/access/accesstest"
	"github.com/classcode/maillage/pkg/errs"
	accessv1 "github.com/classcode/maillage/proto/gen/maillage/access/v1"
)

//go:embed testdata/*.cedar
var testdata embed.FS

func allow(action, kind, field string) *accessv1.Access {
	return &accessv1.Access{Rule: &accessv1.Access_Permission{Permission: &accessv1.Permission{
		Action: action, ResourceType: kind, ResourceField: field,
	}}}
}

var (
	public   = &accessv1.Access{Rule: &accessv1.Access_Public{Public: true}}
	signedIn = &accessv1.Access{Rule: &accessv1.Access_SignedIn{SignedIn: true}}
	scoped   = &accessv1.Access{Rule: &accessv1.Access_Scoped{Scoped: true}}
	ladder   = accesstest.Ladder{"44109": {"DEP-44", "REG-52", "FR"}, "99999": {"FR"}, "FR": {}}
)

// things is a resolver that knows these.
func things(known map[string]access.Resource) access.Resolver {
	return func(_ context.Context, id string) (access.Resource, error) {
		r, ok := known[id]
		if !ok {
			return r, errs.Missing("enrolment", "inscription")
		}
		return r, nil
	}
}

func config(t *testing.T, methods ...method) access.GuardConfig {
	t.Helper()
	policies, err := fs.Sub(testdata, "testdata")
	if err != nil {
		t.Fatal(err)
	}
	return access.GuardConfig{
		Services: []protoreflect.ServiceDescriptor{contract(t, methods...)},
		Policies: policies,
		Resolvers: map[string]access.Resolver{
			"Enrolment": things(map[string]access.Resource{
				"e1": {Owners: []string{"ada"}, Private: true}, "e2": {Owners: []string{"ada"}},
			}),
			"Campaign": things(map[string]access.Resource{"c1": {Territory: "44109"}, "lost": {Territory: "00000"}}),
			"Meeting":  things(map[string]access.Resource{"m1": {Structure: "s1"}, "m2": {Structure: "s1", Territory: "99999"}}),
			"Broken":   func(context.Context, string) (access.Resource, error) { return access.Resource{}, io.ErrUnexpectedEOF },
		},
		Directory: accesstest.People{
			"nat":   {{Kind: access.National}},
			"coord": {{Kind: access.Coordinator, Territory: "REG-52"}},
			"far":   {{Kind: access.Coordinator, Territory: "REG-84"}},
			"relay": {{Kind: access.Relay, Structure: "s1"}, {Kind: access.Relay, Structure: "s0"}},
			"orga":  {{Kind: access.Organiser, Structure: "s1"}},
			"pro":   {{Kind: access.Professional}},
		},
		Territories: ladder,
	}
}

func TestStartRefused(t *testing.T) {
	ok := method{name: "Ok", access: public}
	for name, c := range map[string]struct {
		method method
		change func(*access.GuardConfig)
		want   string
	}{
		"fine":            {ok, nil, ""},
		"no option":       {method{name: "Bare"}, nil, "test.v1.TestService.Bare: no access option"},
		"empty option":    {method{name: "M", access: &accessv1.Access{}}, nil, "empty"},
		"public: false":   {method{name: "M", access: &accessv1.Access{Rule: &accessv1.Access_Public{}}}, nil, "says false"},
		"streaming":       {method{name: "M", access: public, streaming: true}, nil, "streaming"},
		"no action":       {method{name: "M", access: allow("", "Enrolment", "id")}, nil, "needs an action"},
		"no such field":   {method{name: "M", access: allow("readEnrolment", "Enrolment", "nope")}, nil, `no field "nope"`},
		"no nested field": {method{name: "M", access: allow("readEnrolment", "Enrolment", "inner.nope")}, nil, `no field "nope"`},
		"inside a string": {method{name: "M", access: allow("readEnrolment", "Enrolment", "id.x")}, nil, "no message"},
		"a number":        {method{name: "M", access: allow("readEnrolment", "Enrolment", "number")}, nil, "must be a string"},
		"a list":          {method{name: "M", access: allow("readEnrolment", "Enrolment", "list")}, nil, "repeated"},
		"no resolver":     {method{name: "M", access: allow("readEnrolment", "Kit", "id")}, nil, `no resolver for resource type "Kit"`},
		"no policy":       {method{name: "M", access: allow("fly", "Enrolment", "id")}, nil, `no policy names the action "fly"`},
		"bare territory":  {method{name: "M", access: allow("formGroups", "Territory", "")}, nil, "needs a resource_field"},
		"no territories": {method{name: "M", access: allow("formGroups", "Territory", "id")},
			func(c *access.GuardConfig) { c.Territories = nil }, "no Territories"},
		"no directory": {ok, func(c *access.GuardConfig) { c.Directory = nil }, "no directory"},
		"broken policy": {ok, policy(`permit(principal, action, resource) when {`),
			"p.cedar"},
		"unknown attribute": {ok, policy(`@id("x") permit(principal, action, resource) when { principal.nation };`),
			`policy "x": principal.nation: there is no such attribute`},
		"unknown resource attribute": {ok, policy(`permit(principal, action, resource) unless { resource has owner };`),
			"resource.owner: there is no such attribute"},
		"unknown role":   {ok, policy(`permit(principal, action, resource) when { principal.roles.containsAny(["KING"]) };`), `no role "KING"`},
		"no action type": {ok, policy(`permit(principal, action == Deed::"x", resource);`), "must be an Action"},
		"same id":        {ok, policy(`@id("x") permit(principal, action, resource); @id("x") permit(principal, action, resource);`), "two policies"},
		"wrong types": {method{name: "M", access: allow("a", "Enrolment", "id")},
			policy(`permit(principal, action == Action::"a", resource) when { principal.national.contains(1) };`), "type error"},
	} {
		cfg := config(t, c.method)
		if c.change != nil {
			c.change(&cfg)
		}
		_, err := access.New(cfg)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func policy(text string) func(*access.GuardConfig) {
	return func(c *access.GuardConfig) { c.Policies = fstest.MapFS{"p.cedar": {Data: []byte(text)}} }
}

func TestStartTellsEverything(t *testing.T) {
	_, err := access.New(config(t, method{name: "A"}, method{name: "B", access: allow("fly", "Kit", "id")}))
	for _, want := range []string{"TestService.A", "TestService.B", `"Kit"`, `"fly"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is missing in: %v", want, err)
		}
	}
}

type world struct {
	*testing.T
	guard   *access.Guard
	service protoreflect.ServiceDescriptor
}

func start(t *testing.T, cfg access.GuardConfig) world {
	t.Helper()
	g, err := access.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return world{t, g, cfg.Services[0]}
}

// call passes the guard as this subject; nobody when empty.
func (w world) call(subject, name, id string) (context.Context, error) {
	w.Helper()
	m := w.service.Methods().ByName(protoreflect.Name(name))
	req := dynamicpb.NewMessage(m.Input())
	req.Set(m.Input().Fields().ByName("id"), protoreflect.ValueOfString(id))
	inner := dynamicpb.NewMessage(m.Input())
	inner.Set(m.Input().Fields().ByName("id"), protoreflect.ValueOfString(id))
	req.Set(m.Input().Fields().ByName("inner"), protoreflect.ValueOfMessage(inner))
	ctx := w.Context()
	if subject != "" {
		ctx = access.WithIdentity(ctx, access.Identity{Issuer: "i", Subject: subject})
	}
	return w.guard.Check(ctx, "/test.v1.TestService/"+name, req)
}

func TestWhoMay(t *testing.T) {
	w := start(t, config(t,
		method{name: "Public", access: public}, method{name: "SignedIn", access: signedIn}, method{name: "Scoped", access: scoped},
		method{name: "CreateResource", access: allow("createResource", "Catalogue", "")},
		method{name: "ReadEnrolment", access: allow("readEnrolment", "Enrolment", "id")},
		method{name: "ReadNested", access: allow("readEnrolment", "Enrolment", "inner.id")},
		method{name: "FormGroups", access: allow("formGroups", "Campaign", "id")},
		method{name: "CreateCampaign", access: allow("formGroups", "Territory", "id")},
		method{name: "OpenMeeting", access: allow("openMeeting", "Meeting", "id")},
		method{name: "AnswerCall", access: allow("answerCall", "Desk", "")},
		method{name: "Broken", access: allow("readEnrolment", "Broken", "id")},
	))
	for _, c := range []struct{ who, method, id, want string }{
		{"", "Public", "", "OK"},
		{"ada", "Public", "", "OK"},
		{"", "SignedIn", "", "TOKEN_MISSING"},
		{"ada", "SignedIn", "", "OK"},
		{"", "Scoped", "", "TOKEN_MISSING"},
		{"ada", "Scoped", "", "OK"},
		{"", "CreateResource", "", "TOKEN_MISSING"},
		{"", "ReadEnrolment", "none", "TOKEN_MISSING"},
		{"nat", "CreateResource", "", "OK"},
		{"coord", "CreateResource", "", "NOT_PERMITTED"},
		{"ada", "ReadEnrolment", "e1", "OK"},
		{"bob", "ReadEnrolment", "e1", "NOT_FOUND"},
		{"nat", "ReadEnrolment", "e1", "NOT_FOUND"},
		{"bob", "ReadEnrolment", "e2", "NOT_PERMITTED"},
		{"ada", "ReadEnrolment", "none", "NOT_FOUND"},
		{"ada", "ReadEnrolment", "", "FIELD_REQUIRED"},
		{"ada", "ReadNested", "e1", "OK"},
		{"bob", "ReadNested", "e2", "NOT_PERMITTED"},
		{"coord", "FormGroups", "c1", "OK"},
		{"nat", "FormGroups", "c1", "OK"},
		{"far", "FormGroups", "c1", "NOT_PERMITTED"},
		{"coord", "FormGroups", "lost", "INTERNAL"},
		{"coord", "CreateCampaign", "44109", "OK"},
		{"coord", "CreateCampaign", "FR", "NOT_PERMITTED"},
		{"coord", "CreateCampaign", "00000", "NOT_FOUND"},
		{"relay", "OpenMeeting", "m1", "OK"},
		{"orga", "OpenMeeting", "m1", "OK"},
		{"orga", "OpenMeeting", "m2", "NOT_PERMITTED"},
		{"pro", "OpenMeeting", "m1", "NOT_PERMITTED"},
		{"pro", "AnswerCall", "", "OK"},
		{"ada", "AnswerCall", "", "NOT_PERMITTED"},
		{"ada", "Broken", "x", "INTERNAL"},
	} {
		ctx, err := w.call(c.who, c.method, c.id)
		if reason(err) != c.want {
			t.Errorf("%s %s %q: %v", c.who, c.method, c.id, err)
		}
		if p, ok := access.PrincipalFrom(ctx); err == nil && (ok != (c.who != "") || p.PersonID != c.who || p.Subject != c.who) {
			t.Errorf("%s %s: principal %+v", c.who, c.method, p)
		}
	}
	if _, err := w.guard.Check(t.Context(), "/test.v1.TestService/Other", nil); reason(err) != "INTERNAL" {
		t.Errorf("a method without rule: %v", err)
	}
	if !w.guard.Covers("test.v1.TestService") || w.guard.Covers("test.v1.Other") {
		t.Error("covers")
	}
}

func TestNotFoundSaysNothing(t *testing.T) {
	w := start(t, config(t, method{name: "M", access: allow("readEnrolment", "Enrolment", "id")}))
	_, hidden := w.call("bob", "M", "e1")
	_, absent := w.call("bob", "M", "none")
	a, b := *errs.From(hidden).Because(nil), *errs.From(absent).Because(nil)
	if !reflect.DeepEqual(a, b) || len(a.Fields) != 1 || a.Fields[0].Path != "id" {
		t.Errorf("one can tell %+v from %+v", a, b)
	}
}

func TestRefusalNamesRoles(t *testing.T) {
	w := start(t, config(t,
		method{name: "Form", access: allow("formGroups", "Campaign", "id")},
		method{name: "Open", access: allow("openMeeting", "Meeting", "id")},
		method{name: "Call", access: allow("answerCall", "Desk", "")},
	))
	for _, c := range []struct{ method, id, roles, en, fr string }{
		{"Form", "c1", "NATIONAL,COORDINATOR",
			"Your roles do not allow this: it is reserved to the national team and the coordinators of this territory.",
			"Vos rôles ne le permettent pas : c'est réservé à l'équipe nationale et à la coordination de ce territoire."},
		{"Open", "m1", "RELAY,ORGANISER",
			"Your roles do not allow this: it is reserved to the relays of this structure and the organisers of this structure.",
			"Vos rôles ne le permettent pas : c'est réservé aux relais de cette structure et aux personnes qui organisent pour cette structure."},
		{"Call", "", "PROFESSIONAL",
			"Your roles do not allow this: it is reserved to IT professionals.",
			"Vos rôles ne le permettent pas : c'est réservé aux personnes dont le numérique est le métier."},
	} {
		_, err := w.call("ada", c.method, c.id)
		e := errs.From(err)
		if e.Kind != errs.Denied || e.EN != c.en || e.FR != c.fr || e.Meta["roles"] != c.roles || e.Meta["action"] == "" {
			t.Errorf("%s: %+v", c.method, e)
		}
	}
}

func TestScope(t *testing.T) {
	w := start(t, config(t, method{name: "List", access: scoped}, method{name: "Public", access: public}))
	for who, want := range map[string]access.Scope{
		"ada":   {PersonID: "ada"},
		"nat":   {PersonID: "nat", All: true},
		"coord": {PersonID: "coord", Territories: []string{"REG-52"}},
		"relay": {PersonID: "relay", Structures: []string{"s0", "s1"}},
		"orga":  {PersonID: "orga"},
	} {
		ctx, err := w.call(who, "List", "")
		if got := access.ScopeFrom(ctx); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v %v", who, got, err)
		}
	}
	ctx, _ := w.call("", "Public", "")
	if got := access.ScopeFrom(ctx); !reflect.DeepEqual(got, access.Scope{}) {
		t.Errorf("nobody: %+v", got)
	}
}

// A person may be the resource of an action on themselves: the entity has the attributes of both.
func TestOnOneself(t *testing.T) {
	cfg := config(t, method{name: "M", access: allow("readPerson", "Person", "id")})
	policy(`permit(principal, action == Action::"readPerson", resource) when { principal.national || resource.owners.contains(principal) };`)(&cfg)
	cfg.Resolvers = map[string]access.Resolver{"Person": func(_ context.Context, id string) (access.Resource, error) {
		return access.Resource{Owners: []string{id}}, nil
	}}
	w := start(t, cfg)
	for who, want := range map[string]string{"ada": "OK", "nat": "OK", "bob": "NOT_PERMITTED"} {
		if _, err := w.call(who, "M", "ada"); reason(err) != want {
			t.Errorf("%s: %v", who, err)
		}
	}
}

type directory func(context.Context) (access.Person, error)

func (d directory) Resolve(ctx context.Context, _ access.Identity) (access.Person, error) {
	return d(ctx)
}

func TestDirectoryAway(t *testing.T) {
	for name, c := range map[string]struct {
		directory        directory
		public, signedIn string
	}{
		"away": {func(context.Context) (access.Person, error) { return access.Person{}, errs.ErrUnavailable }, "OK", "UNAVAILABLE"},
		"slow": {func(ctx context.Context) (access.Person, error) { <-ctx.Done(); return access.Person{}, ctx.Err() }, "OK", "DEADLINE_EXCEEDED"},
		"refuses": {func(context.Context) (access.Person, error) { return access.Person{}, errs.ErrUnauthenticated },
			"UNAUTHENTICATED", "UNAUTHENTICATED"},
		"broken":   {func(context.Context) (access.Person, error) { return access.Person{}, errors.New("x") }, "INTERNAL", "INTERNAL"},
		"nameless": {func(context.Context) (access.Person, error) { return access.Person{}, nil }, "INTERNAL", "INTERNAL"},
	} {
		synctest.Test(t, func(t *testing.T) {
			cfg := config(t, method{name: "Public", access: public}, method{name: "SignedIn", access: signedIn})
			cfg.Directory = c.directory
			w := start(t, cfg)
			for m, want := range map[string]string{"Public": c.public, "SignedIn": c.signedIn} {
				req := dynamicpb.NewMessage(w.service.Methods().Get(0).Input())
				ctx, cancel := context.WithTimeout(access.WithIdentity(t.Context(), access.Identity{Subject: "ada"}), 5*time.Second)
				defer cancel()
				after, err := w.guard.Check(ctx, "/test.v1.TestService/"+m, req)
				if reason(err) != want {
					t.Errorf("%s, %s: %v", name, m, err)
				}
				if _, known := access.PrincipalFrom(after); known {
					t.Errorf("%s, %s: a principal from nowhere", name, m)
				}
			}
		})
	}
}

// Two services' policies may be given together.
func TestPoliciesInFolders(t *testing.T) {
	cfg := config(t, method{name: "A", access: allow("a", "X", "")}, method{name: "B", access: allow("b", "X", "")})
	files := fstest.MapFS{"README.md": {Data: []byte("not a policy")}}
	maps.Copy(files, fstest.MapFS{
		"one.cedar":     {Data: []byte(`permit(principal, action == Action::"a", resource);`)},
		"sub/two.cedar": {Data: []byte(`permit(principal, action == Action::"b", resource);`)},
	})
	cfg.Policies = files
	w := start(t, cfg)
	for _, m := range []string{"A", "B"} {
		if _, err := w.call("ada", m, ""); err != nil {
			t.Errorf("%s: %v", m, err)
		}
	}
}
