package provision

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

var everything = []string{"ADVISORIES", "MAILLAGE_CATALOGUE", "MAILLAGE_DEAD", "MAILLAGE_INDICATORS", "MAILLAGE_MEETINGS", "MAILLAGE_MESH"}

func TestProvision(t *testing.T) {
	c := start(t, sound, sound, sound)
	cfg := c.settings()
	cfg.ExpectServers = 3
	said, err := provision(t, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if have := slices.Sorted(slices.Values(c.streams())); !slices.Equal(have, everything) || strings.Count(said, " créé\n") != 6 {
		t.Errorf("there are %v, and it said\n%s", have, said)
	}
	said, err = provision(t, cfg)
	if err != nil || strings.Count(said, " existe\n") != 6 || !strings.Contains(said, "nats-1, nats-2, nats-3") {
		t.Errorf("the second time: %v\n%s", err, said)
	}
	advisories, err := c.jetstream().Stream(t.Context(), "ADVISORIES")
	if err != nil || advisories.CachedInfo().Config.Replicas != 3 || !slices.Contains(advisories.CachedInfo().Config.Subjects, "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>") {
		t.Errorf("advisories: %+v, %v", advisories.CachedInfo().Config, err)
	}
}

// Each cluster here would lose what it acknowledged, or cannot hold it. The question is what tells: without it the streams are made.
func TestClustersThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		blocks []string
		change func(*Config)
		says   string
	}{
		"one flushes late":    {[]string{sound, "max_file_store: 64GB", sound}, nil, "nats-2 acknowledges what it flushes up to 2m0s later (set sync_interval: always"},
		"one has no store":    {[]string{sound, sound, ""}, nil, "nats-3 is without JetStream"},
		"one has no room":     {[]string{"sync_interval: always, max_file_store: 1GB", sound, sound}, nil, "nats-1 stores 1024 MiB at most, and the streams need 16704 (set max_file_store"},
		"a server is missing": {[]string{sound, sound, sound}, func(c *Config) { c.ExpectServers = 5 }, "--expect-servers 5, but 3 answer"},
		"too few for copies":  {[]string{sound}, func(c *Config) { c.StreamReplicas = 3 }, "--stream-replicas 3, but only 1"},
	} {
		t.Run(name, func(t *testing.T) {
			c2 := start(t, c.blocks...)
			cfg := c2.settings()
			if c.change != nil {
				c.change(&cfg)
			}
			if _, err := provision(t, cfg); err == nil || !strings.Contains(err.Error(), "nothing was made: ") || !strings.Contains(err.Error(), c.says) ||
				strings.Count(err.Error(), ";") > 0 {
				t.Errorf("%v; want one fault, %q", err, c.says)
			}
			if have := c2.streams(); len(have) > 0 {
				t.Errorf("made all the same: %v", have)
			}
			if name != "one flushes late" {
				return
			}
			bus, err := events.Reach(events.Config{URL: cfg.NATSURL}) // the control
			if err != nil {
				t.Fatal(err)
			}
			defer bus.Close()
			if err := bus.Provision(t.Context(), events.StreamConfig{Service: "mesh", Replicas: 3}); err != nil {
				t.Errorf("without the question the services' account sees nothing wrong, but: %v", err)
			}
		})
	}
}

// A server that stopped stays known to the others.
func TestSilentServer(t *testing.T) {
	c := start(t, sound, sound, sound)
	c.servers[2].Shutdown()
	if _, err := provision(t, c.settings()); err == nil || !strings.Contains(err.Error(), "nats-3 does not answer") {
		t.Error(err)
	}
	if have := c.streams(); len(have) > 0 {
		t.Errorf("made all the same: %v", have)
	}
}

// Servers that were just started answer before they know each other, before they have a leader, and before it knows how much room each
// has. Here the third comes when the program asks again: one that does not ask twice ends with an error first.
func TestServersThatJustStart(t *testing.T) {
	for name, c := range map[string]struct {
		user, password, question string
		run                      func(context.Context, Config) error
	}{
		"who is there": {"system", "hunter2", "$SYS.REQ.SERVER.PING.JSZ", func(ctx context.Context, cfg Config) error { return Run(ctx, cfg, io.Discard) }},
		"who has room": {"maillage", "hunter3", "$JS.API.STREAM.INFO.>", func(ctx context.Context, cfg Config) error {
			bus, err := events.Reach(events.Config{URL: cfg.NATSURL})
			if err != nil {
				return err
			}
			defer bus.Close()
			return bus.Provision(ctx, events.StreamConfig{Service: "mesh", Replicas: 3})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servers := plan(t, sound, sound, sound)
			servers.launch(2)
			asked := servers.overhear(c.user, c.password, c.question)
			cfg := servers.settings()
			cfg.ExpectServers, cfg.StreamReplicas = 3, 3
			done := make(chan error, 1)
			go func() { done <- c.run(t.Context(), cfg) }()
			for range 2 {
				select {
				case <-asked:
				case err := <-done:
					t.Fatalf("asked once, and ended with %v", err)
				}
			}
			servers.launch(1)
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	c := start(t, sound)
	junk := filepath.Join(t.TempDir(), "junk.creds")
	if err := os.WriteFile(junk, []byte("hunter5"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]struct {
		change func(*Config)
		says   string
	}{
		"no system account":    {func(f *Config) { f.SystemURL = "" }, "--system-credentials or --system-url"},
		"wrong password":       {func(f *Config) { f.SystemURL = config.Secret(c.url("system", "hunter9")) }, "--system-url: connect to nats: nats: Authorization Violation"},
		"services' account":    {func(f *Config) { f.SystemURL = config.Secret(c.url("maillage", "hunter3")) }, "not a user of the system account"},
		"another's account":    {func(f *Config) { f.SystemURL = config.Secret(c.url("other", "hunter4")) }, "not a user of the system account"},
		"nobody there":         {func(f *Config) { f.SystemURL = "nats://system:hunter2@127.0.0.1:1" }, "--system-url: connect to nats"},
		"no address":           {func(f *Config) { f.SystemURL = "hunter2" }, "--system-url: want nats://"},
		"odd address":          {func(f *Config) { f.NATSURL = "nats://a:hunter2%zz@b" }, "--nats-url: want nats://"},
		"no file":              {func(f *Config) { f.SystemCredentials = "none.creds" }, "--system-credentials: open none.creds"},
		"junk file":            {func(f *Config) { f.SystemCredentials = junk }, "--system-credentials: "},
		"services' password":   {func(f *Config) { f.NATSURL = c.url("maillage", "hunter9") }, "--nats-url: connect to nats: nats: Authorization Violation"},
		"services' without JS": {func(f *Config) { f.NATSURL = c.url("other", "hunter4") }, "--nats-url: the services' account is without JetStream"},
		"an even number":       {func(f *Config) { f.StreamReplicas = 2 }, "--stream-replicas: want 1, 3 or 5"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := c.settings()
			r.change(&cfg)
			if _, err := provision(t, cfg); err == nil || !strings.Contains(err.Error(), r.says) {
				t.Errorf("%v; want an error with %q", err, r.says)
			}
			if have := c.streams(); len(have) > 0 {
				t.Errorf("made all the same: %v", have)
			}
		})
	}
}

// What has other settings is named, left alone, and mended when that is asked for.
func TestOtherSettings(t *testing.T) {
	c := start(t, sound)
	cfg, js := c.settings(), c.jetstream()
	if _, err := provision(t, cfg); err != nil {
		t.Fatal(err)
	}
	mesh, err := js.Stream(t.Context(), "MAILLAGE_MESH")
	if err != nil {
		t.Fatal(err)
	}
	other := mesh.CachedInfo().Config
	other.MaxAge = time.Hour
	if _, err := js.UpdateStream(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	_, err = js.CreateConsumer(t.Context(), "MAILLAGE_MESH", jetstream.ConsumerConfig{Durable: "meetings-groups", MaxDeliver: 3, AckPolicy: jetstream.AckExplicitPolicy})
	if err != nil {
		t.Fatal(err)
	}
	said, err := provision(t, cfg)
	if err == nil || !strings.Contains(err.Error(), "2 of 7 streams and consumers have other settings") ||
		!strings.Contains(said, "DIFFÈRE : max_age is 1h0m0s, not 720h0m0s") || !strings.Contains(said, "max_deliver is 3, not -1") {
		t.Errorf("%v\n%s", err, said)
	}
	cfg.Update = true
	if said, err = provision(t, cfg); err != nil || strings.Count(said, "mis à jour : ") != 2 {
		t.Errorf("%v\n%s", err, said)
	}
	cfg.Update = false
	if said, err = provision(t, cfg); err != nil || strings.Count(said, "existe\n") != 7 {
		t.Errorf("%v\n%s", err, said)
	}
}

// What an operator with signed accounts has are .creds files.
func TestCredentials(t *testing.T) {
	url, system, services := credentials(t)
	said, err := provision(t, Config{NATSURL: url, NATSCredentials: services, SystemCredentials: system, StreamReplicas: 1})
	if err != nil || strings.Count(said, " créé\n") != 6 {
		t.Errorf("%v\n%s", err, said)
	}
	if _, err := provision(t, Config{NATSURL: url, NATSCredentials: services, SystemCredentials: services, StreamReplicas: 1}); err == nil ||
		!strings.Contains(err.Error(), "--system-credentials: no server answers for itself") {
		t.Errorf("the services' own credentials: %v", err)
	}
}
