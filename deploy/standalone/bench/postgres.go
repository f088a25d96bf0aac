package main

import (
	"context"
	"errors"
	"time"

	"github.com/classcode/maillage/pkg/database"
)

func (b *bench) hotPostgres(ctx context.Context) ([]Row, error) {
	row := Row{Name: "registrations.hot.postgres", Against: "pgbench, one statement, one hot row"}
	p99 := Row{
		Name: "registrations.p99", Unit: "ms", Medium: b.Medium, Rounds: b.Rounds, Round: b.Round.Seconds(), Baseline: latencyGoal,
		Against: "what is required at half the rate of registrations.hot.postgres",
	}
	err := b.againstPgbench(ctx, &row, hot, meetingsHot, func(p *pgbench) side { return p.hot }, func(c *crowd) error {
		if !b.wants(p99.Name) {
			return nil
		}
		return b.latencies(ctx, &p99, c, row.Value/2)
	})
	return []Row{row, p99}, err
}

func (b *bench) spreadPostgres(ctx context.Context) ([]Row, error) {
	row := Row{Name: "registrations.spread.postgres", Against: "pgbench, one statement, 1 000 rows"}
	all := func(time.Duration) int { return meetingsSpread }
	err := b.againstPgbench(ctx, &row, spread, all, func(p *pgbench) side { return p.spread }, func(*crowd) error { return nil })
	return []Row{row}, err
}

// againstPgbench registers in one schema of a server, and lets pgbench do so in another one; afterwards goes on with the same crowd.
func (b *bench) againstPgbench(
	ctx context.Context, row *Row, where seat, meetings func(time.Duration) int, theirs func(*pgbench) side, afterwards func(*crowd) error,
) (err error) {
	row.Unit, row.InFlight = "registrations/s", inFlight
	server, stop, err := b.postgres(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	i, err := b.start(ctx, server.DSN)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, i.close()) }()
	db, err := database.Open(ctx, database.Config{DSN: server.DSN, Schema: "meetings", MaxConns: 2})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	c, err := newCrowd(ctx, i, db, row)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.conn.Close()) }()
	p, err := newPgbench(ctx, db, server.DSN, b.folder)
	if err != nil {
		return err
	}
	if err := b.alternate(ctx, row, c.registering(where, meetings), theirs(p)); err != nil {
		return err
	}
	if err := afterwards(c); err != nil {
		return err
	}
	return errors.Join(sameRows(ctx, db.Read(), "meetings.", c.done), sameRows(ctx, db.Read(), rival+".", p.done))
}
