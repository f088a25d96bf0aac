package e2e

import (
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestStartIsRefusedWithOneClearLine(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at the end
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for name, c := range map[string]struct {
		flags []string
		says  string
	}{
		"unknown flag":            {[]string{"--dev-login", "--colour", "blue"}, "--colour"},
		"bad DSN":                 {[]string{"--dev-login", "--database-dsn", "mysql://root:hunter2@localhost/x"}, "sqlite:PATH"},
		"nobody home":             {[]string{"--dev-login", "--database-dsn", "postgres://someone:hunter2@127.0.0.1:1/x"}, "database of catalogue"},
		"bad address":             {[]string{"--dev-login", "--http", "8080"}, "HOST:PORT"},
		"port taken":              {[]string{"--dev-login", "--http", taken.Addr().String()}, "--http"},
		"login open to the world": {[]string{"--dev-login", "--http", "0.0.0.0:0"}, "loopback"},
		"nobody could sign in":    {nil, "--issuer"},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"serve", "--data", filepath.Join(t.TempDir(), "var"), "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--admin", "127.0.0.1:0"}, c.flags...)
			var errors strings.Builder
			command := exec.Command(filepath.Join(bin(t), "maillage"), args...) //nolint:gosec,noctx // the program under test, which ends by itself
			command.Stderr = &errors
			err := command.Run()
			said := strings.TrimSpace(errors.String())
			if err == nil || !strings.Contains(said, c.says) || strings.Count(said, "\n") > 0 {
				t.Errorf("ended with %v, and said %q; want one line with %q", err, said, c.says)
			}
			if strings.Contains(said, "hunter2") {
				t.Error("the line contains the password")
			}
		})
	}
}
