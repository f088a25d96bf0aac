// Command bench measures the program against something that everyone knows, in the same run and on the same machine: pgbench,
// net/http with encoding/json, one commit per request. It prints a table and writes bench.json.
//
// Absolute figures do not travel, so each figure that is kept is the ratio of two programs that take turns.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/classcode/maillage/pkg/config"
)

// output is where the figures are written, in the current folder.
const output = "bench.json"

type settings struct {
	Rows   []string      `help:"Rows to measure, separated by commas; all when empty."`
	Round  time.Duration `help:"Length of a round; pgbench counts whole seconds." default:"3s"`
	Rounds int           `help:"Rounds of each of the two programs, which take turns; the median counts." default:"4"`
	Medium string        `help:"disk keeps what was acknowledged through a power cut; tmpfs shows processor and locks alone." enum:"disk,tmpfs" default:"disk"`
}

// bench is one run.
type bench struct {
	settings
	folder    string     // of everything that the run keeps, removed at its end
	processes []*process // that are at work
}

// family measures rows that share what is set up for them.
type family struct {
	rows    []string
	measure func(b *bench, ctx context.Context) ([]Row, error)
}

// The short ones first: whoever watches sees soon that it works.
var families = []family{
	{[]string{"binary.size", "start.empty", "start.loaded", "memory.rest"}, (*bench).program},
	{[]string{"attestations.signed"}, (*bench).signed},
	{[]string{"calendar.feed"}, (*bench).calendar},
	{[]string{"attestations.batch"}, (*bench).batch},
	{[]string{"kit.render"}, (*bench).kit},
	{[]string{"verify.http"}, (*bench).verified},
	{[]string{"http.page50.door"}, (*bench).door},
	{[]string{"http.page50.standalone"}, (*bench).places},
	{[]string{"http.page50.pocketbase"}, (*bench).againstPocketBase},
	{[]string{"memory.gateway", "memory.catalogue", "memory.mesh", "memory.meetings", "memory.indicators", "http.page50.sockets"}, (*bench).apart},
	{[]string{"relay.syncalways", "relay.syncalways.sqlite"}, (*bench).relays},
	{[]string{"indicator.lag"}, (*bench).lag},
	{[]string{"memory.waiting"}, (*bench).waiting},
	{[]string{"registrations.hot.sqlite"}, (*bench).hotSQLite},
	{[]string{"registrations.hot.postgres", "registrations.p99"}, (*bench).hotPostgres},
	{[]string{"registrations.spread.postgres"}, (*bench).spreadPostgres},
}

func main() {
	b := &bench{}
	config.MustParse(&b.settings, config.Program{
		Name:        "bench",
		Description: "Measures the program against baselines in the same run, prints a table and writes " + output + ".",
		EnvPrefix:   "MAILLAGE_BENCH",
	})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := b.run(ctx); err != nil {
		say("bench: %v", err)
		os.Exit(1) //nolint:gocritic // the signal handler needs no undoing at the end of the process
	}
}

func (b *bench) run(ctx context.Context) (err error) {
	if err := b.check(); err != nil {
		return err
	}
	if b.folder, err = makeFolder(b.Medium); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.folder)) }()
	var all []Row
	for _, f := range families {
		if !slices.ContainsFunc(f.rows, b.wants) {
			continue
		}
		rows, err := f.measure(b, ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", f.rows[0], cmp.Or(ctx.Err(), err))
		}
		all = append(all, slices.DeleteFunc(rows, func(r Row) bool { return !b.wants(r.Name) })...)
	}
	fmt.Print(table(all))
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(output, append(text, '\n'), 0o600)
}

func (b *bench) check() error {
	var known []string
	for _, f := range families {
		known = append(known, f.rows...)
	}
	for _, name := range b.Rows {
		if !slices.Contains(known, name) {
			return fmt.Errorf("--rows: %q is not a row; there are %s", name, strings.Join(known, ", "))
		}
	}
	if b.Round <= 0 || b.Rounds <= 0 {
		return errors.New("--round and --rounds must be more than 0")
	}
	return nil
}

func (b *bench) wants(row string) bool { return len(b.Rows) == 0 || slices.Contains(b.Rows, row) }

// say writes a line on how far the run is, beside the table that goes to the standard output.
func say(format string, args ...any) {
	_, _ = fmt.Fprintf(os.Stderr, time.Now().Format(time.TimeOnly)+" "+format+"\n", args...)
}
