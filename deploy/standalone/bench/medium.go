package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/jackc/pgx/v5"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
)

// memory is Linux's memory-backed storage, and tmpfsMagic is how statfs(2) names it.
const (
	memory     = "/dev/shm"
	tmpfsMagic = 0x01021994
)

// makeFolder makes the run's folder on the medium that was asked for, and on no other: the two give figures that differ by ten.
func makeFolder(medium string) (string, error) {
	parent := memory
	if medium == "disk" {
		parent = os.TempDir()
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(parent, &fs); err != nil {
		return "", fmt.Errorf("folder on %s: %w", medium, err)
	}
	if inMemory := fs.Type == tmpfsMagic; inMemory != (medium == "tmpfs") {
		return "", fmt.Errorf("%s is not on %s; set TMPDIR to a folder that is", parent, medium)
	}
	folder, err := os.MkdirTemp(parent, "maillage-bench-")
	if err != nil {
		return "", fmt.Errorf("folder on %s: %w", medium, err)
	}
	return folder, nil
}

// postgres starts a server of our own with an empty database; stop it.
func (b *bench) postgres(ctx context.Context) (cfg *database.Config, stop func() error, err error) {
	cluster, err := testkit.StartCluster(testkit.ClusterConfig{Durable: b.Medium == "disk"})
	if err != nil {
		return nil, nil, err
	}
	if cfg, err = cluster.Database(ctx); err == nil {
		err = runIn(ctx, cfg.DSN)
	}
	if err != nil {
		return nil, nil, errors.Join(err, cluster.Stop())
	}
	return cfg, cluster.Stop, nil
}

// segments are the files of its log that a server has which has run for a while, and writes over: three minutes of a rush. A new server
// makes each of them, 16 MiB of zeros and a flush of a tenth of a second, while both sides' commits wait.
const segments = 48

func runIn(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	steps := []string{`ALTER SYSTEM SET min_wal_size = '1GB'`, `SELECT pg_reload_conf()`}
	for range segments {
		steps = append(steps, `SELECT pg_logical_emit_message(false, 'bench', 'a little')`, `SELECT pg_switch_wal()`)
	}
	for _, step := range append(steps, `CHECKPOINT`) {
		if _, err := conn.Exec(ctx, step); err != nil {
			return fmt.Errorf("run the server in: %w", err)
		}
	}
	return nil
}
