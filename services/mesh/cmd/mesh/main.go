// Command mesh runs the mesh as a program of its own.
package main

import (
	"context"

	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/host"
	"github.com/classcode/maillage/pkg/host/process"
	"github.com/classcode/maillage/services/mesh"
)

type cli struct {
	host.Config
	Catalogue config.Addresses `help:"Where the catalogue answers gRPC: it knows the modules that campaigns are about." required:""`
}

func main() {
	c, program := cli{}, config.Program{Name: "mesh", Description: "Serves territories, places, people, and the groups that they form near home.", EnvPrefix: "MESH"}
	process.Main(program, &c, func(ctx context.Context) error {
		c.Peers = host.Peers{Catalogue: c.Catalogue}
		return host.Run(ctx, program.Name, c.Config, func(ctx context.Context, p host.Parts) (host.Service, error) {
			return mesh.New(ctx, mesh.Config{PageKey: p.PageKey, Stream: p.Stream, Development: c.IssuerDevelopment},
				mesh.Deps{DB: p.DB, Bus: p.Bus, Catalogue: p.Catalogue})
		})
	})
}
