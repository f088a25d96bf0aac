package config

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// resolver gives kong the value of each flag that the command line leaves out.
type resolver struct {
	*binding
	env    Lookup
	origin map[string]string // a flag as kong names it in errors, to where its value came from
}

// Validate is part of kong's interface.
func (r *resolver) Validate(*kong.Application) error { return nil }

// Resolve looks into the --x-file flag, then X, then X_FILE; two of one rank are a mistake that must not pass.
func (r *resolver) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	file := r.file[flag]
	if onCommandLine(ctx, file) {
		return readSecret(fmt.Sprint(ctx.FlagValue(file)))
	}
	name := r.binding.env[flag]
	if name == "" {
		return nil, nil
	}
	value := r.lookup(name)
	path := ""
	if file != nil {
		path = r.lookup(name + "_FILE")
	}
	switch {
	case value != "" && path != "":
		return nil, fmt.Errorf("%s and %s_FILE are both set", name, name)
	case value != "":
		r.origin["--"+flag.Name] = name
		return value, nil
	case path != "":
		r.origin["--"+flag.Name] = name + "_FILE"
		return readSecret(path)
	}
	return nil, nil
}

func (r *resolver) lookup(name string) string {
	value, _ := r.env(name)
	return value
}

// onCommandLine tells a flag the operator typed from one that Resolve found.
func onCommandLine(ctx *kong.Context, flag *kong.Flag) bool {
	return slices.ContainsFunc(ctx.Path, func(p *kong.Path) bool {
		return flag != nil && p.Flag == flag && !p.Resolved
	})
}

func readSecret(path string) (any, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	// Editors and `echo` end a file with a line break that is no part of a secret.
	value := strings.TrimRight(string(text), "\r\n")
	if value == "" {
		return nil, fmt.Errorf("%s is empty", path)
	}
	return value, nil
}

// explain says it with the variable's name when the wrong value came from there: kong knows flags only.
func (r *resolver) explain(err error) string {
	message := err.Error()
	flag := message
	if end := strings.IndexAny(message, " :="); end >= 0 {
		flag = message[:end]
	}
	if from, ok := r.origin[flag]; ok {
		return from + strings.TrimPrefix(message, flag)
	}
	return message
}
