package moveup

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

func TestMoveUp(t *testing.T) {
	made := play(t)
	for name, test := range map[string]func(*testing.T, folder){
		"the services go on":  goesOn,
		"sequences, control":  withoutSequences,
		"damage is noticed":   damage,
		"odd values":          oddValues,
		"texts that are none": unstorable,
		"refusals":            refusals,
		"interrupted":         interrupted,
		"started meanwhile":   startedMeanwhile,
		"in use":              inUse,
	} {
		t.Run(name, func(t *testing.T) { test(t, made) })
	}
}

func configOf(dir, dsn string) Config { return Config{Data: dir, DatabaseDSN: config.DSN(dsn)} }

// moved moves a folder into a new database and gives its DSN.
func moved(t *testing.T, dir string) (dsn, said string) {
	t.Helper()
	dsn = testkit.Postgres(t).DSN
	var out strings.Builder
	if err := Run(t.Context(), configOf(dir, dsn), &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	return dsn, out.String()
}

// Everything that the standalone had told, and had yet to tell, is in the new streams, as is what comes after; what was signed
// before verifies; a second season's figures add up on the first one's.
func goesOn(t *testing.T, made folder) {
	dir := made.copy(t)
	waiting := emit(t, open(t, dir, "", "mesh"), 2)
	dsn, said := moved(t, dir)
	before := map[string][]string{}
	for _, service := range services {
		file, err := database.Offline(t.Context(), database.Config{DSN: "sqlite:" + filepath.Join(dir, service+".db")})
		if err != nil {
			t.Fatal(err)
		}
		before[service] = outbox(t, file)
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(before["mesh"]) < 500 || !slices.Equal(before["mesh"][len(before["mesh"])-2:], waiting) || len(before["meetings"]) == 0 {
		t.Fatalf("the folder has %d events of the mesh, %d of meetings", len(before["mesh"]), len(before["meetings"]))
	}
	if !strings.Contains(said, "--signing-key-file "+filepath.Join(dir, "attestation-key.pem")) {
		t.Errorf("the keys are not named:\n%s", said)
	}

	home := memory(t) // empty streams, the same keys
	for _, key := range keys {
		text, err := os.ReadFile(filepath.Join(dir, key))
		if err := errors.Join(err, os.WriteFile(filepath.Join(home, key), text, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	p := serve(t, home, dsn)
	p.season(t, 2)
	verifies(t, p, dsn)
	p.stop()

	have := streams(t, home)
	for _, service := range services {
		db := open(t, "", dsn, service)
		all := outbox(t, db.Read())
		if !slices.Equal(all[:len(before[service])], before[service]) {
			t.Errorf("%s: the outbox does not begin with what it held", service)
		}
		if service != "indicators" && len(all) == len(before[service]) {
			t.Errorf("%s: nothing was written after the move", service)
		}
		if heard := have[service]; !slices.Equal(slices.Sorted(slices.Values(heard)), slices.Sorted(slices.Values(all))) {
			t.Errorf("%s: %d events in the stream, %d in the outbox", service, len(heard), len(all))
		}
		var low int
		if err := db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM outbox WHERE (epoch = 0) <> (id <= $1)`, len(before[service])).Scan(&low); err != nil || low > 0 {
			t.Errorf("%s: %d events are in the wrong epoch, %v", service, low, err)
		}
	}
}

// emit writes events that nobody publishes.
func emit(t *testing.T, db *database.DB, n int) (ids []string) {
	t.Helper()
	if err := tryEmit(t, db, n, &ids); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return ids
}

func tryEmit(t *testing.T, db *database.DB, n int, ids *[]string) error {
	t.Helper()
	return db.Write(t.Context(), func(tx *sql.Tx) error {
		for range n {
			e := events.Event{
				ID: uuid.Must(uuid.NewV7()).String(), Subject: "maillage.mesh.v1.note.taken", Aggregate: "synthetic", Version: 1,
				Time: time.Now(), Payload: wrapperspb.String("synthetic"),
			}
			if err := events.Append(t.Context(), tx, db.Engine(), "mesh", e); err != nil {
				return err
			}
			*ids = append(*ids, e.ID)
		}
		return nil
	})
}

func outbox(t *testing.T, q database.Queryer) []string {
	t.Helper()
	ids, err := database.All(t.Context(), q, func(scan database.Scan) (id string, err error) { return id, scan(&id) },
		`SELECT event_id FROM outbox ORDER BY epoch, txid, id`)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// streams lists the events of each service's stream.
func streams(t *testing.T, dir string) map[string][]string {
	t.Helper()
	server, err := events.Embedded(events.ServerConfig{Dir: filepath.Join(dir, "events")})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	bus, err := server.Connect(events.Config{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	all := map[string][]string{}
	var mu sync.Mutex
	for _, service := range services {
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		end := uuid.Must(uuid.NewV7()).String() // whatever was there is heard before it
		go func() {
			ended <- bus.Consume(ctx, events.Consumer{Durable: "test", Stream: events.StreamName(service), Handle: func(_ context.Context, m events.Message) error {
				mu.Lock()
				defer mu.Unlock()
				all[service] = append(all[service], m.ID)
				return nil
			}})
		}()
		db := testkit.Open(t, testkit.SQLite(t), nil)
		err := db.Write(t.Context(), func(tx *sql.Tx) error {
			return events.Append(t.Context(), tx, db.Engine(), service, events.Event{
				ID: end, Subject: "maillage." + service + ".v1.note.taken", Aggregate: "end", Version: 1, Time: time.Now(), Payload: wrapperspb.String(""),
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			_ = events.NewRelay(db, bus, events.RelayConfig{Stream: events.StreamConfig{Service: service}}).Run(ctx)
		}()
		testkit.Poll(t, within, func() bool { mu.Lock(); defer mu.Unlock(); return slices.Contains(all[service], end) }, "the end of the stream")
		cancel()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		all[service] = slices.DeleteFunc(all[service], func(id string) bool { return id == end })
	}
	return all
}

// verifies asks the instance about the oldest attestation.
func verifies(t *testing.T, p *program, dsn string) {
	t.Helper()
	var credential string
	err := open(t, "", dsn, "meetings").Read().QueryRowContext(t.Context(), `SELECT credential FROM attestations ORDER BY created_at, id LIMIT 1`).Scan(&credential)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(p.url()+"/v1/attestations:verify", "application/json", strings.NewReader(fmt.Sprintf(`{"credential":%q}`, credential))) //nolint:noctx // loopback
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var verdict struct{ Valid bool }
	if err := json.NewDecoder(response.Body).Decode(&verdict); err != nil || !verdict.Valid {
		t.Errorf("what was signed before the move: %+v, %v", verdict, err)
	}
}

// The control: an outbox whose numbers begin again takes no new event.
func withoutSequences(t *testing.T, made folder) {
	for _, settled := range []bool{true, false} {
		dsn := testkit.Postgres(t).DSN
		m := newMove(configOf(made.copy(t), dsn), io.Discard)
		if !settled {
			m.settle = func(context.Context, *sql.Tx, string) error { return nil }
		}
		if err := m.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		m.close()
		var ids []string
		if err := tryEmit(t, open(t, "", dsn, "mesh"), 1, &ids); (err == nil) != settled {
			t.Errorf("sequences continued: %v, and an event: %v", settled, err)
		}
	}
}

// Whatever changes between the copy and the look at it shows, and nothing is there for a service to start on.
func damage(t *testing.T, made folder) {
	for name, statement := range map[string]string{
		"a text":      `UPDATE moving_mesh.places SET name = name || ' ' WHERE id = (SELECT min(id) FROM moving_mesh.places)`,
		"a number":    `UPDATE moving_mesh.places SET latitude = latitude + 1e-13 WHERE id = (SELECT min(id) FROM moving_mesh.places)`,
		"a row less":  `DELETE FROM moving_meetings.attestations WHERE id = (SELECT min(id) FROM moving_meetings.attestations)`,
		"a row more":  `INSERT INTO moving_mesh.loads (name, fingerprint) VALUES ('x', 'x')`,
		"null":        `UPDATE moving_indicators.measures SET value = 0, qualifier = 1 WHERE value IS NULL`,
		"a payload":   `UPDATE moving_mesh.outbox SET payload = payload || '\x00' WHERE id = 1`,
		"an event id": `UPDATE moving_catalogue.enrolments SET completed_at = completed_at + 1 WHERE id = (SELECT max(id) FROM moving_catalogue.enrolments)`,
	} {
		t.Run(name, func(t *testing.T) {
			dsn := testkit.Postgres(t).DSN
			m := newMove(configOf(string(made), dsn), io.Discard)
			defer m.close()
			m.copied = func(ctx context.Context) error {
				result, err := m.target.ExecContext(ctx, statement)
				if err == nil {
					if n, _ := result.RowsAffected(); n == 0 {
						err = errors.New("the damage did nothing")
					}
				}
				return err
			}
			if err := m.run(t.Context()); err == nil || !strings.Contains(err.Error(), "is not what it was") {
				t.Errorf("%v", err)
			}
			if have := schemas(t, dsn); have != "" {
				t.Errorf("left behind: %s", have)
			}
		})
	}
}

func schemas(t *testing.T, dsn string) (names string) {
	t.Helper()
	err := open(t, "", dsn, "").Read().QueryRowContext(t.Context(), `SELECT coalesce(string_agg(nspname, ' ' ORDER BY nspname), '') FROM pg_namespace
		WHERE nspname NOT LIKE 'pg_%' AND nspname NOT IN ('information_schema', 'public')`).Scan(&names)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func change(t *testing.T, dir, service string, statements ...string) {
	t.Helper()
	db := open(t, dir, "", service)
	for _, statement := range statements {
		if err := db.Write(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), statement)
			return err
		}); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// What the engines store in their own ways arrives as it was.
func oddValues(t *testing.T, made folder) {
	dir := made.copy(t)
	change(t, dir, "mesh",
		`UPDATE places SET latitude = 9e999, longitude = -9e999, cell = -9223372036854775808, name = '' WHERE id = (SELECT min(id) FROM places)`,
		`UPDATE places SET latitude = 5e-324, longitude = -0.0, cell = 9223372036854775807, name = '🧶 l''Haÿ "\' WHERE id = (SELECT max(id) FROM places)`,
		`INSERT INTO requests (key, fingerprint, reply, created_at) VALUES ('odd', x'00ff', x'', 0), ('Null', NULL, NULL, -1)`,
		`DELETE FROM outbox WHERE id > 10`) // what was deleted was numbered all the same
	var before, after int64
	file := open(t, dir, "", "mesh")
	if err := file.Read().QueryRowContext(t.Context(), `SELECT seq FROM sqlite_sequence WHERE name = 'outbox'`).Scan(&before); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	dsn, _ := moved(t, dir)
	var ids []string
	db := open(t, "", dsn, "mesh")
	if err := tryEmit(t, db, 1, &ids); err != nil {
		t.Fatal(err)
	}
	if err := db.Read().QueryRowContext(t.Context(), `SELECT max(id) FROM outbox`).Scan(&after); err != nil || after != before+1 {
		t.Errorf("the next event has the id %d after %d, %v", after, before, err)
	}
	var n int
	if err := db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM places WHERE latitude = 'Infinity' OR latitude = 5e-324 AND name = '🧶 l''Haÿ "\'`).Scan(&n); err != nil || n != 2 {
		t.Errorf("%d odd rows arrived, %v", n, err)
	}
}

func unstorable(t *testing.T, made folder) {
	for _, value := range []string{`'a' || char(0) || 'b'`, `CAST(x'ff41' AS TEXT)`} {
		dir := made.copy(t)
		change(t, dir, "mesh", `UPDATE places SET id = 'bad', name = `+value+` WHERE id = (SELECT id FROM places WHERE id NOT IN (SELECT place_id FROM groups) LIMIT 1)`)
		dsn := testkit.Postgres(t).DSN
		err := Run(t.Context(), configOf(dir, dsn), io.Discard)
		if err == nil || !strings.Contains(err.Error(), `mesh: table places: the row id="bad" holds a text`) || !strings.Contains(err.Error(), "in name") {
			t.Errorf("%s: %v", value, err)
		}
		if have := schemas(t, dsn); have != "" {
			t.Errorf("left behind: %s", have)
		}
	}
}
