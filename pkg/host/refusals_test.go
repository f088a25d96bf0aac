package host

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

func TestStartIsRefused(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at the end
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	busy := config.Address(taken.Addr().String())
	junk := filepath.Join(t.TempDir(), "junk.pem")
	if err := os.WriteFile(junk, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(t *testing.T, cfg *Config)
		says   string
	}{
		"port taken":           {func(_ *testing.T, c *Config) { c.Listen = busy }, "--listen"},
		"admin port taken":     {func(_ *testing.T, c *Config) { c.Process.Admin = busy }, "--admin"},
		"collector":            {func(_ *testing.T, c *Config) { c.Process.OTLPEndpoint = "collector:4317" }, "OTLP endpoint"},
		"page key":             {func(_ *testing.T, c *Config) { c.PageKey = "hunter2" }, "--page-key"},
		"no issuer":            {func(_ *testing.T, c *Config) { c.Issuer = nil }, "no issuer"},
		"issuer over http":     {func(_ *testing.T, c *Config) { c.Issuer = []string{"http://issuer.test"} }, "https"},
		"certificate missing":  {func(_ *testing.T, c *Config) { c.Process.TLS.Cert, c.Process.TLS.Key = "none.pem", "none.key" }, "--tls-cert: open none.pem"},
		"no certificate":       {func(_ *testing.T, c *Config) { c.Process.TLS.Cert, c.Process.TLS.Key = junk, junk }, "--tls-cert " + junk},
		"key missing":          {func(_ *testing.T, c *Config) { c.Process.TLS.Cert = junk }, "go together"},
		"authority missing":    {func(_ *testing.T, c *Config) { c.Process.TLS.CA = "none.pem" }, "--tls-cert"},
		"NATS address":         {func(_ *testing.T, c *Config) { c.NATSURL = "mysql://root:hunter2@localhost" }, "--nats-url"},
		"NATS address, second": {func(_ *testing.T, c *Config) { c.NATSURL = "nats://127.0.0.1:1,::hunter2" }, "--nats-url"},
		"NATS credentials":     {func(_ *testing.T, c *Config) { c.NATSCredentials = "none.creds" }, "--nats-credentials: open none.creds"},
		"NATS authority":       {func(_ *testing.T, c *Config) { c.NATSCA = "none.pem" }, "--nats-ca: open none.pem"},
		"two copies":           {func(_ *testing.T, c *Config) { c.StreamReplicas = 2 }, "--stream-replicas"},
		"wrong DSN":            {func(_ *testing.T, c *Config) { c.DatabaseDSN = "postgres://a:hunter2@%/x" }, "--database-dsn"},
		"nobody home":          {func(_ *testing.T, c *Config) { c.DatabaseDSN = "postgres://a:hunter2@127.0.0.1:1/x" }, "--database-dsn"},
		"no database":          {func(_ *testing.T, c *Config) { c.DatabaseDSN = config.DSN("sqlite:" + junk) }, "--database-dsn"},
		"newer schema":         {newer, "newer version"},
		"no JetStream":         {func(t *testing.T, c *Config) { c.NATSURL = broker(t, without) }, "without JetStream"},
		"other settings":       {other, "max_age"},
		"login open to all":    {func(_ *testing.T, c *Config) { c.Process.Admin = "0.0.0.0:0"; c.IssuerDevelopment = true }, "loopback"},
		"login without keys":   {func(_ *testing.T, c *Config) { c.IssuerDevelopment = true }, "--issuer-jwks"},
		"keys without login":   {func(_ *testing.T, c *Config) { c.IssuerJWKS = "http://127.0.0.1:1/keys" }, "--issuer-development"},
		"too many issuers": {func(_ *testing.T, c *Config) {
			c.IssuerDevelopment = true
			c.Issuer = append(c.Issuer, "https://b.test")
		}, "single --issuer"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := settings(t)
			c.change(t, &cfg)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // for a start that is not refused
			defer cancel()
			err := Run(ctx, "tiny", cfg, (&tiny{}).build)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v; want an error with %q", err, c.says)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("a secret shows: %v", err)
			}
		})
	}
}

func newer(t *testing.T, cfg *Config) {
	db := testkit.Open(t, testkit.SQLite(t), nil)
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), `INSERT INTO floor_version (version_id, is_applied) VALUES (9999, 1)`)
		return err
	})
	var path string
	err = errors.Join(err, db.Read().QueryRowContext(t.Context(), `SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&path))
	if err != nil {
		t.Fatal(err)
	}
	cfg.DatabaseDSN = config.DSN("sqlite:" + path)
}

func without(o *natsserver.Options) { o.JetStream = false }

func other(t *testing.T, cfg *Config) {
	cfg.NATSURL = broker(t, nil)
	bus, err := events.Connect(t.Context(), events.Config{URL: cfg.NATSURL})
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	if err := bus.Provision(t.Context(), events.StreamConfig{Service: "tiny", MaxAge: 48 * time.Hour}); err != nil {
		t.Fatal(err)
	}
}

// A consumer that somebody changed loses messages in silence: the program ends instead.
func TestConsumerOfOtherSettings(t *testing.T) {
	cfg := settings(t)
	cfg.NATSURL = broker(t, nil)
	bus, err := events.Connect(t.Context(), events.Config{URL: cfg.NATSURL})
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	if err := bus.Provision(t.Context(), events.StreamConfig{Service: "tiny"}); err != nil {
		t.Fatal(err)
	}
	conn, err := nats.Connect(cfg.NATSURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	_, err = js.CreateConsumer(t.Context(), events.StreamName("tiny"), jetstream.ConsumerConfig{Durable: "tiny-calls", MaxDeliver: 5})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	s := &tiny{hears: &events.Consumer{
		Durable: "tiny-calls", Stream: events.StreamName("tiny"), Handle: func(context.Context, events.Message) error { return nil },
	}}
	if err := Run(ctx, "tiny", cfg, s.build); !errors.Is(err, events.ErrConsumerSettings) || !strings.Contains(err.Error(), "max_deliver is 5, not -1") {
		t.Errorf("%v", err)
	}
}

// A start that is interrupted leaves neither a port nor an error that somebody would look into.
func TestInterruptedStart(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Run(ctx, "tiny", settings(t), (&tiny{}).build); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
