package store_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/classcode/maillage/services/mesh/internal/domain"
)

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
