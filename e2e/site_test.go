// Package e2e drives the built programs from outside, as their users do: over HTTP and gRPC, with restarts and kills. What does not
// concern one form only is tried on both: the one program, and the processes on PostgreSQL and NATS.
package e2e

import (
	"context"
	"database/sql"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

// site is a running maillage, whatever its form.
type site struct {
	t     *testing.T
	http  string
	grpc  map[string]string // by service
	admin []string          // of each process
	store storage
}

// storage is where a site keeps what it was told.
type storage interface {
	// open gives the four databases as one, each service a schema; a stopped program's may be written to.
	open(t *testing.T, writable bool) *tables
	// bus reaches the streams; the one program must be stopped.
	bus(t *testing.T) *events.Bus
}

// tables are the four databases, read as one.
type tables struct {
	*sql.Conn
	postgres bool
	close    func()
}

// tablesOf takes one connection of db, since what it attaches or begins is its own; db ends with it.
func tablesOf(t *testing.T, driver, dsn string) *tables {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &tables{Conn: conn, postgres: driver == "pgx", close: func() { _, _ = conn.Close(), db.Close() }}
}

// services are the names of the four.
var services = []string{"catalogue", "mesh", "meetings", "indicators"}

// bin is the folder of the programs under test, built once by make.
func bin(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../bin")
	if err == nil {
		_, err = os.Stat(filepath.Join(path, "maillage"))
	}
	if err != nil {
		t.Fatalf("the programs under test are missing (make build): %v", err)
	}
	return path
}

func freePort(t *testing.T) string {
	t.Helper()
	address, err := testkit.Address(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// in is the site for a subtest.
func (s *site) in(t *testing.T) *site {
	inner := *s
	inner.t = t
	return &inner
}

func (s *site) url() string { return "http://" + s.http }

// ask sends a request to the door and returns the status and the answer.
func (s *site) ask(method, path, token, body string, headers ...string) (int, string) {
	s.t.Helper()
	code, answer, err := s.try(method, path, token, body, headers...)
	if err != nil {
		s.t.Fatal(err)
	}
	return code, answer
}

// try is ask for when the door may be away.
func (s *site) try(method, path, token, body string, headers ...string) (int, string, error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, s.url()+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode, string(answer), err
}

// count reads a number from the databases.
func (s *site) count(query string) (n int) {
	s.t.Helper()
	tables := s.store.open(s.t, false)
	defer tables.close()
	if err := tables.QueryRowContext(s.t.Context(), query).Scan(&n); err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return n
}

func TestMain(m *testing.M) { testkit.Main(m) }
