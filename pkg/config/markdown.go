package config

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Markdown writes the reference of a program's flags and variables, one section a program and one table a command;
// the page's title is the caller's.
func Markdown(w io.Writer, p Program, cli any) error {
	b, err := build(cli, p, io.Discard, func(int) {})
	if err != nil {
		return err
	}
	var out strings.Builder
	fmt.Fprintf(&out, "\n## %s\n\n%s\n", p.Name, p.Description)
	b.section(&out, b.parser.Model.Node)
	_, err = io.WriteString(w, out.String())
	return err
}

func (b *binding) section(out *strings.Builder, node *kong.Node) {
	if node.Parent != nil {
		fmt.Fprintf(out, "\n### %s\n\n%s\n", node.FullPath(), node.Help)
	}
	header := false
	for _, flag := range node.Flags {
		if flag.Hidden || flag.Name == "help" {
			continue
		}
		if !header {
			out.WriteString("\n| Flag | Variable | Default | Meaning |\n|---|---|---|---|\n")
			header = true
		}
		b.row(out, flag)
	}
	for _, child := range node.Children {
		if !child.Hidden {
			b.section(out, child)
		}
	}
}

func (b *binding) row(out *strings.Builder, flag *kong.Flag) {
	name := "--" + flag.Name
	if !flag.IsBool() && !flag.IsCounter() {
		name += "=" + flag.FormatPlaceHolder()
	}
	def := code(b.defaultOf(flag.Value))
	if flag.Required {
		def = "required"
	}
	fmt.Fprintf(out, "| %s | %s | %s | %s |\n",
		code(name), code(strings.Join(b.variables(flag), ", ")), def, cell(flag.Help))
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + cell(s) + "`"
}

func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s)
}
