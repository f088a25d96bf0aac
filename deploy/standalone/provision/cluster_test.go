package provision

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/testkit"
)

const (
	within = 30 * time.Second
	sound  = "sync_interval: always, max_file_store: 64GB"
	// passwords need no secret: the servers live as long as the test, on loopback.
	accounts = `
system_account: SYSTEM
accounts {
  SYSTEM { users: [{ user: system, password: hunter2 }] }
  MAILLAGE { jetstream: enabled, users: [{ user: maillage, password: hunter3 }] }
  OTHER { users: [{ user: other, password: hunter4 }] }
}`
)

// cluster is servers in this process, with a system account and one of the services.
type cluster struct {
	t       *testing.T
	configs []string // of those that have not started
	servers []*server.Server
}

// start starts a server for each JetStream block, and waits until they are a cluster; an empty one is a server without JetStream.
func start(t *testing.T, blocks ...string) *cluster {
	t.Helper()
	c := plan(t, blocks...)
	c.launch(len(blocks))
	testkit.Poll(t, within, c.settled, "the servers to know each other, and a leader")
	return c
}

func plan(t *testing.T, blocks ...string) *cluster {
	t.Helper()
	c := &cluster{t: t}
	var routes []string
	for range blocks {
		routes = append(routes, free(t))
	}
	for i, block := range blocks {
		text := fmt.Sprintf("server_name: nats-%d\nlisten: \"127.0.0.1:-1\"\n%s\n", i+1, accounts)
		if block != "" {
			text += fmt.Sprintf("jetstream { store_dir: %q, %s }\n", memory(t), block)
		}
		if len(blocks) > 1 {
			text += fmt.Sprintf("cluster { name: test, listen: %q, routes: [\"nats://%s\"] }\n", routes[i], strings.Join(routes, `", "nats://`))
		}
		c.configs = append(c.configs, text)
	}
	return c
}

// launch starts the next n servers.
func (c *cluster) launch(n int) {
	c.t.Helper()
	for _, text := range c.configs[:n] {
		c.servers = append(c.servers, serve(c.t, text))
	}
	c.configs = c.configs[n:]
}

// settled waits for everyone: a server that is not in the cluster yet cannot be missed by anybody.
func (c *cluster) settled() bool {
	for _, s := range c.servers {
		if s.NumRoutes() == 0 && len(c.servers) > 1 || s.JetStreamEnabled() && len(c.servers) > 1 && !s.JetStreamIsCurrent() {
			return false
		}
	}
	return true
}

func serve(t *testing.T, text string) *server.Server {
	t.Helper()
	file := filepath.Join(t.TempDir(), "nats.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := server.ProcessConfigFile(file)
	if err != nil {
		t.Fatal(err)
	}
	o.NoLog, o.NoSigs = true, true
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(within) {
		t.Fatal("a NATS server does not start")
	}
	return s
}

func (c *cluster) url(user, password string) string {
	return fmt.Sprintf("nats://%s:%s@%s", user, password, c.servers[0].Addr())
}

// settings are those with which a sound cluster is accepted.
func (c *cluster) settings() Config {
	return Config{
		NATSURL: c.url("maillage", "hunter3"), SystemURL: config.Secret(c.url("system", "hunter2")),
		StreamReplicas: min(3, len(c.servers)/2*2+1),
	}
}

// streams lists what there is, asked as the services would.
func (c *cluster) streams() (names []string) {
	c.t.Helper()
	js := c.jetstream()
	list := js.StreamNames(c.t.Context())
	for name := range list.Name() {
		names = append(names, name)
	}
	if err := list.Err(); err != nil {
		c.t.Fatal(err)
	}
	return names
}

func (c *cluster) jetstream() jetstream.JetStream {
	c.t.Helper()
	conn, err := nats.Connect(c.url("maillage", "hunter3"))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		c.t.Fatal(err)
	}
	return js
}

// overhear is told of each message on a subject.
func (c *cluster) overhear(user, password, subject string) <-chan *nats.Msg {
	c.t.Helper()
	conn, err := nats.Connect(c.url(user, password))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(conn.Close)
	heard := make(chan *nats.Msg, 100)
	if _, err := conn.ChanSubscribe(subject, heard); err != nil {
		c.t.Fatal(err)
	}
	if err := conn.Flush(); err != nil {
		c.t.Fatal(err)
	}
	return heard
}

func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// memory is a folder in memory where there is such a place: with each message flushed, a disk would take most of the time.
func memory(t *testing.T) string {
	t.Helper()
	parent := "/dev/shm"
	if _, err := os.Stat(parent); err != nil {
		parent = ""
	}
	dir, err := os.MkdirTemp(parent, "maillage-provision-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func provision(t *testing.T, cfg Config) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	var out strings.Builder
	err := Run(ctx, cfg, &out)
	if err != nil && strings.Contains(err.Error(), "hunter") {
		t.Errorf("a password shows: %v", err)
	}
	return out.String(), err
}

// credentials starts a server whose accounts are signed by an operator, and gives the files of a user of each.
func credentials(t *testing.T) (url, system, services string) {
	t.Helper()
	operator, root := pair(t, nkeys.CreateOperator)
	systemKey, systemID := pair(t, nkeys.CreateAccount)
	accountKey, accountID := pair(t, nkeys.CreateAccount)
	claims := jwt.NewAccountClaims(accountID)
	claims.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1}
	o := jwt.NewOperatorClaims(root)
	o.SystemAccount = systemID
	s := serve(t, fmt.Sprintf("server_name: nats-1\nlisten: \"127.0.0.1:-1\"\njetstream { store_dir: %q, %s }\noperator: %s\nsystem_account: %s\nresolver: MEMORY\nresolver_preload { %s: %s, %s: %s }\n",
		memory(t), sound, encode(t, o, operator), systemID,
		systemID, encode(t, jwt.NewAccountClaims(systemID), operator), accountID, encode(t, claims, operator)))
	return s.ClientURL(), user(t, systemKey), user(t, accountKey)
}

func pair(t *testing.T, create func() (nkeys.KeyPair, error)) (nkeys.KeyPair, string) {
	t.Helper()
	key, err := create()
	if err != nil {
		t.Fatal(err)
	}
	id, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return key, id
}

func encode(t *testing.T, claims interface {
	Encode(nkeys.KeyPair) (string, error)
}, by nkeys.KeyPair) string {
	t.Helper()
	text, err := claims.Encode(by)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func user(t *testing.T, account nkeys.KeyPair) (file string) {
	t.Helper()
	key, id := pair(t, nkeys.CreateUser)
	seed, err := key.Seed()
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.FormatUserConfig(encode(t, jwt.NewUserClaims(id), account), seed)
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "user.creds")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
