// Command catalogue runs the catalogue as a program of its own.
package main

import (
	"context"

	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/host"
	"github.com/classcode/maillage/pkg/host/process"
	"github.com/classcode/maillage/services/catalogue"
)

type cli struct {
	host.Config
	Mesh config.Addresses `help:"Where the mesh answers gRPC: it knows who calls, and where things are." required:""`
}

func main() {
	c, program := cli{}, config.Program{Name: "catalogue", Description: "Serves what can be learnt, and how far each person is.", EnvPrefix: "CATALOGUE"}
	process.Main(program, &c, func(ctx context.Context) error {
		c.Peers = host.Peers{Mesh: c.Mesh}
		return host.Run(ctx, program.Name, c.Config, func(ctx context.Context, p host.Parts) (host.Service, error) {
			return catalogue.New(ctx, catalogue.Config{PageKey: p.PageKey, Stream: p.Stream},
				catalogue.Deps{DB: p.DB, Bus: p.Bus, Directory: p.People, Territories: p.Territories})
		})
	})
}
