package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/services/mesh/internal/domain"
)

func (f fixture) propose(ctx context.Context, o domain.Organiser, caller string) (domain.Organiser, error) {
	o.ID, o.CreateTime = uuid.NewString(), noon
	err := f.Write(ctx, func(tx domain.Tx) (err error) { o, err = domain.ProposeOrganiser(ctx, tx, o, caller); return err })
	return o, err
}

func accept(ctx context.Context, s domain.Store, id string) error {
	return s.Write(ctx, func(tx domain.Tx) error {
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
			wg.Go(func() { outcomes <- accept(context.Background(), f, o.ID) })
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

// atOnce lets two transactions that both added their edge wait for each other, for as long as neither waits for the other's end.
type atOnce struct {
	domain.Store
	added chan struct{}
}

func (a atOnce) Write(ctx context.Context, use func(domain.Tx) error) error {
	return a.Store.Write(ctx, func(tx domain.Tx) error { return use(atOnceTx{tx, a.added}) })
}

type atOnceTx struct {
	domain.Tx
	added chan struct{}
}

func (a atOnceTx) InsertEdge(ctx context.Context, e domain.LineageEdge) error {
	if err := a.Tx.InsertEdge(ctx, e); err != nil {
		return err
	}
	select {
	case a.added <- struct{}{}:
	case <-a.added:
	case <-time.After(100 * time.Millisecond):
	}
	return nil
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
		together, outcomes := atOnce{f, make(chan struct{})}, make(chan error, 2)
		for _, id := range []string{first.ID, second.ID} {
			go func() { outcomes <- accept(context.Background(), together, id) }()
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

// A competence that came over two persons does not come back to the first.
func TestLineageHasNoLongCycle(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		people := []string{f.learner(t, "ana"), f.learner(t, "ben"), f.learner(t, "cleo")}
		for i, from := range people {
			to := people[(i+1)%3]
			o, err := f.propose(t.Context(), domain.Organiser{GroupID: f.groupOf(t, to).ID, PersonID: to, Origin: domain.Contamination}, from)
			if err != nil {
				t.Fatal(err)
			}
			if err := accept(t.Context(), f, o.ID); errors.Is(err, domain.ErrLineageCycle) != (i == 2) {
				t.Errorf("edge %d: %v", i, err)
			}
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
