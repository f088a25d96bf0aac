// Package host runs one service as a program of its own: its database, the event bus, gRPC with health, the admin port, and the
// order in which they start and stop.
package host

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/host/process"
	"github.com/classcode/maillage/pkg/page"
)

// Config is what an operator chooses for any service; a service's own settings stand beside it.
type Config struct {
	Listen config.Address `help:"Where gRPC listens." default:"127.0.0.1:9090"`

	DatabaseDSN    config.DSN `help:"Database: sqlite:PATH, or postgres://USER@HOST/DATABASE for several replicas." required:""`
	DatabaseSchema string     `help:"PostgreSQL schema, created when missing; the service's name when empty."`

	NATSURL         string `name:"nats-url" help:"NATS servers with JetStream, separated by commas; tls:// for TLS." default:"nats://127.0.0.1:4222"`
	NATSCredentials string `name:"nats-credentials" help:"Credentials for NATS (.creds)." type:"path"`
	NATSCA          string `name:"nats-ca" help:"Authorities (PEM) that signed the NATS servers' certificates; the system's when empty." type:"path"`
	StreamReplicas  int    `help:"Copies of the event stream: 3 on a cluster of NATS servers." default:"1"`

	Issuer            []string `help:"URL of an OpenID Connect issuer whose tokens are accepted." required:""`
	Audience          string   `help:"Audience that tokens must name." default:"maillage"`
	IssuerDevelopment bool     `help:"The issuer is the gateway's development login, which makes anyone anybody; only when every listener is loopback."`
	IssuerJWKS        string   `name:"issuer-jwks" help:"Where the development issuer's keys are, e.g. http://127.0.0.1:8080/dev/jwks.json."`

	PageKey config.Secret `help:"Key that signs page tokens and the links of mails: 32 bytes in hexadecimal or base64, the same for all services and replicas, since meetings sends links that mesh opens." required:""`

	InternalKey config.Secret `help:"Key by which services know each other when they call in their own name: 32 bytes in hexadecimal or base64, the same for those that ask (meetings) and those that answer them (mesh); another one than the page key."`

	Process process.Config `embed:""`

	// Peers are the services that this one asks; each program has flags for those it needs.
	Peers Peers `kong:"-"`
}

// Peers are the addresses of other services; an empty one is not asked.
type Peers struct {
	Mesh      config.Addresses // who calls, and where things are
	Catalogue config.Addresses
}

// loopback tells whether only this machine can reach the program.
func (c Config) loopback() bool { return c.Listen.Loopback() && c.Process.Admin.Loopback() }

func (c Config) pageKey() (page.Key, error) {
	key, err := page.ParseKey(c.PageKey.Reveal())
	if err != nil {
		return nil, fmt.Errorf("--page-key: %w", err)
	}
	return key, nil
}

// serviceKey is nil without a key: then no service calls in its own name.
func (c Config) serviceKey() (access.ServiceKey, error) {
	text := c.InternalKey.Reveal()
	if text == "" {
		return nil, nil
	}
	secret, err := page.ParseKey(text)
	if err != nil {
		return nil, errors.New("--internal-key: want 32 bytes in hexadecimal or base64, e.g. from: openssl rand -hex 32")
	}
	return access.DeriveServiceKey(secret), nil
}

// checkNATS finds what the client would only find out when it connects, and then try again for ever.
func (c Config) checkNATS() error {
	for address := range strings.SplitSeq(c.NATSURL, ",") {
		u, err := url.Parse(strings.TrimSpace(address))
		if err != nil || u.Host == "" || u.Scheme != "nats" && u.Scheme != "tls" {
			return errors.New("--nats-url: want nats://HOST:4222 or tls://HOST:4222, several separated by commas") // it may hold a password
		}
	}
	for _, file := range []struct{ flag, path string }{{"nats-credentials", c.NATSCredentials}, {"nats-ca", c.NATSCA}} {
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
	return nil
}
