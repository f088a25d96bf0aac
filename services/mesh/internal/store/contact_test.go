package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
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

// Who has an address is found however it is written; no more than share one, and never those who have none.
func TestPersonsAt(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		ids := map[string][]string{}
		for i, email := range []string{"Anne@Example.org", "anne@example.org", "ben@example.org", ""} {
			ids[strings.ToLower(email)] = append(ids[strings.ToLower(email)], f.heard(t, i, email))
		}
		for i := range domain.SharedAddress + 2 {
			f.heard(t, 10+i, "school@example.org")
		}
		for email, want := range map[string]int{
			"ANNE@example.org": 2, "anne@EXAMPLE.org": 2, "ben@example.org": 1, "school@example.org": domain.SharedAddress,
			"ann_@example.org": 0, "%": 0, "nne@example.org": 0, "x' OR ''='": 0,
		} {
			found, err := f.PersonsAt(t.Context(), email)
			if err != nil || len(found) != want || want < 3 && !sameIDs(found, ids[strings.ToLower(email)]) {
				t.Errorf("%q: %v, %v; want %d", email, found, err, want)
			}
		}
	})
}

func sameIDs(a, b []string) bool {
	slices.Sort(b)
	return slices.Equal(a, b)
}

// heard is a person of whom the sign-in says an address.
func (f fixture) heard(t *testing.T, number int, email string) string {
	t.Helper()
	p := domain.Person{ID: uuid.NewString(), CreateTime: noon}
	err := f.Write(t.Context(), func(tx domain.Tx) error {
		if _, err := domain.ResolvePerson(t.Context(), tx, domain.Identity{Issuer: "i", Subject: fmt.Sprint(number)}, p, ""); err != nil {
			return err
		}
		return domain.HearContact(t.Context(), tx, p.ID, fmt.Sprint("Person ", number), email, "", noon)
	})
	if err != nil {
		t.Fatal(err)
	}
	return p.ID
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
