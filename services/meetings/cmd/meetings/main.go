// Command meetings runs the meetings as a program of its own.
package main

import (
	"context"

	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/host"
	"github.com/classcode/maillage/pkg/host/process"
	"github.com/classcode/maillage/services/meetings"
)

type cli struct {
	host.Config
	Mesh             config.Addresses `help:"Where the mesh answers gRPC: it knows who calls, where things are, and the groups." required:""`
	Catalogue        config.Addresses `help:"Where the catalogue answers gRPC: it knows the modules that meetings are about." required:""`
	CredentialIssuer string           `help:"URI that attestations name as their issuer." default:"urn:maillage:local"`
	SigningKeyFile   string           `help:"Ed25519 key (PKCS #8, PEM) that signs attestations, the same for all replicas; created when missing." type:"path" required:""`
}

func main() {
	c, program := cli{}, config.Program{Name: "meetings", Description: "Serves meetings and their seats, who was there, and what is attested of it.", EnvPrefix: "MEETINGS"}
	process.Main(program, &c, func(ctx context.Context) error {
		c.Peers = host.Peers{Mesh: c.Mesh, Catalogue: c.Catalogue}
		return host.Run(ctx, program.Name, c.Config, func(ctx context.Context, p host.Parts) (host.Service, error) {
			return meetings.New(ctx, meetings.Config{PageKey: p.PageKey, Stream: p.Stream, IssuerURI: c.CredentialIssuer, SigningKeyFile: c.SigningKeyFile},
				meetings.Deps{
					DB: p.DB, Bus: p.Bus, Mesh: p.Mesh, Rooms: p.Rooms, Professionals: p.Professionals, Catalogue: p.Catalogue,
					Directory: p.People, Territories: p.Territories,
				})
		})
	})
}
