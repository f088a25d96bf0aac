package store_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/erasure"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/testkit"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/store"
)

func (f fixture) erase(ctx context.Context, e domain.Erasure) (at time.Time, err error) {
	err = f.Write(ctx, func(tx domain.Tx) (err error) { at, err = domain.ErasePerson(ctx, tx, e); return err })
	return at, err
}

// holding is the columns that hold a text, but for the outbox, in which what was told stays for as long as it does.
func (f fixture) holding(t testing.TB, text string) []string {
	t.Helper()
	return slices.DeleteFunc(testkit.Holding(t.Context(), t, f.db, text), func(c string) bool { return strings.HasPrefix(c, "outbox.") })
}

func TestErasureKnowsEveryColumn(t *testing.T) {
	// A group is left, and left without its organiser, by the ordinary ways; the last one is the id of a charge.
	ordinary := []string{"group_members.person_id", "groups.organiser_id", "erasures.person_id", "lineage_edges.organiser_id"}
	both(t, func(t *testing.T, f fixture) {
		all := testkit.Personal(t, f.db)
		if !slices.Contains(all, "contacts.person_id") || !slices.Contains(all, "lineage_edges.to_person") || !slices.Contains(all, "organisers.passed_by") {
			t.Fatalf("the columns that hold people are not found: %v", all)
		}
		for _, c := range all {
			table, column, _ := strings.Cut(c, ".")
			if !slices.Contains(ordinary, c) && !store.Forgets(table, column) {
				t.Errorf("%s holds people, and an erasure leaves it as it is: give it a line in erasure.go, and in docs/personal-data.md", c)
			}
		}
	})
}

// Ana has passed the competence to Ben, and Ben, who knows everything that the mesh can know of somebody, to Cleo. Ben is erased.
func TestErasure(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		ana, cleo := f.learner(t, "ana"), f.learner(t, "cleo")
		who, ben := domain.Identity{Issuer: "https://issuer.test", Subject: "the subject of ben"}, ""
		f.write(t, func(tx domain.Tx) error {
			p, err := domain.ResolvePerson(t.Context(), tx, who, domain.Person{ID: uuid.NewString(), CreateTime: noon}, "learner")
			ben = p.ID
			return errors.Join(err, domain.HearContact(t.Context(), tx, p.ID, "Ben Martin", "ben@example.org", "fr", noon))
		})
		f.professional(t, profile(ben))
		one, two := f.groupOf(t, ben), f.groupOf(t, cleo)
		first, err := f.propose(t.Context(), domain.Organiser{GroupID: one.ID, PersonID: ben, Origin: domain.Contamination}, ana)
		if err = errors.Join(err, accept(t.Context(), f, first.ID)); err != nil {
			t.Fatal(err)
		}
		second, err := f.propose(t.Context(), domain.Organiser{GroupID: two.ID, PersonID: cleo, Origin: domain.Contamination}, ben)
		if err = errors.Join(err, accept(t.Context(), f, second.ID)); err != nil {
			t.Fatal(err)
		}
		recruiting, waiting := f.recruiting(t, 5, 1)
		wish, err := f.interest(t.Context(), domain.Interest{PersonID: ben, CommuneCode: "69123", ModuleID: recruiting.ModuleID, CampaignID: recruiting.CampaignID})
		if err == nil {
			_, err = f.invite(t.Context(), recruiting.ID, noon, wish.ID, waiting[0].ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		f.write(t, func(tx domain.Tx) error {
			_, _, _, err := tx.Reply(t.Context(), "key")
			return errors.Join(err, tx.SaveReply(t.Context(), "key", []byte("f"), []byte("\x0a$"+ben+"\x12\x0aBen Martin ben@example.org")))
		})
		before := f.holding(t, ben)
		for _, c := range []string{"contacts.person_id", "requests.reply", "lineage_edges.from_person", "lineage_edges.to_person", "invitations.person_id", "people.id"} {
			if !slices.Contains(before, c) {
				t.Errorf("the test does not put the person into %s: %v", c, before)
			}
		}
		seats, _ := f.Group(t.Context(), one.ID)

		if _, err := f.erase(t.Context(), domain.Erasure{PersonID: ben, OrderedBy: ana, Reason: " "}); !errors.Is(err, errs.ErrRequired) {
			t.Errorf("without a reason: %v", err)
		}
		order := domain.Erasure{PersonID: ben, OrderedBy: ana, Reason: "Demande reçue par courrier"}
		for range 2 { // the second time changes nothing
			if done, err := f.erase(t.Context(), order); err != nil || !done.Equal(noon) {
				t.Fatalf("%v, %v", done, err)
			}
		}
		if n := f.outbox(t)["person.erased"]; n != 1 {
			t.Errorf("told %d times", n)
		}
		if left := f.holding(t, ben); !slices.Equal(left, []string{"erasures.person_id"}) {
			t.Errorf("the person is in %v", left)
		}
		for _, text := range []string{"Ben Martin", "ben@example.org", who.Subject} {
			if left := testkit.Holding(t.Context(), t, f.db, text); len(left) > 0 {
				t.Errorf("%q is in %v", text, left)
			}
		}
		f.write(t, func(tx domain.Tx) error { return domain.SettleErasure(t.Context(), tx, ben) })
		if left := f.holding(t, ben); len(left) > 0 {
			t.Errorf("once it has settled the person is in %v", left)
		}

		// The group goes on, and finds another organiser; the line of who taught whom is as long as it was.
		g, err := f.Group(t.Context(), one.ID)
		if err != nil || g.OrganiserID != "" || g.MemberCount != seats.MemberCount-1 {
			t.Errorf("%+v, %v", g, err)
		}
		f.counts(t, one.ID, g.MemberCount)
		edges, err := f.LineageEdges(t.Context(), domain.LineageQuery{Viewer: domain.Viewer{Territories: []string{"FR"}}, Page: domain.Page{Limit: 9}})
		slices.SortFunc(edges, func(a, _ domain.LineageEdge) int {
			if a.ID == first.ID {
				return -1
			}
			return 1
		})
		if err != nil || len(edges) != 2 || edges[0].From != ana || edges[0].To != edges[1].From || edges[1].To != cleo || !erasure.IsStandIn(edges[0].To) {
			t.Errorf("%+v, %v", edges, err)
		}
		if o, err := f.Organiser(t.Context(), first.ID); err != nil || o.State != domain.Ended || o.PersonID != edges[0].To {
			t.Errorf("%+v, %v", o, err)
		}
		members, err := f.Members(t.Context(), one.ID, domain.Page{Limit: 30})
		if err != nil || len(members) == 0 {
			t.Fatal(members, err)
		}
		next, err := f.propose(t.Context(), domain.Organiser{GroupID: one.ID, Origin: domain.Cooptation}, members[0].PersonID)
		if err = errors.Join(err, accept(t.Context(), f, next.ID)); err != nil {
			t.Errorf("another organiser: %v", err)
		}

		// Whoever signs in with the same identity is somebody new.
		var fresh domain.Person
		f.write(t, func(tx domain.Tx) (err error) {
			fresh, err = domain.ResolvePerson(t.Context(), tx, who, domain.Person{ID: uuid.NewString(), CreateTime: noon}, "")
			return err
		})
		if contact, err := f.Contact(t.Context(), fresh.ID); err != nil || fresh.ID == ben || len(fresh.Grants) != 0 || contact.Version != 0 {
			t.Errorf("%+v, %+v, %v", fresh, contact, err)
		}
		// Why somebody else ordered it is kept, and by whom until they are erased too.
		if held := f.holding(t, order.Reason); !slices.Equal(held, []string{"erasure_orders.reason"}) {
			t.Errorf("the reason is in %v", held)
		}
		if _, err := f.erase(t.Context(), domain.Erasure{PersonID: ana, OrderedBy: ana}); err != nil {
			t.Error(err)
		}
		if left := f.holding(t, ana); !slices.Equal(left, []string{"erasures.person_id"}) {
			t.Errorf("who ordered it is in %v", left)
		}
		if _, err := f.erase(t.Context(), domain.Erasure{PersonID: uuid.NewString(), OrderedBy: cleo, Reason: "?"}); !errors.Is(err, domain.ErrPersonNotFound) {
			t.Errorf("nobody: %v", err)
		}
	})
}

// People are erased while they are put into groups: nobody is left behind in one, and groups count right.
func TestConcurrentErasureAndForming(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		c, module := f.campaign(t, "FR"), uuid.NewString()
		f.place(t, lyon, "69123")
		var gone []string
		for range 6 {
			person := f.somebody(t)
			if _, err := f.interest(t.Context(), domain.Interest{PersonID: person, CommuneCode: "69123", ModuleID: module, CampaignID: c.ID}); err != nil {
				t.Fatal(err)
			}
			gone = append(gone, person)
		}
		f.waiting(t, 6, c.ID, module)
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := f.form(context.Background(), c, module); err != nil {
				t.Error(err)
			}
		})
		for _, person := range gone {
			all.Go(func() {
				if _, err := f.erase(context.Background(), domain.Erasure{PersonID: person, OrderedBy: person}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, person := range gone {
			f.write(t, func(tx domain.Tx) error { return domain.SettleErasure(t.Context(), tx, person) })
			if left := f.holding(t, person); len(left) > 0 {
				t.Errorf("a person is in %v", left)
			}
		}
		groups, err := f.Groups(t.Context(), domain.GroupQuery{CampaignID: c.ID, Page: domain.Page{Limit: 9}})
		if err != nil || len(groups) != 1 || groups[0].MemberCount != 6 {
			t.Fatalf("%+v, %v", groups, err)
		}
		f.counts(t, groups[0].ID, 6)
	})
}
