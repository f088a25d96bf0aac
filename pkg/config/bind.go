package config

import (
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// fromFile marks the types whose value may stand in a file.
type fromFile interface{ fromFile() }

// binding is what we add to kong's model: variables (kong's own reading of them prints their values, secrets too, when
// they are wrong) and the --x-file flags.
type binding struct {
	parser *kong.Kong
	prefix string
	env    map[*kong.Flag]string     // a flag's variable
	file   map[*kong.Flag]*kong.Flag // --x to --x-file
}

func (b *binding) bind(node *kong.Node) error {
	for _, flag := range slices.Clone(node.Flags) {
		if err := b.bindFlag(node, flag); err != nil {
			return err
		}
	}
	for _, child := range node.Children {
		if err := b.bind(child); err != nil {
			return err
		}
	}
	return nil
}

func (b *binding) bindFlag(node *kong.Node, flag *kong.Flag) error {
	if flag.Name == "help" {
		return nil
	}
	name, err := b.variable(flag)
	if err != nil {
		return err
	}
	flag.Envs, flag.Tag.Envs = nil, nil
	if name != "" {
		b.env[flag] = name
	}
	if flag.PlaceHolder == "" {
		flag.PlaceHolder = placeholder(flag)
	}
	if _, ok := flag.Target.Interface().(fromFile); ok {
		b.file[flag] = fileFlag(flag)
		at := slices.Index(node.Flags, flag) + 1
		node.Flags = slices.Insert(node.Flags, at, b.file[flag])
	}
	return nil
}

func (b *binding) variable(flag *kong.Flag) (string, error) {
	switch envs := flag.Tag.Envs; {
	case len(envs) == 1 && envs[0] == "-":
		return "", nil
	case len(envs) > 0:
		return envs[0], nil
	}
	// Kubernetes puts CATALOGUE_PORT=tcp://… and CATALOGUE_SERVICE_HOST=… into every container beside a service
	// called "catalogue".
	if flag.Name == "port" || strings.HasPrefix(flag.Name, "port-") || strings.HasPrefix(flag.Name, "service-") {
		return "", fmt.Errorf("flag --%s: Kubernetes sets such a variable itself, choose another name", flag.Name)
	}
	return b.prefix + "_" + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(flag.Name)), nil
}

// fileFlag is built by hand: a struct's author writes one field for a secret, not two.
func fileFlag(of *kong.Flag) *kong.Flag {
	mapper := kong.MapperFunc(func(ctx *kong.DecodeContext, target reflect.Value) error {
		token, err := ctx.Scan.PopValue("path")
		if err != nil {
			return err
		}
		target.SetString(token.String())
		return nil
	})
	help := "File that holds the value of --" + of.Name + "."
	value := &kong.Value{
		Name:   of.Name + "-file",
		Help:   help,
		Tag:    &kong.Tag{},
		Mapper: mapper,
		Target: reflect.New(reflect.TypeFor[string]()).Elem(),
	}
	flag := &kong.Flag{Value: value, Group: of.Group, PlaceHolder: "PATH", Hidden: of.Hidden}
	value.Flag = flag
	return flag
}

func placeholder(flag *kong.Flag) string {
	if flag.Enum != "" {
		return strings.Join(flag.EnumSlice(), "|")
	}
	switch t := flag.Target.Type(); {
	case t == reflect.TypeFor[time.Duration]():
		return "DURATION"
	case t == reflect.TypeFor[slog.Level]():
		return "LEVEL"
	case t == reflect.TypeFor[Address]():
		return "HOST:PORT"
	case t == reflect.TypeFor[Addresses]():
		return "HOST:PORT,..."
	case t == reflect.TypeFor[DSN]():
		return "DSN"
	case t == reflect.TypeFor[Secret]():
		return "SECRET"
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Float64:
		return "NUMBER"
	}
	return "TEXT"
}

// describe is a flag's line in --help.
func (b *binding) describe(value *kong.Value) string {
	parts := []string{value.Help}
	if d := b.defaultOf(value); d != "" {
		parts = append(parts, "Default: "+d+".")
	}
	if env := b.variables(value.Flag); len(env) > 0 {
		parts = append(parts, "Environment: "+strings.Join(env, " or ")+".")
	}
	return strings.Join(parts, " ")
}

func (b *binding) defaultOf(value *kong.Value) string {
	if !value.HasDefault {
		return ""
	}
	if _, secret := value.Target.Interface().(Secret); secret {
		return hidden
	}
	return value.Default
}

func (b *binding) variables(flag *kong.Flag) []string {
	for secret, file := range b.file {
		if file == flag && b.env[secret] != "" {
			return []string{b.env[secret] + "_FILE"}
		}
	}
	if name := b.env[flag]; name != "" {
		return []string{name}
	}
	return nil
}
