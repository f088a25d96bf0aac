package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// somebody is a person without any role.
func (f fixture) somebody(t testing.TB) string {
	t.Helper()
	p := domain.Person{ID: uuid.NewString(), Version: 1, CreateTime: noon}
	f.write(t, func(tx domain.Tx) error {
		return tx.InsertPerson(t.Context(), p, domain.Identity{Issuer: "test", Subject: p.ID})
	})
	return p.ID
}

func profile(personID string) domain.Professional {
	return domain.Professional{
		PersonID: personID, CommuneCode: "69123", RadiusKM: 30, ModuleIDs: []string{uuid.NewString()}, Tags: []string{"Thymio", "C++"},
		Calendar: domain.Calendar{
			TimeZone: "Europe/Paris", Availabilities: []domain.Availability{{Weekday: 2, Start: 1080, End: 1440}},
			Absences: []domain.Absence{{First: "2026-12-24", Last: "2026-12-31"}},
		},
		MonthlyLimit: 2, Active: true, CreateTime: noon,
	}
}

func (f fixture) professional(t testing.TB, p domain.Professional) domain.Professional {
	t.Helper()
	f.write(t, func(tx domain.Tx) (err error) {
		p, err = domain.CreateProfessional(t.Context(), tx, p, true)
		return err
	})
	return p
}

func TestProfessional(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		created := f.professional(t, profile(f.somebody(t)))
		read, err := f.Professional(t.Context(), created.PersonID)
		if err != nil || !reflect.DeepEqual(read, created) || read.Position != lyon || read.Version != 1 {
			t.Fatalf("%+v, %v; want %+v", read, err, created)
		}
		person, err := f.Person(t.Context(), created.PersonID)
		if err != nil || len(person.Grants) != 1 || person.Grants[0].Role != domain.ProfessionalRole {
			t.Fatalf("%+v, %v; want a professional", person, err)
		}
		err = f.Write(t.Context(), func(tx domain.Tx) error {
			_, err := domain.CreateProfessional(t.Context(), tx, profile(created.PersonID), true)
			return err
		})
		if !errors.Is(err, domain.ErrProfessionalExists) {
			t.Fatalf("a second profile: %v", err)
		}
		var changed domain.Professional
		f.write(t, func(tx domain.Tx) (err error) {
			changed, err = domain.UpdateProfessional(t.Context(), tx, created, domain.Professional{CommuneCode: "21231"}, []string{"commune_code", "active"})
			return err
		})
		if read, err = f.Professional(t.Context(), created.PersonID); err != nil || !reflect.DeepEqual(read, changed) || read.Active || read.Position != dijon || read.Version != 2 {
			t.Fatalf("%+v, %v", read, err)
		}
	})
}

// Ten at once make the same person's profile: one of them does.
func TestConcurrentProfiles(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		person := f.somebody(t)
		var mu sync.Mutex
		var all sync.WaitGroup
		outcomes := map[string]int{}
		for range 10 {
			all.Go(func() {
				err := f.Write(t.Context(), func(tx domain.Tx) error {
					_, err := domain.CreateProfessional(t.Context(), tx, profile(person), true)
					return err
				})
				mu.Lock()
				defer mu.Unlock()
				reason := ""
				if err != nil {
					reason = errs.From(err).Reason
				}
				outcomes[reason]++
			})
		}
		all.Wait()
		if outcomes[""] != 1 || outcomes["PROFESSIONAL_EXISTS"] != 9 {
			t.Fatalf("%v", outcomes)
		}
	})
}

func TestNearestProfessionals(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		far := lyon.Distance(dijon) // 175 km
		having := func(change func(*domain.Professional)) string {
			p := profile(f.somebody(t))
			change(&p)
			return f.professional(t, p).PersonID
		}
		near := having(func(*domain.Professional) {})
		resting := having(func(p *domain.Professional) { p.Active = false })
		stays := having(func(p *domain.Professional) { p.CommuneCode = "21231" })
		travels := having(func(p *domain.Professional) { p.CommuneCode, p.RadiusKM = "21231", 176 })
		remote := having(func(p *domain.Professional) { p.CommuneCode, p.Remote = "21231", true })
		module := uuid.NewString()
		fits := having(func(p *domain.Professional) { p.CommuneCode, p.Remote, p.ModuleIDs = "21231", true, []string{module} })
		for name, c := range map[string]struct {
			wanted domain.Wanted
			want   []string
		}{
			"around":        {domain.Wanted{Radius: 200_000}, []string{near, travels, remote, fits}},
			"closer":        {domain.Wanted{Radius: far - 1}, []string{near}},
			"for a module":  {domain.Wanted{Radius: 200_000, ModuleID: module}, []string{fits}},
			"by name":       {domain.Wanted{Radius: 1, PersonIDs: []string{stays, resting, uuid.NewString()}}, []string{stays}},
			"of the atolls": {domain.Wanted{From: domain.Position{Latitude: -17, Longitude: -145}, Radius: 200_000}, nil},
		} {
			if c.wanted.From == (domain.Position{}) {
				c.wanted.From = lyon
			}
			for _, size := range []int{1, 2, 50} { // page by page, everybody comes once and in order
				got := f.pages(t, c.wanted, size)
				want := map[string]bool{}
				for _, id := range c.want {
					want[id] = true
				}
				if len(got) != len(want) {
					t.Errorf("%s by %d: %d found; want %d", name, size, len(got), len(want))
				}
				for i, n := range got {
					if !want[n.PersonID] || i > 0 && got[i-1].Compare(n) >= 0 {
						t.Errorf("%s by %d: %v at %f", name, size, n.PersonID, n.Distance)
					}
				}
			}
		}
	})
}

func (f fixture) pages(t testing.TB, w domain.Wanted, size int) (all []domain.NearProfessional) {
	t.Helper()
	w.Page = domain.Page{Limit: size}
	for {
		page, err := f.NearestProfessionals(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page...)
		if len(page) < size {
			return all
		}
		last := page[size-1]
		w.After = []string{fmt.Sprintf("%g", last.Distance), last.PersonID}
	}
}

// Whoever is nearer, or goes further, is found as well.
func TestPickIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := domain.Professional{PersonID: "p", Position: dijon, RadiusKM: rapid.IntRange(0, 200).Draw(t, "radius"), Remote: rapid.Bool().Draw(t, "remote")}
		w := domain.Wanted{From: lyon, Radius: rapid.Float64Range(1, 400_000).Draw(t, "reach")}
		more := p
		more.RadiusKM += rapid.IntRange(0, 100).Draw(t, "more")
		more.Position.Latitude -= rapid.Float64Range(0, 1).Draw(t, "south") // Lyon is 1.5 degrees south
		start := domain.NearProfessional{Distance: -1}
		if len(w.Pick([]domain.Professional{p}, start)) > len(w.Pick([]domain.Professional{more}, start)) {
			t.Fatalf("%+v was found, %+v was not", p, more)
		}
	})
}

func TestProfessionals(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		var people []string
		for i, commune := range []string{"69123", "21231", "69383"} {
			p := profile(f.somebody(t))
			p.CommuneCode, p.CreateTime = commune, noon.Add(time.Duration(i)*time.Minute)
			people = append(people, f.professional(t, p).PersonID)
		}
		for name, c := range map[string]struct {
			viewer    domain.Viewer
			territory string
			want      []string
		}{
			"coordinator":                {domain.Viewer{PersonID: "c", Territories: []string{"DEP-69"}}, "", []string{people[0], people[2]}},
			"of a region":                {domain.Viewer{PersonID: "c", Territories: []string{"REG-27"}}, "", []string{people[1]}},
			"of an academic grid":        {domain.Viewer{PersonID: "c", Territories: []string{"ACA-10"}}, "DEP-21", []string{people[1]}},
			"a professional":             {domain.Viewer{PersonID: people[1]}, "", []string{people[1]}},
			"a professional, elsewhere":  {domain.Viewer{PersonID: people[1]}, "DEP-69", nil},
			"somebody without territory": {domain.Viewer{PersonID: "s"}, "", nil},
		} {
			got, err := f.Professionals(t.Context(), domain.ProfessionalQuery{Viewer: c.viewer, Territory: c.territory, Page: domain.Page{Limit: 10}})
			var ids []string
			for _, p := range got {
				ids = append(ids, p.PersonID)
			}
			if err != nil || fmt.Sprint(ids) != fmt.Sprint(c.want) {
				t.Errorf("%s: %v, %v; want %v", name, ids, err, c.want)
			}
		}
	})
}
