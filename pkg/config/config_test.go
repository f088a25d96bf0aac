package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files")

type database struct {
	DSN     DSN           `default:"sqlite:var/catalogue.db" help:"Where the data is kept."`
	Timeout time.Duration `default:"5s" help:"Longest statement."`
}

type service struct {
	Database database `embed:"" prefix:"database-"`
	Listen   Address  `default:"localhost:9001" help:"Where gRPC listens."`
	PageKey  Secret   `required:"" help:"Signs page tokens."`
	Format   string   `default:"auto" enum:"auto,text,json" help:"Form of the log."`
	Origins  []string `help:"Web origins that may call."`
	Workers  int      `default:"4" help:"Writers | readers."`
	Verbose  bool     `help:"Say more."`
	Region   string   `env:"TZ_REGION" help:"Explicit variable."`
	Local    string   `env:"-" help:"No variable."`
}

type standalone struct {
	LogLevel slog.Level `default:"info" help:"Least level to log."`
	Serve    struct {
		HTTP Address `name:"http" default:"localhost:8080" help:"Where the site listens."`
	} `cmd:"" default:"withargs" help:"Run everything (the default)."`
	Export struct {
		Dir  string `arg:"" help:"Folder to write."`
		Zone string `default:"FR" help:"Territory."`
	} `cmd:"" help:"Write open data."`
	Token struct {
		Key Secret `required:"" help:"Signing key."`
	} `cmd:"" help:"Mint a token."`
}

var (
	catalogue = Program{Name: "catalogue", Description: "Modules, resources and paths.", EnvPrefix: "CATALOGUE"}
	maillage  = Program{Name: "maillage", Description: "All services in one process.", EnvPrefix: "MAILLAGE"}
)

func env(pairs ...string) Lookup {
	return func(name string) (string, bool) {
		for _, pair := range pairs {
			if k, v, _ := strings.Cut(pair, "="); k == name {
				return v, true
			}
		}
		return "", false
	}
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSources(t *testing.T) {
	key := file(t, "from file\r\n")
	for _, c := range []struct {
		name string
		args []string
		env  Lookup
		want func(service) bool
	}{
		{"defaults", []string{"--page-key=k"}, env(), func(s service) bool {
			return s.Database.DSN == "sqlite:var/catalogue.db" && s.Database.Timeout == 5*time.Second &&
				s.Listen == "localhost:9001" && s.Workers == 4 && s.Format == "auto" && !s.Verbose
		}},
		{"environment", nil, env("CATALOGUE_PAGE_KEY=k", "CATALOGUE_DATABASE_DSN=postgres://u:p@h/d", "CATALOGUE_VERBOSE=true",
			"CATALOGUE_DATABASE_TIMEOUT=2s", "CATALOGUE_ORIGINS=a,b", "TZ_REGION=Europe", "CATALOGUE_LOCAL=no", "CATALOGUE_REGION=no"),
			func(s service) bool {
				return s.PageKey == "k" && s.Database.DSN == "postgres://u:p@h/d" && s.Database.Timeout == 2*time.Second &&
					len(s.Origins) == 2 && s.Verbose && s.Region == "Europe" && s.Local == ""
			}},
		{"flag over environment", []string{"--page-key=k", "--workers", "8", "--origins=a,b"}, env("CATALOGUE_WORKERS=2", "CATALOGUE_PAGE_KEY=other"),
			func(s service) bool { return s.Workers == 8 && s.PageKey == "k" && len(s.Origins) == 2 }},
		{"empty variable", []string{"--page-key=k"}, env("CATALOGUE_WORKERS=", "CATALOGUE_FORMAT="),
			func(s service) bool { return s.Workers == 4 && s.Format == "auto" }},
		{"secret file by variable", nil, env("CATALOGUE_PAGE_KEY_FILE=" + key),
			func(s service) bool { return s.PageKey == "from file" }},
		{"secret file by flag", []string{"--page-key-file", key}, env("CATALOGUE_PAGE_KEY=other"),
			func(s service) bool { return s.PageKey == "from file" }},
		{"dsn file", []string{"--page-key=k", "--database-dsn-file=" + file(t, "postgres://u:p@h/d\n")}, env(),
			func(s service) bool { return s.Database.DSN == "postgres://u:p@h/d" }},
	} {
		var s service
		command, err := Parse(&s, catalogue, c.args, c.env)
		if err != nil || command != "" {
			t.Errorf("%s: %q, %v", c.name, command, err)
		} else if !c.want(s) {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

func TestMistakes(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none")
	key := "CATALOGUE_PAGE_KEY=k"
	for _, c := range []struct {
		args []string
		env  Lookup
		want string
	}{
		{[]string{"--foo"}, env(key), "unknown flag --foo"},
		{[]string{"--lisen=:1"}, env(key), `unknown flag --lisen, did you mean "--listen"?`},
		{[]string{"serve"}, env(key), "unexpected argument serve"},
		{nil, env(), "missing flags: --page-key=SECRET"},
		{[]string{"--workers=many"}, env(key), `--workers: expected a valid 64 bit int but got "many"`},
		{nil, env(key, "CATALOGUE_WORKERS=many"), `CATALOGUE_WORKERS: expected a valid 64 bit int but got "many"`},
		{nil, env(key, "CATALOGUE_DATABASE_TIMEOUT=5"), `CATALOGUE_DATABASE_TIMEOUT: expected duration but got "5": time: missing unit in duration "5"`},
		{[]string{"--format=xml"}, env(key), `--format must be one of "auto","text","json" but got "xml"`},
		{nil, env(key, "CATALOGUE_FORMAT=xml"), `CATALOGUE_FORMAT must be one of "auto","text","json" but got "xml"`},
		{[]string{"--listen=8080"}, env(key), `--listen: want HOST:PORT, such as localhost:8080, but got "8080"`},
		{[]string{"--listen=:http"}, env(key), `--listen: want HOST:PORT, such as localhost:8080, but got ":http"`},
		{nil, env(key, "CATALOGUE_DATABASE_DSN=mysql://root:hunter2@h/d"), "CATALOGUE_DATABASE_DSN: want sqlite:PATH or postgres://USER@HOST/DATABASE"},
		{[]string{"--database-dsn=postgres://u:hunter2@h:port/d"}, env(key), "--database-dsn: want sqlite:PATH or postgres://USER@HOST/DATABASE"},
		{nil, env("CATALOGUE_PAGE_KEY=hunter2", "CATALOGUE_PAGE_KEY_FILE=x"), "--page-key: CATALOGUE_PAGE_KEY and CATALOGUE_PAGE_KEY_FILE are both set"},
		{[]string{"--page-key=hunter2", "--page-key-file=x"}, env(), "--page-key and --page-key-file can't be used together"},
		{nil, env("CATALOGUE_PAGE_KEY_FILE=" + missing), "CATALOGUE_PAGE_KEY_FILE: open " + missing + ": no such file or directory"},
		{[]string{"--page-key-file=" + missing}, env(), "--page-key: open " + missing + ": no such file or directory"},
		{[]string{"--page-key-file=" + file(t, "\n")}, env(), " is empty"},
		{[]string{"--foo\nbar"}, env(key), "unknown flag --foo bar"},
	} {
		var s service
		_, err := Parse(&s, catalogue, c.args, c.env)
		var exit *Exit
		if !errors.As(err, &exit) || exit.Code != 2 {
			t.Errorf("%q: %v", c.args, err)
			continue
		}
		line := exit.Text
		if !strings.HasPrefix(line, "catalogue: ") || !strings.HasSuffix(line, c.want+" (see --help)\n") || strings.Count(line, "\n") != 1 {
			t.Errorf("%q: %s", c.args, line)
		}
		if strings.Contains(line, "hunter2") {
			t.Errorf("secret in %s", line)
		}
	}
}

func TestCommands(t *testing.T) {
	for _, c := range []struct {
		args    []string
		command string
		want    func(standalone) bool
	}{
		{nil, "serve", func(s standalone) bool { return s.Serve.HTTP == "localhost:8080" && s.LogLevel == slog.LevelInfo }},
		{[]string{"--http=:80", "--log-level=debug"}, "serve", func(s standalone) bool { return s.Serve.HTTP == ":80" && s.LogLevel == slog.LevelDebug }},
		{[]string{"serve", "--http=:81"}, "serve", func(s standalone) bool { return s.Serve.HTTP == ":81" }},
		{[]string{"export", "out"}, "export", func(s standalone) bool { return s.Export.Dir == "out" && s.Export.Zone == "DEP-44" }},
	} {
		var s standalone
		command, err := Parse(&s, maillage, c.args, env("MAILLAGE_ZONE=DEP-44"))
		if err != nil || command != c.command || !c.want(s) {
			t.Errorf("%q: %q, %v, %+v", c.args, command, err, s)
		}
	}
	var s standalone
	if _, err := Parse(&s, maillage, []string{"exprot"}, env()); err == nil || !strings.Contains(err.Error(), "unexpected argument exprot") {
		t.Errorf("unknown command: %v", err)
	}
}

func TestHelp(t *testing.T) {
	t.Setenv("COLUMNS", "110")
	for _, c := range []struct {
		golden string
		cli    any
		p      Program
		args   []string
	}{
		{"catalogue.help", &service{}, catalogue, []string{"--help"}},
		{"maillage.help", &standalone{}, maillage, []string{"-h"}},
		{"export.help", &standalone{}, maillage, []string{"export", "--help"}},
	} {
		_, err := Parse(c.cli, c.p, c.args, env("CATALOGUE_PAGE_KEY=hunter2"))
		var exit *Exit
		if !errors.As(err, &exit) || exit.Code != 0 {
			t.Errorf("%s: %v", c.golden, err)
			continue
		}
		golden(t, c.golden, exit.Text)
	}
}

func TestMarkdown(t *testing.T) {
	var out bytes.Buffer
	if err := errors.Join(Markdown(&out, catalogue, &service{}), Markdown(&out, maillage, &standalone{})); err != nil {
		t.Fatal(err)
	}
	golden(t, "config.md", out.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("%s differs (%v):\n%s", name, err, got)
	}
}

func TestMistakenStruct(t *testing.T) {
	for name, cli := range map[string]any{
		"kubernetes": &struct{ Port int }{},
		"same flag": &struct {
			A, B string `name:"x"`
		}{},
	} {
		_, err := Parse(cli, catalogue, nil, env())
		var exit *Exit
		if err == nil || errors.As(err, &exit) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSecretsStayHidden(t *testing.T) {
	secret, dsn := Secret("hunter2"), DSN("postgres://u:hunter2@h/d?password=hunter2")
	js, _ := json.Marshal(map[string]any{"s": secret, "d": dsn})
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "s", secret, "d", dsn, "all", []any{secret, dsn})
	printed := fmt.Sprintf("%v %s %q %+v %#v %v %s %#v", secret, secret, secret, secret, secret, dsn, dsn, dsn) +
		fmt.Sprintf("%v %+v %#v", service{PageKey: secret}, service{PageKey: secret}, service{Database: database{DSN: dsn}})
	for _, out := range []string{string(js), log.String(), printed} {
		if strings.Contains(out, "hunter2") || !strings.Contains(out, hidden) && !strings.Contains(out, "xxxxx") {
			t.Errorf("printed: %s", out)
		}
	}
	if secret.Reveal() != "hunter2" || !strings.Contains(dsn.Reveal(), "u:hunter2@") {
		t.Error("revealed otherwise")
	}
	if Secret("").String() != "" || DSN("").String() != "" {
		t.Error("an unset secret shows as unset")
	}
}

func TestLoopback(t *testing.T) {
	for address, want := range map[Address]bool{
		"localhost:1": true, "127.0.0.1:1": true, "[::1]:1": true, "127.9.9.9:0": true,
		":1": false, "0.0.0.0:1": false, "[::]:1": false, "10.0.0.1:1": false, "example.org:1": false, "": false,
	} {
		if address.Loopback() != want {
			t.Errorf("%q", address)
		}
	}
}
