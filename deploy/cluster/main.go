// Command cluster runs the distributed form on one machine, to try it: PostgreSQL, three NATS servers, the four services and the
// door, each a process of its own on a free loopback port. Its last lines are the door's address and READY; Ctrl-C stops
// everything.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/classcode/maillage/deploy/cluster/fleet"
	"github.com/classcode/maillage/pkg/config"
)

type cli struct {
	Bin      string `help:"Folder of the built programs." default:"bin" type:"path"`
	Dir      string `help:"Folder of keys, event streams, logs and pids; what it holds is removed." default:"var/cluster" type:"path"`
	Replicas int    `help:"Processes of mesh and of meetings." default:"1"`
}

var program = config.Program{
	Name:        "cluster",
	Description: "Runs PostgreSQL, three NATS servers, the four services and the door on this machine.",
	EnvPrefix:   "CLUSTER",
}

func main() {
	var c cli
	config.MustParse(&c, program)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, c); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "cluster:", strings.Join(strings.Fields(err.Error()), " "))
		os.Exit(1) //nolint:gocritic // the signal handler needs no undoing at the end of the process
	}
}

func run(ctx context.Context, c cli) error {
	f, err := fleet.Start(ctx, fleet.Config{
		Bin: c.Bin, Dir: c.Dir, Replicas: map[string]int{"mesh": c.Replicas, "meetings": c.Replicas},
		Progress: func(name string) { fmt.Println("prêt :", name) },
	})
	if err != nil {
		return err
	}
	defer f.Stop()
	fmt.Printf("HTTP http://%s\nREADY\n", f.HTTP())
	select {
	case <-ctx.Done():
		return nil
	case err := <-f.Ended():
		return err
	}
}
