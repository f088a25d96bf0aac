package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// source is where a program comes from: the module's folder, below the workspace's, and the package.
type source struct{ module, pkg string }

var sources = map[string]source{
	"maillage":    {".", "./deploy/standalone"},
	"gateway":     {".", "./gateway/cmd/gateway"},
	"catalogue":   {".", "./services/catalogue/cmd/catalogue"},
	"mesh":        {".", "./services/mesh/cmd/mesh"},
	"meetings":    {".", "./services/meetings/cmd/meetings"},
	"indicators":  {".", "./services/indicators/cmd/indicators"},
	"nats-server": {"pkg", "github.com/nats-io/nats-server/v2"}, // the version that we embed
	"pocketbase":  {filepath.Join("deploy", "standalone", "bench", "pocketbase"), "."},
}

// binary is the path of a program in bin, built from the sources as they are; MAILLAGE_BINARY names another maillage.
func binary(ctx context.Context, name string) (string, error) {
	if path := os.Getenv("MAILLAGE_BINARY"); path != "" && name == "maillage" {
		return path, nil
	}
	root, err := workspace()
	if err != nil {
		return "", err
	}
	from, path := sources[name], filepath.Join(root, "bin", name)
	build := exec.CommandContext(ctx, "go", "build", "-o", path, from.pkg)
	build.Dir, build.Env = filepath.Join(root, from.module), append(os.Environ(), "CGO_ENABLED=0")
	if from.module != "." {
		build.Env = append(build.Env, "GOWORK=off")
	}
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w: %s", name, err, out)
	}
	return path, nil
}

// workspace is the folder of go.work, at or above the current one.
func workspace() (string, error) {
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.work")); err == nil {
			return root, nil
		}
		if root == filepath.Dir(root) {
			return "", errors.New("not inside the workspace")
		}
	}
}
