// Command meetings runs the meetings as a program of its own.
package main

import (
	"context"
	"errors"

	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/host"
	"github.com/classcode/maillage/pkg/host/process"
	"github.com/classcode/maillage/pkg/jobs"
	"github.com/classcode/maillage/pkg/mail"
	"github.com/classcode/maillage/services/meetings"
)

type cli struct {
	host.Config
	Mesh             config.Addresses `help:"Where the mesh answers gRPC: it knows who calls, where things are, and the groups." required:""`
	Catalogue        config.Addresses `help:"Where the catalogue answers gRPC: it knows the modules that meetings are about." required:""`
	CredentialIssuer string           `help:"URI that attestations name as their issuer; as it is, did:web of an https --public-url takes its place." default:"urn:maillage:local"`
	SigningKeyFile   string           `help:"Ed25519 key (PKCS #8, PEM) that signs attestations, the same for all replicas; created when missing." type:"path" required:""`
	PublicURL        string           `name:"public-url" help:"Address at which people reach the door, for the links in mails and the codes on posters." default:"http://localhost:8080"`
	Mail             mail.Config      `embed:"" prefix:"mail-"`
}

var errNoServiceKey = errors.New("--internal-key: without it the mesh does not tell whom mails go to")

// sender sends mails through the server that was configured, or into a folder.
func (c cli) sender(p host.Parts) (mail.Sender, error) {
	if p.Contacts == nil {
		return nil, errNoServiceKey
	}
	if c.Mail.SMTP == "" && c.Mail.Folder == "" {
		c.Mail.Folder = "var/mail"
	}
	return mail.Open(c.Mail, p.Log)
}

func main() {
	c, program := cli{}, config.Program{Name: "meetings", Description: "Serves meetings and their seats, who was there, and what is attested of it.", EnvPrefix: "MEETINGS"}
	process.Main(program, &c, func(ctx context.Context) error {
		c.Peers = host.Peers{Mesh: c.Mesh, Catalogue: c.Catalogue}
		return host.Run(ctx, program.Name, c.Config, func(ctx context.Context, p host.Parts) (host.Service, error) {
			sender, err := c.sender(p)
			if err != nil {
				return nil, err
			}
			return meetings.New(ctx,
				meetings.Config{PageKey: p.PageKey, Stream: p.Stream, IssuerURI: c.CredentialIssuer, SigningKeyFile: c.SigningKeyFile, PublicURL: c.PublicURL, MailRate: c.Mail.Rate},
				meetings.Deps{
					Mail: sender, Contacts: p.Contacts, Forming: p.Forming, Log: p.Log, Jobs: jobs.NewMetrics(p.Telemetry.Registry),
					DB: p.DB, Bus: p.Bus, Mesh: p.Mesh, Rooms: p.Rooms, Professionals: p.Professionals, Catalogue: p.Catalogue,
					Directory: p.People, Territories: p.Territories,
				})
		})
	})
}
