package host

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"

	"google.golang.org/grpc"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/admin"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/directory"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/host/process"
	"github.com/classcode/maillage/pkg/page"
	"github.com/classcode/maillage/pkg/rpc"
	"github.com/classcode/maillage/pkg/telemetry"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// Service is what the root package of each service makes.
type Service interface {
	Guard() *access.Guard
	Register(grpc.ServiceRegistrar)
	Check(ctx context.Context) error
	Run(ctx context.Context) error
}

// loader is a service that comes with reference data.
type loader interface {
	Load(ctx context.Context, progress func(what string, done, total int)) error
}

// Parts are what a service is built from; host opens them and closes them.
type Parts struct {
	DB        *database.DB
	Bus       *events.Bus
	Stream    events.StreamConfig
	PageKey   page.Key
	Log       *slog.Logger
	Telemetry *telemetry.Telemetry

	// Mesh, Rooms, Professionals, People and Territories are nil without a mesh to ask, Catalogue without a catalogue.
	Mesh          meshv1.MeshServiceClient
	Rooms         meshv1.RoomServiceClient
	Professionals meshv1.ProfessionalServiceClient
	Catalogue     cataloguev1.CatalogueServiceClient
	Contacts      meshv1.ContactServiceClient // in the service's own name; nil without a mesh, or without a key
	Forming       meshv1.FormingServiceClient // as above
	People        access.Directory
	Territories   access.Territories
}

// Build makes the service from its parts.
type Build func(ctx context.Context, parts Parts) (Service, error)

// Run runs the service called name until ctx ends; what it cannot start with is its error.
func Run(ctx context.Context, name string, cfg Config, build Build) error {
	h, err := open(ctx, name, cfg, build)
	if err != nil {
		return err
	}
	defer h.Close()
	return h.run(ctx)
}

// host is a service with all that it needs, not at work yet.
type host struct {
	*process.Process
	name    string
	cfg     Config
	parts   Parts
	people  *directory.People // nil without a mesh to ask
	service Service
	rpc     rpc.ServerConfig
	server  *rpc.Server
	checks  map[string]admin.Check
}

func open(ctx context.Context, name string, cfg Config, build Build) (*host, error) {
	p, err := process.Open(ctx, name, cfg.Listen, cfg.Process)
	if err != nil {
		return nil, err
	}
	h := &host{Process: p, name: name, cfg: cfg, checks: map[string]admin.Check{}}
	for _, step := range []func(context.Context) error{
		h.gather, h.dial, h.openStore, h.openBus, func(ctx context.Context) error { return h.assemble(ctx, build) },
	} {
		if err := step(ctx); err != nil {
			p.Close()
			return nil, err
		}
	}
	return h, nil
}

// gather reads what costs nothing to read, so that a mistake in it shows before a database is touched.
func (h *host) gather(context.Context) (err error) {
	h.parts = Parts{Stream: h.cfg.stream(h.name), Log: h.Log, Telemetry: h.Telemetry}
	h.rpc = rpc.ServerConfig{Log: h.Log, Telemetry: h.Telemetry, Reflection: h.cfg.loopback()}
	if h.parts.PageKey, err = h.cfg.pageKey(); err != nil {
		return err
	}
	if h.rpc.Verifier, err = h.cfg.verifier(); err != nil {
		return err
	}
	if h.rpc.ServiceKey, err = h.cfg.serviceKey(); err != nil {
		return err
	}
	if h.rpc.TLS, err = h.cfg.Process.TLS.Server(); err != nil {
		return err
	}
	return h.cfg.checkNATS()
}

func (h *host) dial(context.Context) error {
	if at := h.cfg.Peers.Catalogue; at != "" {
		conn, check, err := h.Dial(at)
		if err != nil {
			return err
		}
		h.parts.Catalogue, h.checks["catalogue"] = cataloguev1.NewCatalogueServiceClient(conn), check
	}
	if at := h.cfg.Peers.Mesh; at != "" {
		conn, check, err := h.Dial(at)
		if err != nil {
			return err
		}
		h.parts.Mesh, h.checks["mesh"] = meshv1.NewMeshServiceClient(conn), check
		if h.rpc.ServiceKey != nil {
			own := rpc.AsService(conn, h.rpc.ServiceKey, h.name)
			h.parts.Contacts, h.parts.Forming = meshv1.NewContactServiceClient(own), meshv1.NewFormingServiceClient(own)
		}
		h.parts.Professionals = meshv1.NewProfessionalServiceClient(conn)
		h.parts.Rooms = meshv1.NewRoomServiceClient(conn)
		h.people = directory.NewPeople(h.parts.Mesh)
		h.parts.People, h.parts.Territories = h.people, directory.NewTerritories(h.parts.Mesh)
	}
	return nil
}

func (h *host) openStore(ctx context.Context) error {
	db, err := database.Open(ctx, database.Config{
		DSN: h.cfg.DatabaseDSN.Reveal(), Schema: cmp.Or(h.cfg.DatabaseSchema, h.name), ApplicationName: "maillage-" + h.name,
	})
	if err != nil {
		return fmt.Errorf("--database-dsn: %w", err)
	}
	h.OnClose(func() {
		if err := db.Close(); err != nil {
			h.Log.Warn("close the database", "error", err)
		}
	})
	h.parts.DB, h.checks["database"] = db, admin.Check{Probe: db.Ping}
	return nil
}

func (h *host) openBus(ctx context.Context) (err error) {
	h.parts.Bus, err = h.cfg.connect(ctx, h.name, h.Process)
	if err != nil {
		return err
	}
	h.checks["events"] = admin.Check{Probe: h.parts.Bus.Check, Optional: true}
	return nil
}

func (h *host) assemble(ctx context.Context, build Build) (err error) {
	if h.service, err = build(ctx, h.parts); err != nil {
		return err
	}
	h.checks["relay"] = admin.Check{Probe: h.service.Check, Optional: true}
	h.rpc.Guard = h.service.Guard()
	if h.server, err = rpc.NewServer(h.rpc); err != nil {
		return err
	}
	h.service.Register(h.server)
	return nil
}

func (h *host) run(ctx context.Context) error {
	parts := []process.Part{{Name: h.name, Run: h.service.Run}}
	if h.people != nil {
		parts = append(parts, process.Part{Name: "roles", Run: func(ctx context.Context) error { return h.people.Follow(ctx, h.parts.Bus) }})
	}
	return h.Run(ctx, process.Work{
		Checks: h.checks, Load: h.load, Serve: h.server.Run, Leaving: func() { h.server.SetServing(false) }, Parts: parts,
	})
}

func (h *host) load(ctx context.Context) error {
	l, ok := h.service.(loader)
	if !ok {
		return nil
	}
	return alone(ctx, h.parts.DB, h.name, func(ctx context.Context) error {
		return l.Load(ctx, func(what string, done, total int) {
			if done == total {
				h.Log.InfoContext(ctx, "loaded", "what", what, "count", total)
			}
		})
	})
}
