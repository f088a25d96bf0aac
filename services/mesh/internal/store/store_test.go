package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/testkit"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/events"
	"github.com/classcode/maillage/services/mesh/internal/store"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) { testkit.Main(m) }

// both runs a test on a fresh store of each engine, with a corner of France in it.
func both(t *testing.T, test func(t *testing.T, f fixture)) {
	t.Helper()
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) { test(t, open(t, db)) })
}

func open(t testing.TB, db *database.DB) fixture {
	t.Helper()
	s, err := store.New(t.Context(), db, func() time.Time { return noon }, events.Encode)
	if err != nil {
		t.Fatal(err)
	}
	f := fixture{s, db}
	f.france(t)
	return f
}

type fixture struct {
	*store.Store
	db *database.DB
}

// The corner: two departments in two regions of one academic region, which France does not have, so that grids differ.
var (
	lyon   = domain.Position{Latitude: 45.764, Longitude: 4.8357}
	dijon  = domain.Position{Latitude: 47.322, Longitude: 5.0415}
	corner = []domain.Territory{
		{Code: "21231", Kind: domain.Commune, Grid: domain.Administrative, Parent: "DEP-21", Department: "DEP-21", Name: "Dijon", Position: dijon, Precision: domain.Exact, Population: 150_000},
		{Code: "69123", Kind: domain.Commune, Grid: domain.Administrative, Parent: "DEP-69", Department: "DEP-69", Name: "Lyon", Position: lyon, Precision: domain.Exact},
		{Code: "69383", Kind: domain.MunicipalArrondissement, Grid: domain.Administrative, Parent: "69123", Department: "DEP-69", Name: "Lyon 3e", Position: lyon, Precision: domain.Exact},
		{Code: "98711", Kind: domain.Commune, Grid: domain.Administrative, Parent: "DEP-987", Department: "DEP-987", Name: "Anaa"},
		{Code: "ACA-10", Kind: domain.Academy, Grid: domain.Academic, Parent: "FR", Name: "Lyon"},
		{Code: "DEP-21", Kind: domain.Department, Grid: domain.Administrative, Parent: "REG-27", Name: "Côte-d'Or"},
		{Code: "DEP-69", Kind: domain.Department, Grid: domain.Administrative, Parent: "REG-84", Name: "Rhône"},
		{Code: "DEP-987", Kind: domain.OverseasCollectivity, Grid: domain.Administrative, Parent: "FR", Name: "Polynésie française"},
		{Code: "FR", Kind: domain.Country, Grid: domain.Administrative, Name: "France"},
	}
)

func (f fixture) france(t testing.TB) {
	t.Helper()
	var ancestors []store.Ancestor
	for code, line := range map[string][]string{
		"DEP-21": {"REG-27", "ACA-10", "FR"}, "DEP-69": {"REG-84", "ACA-10", "FR"}, "DEP-987": {"FR"}, "ACA-10": {"FR"}, "FR": nil,
	} {
		for rank, above := range append([]string{code}, line...) {
			ancestors = append(ancestors, store.Ancestor{Code: code, Ancestor: above, Rank: rank})
		}
	}
	err := errors.Join(
		f.ReplaceAncestors(t.Context(), ancestors),
		f.ReplaceTerritories(t.Context(), corner, func(int) {}),
		f.ReplaceAliases(t.Context(), []store.Alias{{Code: "69999", Current: "69123"}}, func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
}

// write runs a use case that must pass.
func (f fixture) write(t testing.TB, use func(tx domain.Tx) error) {
	t.Helper()
	if err := f.Write(context.Background(), use); err != nil {
		t.Fatal(err)
	}
}

func (f fixture) place(t testing.TB, at domain.Position, commune string) domain.Place {
	t.Helper()
	p := domain.Place{ID: uuid.NewString(), Name: "Médiathèque", CommuneCode: commune, Position: at, CreateTime: noon}
	f.write(t, func(tx domain.Tx) (err error) { p, err = domain.CreatePlace(t.Context(), tx, p); return err })
	return p
}

func (f fixture) campaign(t testing.TB, territory string) domain.Campaign {
	t.Helper()
	c := domain.Campaign{ID: uuid.NewString(), Title: "Rentrée", TerritoryCode: territory, CreateTime: noon}
	f.write(t, func(tx domain.Tx) (err error) { c, err = domain.CreateCampaign(t.Context(), tx, c); return err })
	return c
}

func (f fixture) interest(ctx context.Context, i domain.Interest) (domain.Interest, error) {
	i.ID, i.CreateTime = uuid.NewString(), noon
	err := f.Write(ctx, func(tx domain.Tx) (err error) { i, err = domain.CreateInterest(ctx, tx, i); return err })
	return i, err
}

// waiting registers n people of Lyon.
func (f fixture) waiting(t testing.TB, n int, campaignID, moduleID string) (all []domain.Interest) {
	t.Helper()
	f.write(t, func(tx domain.Tx) error {
		all = nil
		for range n {
			i, err := domain.CreateInterest(t.Context(), tx, domain.Interest{
				ID: uuid.NewString(), PersonID: uuid.NewString(), CommuneCode: "69123", ModuleID: moduleID, CampaignID: campaignID, CreateTime: noon,
			})
			if err != nil {
				return err
			}
			all = append(all, i)
		}
		return nil
	})
	return all
}

func (f fixture) form(ctx context.Context, c domain.Campaign, moduleID string) (formation domain.Formation, err error) {
	rules, err := domain.NewRules(0, 0, 0)
	if err != nil {
		return formation, err
	}
	err = f.Write(ctx, func(tx domain.Tx) (err error) {
		formation, err = domain.FormGroups(ctx, tx, c, moduleID, rules, uuid.NewString, noon)
		return err
	})
	return formation, err
}

// outbox counts the events by name.
func (f fixture) outbox(t testing.TB) map[string]int {
	t.Helper()
	subjects, err := database.All(t.Context(), f.db.Read(), func(scan database.Scan) (s string, err error) { return s, scan(&s) }, `SELECT subject FROM outbox`)
	if err != nil {
		t.Fatal(err)
	}
	counts := make(map[string]int)
	for _, s := range subjects {
		counts[s[len("maillage.mesh.v1."):]]++
	}
	return counts
}

// pages reads a list to its end, two rows at a time.
func pages[T any](t *testing.T, list func(domain.Page) ([]T, error), cursor func(T) []string) (all []T) {
	t.Helper()
	for after := []string(nil); ; {
		some, err := list(domain.Page{After: after, Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, some...)
		if len(some) < 2 {
			return all
		}
		after = cursor(some[1])
	}
}

func TestTerritory(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		for code, want := range map[string][]string{
			"69123": {"69123", "DEP-69", "REG-84", "ACA-10", "FR"},
			"69383": {"69383", "69123", "DEP-69", "REG-84", "ACA-10", "FR"},
			"69999": {"69123", "DEP-69", "REG-84", "ACA-10", "FR"},
			"98711": {"98711", "DEP-987", "FR"},
			"ACA-10": {"ACA-10", "FR"}, "FR": {"FR"},
		} {
			if got, err := f.Ancestors(t.Context(), code); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s lies in %v, %v; want %v", code, got, err, want)
			}
		}
		if _, err := f.Territory(t.Context(), "00000"); !errors.Is(err, domain.ErrTerritoryNotFound) {
			t.Errorf("an unknown code: %v", err)
		}
		if anaa, err := f.Territory(t.Context(), "98711"); err != nil || anaa.Located() {
			t.Errorf("Anaa is at %v, %v", anaa.Position, err)
		}
	})
}

func TestTerritoriesByPrefix(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		for _, c := range []struct {
			query domain.TerritoryQuery
			want  []string
		}{
			{domain.TerritoryQuery{Prefix: "lyon"}, []string{"69123", "ACA-10", "69383"}},
			{domain.TerritoryQuery{Prefix: "cote"}, []string{"DEP-21"}},
			{domain.TerritoryQuery{Kind: domain.Department}, []string{"DEP-21", "DEP-69"}},
			{domain.TerritoryQuery{Parent: "69123"}, []string{"69383"}},
			{domain.TerritoryQuery{Prefix: "yon"}, nil},
		} {
			got := pages(t, func(p domain.Page) ([]domain.Territory, error) {
				c.query.Page = p
				return f.Territories(t.Context(), c.query)
			}, func(t domain.Territory) []string { return []string{database.Fold(t.Name), t.Code} })
			var codes []string
			for _, found := range got {
				codes = append(codes, found.Code)
			}
			if !slices.Equal(codes, c.want) {
				t.Errorf("%+v: %v, want %v", c.query, codes, c.want)
			}
		}
	})
}

func TestReplaceTakesAway(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		if err := f.ReplaceTerritories(t.Context(), corner[1:], func(int) {}); err != nil {
			t.Fatal(err)
		}
		_, gone := f.Territory(t.Context(), corner[0].Code)
		if _, err := f.Territory(t.Context(), corner[1].Code); err != nil || !errors.Is(gone, domain.ErrTerritoryNotFound) {
			t.Errorf("the first is %v, the second %v", gone, err)
		}
	})
}

func TestPlacesOfATerritory(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		want := map[string]int{"FR": 3, "REG-84": 2, "DEP-69": 2, "69123": 2, "69383": 1, "REG-27": 1, "ACA-10": 3, "DEP-987": 0, "": 3}
		f.place(t, lyon, "69123")
		f.place(t, lyon, "69383")
		f.place(t, dijon, "21231")
		for territory, n := range want {
			got := pages(t, func(p domain.Page) ([]domain.Place, error) {
				return f.Places(t.Context(), domain.PlaceQuery{Territory: territory, Page: p})
			}, func(p domain.Place) []string { return []string{database.Fold(p.Name), p.ID} })
			if len(got) != n {
				t.Errorf("%q has %d places, want %d", territory, len(got), n)
			}
		}
	})
}

// The index and the measuring of everything must agree, to the order of equals.
func TestNearestPlaces(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		r := rand.New(rand.NewPCG(1, 2))
		var all []domain.Place
		f.write(t, func(tx domain.Tx) error {
			all = nil
			for i := range 300 {
				p := domain.Place{ID: uuid.NewString(), Name: strconv.Itoa(i), CommuneCode: "69123", Version: 1, CreateTime: noon, Position: domain.Position{
					Latitude: lyon.Latitude + float64(r.IntN(40)-20)/50, Longitude: lyon.Longitude + float64(r.IntN(40)-20)/50}}
				if i < 3 { // beyond the change of date
					p.Position = domain.Position{Latitude: -16.8, Longitude: 179.95 + float64(i)*0.04}
					if p.Position.Longitude > 180 {
						p.Position.Longitude -= 360
					}
				}
				all = append(all, p)
				if err := tx.InsertPlace(t.Context(), p); err != nil {
					return err
				}
			}
			return nil
		})
		for range 60 {
			from := domain.Position{Latitude: lyon.Latitude + r.Float64() - 0.5, Longitude: lyon.Longitude + r.Float64() - 0.5}
			if r.IntN(10) == 0 {
				from = domain.Position{Latitude: -16.8, Longitude: -179.99}
			}
			radius, limit := float64(r.IntN(60_000)), 1+r.IntN(40)
			var want []domain.NearPlace
			for _, p := range all {
				if d := from.Distance(p.Position); d <= radius {
					want = append(want, domain.NearPlace{Place: p, Distance: d})
				}
			}
			slices.SortFunc(want, domain.NearPlace.Compare)
			want = want[:min(limit, len(want))]
			got, err := f.NearestPlaces(t.Context(), from, radius, limit)
			if err != nil || !slices.EqualFunc(got, want, func(a, b domain.NearPlace) bool { return a.ID == b.ID && a.Distance == b.Distance }) {
				t.Fatalf("within %v m of %v: %d places, want %d (%v)", radius, from, len(got), len(want), err)
			}
		}
	})
}

func TestOnePersonPerIdentity(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		who := domain.Identity{Issuer: "https://issuer.test", Subject: "ana"}
		ids := make(chan string, 8)
		var wg sync.WaitGroup
		for range cap(ids) {
			wg.Go(func() {
				err := f.Write(context.Background(), func(tx domain.Tx) error {
					p, err := domain.ResolvePerson(context.Background(), tx, who, domain.Person{ID: uuid.NewString(), CreateTime: noon}, "relay")
					if err == nil {
						ids <- p.ID
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		p, err := f.PersonOf(t.Context(), who)
		if err != nil || p.Version != 1 || !slices.Equal(p.Grants, domain.PersonaGrants("relay")) {
			t.Errorf("%+v, %v", p, err)
		}
		if n := f.outbox(t)["person.roles_changed"]; n != 1 {
			t.Errorf("%d announcements of one person", n)
		}
	})
}

func TestPersonasAddUp(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		who, p := domain.Identity{Issuer: "i", Subject: "s"}, domain.Person{}
		resolve := func(persona string) domain.Person {
			f.write(t, func(tx domain.Tx) (err error) {
				p, err = domain.ResolvePerson(t.Context(), tx, who, domain.Person{ID: uuid.NewString(), CreateTime: noon}, persona)
				return err
			})
			return p
		}
		resolve("learner")
		resolve("national")
		f.write(t, func(tx domain.Tx) error {
			_, err := domain.RevokeRole(t.Context(), tx, p.ID, domain.Grant{Role: domain.Learner})
			return err
		})
		// What was revoked stays so, though the persona comes again.
		if p := resolve("learner"); !slices.Equal(p.Grants, []domain.Grant{{Role: domain.National}}) || p.Version != 3 {
			t.Errorf("%+v", p)
		}
	})
}

func TestOneInterest(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		wish := domain.Interest{PersonID: uuid.NewString(), CommuneCode: "69999", ModuleID: uuid.NewString()}
		outcomes := make(chan error, 8)
		var wg sync.WaitGroup
		for range cap(outcomes) {
			wg.Go(func() { _, err := f.interest(context.Background(), wish); outcomes <- err })
		}
		wg.Wait()
		close(outcomes)
		registered, other := 0, ""
		for err := range outcomes {
			switch {
			case err == nil:
				registered++
			case errors.Is(err, domain.ErrAlreadyInterested):
				other = errs.From(err).Meta["id"]
			default:
				t.Error(err)
			}
		}
		i, err := f.Interest(t.Context(), other)
		if err != nil || registered != 1 || i.CommuneCode != "69123" {
			t.Fatalf("%d registered, the refusal named %+v, %v", registered, i, err)
		}
		f.write(t, func(tx domain.Tx) error { _, err := domain.WithdrawInterest(t.Context(), tx, i); return err })
		if _, err := f.interest(t.Context(), wish); err != nil {
			t.Errorf("after a withdrawal: %v", err)
		}
	})
}

// Two runs at once, and people who leave meanwhile: everyone is placed once, and the groups count who is in them.
func TestConcurrentFormations(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		c, module := f.campaign(t, "REG-84"), uuid.NewString()
		f.place(t, lyon, "69123")
		all := f.waiting(t, 60, c.ID, module)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if _, err := f.form(context.Background(), c, module); err != nil {
					t.Error(err)
				}
			})
		}
		for _, i := range all[:4] {
			wg.Go(func() {
				err := f.Write(context.Background(), func(tx domain.Tx) error {
					current, err := tx.Interest(context.Background(), i.ID)
					if err == nil {
						_, err = domain.WithdrawInterest(context.Background(), tx, current)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		groups, err := f.Groups(t.Context(), domain.GroupQuery{CampaignID: c.ID, Page: domain.Page{Limit: 100}})
		if err != nil {
			t.Fatal(err)
		}
		members, seen := 0, map[string]bool{}
		for _, g := range groups {
			in, err := f.Members(t.Context(), g.ID, domain.Page{Limit: 100})
			if err != nil || len(in) != g.MemberCount {
				t.Errorf("a group of %d has %d members, %v", g.MemberCount, len(in), err)
			}
			for _, m := range in {
				members++
				seen[m.PersonID] = true
			}
		}
		if members != 56 || len(seen) != 56 {
			t.Errorf("%d seats for %d people, want 56", members, len(seen))
		}
	})
}

func TestFormingFourHundred(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		c, module := f.campaign(t, "69123"), uuid.NewString()
		f.place(t, lyon, "69123")
		f.waiting(t, 400, c.ID, module)
		start := time.Now()
		formation, err := f.form(t.Context(), c, module)
		if took := time.Since(start); err != nil || len(formation.Groups) != 16 || took > time.Second {
			t.Errorf("%d groups in %v, %v", len(formation.Groups), took, err)
		}
		want := map[string]int{"campaign.created": 1, "place.created": 1, "interest.registered": 400, "interest.grouped": 400, "group.formed": 16}
		if got := f.outbox(t); !maps.Equal(got, want) {
			t.Errorf("outbox %v, want %v", got, want)
		}
		again, err := f.form(t.Context(), c, module)
		if err != nil || len(again.Groups)+len(again.Left) != 0 {
			t.Errorf("a second run formed %v, %v", again, err)
		}
	})
}

// group forms one of five.
func (f fixture) group(t *testing.T) (domain.Group, []domain.Interest) {
	t.Helper()
	c, module := f.campaign(t, "FR"), uuid.NewString()
	f.place(t, lyon, "69123")
	all := f.waiting(t, 5, c.ID, module)
	formation, err := f.form(t.Context(), c, module)
	if err != nil || len(formation.Groups) != 1 {
		t.Fatalf("%v, %v", formation, err)
	}
	return formation.Groups[0], all
}

func (f fixture) propose(ctx context.Context, o domain.Organiser, caller string) (domain.Organiser, error) {
	o.ID, o.CreateTime = uuid.NewString(), noon
	err := f.Write(ctx, func(tx domain.Tx) (err error) { o, err = domain.ProposeOrganiser(ctx, tx, o, caller); return err })
	return o, err
}

func (f fixture) accept(ctx context.Context, id string) error {
	return f.Write(ctx, func(tx domain.Tx) error {
		o, err := tx.Organiser(ctx, id)
		if err == nil {
			_, err = domain.AcceptOrganiser(ctx, tx, o, noon)
		}
		return err
	})
}

func TestOneOrganiserPerGroup(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		g, all := f.group(t)
		outcomes := make(chan error, len(all))
		var wg sync.WaitGroup
		for _, i := range all {
			o, err := f.propose(t.Context(), domain.Organiser{GroupID: g.ID, Origin: domain.Cooptation}, i.PersonID)
			if err != nil {
				t.Fatal(err)
			}
			wg.Go(func() { outcomes <- f.accept(context.Background(), o.ID) })
		}
		wg.Wait()
		close(outcomes)
		accepted := 0
		for err := range outcomes {
			if err == nil {
				accepted++
			} else if !errors.Is(err, domain.ErrGroupHasOrganiser) {
				t.Error(err)
			}
		}
		edges, err := f.LineageEdges(t.Context(), domain.LineageQuery{Viewer: domain.Viewer{Territories: []string{"REG-84"}}, Page: domain.Page{Limit: 9}})
		if accepted != 1 || err != nil || len(edges) != 1 || edges[0].From != "" {
			t.Errorf("%d accepted, lineage %v, %v", accepted, edges, err)
		}
		if got, _ := f.Group(t.Context(), g.ID); got.OrganiserID != edges[0].To || got.Version != 2 {
			t.Errorf("%+v", got)
		}
	})
}

// Ana passes to Ben and Ben to Ana, at the same time: one of them is refused.
func TestLineageHasNoCycle(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		ana, ben := f.learner(t, "ana"), f.learner(t, "ben")
		one, two := f.groupOf(t, ben), f.groupOf(t, ana)
		first, err1 := f.propose(t.Context(), domain.Organiser{GroupID: one.ID, PersonID: ben, Origin: domain.Contamination}, ana)
		second, err2 := f.propose(t.Context(), domain.Organiser{GroupID: two.ID, PersonID: ana, Origin: domain.Contamination}, ben)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		outcomes := make(chan error, 2)
		for _, id := range []string{first.ID, second.ID} {
			go func() { outcomes <- f.accept(context.Background(), id) }()
		}
		refusals := fmt.Sprint(errors.Is(<-outcomes, domain.ErrLineageCycle), errors.Is(<-outcomes, domain.ErrLineageCycle))
		if refusals != "true false" && refusals != "false true" {
			t.Errorf("refused for the cycle: %s", refusals)
		}
		own := domain.LineageQuery{Viewer: domain.Viewer{PersonID: ana}, Page: domain.Page{Limit: 9}}
		if edges, err := f.LineageEdges(t.Context(), own); err != nil || len(edges) != 1 {
			t.Errorf("lineage %v, %v", edges, err)
		}
	})
}

// learner is a person who has already organised.
func (f fixture) learner(t *testing.T, subject string) (id string) {
	t.Helper()
	f.write(t, func(tx domain.Tx) error {
		p, err := domain.ResolvePerson(t.Context(), tx, domain.Identity{Subject: subject}, domain.Person{ID: uuid.NewString(), CreateTime: noon}, "organiser")
		id = p.ID
		return err
	})
	return id
}

// groupOf forms a group in which a person is.
func (f fixture) groupOf(t *testing.T, personID string) domain.Group {
	t.Helper()
	c, module := f.campaign(t, "FR"), uuid.NewString()
	f.place(t, lyon, "69123")
	if _, err := f.interest(t.Context(), domain.Interest{PersonID: personID, CommuneCode: "69123", ModuleID: module, CampaignID: c.ID}); err != nil {
		t.Fatal(err)
	}
	f.waiting(t, 4, c.ID, module)
	formation, err := f.form(t.Context(), c, module)
	if err != nil || len(formation.Groups) != 1 {
		t.Fatalf("%v, %v", formation, err)
	}
	return formation.Groups[0]
}

func TestWhoSeesInterests(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		g, all := f.group(t)
		o, err := f.propose(t.Context(), domain.Organiser{GroupID: g.ID, Origin: domain.Cooptation}, all[0].PersonID)
		if err := errors.Join(err, f.accept(t.Context(), o.ID)); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name   string
			viewer domain.Viewer
			want   int
		}{
			{"a stranger", domain.Viewer{PersonID: "x"}, 0},
			{"a member", domain.Viewer{PersonID: all[1].PersonID}, 1},
			{"the organiser", domain.Viewer{PersonID: all[0].PersonID}, 5},
			{"the region's coordinator", domain.Viewer{PersonID: "x", Territories: []string{"REG-84"}}, 5},
			{"another region's", domain.Viewer{PersonID: "x", Territories: []string{"REG-27", "DEP-987"}}, 0},
		} {
			got := pages(t, func(p domain.Page) ([]domain.Interest, error) {
				return f.Interests(t.Context(), domain.InterestQuery{Viewer: c.viewer, State: domain.Grouped, Page: p})
			}, func(i domain.Interest) []string { return []string{strconv.FormatInt(database.Micros(i.CreateTime), 10), i.ID} })
			if len(got) != c.want {
				t.Errorf("%s sees %d interests, want %d", c.name, len(got), c.want)
			}
		}
	})
}

func TestFailedUseCaseLeavesNothing(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		failure := errors.New("after the event")
		p := domain.Place{ID: uuid.NewString(), Name: "Nulle part", CommuneCode: "69123", Position: lyon, CreateTime: noon}
		err := f.Write(t.Context(), func(tx domain.Tx) error {
			_, err := domain.CreatePlace(t.Context(), tx, p)
			return errors.Join(err, failure)
		})
		if _, missing := f.Place(t.Context(), p.ID); !errors.Is(err, failure) || !errors.Is(missing, domain.ErrPlaceNotFound) || len(f.outbox(t)) != 0 {
			t.Errorf("%v, the place: %v, the outbox: %v", err, missing, f.outbox(t))
		}
	})
}

func TestCampaignsNewestFirst(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		for _, territory := range []string{"REG-84", "69123", "FR", "DEP-69", "21231"} {
			f.campaign(t, territory)
		}
		for territory, want := range map[string]int{"": 5, "FR": 5, "REG-84": 2, "DEP-69": 2, "69123": 1, "ACA-10": 3} {
			got := pages(t, func(p domain.Page) ([]domain.Campaign, error) {
				return f.Campaigns(t.Context(), domain.CampaignQuery{Territory: territory, Page: p})
			}, func(c domain.Campaign) []string { return []string{strconv.FormatInt(database.Micros(c.CreateTime), 10), c.ID} })
			if len(got) != want || !slices.IsSortedFunc(got, func(a, b domain.Campaign) int { return -cmpText(a.ID, b.ID) }) {
				t.Errorf("%q has %d campaigns, want %d, newest first", territory, len(got), want)
			}
		}
	})
}

func cmpText(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}
