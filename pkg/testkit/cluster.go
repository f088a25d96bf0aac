package testkit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/classcode/maillage/pkg/database"
)

// ClusterConfig chooses between a fast cluster and one that keeps its promises.
type ClusterConfig struct {
	// Durable puts the data on disk with fsync on: for fault tests and benchmarks. Otherwise fsync is off, on tmpfs where there is one.
	Durable bool
}

// Cluster is a PostgreSQL server of our own, reachable only through a Unix socket in its data folder, which only its user and
// root can enter. It never outlives the process that started it, however that ends: see watchdog.
type Cluster struct {
	dir      string
	bin      string
	args     []string
	owner    *syscall.Credential
	mu       sync.Mutex
	guard    *exec.Cmd
	lifeline io.WriteCloser
	made     int
}

// watchdog runs postgres and holds the reading end of a pipe whose writing end only the starting process has: when that
// process ends, by exit, panic or kill, the kernel closes the pipe, read returns, and the server is stopped at once (SIGQUIT)
// with its folder removed. The word "crash" stops it just as abruptly and keeps the folder.
const watchdog = `trap '' HUP INT TERM
"$@" </dev/null >>"$PGDATA/server.log" 2>&1 &
word=
read -r word
kill -QUIT $! 2>/dev/null
wait $!
[ "$word" = crash ] || { cd /; rm -rf "$PGDATA"; }
`

const startDeadline = 30 * time.Second // initdb takes half a second; a loaded machine takes its time

// StartCluster creates and starts a cluster; Stop it, though it also stops with the process.
func StartCluster(cfg ClusterConfig) (*Cluster, error) {
	bin, err := findBinaries()
	if err != nil {
		return nil, err
	}
	c := &Cluster{bin: bin}
	if err := c.makeFolder(cfg); err != nil {
		return nil, err
	}
	initdb := c.command(filepath.Join(bin, "initdb"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--data-checksums")
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w: %s", err, out), os.RemoveAll(c.dir))
	}
	c.args = []string{filepath.Join(bin, "postgres"),
		"-c", "listen_addresses=", "-c", "unix_socket_directories=" + c.dir, "-c", "unix_socket_permissions=0700",
		"-c", "max_connections=300",
		"-c", "dynamic_shared_memory_type=mmap", // inside the folder, so that nothing is left when it is removed
	}
	if !cfg.Durable {
		c.args = append(c.args, "-c", "fsync=off", "-c", "full_page_writes=off")
	}
	if err := c.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	return c, nil
}

func (c *Cluster) makeFolder(cfg ClusterConfig) (err error) {
	parent := fastDir()
	if cfg.Durable {
		parent = "" // the system's temporary folder
	}
	if c.dir, err = os.MkdirTemp(parent, "maillage-postgres-"); err != nil {
		return fmt.Errorf("cluster folder: %w", err)
	}
	if os.Getuid() != 0 {
		return nil
	}
	// PostgreSQL refuses to run as root.
	if c.owner, err = postgresUser(); err == nil {
		err = os.Chown(c.dir, int(c.owner.Uid), int(c.owner.Gid))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("cluster folder: %w", err), os.RemoveAll(c.dir))
	}
	return nil
}

// Start starts the server again after Crash.
func (c *Cluster) Start() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	guard := c.command("/bin/sh", append([]string{"-c", watchdog, "watchdog"}, c.args...)...)
	guard.SysProcAttr.Setpgid = true // Ctrl-C in the terminal is for the test, whose end the watchdog then notices
	lifeline, err := guard.StdinPipe()
	if err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	if err := guard.Start(); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	c.guard, c.lifeline = guard, lifeline
	if err := c.await(); err != nil {
		log, _ := os.ReadFile(filepath.Join(c.dir, "server.log"))
		return errors.Join(fmt.Errorf("start postgres: %w: %s", err, log), c.end(""))
	}
	return nil
}

// Crash stops the server as a crash would, sessions cut and nothing flushed, and keeps the data.
func (c *Cluster) Crash() error { return c.stop("crash\n") }

// Stop stops the server and removes its data.
func (c *Cluster) Stop() error { return c.stop("") }

func (c *Cluster) stop(word string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.end(word)
}

func (c *Cluster) end(word string) error {
	if c.guard == nil {
		return nil
	}
	_, err := io.WriteString(c.lifeline, word)
	err = errors.Join(err, c.lifeline.Close(), c.guard.Wait())
	c.guard = nil
	return err
}

// Database creates an empty database and says how to open it.
func (c *Cluster) Database(ctx context.Context) (*database.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made++
	name := "test_" + strconv.Itoa(c.made)
	if err := c.admin(ctx, "CREATE DATABASE "+name); err != nil {
		return nil, err
	}
	return &database.Config{DSN: c.dsn(name)}, nil
}

// Drop removes a database that Database made, with whoever is still connected.
func (c *Cluster) Drop(ctx context.Context, cfg *database.Config) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	parsed, err := url.Parse(cfg.DSN)
	if err != nil {
		return fmt.Errorf("drop database: %w", err)
	}
	return c.admin(ctx, "DROP DATABASE IF EXISTS "+strings.TrimPrefix(parsed.Path, "/")+" WITH (FORCE)")
}

func (c *Cluster) dsn(name string) string {
	return "postgres://postgres@/" + name + "?host=" + url.QueryEscape(c.dir)
}

func (c *Cluster) admin(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, c.dsn("postgres"))
	if err != nil {
		return fmt.Errorf("reach the cluster: %w", err)
	}
	_, err = conn.Exec(ctx, statement)
	if err = errors.Join(err, conn.Close(ctx)); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

func (c *Cluster) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), startDeadline)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := c.admin(ctx, "SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}

func (c *Cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = c.dir
	cmd.Env = []string{"PGDATA=" + c.dir, "PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.owner}
	return cmd
}

func postgresUser() (*syscall.Credential, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// findBinaries prefers the newest of Debian's folders, which are not in PATH.
func findBinaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	best, version := "", 0
	for _, path := range found {
		if v, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))); err == nil && v > version {
			best, version = filepath.Dir(path), v
		}
	}
	if best != "" {
		return best, nil
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", fmt.Errorf("PostgreSQL's server is missing (Debian: apt install postgresql): %w", fs.ErrNotExist)
}

// fastDir is memory-backed storage on Linux, and the system's temporary folder elsewhere.
func fastDir() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

// PID is the server's process; 0 when it does not run.
func (c *Cluster) PID() int {
	text, err := os.ReadFile(filepath.Join(c.dir, "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, _ := strconv.Atoi(first)
	return pid
}
