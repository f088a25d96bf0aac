package directory

import (
	"context"
	"errors"
	"reflect"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/errs"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// mesh answers as the test says, and counts.
type mesh struct {
	meshv1.MeshServiceClient
	asked   atomic.Int32
	resolve func(context.Context) (*meshv1.Person, error)
}

func (m *mesh) ResolvePerson(ctx context.Context, _ *meshv1.ResolvePersonRequest, _ ...grpc.CallOption) (*meshv1.Person, error) {
	m.asked.Add(1)
	return m.resolve(ctx)
}

func (m *mesh) GetTerritory(_ context.Context, req *meshv1.GetTerritoryRequest, _ ...grpc.CallOption) (*meshv1.Territory, error) {
	m.asked.Add(1)
	switch req.GetCode() {
	case "44109":
		return &meshv1.Territory{Code: "44109", AncestorCodes: []string{"DEP-44", "REG-52", "FR"}}, nil
	case "44999": // merged into 44109
		return &meshv1.Territory{Code: "44109", AncestorCodes: []string{"DEP-44", "REG-52", "FR"}}, nil
	case "FR":
		return &meshv1.Territory{Code: "FR"}, nil
	}
	return nil, status.Error(codes.NotFound, "no such code")
}

func ada(roles ...*meshv1.RoleGrant) func(context.Context) (*meshv1.Person, error) {
	return func(context.Context) (*meshv1.Person, error) { return &meshv1.Person{Id: "p-ada", Roles: roles}, nil }
}

func TestRoles(t *testing.T) {
	m := &mesh{resolve: ada(
		&meshv1.RoleGrant{Role: meshv1.Role_ROLE_NATIONAL},
		&meshv1.RoleGrant{Role: meshv1.Role_ROLE_COORDINATOR, TerritoryCode: "REG-52"},
		&meshv1.RoleGrant{Role: meshv1.Role_ROLE_RELAY, StructureId: "s1"},
		&meshv1.RoleGrant{Role: meshv1.Role_ROLE_ORGANISER, StructureId: "s2"},
		&meshv1.RoleGrant{Role: meshv1.Role_ROLE_LEARNER}, &meshv1.RoleGrant{Role: meshv1.Role_ROLE_PROFESSIONAL},
		&meshv1.RoleGrant{},
	)}
	want := access.Person{ID: "p-ada", Roles: []access.Role{
		{Kind: access.National}, {Kind: access.Coordinator, Territory: "REG-52"}, {Kind: access.Relay, Structure: "s1"},
		{Kind: access.Organiser, Structure: "s2"}, {Kind: access.Learner}, {Kind: access.Professional},
	}}
	people := NewPeople(m)
	for range 2 {
		got, err := people.Resolve(t.Context(), access.Identity{Subject: "ada"})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v %v", got, err)
		}
		got.Roles[0].Kind = access.Learner // must not reach the cache
	}
}

func TestAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mesh{resolve: ada()}
		people := NewPeople(m)
		for _, step := range []struct {
			wait time.Duration
			id   access.Identity
			want int32
		}{
			{0, access.Identity{Issuer: "i", Subject: "ada"}, 1},
			{4 * time.Minute, access.Identity{Issuer: "i", Subject: "ada"}, 1},
			{0, access.Identity{Issuer: "j", Subject: "ada"}, 2},
			{0, access.Identity{Issuer: "i", Subject: "ada", Persona: "relay"}, 3},
			{time.Minute, access.Identity{Issuer: "i", Subject: "ada"}, 4}, // use does not make it younger
		} {
			<-time.After(step.wait) // of the bubble
			if _, err := people.Resolve(t.Context(), step.id); err != nil || m.asked.Load() != step.want {
				t.Errorf("%+v: asked %d times, %v", step, m.asked.Load(), err)
			}
		}
	})
}

func TestInvalidate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, id := &mesh{resolve: ada()}, access.Identity{Subject: "ada"}
		people := NewPeople(m)
		ask := func(want int32) {
			t.Helper()
			if _, err := people.Resolve(t.Context(), id); err != nil || m.asked.Load() != want {
				t.Errorf("asked %d times, want %d, %v", m.asked.Load(), want, err)
			}
		}
		ask(1)
		people.Invalidate("p-bob")
		ask(1)
		people.Invalidate("p-ada")
		ask(2)

		// An answer that was under way when the roles changed is neither kept nor given to who asks later.
		people.Invalidate("p-ada")
		slow := make(chan struct{})
		m.resolve = func(context.Context) (*meshv1.Person, error) { <-slow; return &meshv1.Person{Id: "p-old"}, nil }
		go func() { _, _ = people.Resolve(t.Context(), id) }()
		synctest.Wait()
		people.Invalidate("p-ada")
		m.resolve = ada()
		ask(4)
		close(slow)
		synctest.Wait()
		if p, err := people.Resolve(t.Context(), id); err != nil || p.ID != "p-ada" || m.asked.Load() != 4 {
			t.Errorf("%+v after %d questions, %v", p, m.asked.Load(), err)
		}
	})
}

func TestTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		m := &mesh{}
		m.resolve = func(ctx context.Context) (*meshv1.Person, error) {
			if _, bounded := ctx.Deadline(); !bounded || ctx.Value(key{}) == nil {
				t.Error("the caller's token must travel, for a bounded time")
			}
			select {
			case <-time.After(time.Second):
				return &meshv1.Person{Id: "p-ada"}, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		people := NewPeople(m)
		impatient, cancel := context.WithTimeout(context.WithValue(t.Context(), key{}, "token"), time.Millisecond)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := people.Resolve(impatient, access.Identity{Subject: "ada"}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the impatient one: %v", err)
			}
		})
		synctest.Wait()
		for range 20 {
			wg.Go(func() {
				if p, err := people.Resolve(t.Context(), access.Identity{Subject: "ada"}); err != nil || p.ID != "p-ada" {
					t.Errorf("%+v %v", p, err)
				}
			})
		}
		wg.Wait()
		if n := m.asked.Load(); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mesh{}
		people := NewPeople(m)
		for name, c := range map[string]struct {
			resolve func(context.Context) (*meshv1.Person, error)
			want    errs.Kind
		}{
			"away": {func(context.Context) (*meshv1.Person, error) { return nil, status.Error(codes.Unavailable, "x") }, errs.Unavailable},
			"silent": {func(ctx context.Context) (*meshv1.Person, error) {
				<-ctx.Done()
				return nil, status.FromContextError(ctx.Err()).Err()
			}, errs.DeadlineExceeded},
			"broken": {func(context.Context) (*meshv1.Person, error) { return nil, status.Error(codes.Internal, "x") }, errs.Internal},
		} {
			m.resolve = c.resolve
			if _, err := people.Resolve(t.Context(), access.Identity{Subject: "ada"}); errs.From(err).Kind != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		m.resolve = ada()
		if p, err := people.Resolve(t.Context(), access.Identity{Subject: "ada"}); err != nil || p.ID != "p-ada" {
			t.Errorf("a failure was remembered: %+v %v", p, err)
		}
	})
}

func TestTerritories(t *testing.T) {
	m := &mesh{}
	territories := NewTerritories(m)
	for range 2 {
		for code, want := range map[string][]string{
			"44109": {"44109", "DEP-44", "REG-52", "FR"},
			"44999": {"44999", "44109", "DEP-44", "REG-52", "FR"},
			"FR":    {"FR"},
		} {
			got, err := territories.Ancestors(t.Context(), code)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %v %v", code, got, err)
			}
			got[0] = "x" // must not reach the cache
		}
	}
	if n := m.asked.Load(); n != 3 {
		t.Errorf("asked %d times", n)
	}
	if _, err := territories.Ancestors(t.Context(), "00000"); errs.From(err).Kind != errs.NotFound {
		t.Errorf("unknown: %v", err)
	}
}

func TestCacheIsBounded(t *testing.T) {
	c := newCache[string, int](3, 0)
	for i := range 3 {
		c.put(strconv.Itoa(i), i, 0)
	}
	c.get("0")
	c.put("3", 3, 0)
	c.put("3", 4, 0)
	for key, want := range map[string]bool{"0": true, "1": false, "2": true, "3": true} {
		if _, _, ok := c.get(key); ok != want {
			t.Errorf("%s: %v", key, ok)
		}
	}
	if v, _, _ := c.get("3"); v != 4 || len(c.entries) != 3 || c.recent.Len() != 3 {
		t.Errorf("%d, %d entries, %d in order", v, len(c.entries), c.recent.Len())
	}
}
