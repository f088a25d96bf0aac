package app

import (
	"log/slog"
	"path/filepath"

	"github.com/classcode/maillage/gateway"
	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/log"
	"github.com/classcode/maillage/pkg/mail"
)

// Config is what an operator chooses; the defaults run a district on one machine.
type Config struct {
	Data  string         `help:"Folder of everything that is kept: databases, events, keys." default:"var" type:"path"`
	HTTP  config.Address `help:"Where the HTTP door listens." default:"127.0.0.1:8080"`
	GRPC  config.Address `help:"Where gRPC listens." default:"127.0.0.1:9090"`
	Admin config.Address `help:"Where health, metrics and profiles listen; never open it to the internet." default:"127.0.0.1:8081"`

	DatabaseDSN config.DSN `help:"PostgreSQL database of all services, each in its own schema; SQLite files in the data folder when empty."`

	DevLogin bool   `help:"Give anyone a token for any role at /dev/token; only when every listener is loopback."`
	Issuer   string `help:"URL of the OpenID Connect issuer whose tokens are accepted."`
	Audience string `help:"Audience that the issuer's tokens must name." default:"maillage"`

	CredentialIssuer string `help:"URI that attestations name as their issuer; as it is, did:web of an https --public-url takes its place." default:"urn:maillage:local"`

	PublicURL string      `name:"public-url" help:"Address at which people reach the door, for the links in mails and the codes on posters; the door's own when empty."`
	Mail      mail.Config `embed:"" prefix:"mail-"`

	Door         gateway.Config `embed:"" prefix:"door-"`
	LogLevel     slog.Level     `help:"Least level that is logged: debug, info, warn or error." default:"info"`
	LogFormat    log.Format     `help:"auto (text on a terminal, JSON otherwise), text or json." default:"auto"`
	OTLPEndpoint string         `help:"Collector that receives traces, e.g. http://localhost:4317; none when empty."`
}

func (c Config) path(parts ...string) string {
	return filepath.Join(append([]string{c.Data}, parts...)...)
}

func (c Config) listeners() []string {
	return []string{string(c.HTTP), string(c.GRPC), string(c.Admin)}
}

// loopback tells whether only this machine can reach the program.
func (c Config) loopback() bool {
	return c.HTTP.Loopback() && c.GRPC.Loopback() && c.Admin.Loopback()
}
