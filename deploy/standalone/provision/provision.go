// Package provision prepares a cluster of NATS servers for the services: it refuses one that would lose what it acknowledged,
// which only the system account can see, and makes the streams.
package provision

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/events"
)

// Config is what an operator chooses. The services themselves hold no right on the system account.
type Config struct {
	NATSURL         string `name:"nats-url" help:"NATS servers with JetStream, separated by commas; tls:// for TLS." default:"nats://127.0.0.1:4222"`
	NATSCredentials string `name:"nats-credentials" help:"Credentials of the services' account (.creds)." type:"path"`
	NATSCA          string `name:"nats-ca" help:"Authorities (PEM) that signed the NATS servers' certificates; the system's when empty." type:"path"`

	SystemURL         config.Secret `help:"The same servers, with a user of the system account: nats://USER:PASSWORD@HOST:4222; needed without --system-credentials."`
	SystemCredentials string        `help:"Credentials of the system account (.creds)." type:"path"`

	StreamReplicas int  `help:"Copies of each stream." default:"3"`
	ExpectServers  int  `help:"How many NATS servers there must be; 0: at least as many as copies."`
	Update         bool `help:"Give streams and consumers that exist the settings of this program, before it replaces an older one."`
}

var services = []string{"catalogue", "mesh", "meetings", "indicators"}

// Run asks, refuses or makes, and says on out what there is.
func Run(ctx context.Context, cfg Config, out io.Writer) error {
	if err := cfg.check(); err != nil {
		return err
	}
	var streams []events.StreamConfig
	for _, service := range services {
		streams = append(streams, events.StreamConfig{Service: service, Replicas: cfg.StreamReplicas})
	}
	nodes, err := cfg.nodes(ctx)
	if err != nil {
		return err
	}
	if err := cfg.refuse(nodes, events.Reserved(streams...)); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%d serveur(s) NATS écrivent sur leur disque avant d'acquitter : %s\n", len(nodes), names(nodes))
	return cfg.arrange(ctx, streams, out)
}

// check finds what costs nothing to find; an address may hold a password, so no error repeats one.
func (c Config) check() error {
	if c.SystemURL == "" && c.SystemCredentials == "" {
		return errors.New("give --system-credentials or --system-url: only the system account sees whether the servers flush before they acknowledge")
	}
	for _, file := range []struct{ flag, path string }{
		{"nats-credentials", c.NATSCredentials}, {"nats-ca", c.NATSCA}, {"system-credentials", c.SystemCredentials},
	} {
		if file.path == "" {
			continue
		}
		if _, err := os.ReadFile(file.path); err != nil {
			return fmt.Errorf("--%s: %w", file.flag, err)
		}
	}
	if c.StreamReplicas < 1 || c.StreamReplicas > 5 || c.StreamReplicas%2 == 0 {
		return fmt.Errorf("--stream-replicas: want 1, 3 or 5 but got %d", c.StreamReplicas)
	}
	if err := checkURL("nats-url", c.NATSURL); err != nil {
		return err
	}
	return checkURL("system-url", c.systemURL())
}

func (c Config) systemURL() string {
	if c.SystemURL != "" {
		return c.SystemURL.Reveal()
	}
	return c.NATSURL
}

func checkURL(flag, text string) error {
	for address := range strings.SplitSeq(text, ",") {
		u, err := url.Parse(strings.TrimSpace(address))
		if err != nil || u.Host == "" || u.Scheme != "nats" && u.Scheme != "tls" {
			return fmt.Errorf("--%s: want nats://HOST:4222 or tls://HOST:4222, several separated by commas", flag)
		}
	}
	return nil
}

func (c Config) nodes(ctx context.Context) ([]events.Node, error) {
	flag := "--system-credentials"
	if c.SystemCredentials == "" {
		flag = "--system-url"
	}
	bus, err := events.Reach(events.Config{URL: c.systemURL(), Credentials: c.SystemCredentials, CA: c.NATSCA, Name: "provision"})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	defer bus.Close()
	nodes, err := bus.Nodes(ctx, c.ExpectServers)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return nodes, nil
}

func (c Config) arrange(ctx context.Context, streams []events.StreamConfig, out io.Writer) error {
	bus, err := events.Reach(events.Config{URL: c.NATSURL, Credentials: c.NATSCredentials, CA: c.NATSCA, Name: "provision"})
	if err != nil {
		return fmt.Errorf("--nats-url: %w", err)
	}
	defer bus.Close()
	found, err := bus.Arrange(ctx, c.Update, streams...)
	differ := 0
	for _, f := range found {
		_, _ = fmt.Fprintln(out, line(f))
		if f.State == events.Differs {
			differ++
		}
	}
	switch {
	case errors.Is(err, nats.ErrNoResponders), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return fmt.Errorf("--nats-url: the services' account is without JetStream: %w", err)
	case err != nil:
		return err
	case differ > 0:
		return fmt.Errorf("%d of %d streams and consumers have other settings, and the services would refuse to start: --update changes what can be changed; "+
			"what is deleted is made again, and filled again from the outbox", differ, len(found))
	}
	return nil
}

func line(f events.Finding) string {
	said := map[events.State]string{events.Exists: "existe", events.Created: "créé", events.Updated: "mis à jour", events.Slower: "plus lent", events.Differs: "DIFFÈRE"}[f.State]
	kind := "flux"
	if strings.Contains(f.Name, "/") {
		kind = "lecteur"
	}
	text := fmt.Sprintf("%-7s %-36s %s", kind, f.Name, said)
	if len(f.Differences) > 0 {
		text += " : " + strings.Join(f.Differences, ", ")
	}
	return text
}
