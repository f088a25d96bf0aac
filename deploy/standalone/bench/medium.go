package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

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
	if cfg, err = cluster.Database(ctx); err != nil {
		return nil, nil, errors.Join(err, cluster.Stop())
	}
	return cfg, cluster.Stop, nil
}
