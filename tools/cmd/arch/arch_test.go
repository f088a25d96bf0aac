package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sound is a tree that keeps every rule: each case adds one file to it.
func sound() map[string]string {
	return map[string]string{
		"proto/gen/mesh/mesh.pb.go":             `package mesh; import _ "google.golang.org/protobuf/proto"`,
		"pkg/errs/errs.go":                      `package errs; import _ "errors"`,
		"pkg/rpc/rpc.go":                        `package rpc; import _ "github.com/classcode/maillage/proto/gen/mesh"`,
		"services/mesh/mesh.go":                 `package mesh; import _ "github.com/classcode/maillage/services/mesh/internal/store"`,
		"services/mesh/cmd/mesh/main.go":        `package main; import _ "github.com/classcode/maillage/services/mesh"`,
		"services/mesh/internal/domain/d.go":    `package domain; import _ "github.com/classcode/maillage/pkg/errs"`,
		"services/mesh/internal/domain/rule.go": `package domain; import _ "time"`,
		"services/mesh/internal/domain/x_test.go": `package domain_test; import (
			_ "database/sql"
			_ "github.com/classcode/maillage/services/mesh/internal/store"
		)`,
		"services/mesh/internal/api/a.go": `package api; import (
			_ "google.golang.org/grpc"
			_ "github.com/classcode/maillage/services/mesh/internal/domain"
		)`,
		"services/mesh/internal/store/s.go": `package store; import (
			_ "database/sql"
			_ "github.com/classcode/maillage/services/mesh/internal/domain"
		)`,
		"services/mesh/internal/events/e.go": `package events; import _ "github.com/classcode/maillage/services/mesh/internal/wire"`,
		"services/mesh/internal/wire/w.go":   `package wire; import _ "github.com/classcode/maillage/services/mesh/internal/domain"`,
		"gateway/gateway.go":                 `package gateway; import _ "github.com/classcode/maillage/pkg/rpc"`,
		"deploy/standalone/main.go": `package main; import (
			_ "github.com/classcode/maillage/gateway"
			_ "github.com/classcode/maillage/services/mesh"
		)`,
		"tools/cmd/x/main.go":              `package main; import _ "github.com/classcode/maillage/pkg/rpc"`,
		"pkg/rpc/testdata/util/ignored.go": `package util`,
	}
}

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, source := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestSoundTree(t *testing.T) {
	found, err := check(write(t, sound()))
	if err != nil || len(found) > 0 {
		t.Fatalf("found %v, error %v; want none", found, err)
	}
}

func TestViolations(t *testing.T) {
	const ours = "github.com/classcode/maillage/"
	for name, c := range map[string]struct{ file, imports, want string }{
		"proto reaches pkg":        {"proto/x.go", ours + "pkg/errs", "proto may not reach pkg"},
		"pkg reaches a service":    {"pkg/x/x.go", ours + "services/mesh", "pkg may not reach services"},
		"gateway reaches service":  {"gateway/x.go", ours + "services/mesh", "gateway may not reach services"},
		"service reaches service":  {"services/mesh/x.go", ours + "services/meetings", "a service reaches another through"},
		"a test reaches a service": {"services/mesh/x_test.go", ours + "services/meetings", "a service reaches another through"},
		"service reaches deploy":   {"services/mesh/x.go", ours + "deploy/standalone", "services may not reach deploy"},
		"standalone reaches other": {"deploy/standalone/x.go", ours + "deploy/other", "deploy may not reach deploy"},
		"domain knows SQL":         {"services/mesh/internal/domain/x.go", "database/sql/driver", "no SQL, RPC or HTTP"},
		"domain knows HTTP":        {"services/mesh/internal/domain/x.go", "net/http", "no SQL, RPC or HTTP"},
		"domain knows RPC":         {"services/mesh/internal/domain/x.go", "google.golang.org/grpc", "the standard library and pkg/errs"},
		"domain knows protobuf":    {"services/mesh/internal/domain/x.go", ours + "proto/gen/mesh", "the standard library and pkg/errs"},
		"domain knows pkg":         {"services/mesh/internal/domain/x.go", ours + "pkg/rpc", "the standard library and pkg/errs"},
		"domain below knows store": {"services/mesh/internal/domain/deep/x.go", ours + "services/mesh/internal/store", "the standard library and pkg/errs"},
		"hidden by a constraint":   {"services/mesh/internal/domain/x_plan9.go", "database/sql", "no SQL, RPC or HTTP"},
		"api knows store":          {"services/mesh/internal/api/x.go", ours + "services/mesh/internal/store", "api does not know store"},
		"api knows SQL":            {"services/mesh/internal/api/x.go", "database/sql", "api leaves this"},
		"store knows api":          {"services/mesh/internal/store/x.go", ours + "services/mesh/internal/api", "store does not know api"},
		"store knows RPC":          {"services/mesh/internal/store/x.go", "google.golang.org/grpc/codes", "store leaves this"},
		"events knows store":       {"services/mesh/internal/events/x.go", ours + "services/mesh/internal/store", "events does not know store"},
		"wire knows store":         {"services/mesh/internal/wire/x.go", ours + "services/mesh/internal/store", "wire does not know store"},
		"errs knows others":        {"pkg/errs/x.go", "google.golang.org/grpc", "the standard library only"},
		"vague name":               {"pkg/util/x.go", "fmt", `not called "util"`},
		"vague deep name":          {"services/mesh/internal/store/helpers/x.go", "fmt", `not called "helpers"`},
		"exported beside the root": {"services/mesh/client/x.go", "fmt", "exports its root package only"},
		"a service without layers": {"services/new/x.go", "fmt", "services/new: no package in internal/domain"},
		"code in a strange place":  {"lib/x.go", "fmt", "Go code stands in"},
	} {
		t.Run(name, func(t *testing.T) {
			files := sound()
			files[c.file] = "package x; import _ \"" + c.imports + "\""
			found, err := check(write(t, files))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(strings.Join(found, "\n"), c.want) {
				t.Errorf("found %q, want one that says %q", found, c.want)
			}
		})
	}
}

func TestEmptyTree(t *testing.T) {
	if _, err := check(t.TempDir()); err == nil {
		t.Error("an empty tree passes: a wrong folder would be taken for a sound one")
	}
}
