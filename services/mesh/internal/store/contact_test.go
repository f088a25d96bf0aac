package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/classcode/maillage/services/mesh/internal/domain"
)

func TestContacts(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		var ids []string
		for i := range 70 { // more than one statement's worth
			p := domain.Person{ID: uuid.NewString(), CreateTime: noon}
			err := f.Write(t.Context(), func(tx domain.Tx) error {
				if _, err := domain.ResolvePerson(t.Context(), tx, domain.Identity{Issuer: "i", Subject: fmt.Sprint(i)}, p, ""); err != nil {
					return err
				}
				return domain.HearContact(t.Context(), tx, p.ID, fmt.Sprint("Anne ", i), "anne@example.org", "", noon)
			})
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, p.ID)
		}
		found, err := f.Contacts(t.Context(), append(ids, uuid.NewString()))
		if err != nil || len(found) != len(ids) || found[0].Email != "anne@example.org" || !found[0].UpdateTime.Equal(noon) {
			t.Fatalf("%d found, %v", len(found), err)
		}
		unknown, err := f.Contact(t.Context(), uuid.NewString())
		if err != nil || unknown.Version != 0 || unknown.Language != "fr" {
			t.Fatalf("%+v, %v", unknown, err)
		}
	})
}

// Of two who change a contact at the same time, both count: the second builds on the first.
func TestContactsConcurrent(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		p := domain.Person{ID: uuid.NewString(), CreateTime: noon}
		err := f.Write(t.Context(), func(tx domain.Tx) error {
			_, err := domain.ResolvePerson(t.Context(), tx, domain.Identity{Issuer: "i", Subject: "s"}, p, "")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		const writers = 4
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				err := f.Write(context.Background(), func(tx domain.Tx) error {
					c, err := tx.Contact(context.Background(), p.ID)
					if err != nil {
						return err
					}
					_, err = domain.UpdateContact(context.Background(), tx, c, domain.Contact{Name: fmt.Sprint("Anne ", i)}, []string{"name"}, noon)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		c, err := f.Contact(t.Context(), p.ID)
		if err != nil || c.Version != writers || !c.Edited {
			t.Fatalf("%+v, %v", c, err)
		}
	})
}
