// Package moveup moves what a standalone keeps in SQLite files into an empty PostgreSQL database, where the services go on with it.
//
// Each service's tables are first made and filled under another schema name, and read back; one transaction then gives all four
// their names. Whatever interrupts it before leaves nothing that a service would start on, and the next attempt clears it away.
package moveup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/database"
)

// Config is what an operator chooses.
type Config struct {
	Data        string     `help:"Folder of the stopped standalone." default:"var" type:"path"`
	DatabaseDSN config.DSN `help:"Empty PostgreSQL database that the data move into; the user must be allowed to create schemas." required:""`
}

// cleaning bounds what an attempt that failed spends on clearing away; the next one does it otherwise.
const cleaning = 10 * time.Second

// move is one attempt.
type move struct {
	Config
	out     io.Writer
	target  *sql.Conn
	sources map[string]*sql.Tx
	tallies []tally
	closers []func()

	// What a control leaves out, or does between copy and verification.
	copied func(ctx context.Context) error
	settle func(ctx context.Context, tx *sql.Tx, service string) error
}

// Run moves everything, or nothing; it says on out how far it is.
func Run(ctx context.Context, cfg Config, out io.Writer) error {
	m := newMove(cfg, out)
	defer m.close()
	return m.run(ctx)
}

func newMove(cfg Config, out io.Writer) *move {
	m := &move{Config: cfg, out: out, sources: map[string]*sql.Tx{}, copied: func(context.Context) error { return nil }}
	m.settle = m.continueSequences
	return m
}

func (m *move) run(ctx context.Context) error {
	if strings.HasPrefix(m.DatabaseDSN.Reveal(), "sqlite:") {
		return errors.New("--database-dsn: the data move into PostgreSQL, not into SQLite")
	}
	if err := m.openSources(ctx); err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	if err := m.openTarget(ctx); err != nil {
		return fmt.Errorf("--database-dsn: %w", err)
	}
	if err := m.fill(ctx); err != nil {
		return errors.Join(err, m.clear(context.WithoutCancel(ctx)))
	}
	m.report()
	return nil
}

func (m *move) fill(ctx context.Context) error {
	if err := m.prepare(ctx); err != nil {
		return err
	}
	plans := map[string][]table{}
	for _, service := range services {
		plan, err := m.plan(ctx, service)
		if err != nil {
			return fmt.Errorf("%s: %w", service, err)
		}
		plans[service] = plan
	}
	for _, service := range services {
		if err := m.copy(ctx, service, plans[service]); err != nil {
			return fmt.Errorf("%s: %w", service, err)
		}
	}
	if err := m.copied(ctx); err != nil {
		return err
	}
	for _, service := range services {
		if err := m.verify(ctx, service, plans[service]); err != nil {
			return fmt.Errorf("%s: %w", service, err)
		}
	}
	return m.appear(ctx)
}

func (m *move) say(format string, args ...any) { _, _ = fmt.Fprintf(m.out, format+"\n", args...) }

func (m *move) onClose(f func()) { m.closers = append(m.closers, f) }

func (m *move) close() {
	for i := len(m.closers) - 1; i >= 0; i-- {
		m.closers[i]()
	}
}

// clear removes the half-made schemas, if the target is still there.
func (m *move) clear(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, cleaning)
	defer cancel()
	for _, service := range services {
		if _, err := m.target.ExecContext(ctx, `DROP SCHEMA IF EXISTS `+staging(service)+` CASCADE`); err != nil {
			return fmt.Errorf("%s could not be cleared away, the next attempt does it: %w", staging(service), database.Explain(err))
		}
	}
	return nil
}
