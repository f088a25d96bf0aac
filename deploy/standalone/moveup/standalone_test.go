package moveup

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/deploy/standalone/app"
	"github.com/classcode/maillage/deploy/standalone/season"
	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
)

const within = time.Minute

var keys = []string{"attestation-key.pem", "page.key", "dev-issuer.pem"}

func TestMain(m *testing.M) { testkit.Main(m) }

// folder is a copy of a standalone's, for one test to damage.
type folder string

func (f folder) copy(t *testing.T) string {
	t.Helper()
	dir := memory(t)
	if err := os.CopyFS(dir, os.DirFS(string(f))); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys { // the copy is open to all
		if err := os.Chmod(filepath.Join(dir, key), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// play makes a standalone's folder by running one, with a small season on it.
func play(t *testing.T) folder {
	t.Helper()
	dir := memory(t)
	p := serve(t, dir, "")
	p.season(t, 1)
	p.stop()
	return folder(dir)
}

func parent() string {
	if _, err := os.Stat("/dev/shm"); err != nil {
		return ""
	}
	return "/dev/shm"
}

// memory is a folder in memory where there is such a place: each commit waits for the disk otherwise.
func memory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(parent(), "maillage-moveup-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// program is a running standalone.
type program struct {
	*app.App
	stop func()
}

// serve starts a standalone on a folder, with its databases in PostgreSQL when there is a DSN.
func serve(t *testing.T, dir, dsn string) *program {
	t.Helper()
	var c struct {
		Serve app.Config `cmd:""`
	}
	args := []string{"serve", "--data", dir, "--dev-login", "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--admin", "127.0.0.1:0"}
	if dsn != "" {
		args = append(args, "--database-dsn", dsn)
	}
	if _, err := config.Parse(&c, config.Program{Name: "maillage", EnvPrefix: "MAILLAGE_TEST"}, args, os.LookupEnv); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	a, err := app.New(ctx, c.Serve, slog.New(slog.DiscardHandler), app.PrintProgress(io.Discard))
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	p := &program{App: a, stop: sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the standalone ended with %v", err)
		}
		a.Close()
	})}
	t.Cleanup(p.stop)
	testkit.Poll(t, within, func() bool {
		select {
		case <-a.Ready:
			return true
		default:
			return false
		}
	}, "the standalone to be ready")
	return p
}

func (p *program) url() string { return "http://" + p.HTTP.Addr().String() }

// season has synthetic people register, meet and be attested; it checks each figure that the instance tells.
func (p *program) season(t *testing.T, seed uint64) {
	t.Helper()
	var said strings.Builder
	err := season.Run(t.Context(), season.Config{
		URL: p.url(), Learners: 40, Territory: "REG-84", Seed: seed, Output: filepath.Join(memory(t), "season.json"),
	}, &said)
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
}

// open is a service's store, in the folder or in PostgreSQL.
func open(t *testing.T, dir, dsn, service string) *database.DB {
	t.Helper()
	cfg := database.Config{DSN: dsn, Schema: service}
	if dsn == "" {
		cfg = database.Config{DSN: "sqlite:" + filepath.Join(dir, service+".db")}
	}
	db, err := database.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
