// Command gateway runs the door as a program of its own.
package main

import (
	"context"

	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/host/process"
)

var program = config.Program{
	Name:        "gateway",
	Description: "Opens the door: JSON over HTTP in, gRPC towards the four services.",
	EnvPrefix:   "GATEWAY",
}

func main() {
	var c cli
	process.Main(program, &c, func(ctx context.Context) error { return serve(ctx, c) })
}
