// Command maillage runs the whole suite in one program, plays a season on a running one, and prepares the distributed form.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/classcode/maillage/deploy/standalone/app"
	"github.com/classcode/maillage/deploy/standalone/moveup"
	"github.com/classcode/maillage/deploy/standalone/provision"
	"github.com/classcode/maillage/deploy/standalone/season"
	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/log"
)

//go:generate go run . reference ../../docs/config.md

type cli struct {
	Serve     app.Config       `cmd:"" default:"withargs" help:"Run the four services and the door (the default)."`
	Season    season.Config    `cmd:"" help:"Play a season of synthetic people on a running instance, and check its figures."`
	Provision provision.Config `cmd:"" help:"Check that a cluster of NATS servers keeps what it acknowledges, and make the streams on it."`
	MoveUp    moveup.Config    `cmd:"" help:"Move a stopped standalone's SQLite folder into an empty PostgreSQL database."`
	Reference struct {
		File string `arg:"" help:"Where to write." type:"path"`
	} `cmd:"" hidden:"" help:"Write the table of all settings."`
}

var program = config.Program{
	Name:        "maillage",
	Description: "Turns an online training into local communities that meet, learn and can prove it.",
	EnvPrefix:   "MAILLAGE",
}

func main() {
	var c cli
	command := config.MustParse(&c, program)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, command, c, os.Stdout); err != nil {
		// One line, also when a driver explains itself over several.
		_, _ = fmt.Fprintln(os.Stderr, "maillage:", strings.Join(strings.Fields(err.Error()), " "))
		os.Exit(1) //nolint:gocritic // the signal handler needs no undoing at the end of the process
	}
}

func run(ctx context.Context, command string, c cli, out io.Writer) error {
	switch command {
	case "season":
		return season.Run(ctx, c.Season, out)
	case "provision":
		return provision.Run(ctx, c.Provision, out)
	case "move-up":
		return moveup.Run(ctx, c.MoveUp, out)
	case "reference":
		return reference(c.Reference.File)
	}
	return serve(ctx, c.Serve, out)
}

func serve(ctx context.Context, cfg app.Config, out io.Writer) error {
	a, err := app.New(ctx, cfg, log.New(os.Stderr, cfg.LogLevel, cfg.LogFormat), app.PrintProgress(out))
	if err != nil {
		return err
	}
	defer a.Close()
	go func() {
		select {
		case <-a.Ready:
			a.Welcome(out)
		case <-ctx.Done():
		}
	}()
	return a.Run(ctx)
}

func reference(path string) error {
	file, err := os.Create(path) //nolint:gosec // a developer's own choice
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	return config.Markdown(file, program, &cli{})
}
