package store_test

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
	"github.com/classcode/maillage/services/indicators/internal/domain"
	"github.com/classcode/maillage/services/indicators/internal/events"
	"github.com/classcode/maillage/services/indicators/internal/store"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func at(day int) time.Time { return time.Date(2026, 3, day, 12, 0, 0, 0, time.UTC) }

// both runs a test on a fresh store of each engine.
func both(t *testing.T, test func(t *testing.T, s *store.Store, db *database.DB)) {
	t.Helper()
	var none fs.FS // the store brings its own migrations
	testkit.Both(t, none, func(t *testing.T, db *database.DB) { test(t, open(t, db), db) })
}

func open(t testing.TB, db *database.DB) *store.Store {
	t.Helper()
	s, err := store.New(t.Context(), db, func() time.Time { return at(1) }, events.Encode)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func write(t *testing.T, s *store.Store, use func(tx domain.Tx) error) {
	t.Helper()
	if err := s.Write(context.Background(), use); err != nil {
		t.Error(err)
	}
}

// ladder is where the tests' communes lie.
var ladder = map[string][]string{
	"44109": {"44109", "DEP-44", "REG-52", "ACA-17", "FR"},
	"44143": {"44143", "DEP-44", "REG-52", "ACA-17", "FR"},
	"49007": {"49007", "DEP-49", "REG-52", "ACA-17", "FR"},
	"69123": {"69123", "DEP-69", "REG-84", "ACA-10", "FR"},
}

func locate(t *testing.T, s *store.Store) {
	t.Helper()
	for commune, territories := range ladder {
		write(t, s, func(tx domain.Tx) error { return tx.SaveCommune(context.Background(), commune, territories) })
	}
}

// recount is what Count must find, written a second time: distinct persons over what was heard, without tallies.
const recount = `
WITH live AS (SELECT * FROM interests WHERE withdrawn = 0),
latest AS (SELECT person_id, commune, row_number() OVER (PARTITION BY person_id ORDER BY registered_at DESC, id DESC) AS n FROM live),
attested AS (SELECT person_id, commune, row_number() OVER (PARTITION BY person_id ORDER BY issued_at DESC, id DESC) AS n FROM attestations),
trained AS (SELECT person_id FROM attestations UNION SELECT person_id FROM enrolments WHERE completed = 1),
people AS (SELECT person_id FROM live UNION SELECT person_id FROM trained),
home AS (SELECT p.person_id, coalesce(l.commune, a.commune, '') AS commune FROM people p
    LEFT JOIN latest l ON l.person_id = p.person_id AND l.n = 1
    LEFT JOIN attested a ON a.person_id = p.person_id AND a.n = 1),
here AS (SELECT person_id FROM home WHERE $1 = 'FR' OR commune IN (SELECT commune FROM commune_territories WHERE territory = $1))
SELECT (SELECT count(DISTINCT person_id) FROM live WHERE ($2 = '' OR campaign_id = $2) AND person_id IN (SELECT person_id FROM here)),
    (SELECT count(DISTINCT person_id) FROM trained WHERE person_id IN (SELECT person_id FROM here)
        AND ($2 = '' OR person_id IN (SELECT person_id FROM live WHERE campaign_id = $2)))`

func recounted(t testing.TB, db *database.DB, a domain.Area) (c domain.Counts) {
	t.Helper()
	if err := db.Read().QueryRowContext(t.Context(), recount, a.Territory, a.Campaign).Scan(&c.Sensitised, &c.Trained); err != nil {
		t.Fatal(err)
	}
	return c
}

// agree compares Count with recount over every area, and returns the country's counts.
func agree(t *testing.T, s *store.Store, db *database.DB) (country domain.Counts) {
	t.Helper()
	areas := map[domain.Area]bool{}
	for _, territories := range ladder {
		for _, territory := range territories {
			for _, campaign := range []string{"", "c1", "c2", "unknown"} {
				areas[domain.Area{Territory: territory, Campaign: campaign}] = true
			}
		}
	}
	for a := range areas {
		got, err := s.Count(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		if want := recounted(t, db, a); got.Sensitised != want.Sensitised || got.Trained != want.Trained {
			t.Errorf("%+v: counted %+v, recounted %+v", a, got, want)
		}
		if a == (domain.Area{Territory: domain.Country}) {
			country = got
		}
	}
	return country
}

func TestCountsEqualARecount(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, db *database.DB) {
		locate(t, s)
		random := rand.New(rand.NewPCG(1, 2))
		one := func(of ...string) string { return of[random.IntN(len(of))] }
		for range 400 {
			person, id, version := fmt.Sprint("p", random.IntN(20)), fmt.Sprint(random.IntN(3)), random.Int64N(9)+1
			commune, campaign, day := one("44109", "44143", "49007", "69123"), one("", "c1", "c2"), at(random.IntN(4)+1)
			write(t, s, func(tx domain.Tx) error {
				switch random.IntN(4) {
				case 0:
					return domain.RecordAttestation(t.Context(), tx, domain.Attestation{ID: person + id, PersonID: person, Commune: one(commune, ""), Issued: day, Version: version})
				case 1:
					return domain.RecordEnrolment(t.Context(), tx, domain.Enrolment{ID: person + id, PersonID: person, Completed: version > 6, Version: version})
				}
				return domain.RecordInterest(t.Context(), tx, domain.Interest{ID: person + id, PersonID: person, CampaignID: campaign, Commune: commune, Withdrawn: version > 5, Registered: day, Version: version})
			})
		}
		if got := agree(t, s, db); got.Sensitised == 0 || got.Trained == 0 {
			t.Errorf("the sample counts nobody: %+v", got)
		}
	})
}

func TestConcurrentEventsOfOnePerson(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, db *database.DB) {
		locate(t, s)
		const persons = 30
		var wg sync.WaitGroup
		for n := range persons {
			id, ctx := fmt.Sprint("p", n), context.Background()
			for _, use := range []func(tx domain.Tx) error{
				func(tx domain.Tx) error {
					return domain.RecordInterest(ctx, tx, domain.Interest{ID: id, PersonID: id, CampaignID: "c1", Commune: "44109", Registered: at(1), Version: 1})
				},
				func(tx domain.Tx) error {
					return domain.RecordInterest(ctx, tx, domain.Interest{ID: id + "b", PersonID: id, CampaignID: "c2", Commune: "69123", Registered: at(2), Version: 1})
				},
				func(tx domain.Tx) error {
					return domain.RecordAttestation(ctx, tx, domain.Attestation{ID: id, PersonID: id, Commune: "49007", Issued: at(1), Version: 1})
				},
				func(tx domain.Tx) error {
					return domain.RecordEnrolment(ctx, tx, domain.Enrolment{ID: id, PersonID: id, Completed: true, Version: 1})
				},
			} {
				wg.Go(func() { write(t, s, use) })
			}
		}
		wg.Wait()
		if got := agree(t, s, db); got.Sensitised != persons || got.Trained != persons {
			t.Errorf("counted %+v, want %d twice", got, persons)
		}
	})
}

func TestConcurrentEventWaitsForTheFirstAndSeesIt(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, db *database.DB) {
		locate(t, s)
		ctx := context.Background()
		enrolment := domain.Enrolment{ID: "e", PersonID: "p", Version: 1}
		write(t, s, func(tx domain.Tx) error { return domain.RecordEnrolment(ctx, tx, enrolment) }) // the person is known
		enrolment.Completed, enrolment.Version = true, 2
		second := make(chan struct{})
		first := func(tx domain.Tx) error {
			return domain.RecordInterest(ctx, tx, domain.Interest{ID: "i", PersonID: "p", Commune: "44109", Version: 1})
		}
		meanwhile := func() {
			go func() {
				defer close(second)
				write(t, s, func(tx domain.Tx) error { return domain.RecordEnrolment(ctx, tx, enrolment) })
			}()
			select { // time enough to overlook what is not committed
			case <-second:
				t.Error("the second event did not wait for the first")
			case <-time.After(200 * time.Millisecond):
			}
		}
		write(t, s, func(tx domain.Tx) error { return first(interrupted{tx, meanwhile}) })
		<-second
		if got := agree(t, s, db); got.Sensitised != 1 || got.Trained != 1 {
			t.Errorf("counted %+v, want the person twice", got)
		}
	})
}

// interrupted lets something happen after the person was claimed, and before anything is read.
type interrupted struct {
	domain.Tx
	meanwhile func()
}

func (i interrupted) SaveInterest(ctx context.Context, in domain.Interest) (bool, error) {
	i.meanwhile()
	return i.Tx.SaveInterest(ctx, in)
}

func TestPlacesAreNestedAndAPlaceCountsOnce(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, _ *database.DB) {
		locate(t, s)
		ctx := t.Context()
		for id, p := range map[string]domain.Place{
			"a": {Commune: "44109", Status: domain.Identified}, "b": {Commune: "44143", Status: domain.Active},
			"c": {Commune: "49007", Status: domain.Sustained}, "d": {Commune: "69123", Status: domain.Sustained},
		} {
			p.ID, p.Version = id, 1
			write(t, s, func(tx domain.Tx) error { _, err := tx.SavePlace(ctx, p); return err })
		}
		for id, m := range map[string]domain.Meeting{
			"1": {CampaignID: "c1", PlaceID: "a", State: 2}, "2": {CampaignID: "c1", PlaceID: "a", State: 5},
			"3": {CampaignID: "c1", PlaceID: "b", State: domain.MeetingCancelled}, "4": {CampaignID: "c2", PlaceID: "b", State: 4},
			"5": {CampaignID: "c1", PlaceID: "d", State: 1}, "6": {CampaignID: "c1", State: 4},
		} {
			m.ID, m.Version = id, 1
			write(t, s, func(tx domain.Tx) error { _, err := tx.SaveMeeting(ctx, m); return err })
		}
		for a, want := range map[domain.Area][3]int64{
			{Territory: "FR"}:                     {4, 3, 2},
			{Territory: "REG-52"}:                 {3, 2, 1},
			{Territory: "DEP-44"}:                 {2, 1, 0},
			{Territory: "REG-99"}:                 {0, 0, 0},
			{Territory: "FR", Campaign: "c1"}:     {2, 1, 1},
			{Territory: "REG-52", Campaign: "c1"}: {1, 0, 0},
			{Territory: "REG-52", Campaign: "c2"}: {1, 1, 0},
		} {
			got, err := s.Count(ctx, a)
			if err != nil || [3]int64{got.Identified, got.Active, got.Sustained} != want {
				t.Errorf("%+v: %+v, %v; want %v", a, got, err, want)
			}
		}
	})
}

func TestALowerOrEqualVersionIsNoNews(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, _ *database.DB) {
		ctx := t.Context()
		for _, step := range []struct {
			version int64
			newer   bool
		}{{3, true}, {3, false}, {2, false}, {4, true}, {1, false}} {
			write(t, s, func(tx domain.Tx) error {
				for noun, save := range map[string]func() (bool, error){
					"interest": func() (bool, error) { return tx.SaveInterest(ctx, domain.Interest{ID: "x", Version: step.version}) },
					"attestation": func() (bool, error) {
						return tx.SaveAttestation(ctx, domain.Attestation{ID: "x", Version: step.version})
					},
					"enrolment": func() (bool, error) { return tx.SaveEnrolment(ctx, domain.Enrolment{ID: "x", Version: step.version}) },
					"meeting":   func() (bool, error) { return tx.SaveMeeting(ctx, domain.Meeting{ID: "x", Version: step.version}) },
					"feedback": func() (bool, error) {
						return tx.SaveFeedback(ctx, domain.Feedback{MeetingID: "x", Version: step.version})
					},
					"place": func() (bool, error) { return tx.SavePlace(ctx, domain.Place{ID: "x", Version: step.version}) },
				} {
					if newer, err := save(); newer != step.newer || err != nil {
						t.Errorf("%s version %d: newer %t, %v", noun, step.version, newer, err)
					}
				}
				return nil
			})
		}
	})
}

func TestADeclaredValueIsNullExactlyWhenItsQualifierSaysSo(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, _ *database.DB) {
		ctx, zero := t.Context(), int64(0)
		write(t, s, func(tx domain.Tx) error {
			return tx.SaveIndicator(ctx, domain.Indicator{ID: "I3c", DefinitionVersion: 1, Unit: domain.Places, Version: 1})
		})
		for _, c := range []struct {
			qualifier domain.Qualifier
			value     *int64
			kind      database.ViolationKind
		}{
			{domain.NotYet, nil, database.None}, {domain.NonNumeric, nil, database.None}, {domain.Exact, &zero, database.None},
			{domain.NotYet, &zero, database.Check}, {domain.NonNumeric, &zero, database.Check}, {domain.Exact, nil, database.Check},
		} {
			err := s.Write(ctx, func(tx domain.Tx) error {
				return tx.SaveMeasure(ctx, domain.Measure{
					IndicatorID: "I3c", Part: fmt.Sprint(c.qualifier), Qualifier: c.qualifier, Value: c.value,
					Milestone: "M24", Area: domain.Area{Territory: "FR"}, Source: "report",
				})
			})
			if kind, _ := database.Violation(err); kind != c.kind || (err == nil) != (c.kind == database.None) {
				t.Errorf("qualifier %d, value %v: %v", c.qualifier, c.value, err)
			}
		}
		kept, err := s.Declared(ctx, domain.Area{Territory: "FR"})
		if err != nil || len(kept) != 3 {
			t.Errorf("kept %+v, %v; want the three sound ones", kept, err)
		}
	})
}

func TestPagesNeitherSkipNorRepeat(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, _ *database.DB) {
		want := []string{"I1", "I2a", "I2b", "I10", "I11"}
		for _, n := range []int{3, 0, 4, 2, 1} {
			write(t, s, func(tx domain.Tx) error {
				return tx.SaveIndicator(t.Context(), domain.Indicator{ID: want[n], DefinitionVersion: 1, Unit: domain.Text, Version: 1})
			})
		}
		var got, after []string
		for {
			page, err := s.Indicators(t.Context(), domain.IndicatorQuery{Page: domain.Page{After: after, Limit: 2}})
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range page {
				rank, _ := domain.Rank(i.ID)
				got, after = append(got, i.ID), []string{fmt.Sprint(rank), i.ID}
			}
			if len(page) < 2 {
				break
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("pages hold %v, want %v", got, want)
		}
	})
}

func TestMigrationsMakeTheSameTables(t *testing.T) {
	column := regexp.MustCompile(`(?m)^(CREATE (?:TABLE|INDEX) .*|    [a-z_]+ |    PRIMARY.*|    CHECK.*)`)
	read := func(engine string) string {
		text, err := os.ReadFile("migrations/" + engine + "/00001_indicators.sql")
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%q", column.FindAllString(string(text), -1))
	}
	if sqlite, postgres := read("sqlite"), read("postgres"); sqlite != postgres {
		t.Errorf("SQLite has %s\nPostgreSQL has %s", sqlite, postgres)
	}
}

// Whoever wishes outside of any campaign stands in none.
func TestStandingWithoutCampaign(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, db *database.DB) {
		write(t, s, func(tx domain.Tx) error {
			standing, err := tx.ClaimPerson(t.Context(), "p")
			if err != nil {
				return err
			}
			standing.Sensitised, standing.Campaigns = true, nil
			return tx.SaveStanding(t.Context(), "p", standing)
		})
		var campaigns string
		if err := db.Read().QueryRowContext(t.Context(), `SELECT campaigns FROM standings WHERE person_id = 'p'`).Scan(&campaigns); err != nil || campaigns != "[]" {
			t.Fatalf("%q, %v", campaigns, err)
		}
	})
}
