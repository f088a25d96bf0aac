package store_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/testkit"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/events"
	"github.com/classcode/maillage/services/meetings/internal/store"
)

func TestMain(m *testing.M) { testkit.Main(m) }

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const paris = "Europe/Paris"

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// world is a store on one engine, with what tests do with it.
type world struct {
	*testing.T
	*store.Store
	db *database.DB
}

// both runs a test on both engines, with enough connections for everyone to be inside a transaction at once.
func both(t *testing.T, test func(w world)) {
	t.Helper()
	for name, config := range map[string]func(testing.TB) *database.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t)
			cfg.MaxConns = 80
			db := testkit.Open(t, cfg, nil)
			st, err := store.New(t.Context(), db, func() time.Time { return now }, events.Encode)
			if err != nil {
				t.Fatal(err)
			}
			test(world{t, st, db})
		})
	}
}

func (w world) ctx() context.Context { return w.Context() }

func (w world) write(use func(domain.Tx) error) {
	w.Helper()
	if err := w.Write(w.ctx(), use); err != nil {
		w.Fatal(err)
	}
}

func plan(capacity int) domain.Plan {
	return domain.Plan{
		SeriesID: newID(), MeetingCount: 2, NewID: newID, Now: now, Territories: []string{"44109", "DEP-44", "REG-52", "FR"},
		Slots: []domain.Slot{
			{Start: now.Add(24 * time.Hour), End: now.Add(26 * time.Hour)},
			{Start: now.Add(48 * time.Hour), End: now.Add(50 * time.Hour)},
		},
		Common: domain.Meeting{
			GroupID: newID(), ModuleID: newID(), ModuleTitle: "Programmation créative", TimeZone: paris, Capacity: capacity,
			CampaignID: newID(), PlaceID: newID(), CommuneCode: "44109", OrganiserID: uuid.NewString(),
		},
	}
}

// meeting plans a series and returns its first meeting.
func (w world) meeting(capacity int) domain.Meeting {
	w.Helper()
	return w.series(plan(capacity)).Meetings[0]
}

func (w world) series(p domain.Plan) (series domain.Series) {
	w.Helper()
	w.write(func(tx domain.Tx) (err error) {
		series, err = domain.CreateSeries(w.ctx(), tx, p)
		return err
	})
	return series
}

// register asks for a seat, and would rather be refused than wait.
func (w world) register(meetingID, person string, at time.Time) (domain.Registration, error) {
	return w.ask(domain.Request{PersonID: person, Pool: domain.Pool{MeetingID: meetingID}, SeatOnly: true}, at)
}

// line asks for a seat, or a place in the waiting list.
func (w world) line(meetingID, person string, at time.Time) (domain.Registration, error) {
	return w.ask(domain.Request{PersonID: person, Pool: domain.Pool{MeetingID: meetingID}}, at)
}

func (w world) ask(request domain.Request, at time.Time) (domain.Registration, error) {
	var outcome domain.Outcome
	err := w.Write(w.ctx(), func(tx domain.Tx) error {
		request.Context, request.ID = w.ctx(), newID()
		outcomes, err := domain.Register(w.ctx(), tx, []domain.Request{request}, at)
		if err != nil {
			return err
		}
		outcome = outcomes[0]
		return outcome.Err
	})
	return outcome.Registration, err
}

func (w world) number(query string, args ...any) (n int) {
	w.Helper()
	if err := w.db.Read().QueryRowContext(w.ctx(), query, args...).Scan(&n); err != nil {
		w.Fatalf("%s: %v", query, err)
	}
	return n
}

// seats checks that as many seats are taken as there are registrations that hold one.
func (w world) seats(meetingID string, want int) {
	w.Helper()
	taken := w.number(`SELECT sum(taken) FROM seats WHERE meeting_id = $1`, meetingID)
	held := w.number(`SELECT count(*) FROM registrations WHERE meeting_id = $1 AND state IN (1, 3, 4, 5, 7)`, meetingID)
	if taken != want || held != want {
		w.Fatalf("%d seats taken, %d registrations hold one; want %d", taken, held, want)
	}
}

func reason(err error) string {
	if err == nil {
		return ""
	}
	return errs.From(err).Reason
}

func TestSeries(t *testing.T) {
	both(t, func(w world) {
		p := plan(25)
		var created domain.Series
		w.write(func(tx domain.Tx) (err error) {
			created, err = domain.CreateSeries(w.ctx(), tx, p)
			return err
		})
		found, err := w.Series(w.ctx(), created.ID)
		if err != nil || len(found.Meetings) != 2 || !reflect.DeepEqual(found.Meetings, created.Meetings) {
			w.Fatalf("read %+v, %v; want %+v", found, err, created)
		}
		again := p
		again.SeriesID = newID()
		err = w.Write(w.ctx(), func(tx domain.Tx) error {
			_, err := domain.CreateSeries(w.ctx(), tx, again)
			return err
		})
		if e := errs.From(err); reason(err) != "SERIES_EXISTS" || e.Meta["series"] != created.ID {
			w.Fatalf("%v; want SERIES_EXISTS with the series's id", err)
		}
		if n := w.number(`SELECT count(*) FROM outbox WHERE subject = 'maillage.meetings.v1.meeting.planned'`); n != 2 {
			w.Fatalf("%d events; want 2", n)
		}
	})
}

func TestRollback(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(25)
		before := w.number(`SELECT count(*) FROM outbox`)
		failure := errors.New("no")
		err := w.Write(w.ctx(), func(tx domain.Tx) error {
			request := domain.Request{Context: w.ctx(), ID: newID(), Pool: domain.Pool{MeetingID: m.ID}, PersonID: "someone"}
			outcomes, err := domain.Register(w.ctx(), tx, []domain.Request{request}, now)
			return errors.Join(err, outcomes[0].Err, failure)
		})
		if !errors.Is(err, failure) || reason(err) != "INTERNAL" {
			w.Fatalf("%v; want only the failure", err)
		}
		w.seats(m.ID, 0)
		if after := w.number(`SELECT count(*) FROM outbox`); after != before {
			w.Fatalf("%d events left by a transaction that was rolled back", after-before)
		}
	})
}

// pages walks through a list of which fetch gives one page, and wants each of the ids once.
func (w world) pages(want []string, fetch func(p domain.Page) (ids []string, last []string)) {
	w.Helper()
	var seen []string
	for after := []string(nil); ; {
		ids, last := fetch(domain.Page{After: after, Limit: 3})
		if seen = append(seen, ids...); len(ids) < 3 {
			break
		}
		after = last
	}
	if !slices.Equal(seen, want) {
		w.Fatalf("pages gave %v; want %v", seen, want)
	}
}

func TestPages(t *testing.T) {
	both(t, func(w world) {
		group, person := newID(), uuid.NewString()
		var meetings, registrations, attestations []string
		for range 5 { // all at the same time: only the id tells them apart
			p := plan(25)
			p.Common.GroupID = group
			w.write(func(tx domain.Tx) error {
				s, err := domain.CreateSeries(w.ctx(), tx, p)
				meetings = append(meetings, s.Meetings[0].ID)
				return err
			})
			a := domain.Attestation{ID: newID(), MeetingID: meetings[len(meetings)-1], PersonID: person, CommuneCode: "44109", Role: 1, CreateTime: now}
			w.write(func(tx domain.Tx) error { return tx.InsertAttestations(w.ctx(), []domain.Attestation{a}) })
			attestations = append(attestations, a.ID)
		}
		for i := range 7 {
			r, err := w.register(meetings[0], fmt.Sprint("person", i), now)
			if err != nil {
				w.Fatal(err)
			}
			registrations = append(registrations, r.ID)
		}
		for _, ids := range [][]string{meetings, registrations, attestations} {
			slices.Sort(ids)
		}
		micros := func(t time.Time) string { return fmt.Sprint(database.Micros(t)) }
		w.pages(meetings, func(p domain.Page) (ids, last []string) {
			rows, err := w.Meetings(w.ctx(), domain.MeetingQuery{GroupID: group, State: domain.MeetingOpen, Page: p})
			for _, m := range rows {
				if m.Position == 1 {
					ids = append(ids, m.ID)
				}
				last = []string{micros(m.Start), m.ID}
			}
			return ids, orFail(w, last, err)
		})
		w.pages(registrations, func(p domain.Page) (ids, last []string) {
			rows, err := w.Registrations(w.ctx(), domain.RegistrationQuery{MeetingID: meetings[0], Page: p})
			for _, r := range rows {
				ids, last = append(ids, r.ID), []string{micros(r.CreateTime), r.ID}
			}
			return ids, orFail(w, last, err)
		})
		for _, q := range []domain.AttestationQuery{{PersonID: person}, {PersonID: "coordinator", Territories: []string{"DEP-01", "REG-52"}}} {
			w.pages(attestations, func(p domain.Page) (ids, last []string) {
				q.Page = p
				rows, err := w.Attestations(w.ctx(), q)
				for _, a := range rows {
					ids, last = append(ids, a.ID), []string{micros(a.CreateTime), a.ID}
				}
				return ids, orFail(w, last, err)
			})
		}
		w.pages(nil, func(p domain.Page) (ids, last []string) {
			rows, err := w.Attestations(w.ctx(), domain.AttestationQuery{PersonID: "stranger", Territories: []string{"DEP-01"}, Page: p})
			for _, a := range rows {
				ids = append(ids, a.ID)
			}
			return ids, orFail(w, last, err)
		})
	})
}

func orFail[T any](w world, v T, err error) T {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
	return v
}

// A query that runs on one engine must find the same tables and columns on the other.
func TestSameTables(t *testing.T) {
	found := map[string][]string{}
	both(t, func(w world) {
		query := `SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'`
		if w.db.Engine() == database.Postgres {
			query = `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = current_schema()`
		}
		columns, err := database.All(w.ctx(), w.db.Read(), func(scan database.Scan) (c string, err error) { return c, scan(&c) }, query)
		if err != nil {
			w.Fatal(err)
		}
		slices.Sort(columns)
		found[w.db.Engine().String()] = slices.DeleteFunc(columns, func(c string) bool {
			return strings.HasPrefix(c, "goose_") || strings.HasPrefix(c, "floor_") // goose's own
		})
	})
	if len(found["sqlite"]) < 60 || !slices.Equal(found["sqlite"], found["postgres"]) {
		t.Fatalf("sqlite has %v\npostgres has %v", found["sqlite"], found["postgres"])
	}
}
