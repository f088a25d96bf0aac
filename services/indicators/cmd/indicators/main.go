// Command indicators runs the indicators as a program of its own.
package main

import (
	"context"

	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/host"
	"github.com/classcode/maillage/pkg/host/process"
	"github.com/classcode/maillage/services/indicators"
)

type cli struct {
	host.Config
	Mesh config.Addresses `help:"Where the mesh answers gRPC: it knows who calls, and where things are." required:""`
}

func main() {
	c, program := cli{}, config.Program{Name: "indicators", Description: "Counts what the mesh brings about, by territory and campaign.", EnvPrefix: "INDICATORS"}
	process.Main(program, &c, func(ctx context.Context) error {
		c.Peers = host.Peers{Mesh: c.Mesh}
		return host.Run(ctx, program.Name, c.Config, func(ctx context.Context, p host.Parts) (host.Service, error) {
			return indicators.New(ctx, indicators.Config{PageKey: p.PageKey, Stream: p.Stream},
				indicators.Deps{DB: p.DB, Bus: p.Bus, Directory: p.People, Territories: p.Territories})
		})
	})
}
