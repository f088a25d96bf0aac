package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/classcode/maillage/pkg/config"
)

// reference as the only argument writes the table of all settings, for the documentation.
const reference = "reference"

// Main is the whole of a func main: it fills cli from the command line, runs until SIGTERM or Ctrl-C, and says in one line why it
// could not. A second signal ends the process at once.
func Main(program config.Program, cli any, work func(context.Context) error) {
	if len(os.Args) == 2 && os.Args[1] == reference {
		exit(program, config.Markdown(os.Stdout, program, cli))
	}
	config.MustParse(cli, program)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	err := work(ctx)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = nil // stopped while it started
	}
	exit(program, err)
}

func exit(program config.Program, err error) {
	if err == nil {
		os.Exit(0)
	}
	_, _ = fmt.Fprintln(os.Stderr, program.Name+":", line(err))
	os.Exit(1)
}

// line is an error in one line, also when a driver explains itself over several.
func line(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
