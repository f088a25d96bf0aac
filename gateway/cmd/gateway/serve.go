package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"

	"google.golang.org/grpc"

	"github.com/classcode/maillage/gateway"
	"github.com/classcode/maillage/pkg/admin"
	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/host/process"
)

type cli struct {
	Listen   config.Address `help:"Where the HTTP door listens." default:"127.0.0.1:8080"`
	HTTPCert string         `name:"http-cert" help:"Certificate of the door (PEM); plain HTTP, behind something that speaks TLS, when empty." type:"path"`
	HTTPKey  string         `name:"http-key" help:"Private key of that certificate (PEM)." type:"path"`

	Catalogue  config.Addresses `help:"Where the catalogue answers gRPC." required:""`
	Mesh       config.Addresses `help:"Where the mesh answers gRPC." required:""`
	Meetings   config.Addresses `help:"Where the meetings answer gRPC." required:""`
	Indicators config.Addresses `help:"Where the indicators answer gRPC." required:""`

	DevLogin   bool   `help:"Give anyone a token for any role at /dev/token; only when every listener is loopback."`
	DevKeyFile string `help:"Key of the development login, created when missing." default:"var/dev-issuer.pem" type:"path"`

	Door    gateway.Config `embed:"" prefix:"door-"`
	Process process.Config `embed:""`
}

func serve(ctx context.Context, c cli) error {
	p, err := process.Open(ctx, program.Name, c.Listen, c.Process)
	if err != nil {
		return err
	}
	defer p.Close()
	deps, checks, err := c.dial(p)
	if err != nil {
		return err
	}
	if c.DevLogin {
		if deps.DevIssuer, err = c.devIssuer(ctx); err != nil {
			return err
		}
	}
	c.Door.Listeners = c.listeners()
	door, err := gateway.New(ctx, c.Door, deps)
	if err != nil {
		return err
	}
	server := gateway.NewServer(door, p.Log)
	if err := c.secure(server); err != nil {
		return err
	}
	return p.Run(ctx, process.Work{Checks: checks, Serve: process.HTTP(server)})
}

func (c cli) listeners() []string { return []string{string(c.Listen), string(c.Process.Admin)} }

// devIssuer asks first who may come: a refused login must leave no key behind.
func (c cli) devIssuer(ctx context.Context) (*gateway.DevIssuer, error) {
	if err := gateway.CheckLoopback(ctx, c.listeners()...); err != nil {
		return nil, fmt.Errorf("--dev-login would give anyone any role: %w", err)
	}
	return gateway.NewDevIssuer(c.DevKeyFile)
}

// dial reaches the services when they are called; a door whose services are away is degraded, and says so to its callers.
func (c cli) dial(p *process.Process) (deps gateway.Deps, checks map[string]admin.Check, err error) {
	deps = gateway.Deps{
		Log: p.Log, Tracer: p.Telemetry.Tracer("github.com/classcode/maillage/gateway"), Metrics: p.Telemetry.Registry,
	}
	checks = map[string]admin.Check{}
	for _, s := range []struct {
		name string
		at   config.Addresses
		to   *grpc.ClientConnInterface
	}{
		{"catalogue", c.Catalogue, &deps.Catalogue}, {"mesh", c.Mesh, &deps.Mesh},
		{"meetings", c.Meetings, &deps.Meetings}, {"indicators", c.Indicators, &deps.Indicators},
	} {
		if *s.to, checks[s.name], err = p.Dial(s.at); err != nil {
			return deps, nil, err
		}
	}
	return deps, checks, nil
}

// secure gives the server the door's certificate, when there is one.
func (c cli) secure(server *http.Server) error {
	if c.HTTPCert == "" && c.HTTPKey == "" {
		return nil
	}
	pair, err := process.Certificate("http", c.HTTPCert, c.HTTPKey)
	server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}} // 1.2: old browsers come too
	return err
}
