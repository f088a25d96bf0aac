package mail_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/jobs"
	"github.com/classcode/maillage/pkg/mail"
	"github.com/classcode/maillage/pkg/testkit"
)

const crashScript = "MAILLAGE_MAIL_CRASH"

// script is what a child works on until it is killed.
type script struct {
	Database database.Config
	SMTP     string
}

// init and not a test: a child runs instead of the tests.
func init() {
	text := os.Getenv(crashScript)
	if text == "" {
		return
	}
	if err := child(text); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// child sends the mails that jobs ask for, as a service does.
func child(text string) error {
	var s script
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return err
	}
	db, err := database.Open(context.Background(), s.Database)
	if err != nil {
		return err
	}
	sender, err := mail.Open(mail.Config{SMTP: config.Secret(s.SMTP), From: "notices@maillage.example"}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return jobs.NewRunner(db, jobs.Config{Poll: time.Millisecond, Kinds: []jobs.Kind{{
		Name: "mail", Lease: 300 * time.Millisecond, Handle: func(ctx context.Context, j jobs.Job) error {
			m := message()
			m.ID = j.Key
			return sender.Send(ctx, m)
		},
	}}}).Run(context.Background())
}

// A sender is killed again and again while it sends: no mail is lost, and those that come twice can be told by their Message-ID.
func TestKilledWhileSending(t *testing.T) {
	for name, cfg := range map[string]func(testing.TB) *database.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		t.Run(name, func(t *testing.T) {
			const many = 150
			s := script{Database: *cfg(t)}
			db := testkit.Open(t, &s.Database, nil)
			sink := testkit.NewMailServer(t)
			s.SMTP = sink.URL()
			wanted := make([]jobs.Job, many)
			for i := range wanted {
				wanted[i] = jobs.Job{Kind: "mail", Key: fmt.Sprintf("mail-%03d", i), Due: time.Now()}
			}
			err := db.Write(t.Context(), func(tx *sql.Tx) error { return jobs.Enqueue(t.Context(), tx, time.Now(), wanted...) })
			if err != nil {
				t.Fatal(err)
			}
			deaths := s.kill(t, db, sink, many)
			copies := map[string]int{}
			for _, m := range sink.Mails() {
				copies[strings.TrimSuffix(m.ID(), "@maillage.example")]++
			}
			keys := make([]string, many)
			for i, j := range wanted {
				keys[i] = j.Key
			}
			if got := slices.Sorted(maps.Keys(copies)); !slices.Equal(got, keys) {
				t.Fatalf("mails %v", got)
			}
			again := len(sink.Mails()) - many
			t.Logf("%d deaths, %d mails, %d of them delivered again", deaths, many, again)
			// Each death can repeat at most what was at work.
			if deaths < 5 || again > 4*deaths {
				t.Fatalf("%d deaths, %d delivered again", deaths, again)
			}
		})
	}
}

// kill starts children and kills each a moment after it has sent some, until all is done.
func (s script) kill(t *testing.T, db *database.DB, sink *testkit.MailServer, many int) (deaths int) {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 0))
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); deaths++ {
		child := exec.Command(os.Args[0]) //nolint:noctx // killed below
		child.Env = append(os.Environ(), crashScript+"="+string(text))
		child.Stderr = os.Stderr
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		before, some := len(sink.Mails()), random.IntN(many/5)+1
		over := false
		testkit.Poll(t, time.Minute, func() bool {
			over = done(t, db) == many
			return over || len(sink.Mails()) >= before+some
		}, "the child to send some")
		_ = child.Process.Kill()
		_ = child.Wait() // killed
		if over {
			return deaths
		}
	}
	t.Fatal("not all was sent in time")
	return deaths
}

func done(t *testing.T, db *database.DB) (n int) {
	t.Helper()
	if err := db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM jobs WHERE state = 2`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
