// Package config reads a program's settings from its flags, its environment and its secret files, in this order, then
// from the defaults in the struct's tags (github.com/alecthomas/kong). The same structs give --help and docs/config.md.
//
// The field DatabaseDSN (or DSN in a struct with the tags embed:"" prefix:"database-") of the program "catalogue" is the
// flag --database-dsn and the variable CATALOGUE_DATABASE_DSN. An empty variable counts as unset, because compose files
// and charts cannot easily leave one out.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// Program names a program towards its operator.
type Program struct {
	Name        string // as typed
	Description string // one or two sentences, for --help and the reference
	EnvPrefix   string // such as CATALOGUE, without the underscore
}

// Lookup finds an environment variable; os.LookupEnv in a program.
type Lookup func(name string) (value string, ok bool)

// exitUsage is what shells and most Unix tools use for a command line that cannot be understood.
const exitUsage = 2

// Exit asks the program to end before it has begun: after --help with code 0, after a mistake with code 2.
type Exit struct {
	Code int
	Text string // whole lines: for stdout when Code is 0, else one for stderr
}

// Error is the text without its last line break.
func (e *Exit) Error() string { return strings.TrimSuffix(e.Text, "\n") }

// MustParse is Parse for func main: it prints what an Exit says and ends the process.
func MustParse(cli any, p Program) string {
	command, err := Parse(cli, p, os.Args[1:], os.LookupEnv)
	if err == nil {
		return command
	}
	var exit *Exit
	if !errors.As(err, &exit) {
		exit = usage(p, err.Error())
	}
	out := os.Stdout
	if exit.Code != 0 {
		out = os.Stderr
	}
	_, _ = fmt.Fprint(out, exit.Text)
	os.Exit(exit.Code)
	return ""
}

// Parse fills cli, a pointer to a struct with kong's tags, and returns the chosen command ("" when there are none). What
// the operator did wrong, and --help, come back as *Exit; any other error is a mistake in cli itself.
func Parse(cli any, p Program, args []string, env Lookup) (command string, err error) {
	var help bytes.Buffer
	helped := false
	b, err := build(cli, p, &help, func(int) { helped = true })
	if err != nil {
		return "", err
	}
	r := &resolver{binding: b, env: env, origin: map[string]string{}}
	if err := kong.Resolvers(r).Apply(b.parser); err != nil {
		return "", fmt.Errorf("config of %s: %w", p.Name, err)
	}
	ctx, err := b.parser.Parse(args)
	switch {
	case helped: // kong goes on after --help and may then miss required flags
		return "", &Exit{Text: help.String()}
	case err != nil:
		return "", usage(p, r.explain(err))
	}
	for flag, file := range b.file {
		if onCommandLine(ctx, flag) && onCommandLine(ctx, file) {
			return "", usage(p, fmt.Sprintf("--%s and --%s can't be used together", flag.Name, file.Name))
		}
	}
	return commandOf(ctx), nil
}

func usage(p Program, message string) *Exit {
	line := strings.Join(strings.FieldsFunc(message, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
	return &Exit{Code: exitUsage, Text: fmt.Sprintf("%s: %s (see --help)\n", p.Name, line)}
}

func commandOf(ctx *kong.Context) string {
	var words []string
	for _, path := range ctx.Path {
		if path.Command != nil {
			words = append(words, path.Command.Name)
		}
	}
	return strings.Join(words, " ")
}

func build(cli any, p Program, stdout io.Writer, exit func(int)) (*binding, error) {
	b := &binding{prefix: p.EnvPrefix, env: map[*kong.Flag]string{}, file: map[*kong.Flag]*kong.Flag{}}
	parser, err := kong.New(cli,
		kong.Name(p.Name),
		kong.Description(p.Description),
		kong.Writers(stdout, io.Discard),
		kong.Exit(exit),
		kong.ValueFormatter(b.describe),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 120}),
		kong.PostBuild(func(k *kong.Kong) error { return b.bind(k.Model.Node) }),
	)
	if err != nil {
		return nil, fmt.Errorf("config of %s: %w", p.Name, err)
	}
	b.parser = parser
	return b, nil
}
