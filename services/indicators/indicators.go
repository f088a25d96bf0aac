// Package indicators is the service of what the mesh brings about: what was declared of it, and what is counted from events.
package indicators

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/erasure"
	busevents "github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	"github.com/classcode/maillage/pkg/run"
	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
	"github.com/classcode/maillage/services/indicators/internal/api"
	"github.com/classcode/maillage/services/indicators/internal/domain"
	"github.com/classcode/maillage/services/indicators/internal/events"
	"github.com/classcode/maillage/services/indicators/internal/refdata"
	"github.com/classcode/maillage/services/indicators/internal/store"
)

// service is the name under which its events are published.
const service = "indicators"

// Config is what a deployment chooses.
type Config struct {
	PageKey page.Key // signs page tokens; the same for all replicas
	Stream  busevents.StreamConfig
}

// Deps is what the service works with; whoever made them closes them.
type Deps struct {
	DB  *database.DB
	Bus *busevents.Bus
	Now func() time.Time // time.Now when nil
	// Directory and Territories tell who calls and where things are; mesh owns both.
	Directory   access.Directory
	Territories access.Territories
}

// Service counts, and answers with what it counted.
type Service struct {
	store *store.Store
	bus   *busevents.Bus
	api   *api.Server
	ear   *events.Ear
	guard *access.Guard
	relay *busevents.Relay
}

// New migrates the database and prepares the service; Register and Run make it work.
func New(ctx context.Context, cfg Config, deps Deps) (*Service, error) {
	if deps.Now == nil {
		deps.Now = time.Now
	}
	st, err := store.New(ctx, deps.DB, deps.Now, events.Encode)
	if err != nil {
		return nil, err
	}
	s := &Service{store: st, bus: deps.Bus,
		api: &api.Server{Store: st, Territories: deps.Territories, Pages: cfg.PageKey, Now: deps.Now},
		ear: &events.Ear{Store: st, Territories: deps.Territories},
	}
	cfg.Stream.Service = service
	s.relay = busevents.NewRelay(deps.DB, deps.Bus, busevents.RelayConfig{Stream: cfg.Stream, Now: deps.Now})
	st.Committed = s.relay.Wake
	s.guard, err = access.New(access.GuardConfig{
		Services:    []protoreflect.ServiceDescriptor{indicatorsv1.File_maillage_indicators_v1_service_proto.Services().Get(0)},
		Directory:   deps.Directory,
		Territories: deps.Territories,
	})
	if err != nil {
		return nil, fmt.Errorf("indicators: %w", err)
	}
	return s, nil
}

// Guard says who may call what; the server that the service is registered with asks it.
func (s *Service) Guard() *access.Guard { return s.guard }

// Register adds the service to a gRPC server.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	indicatorsv1.RegisterIndicatorsServiceServer(r, s.api)
}

// Load defines the indicators, with what was declared of them at M24; loading twice changes nothing.
func (s *Service) Load(ctx context.Context, progress func(what string, done, total int)) error {
	indicators, err := refdata.Indicators()
	if err != nil {
		return err
	}
	for n, i := range indicators {
		if err := s.store.Write(ctx, func(tx domain.Tx) error { return domain.Define(ctx, tx, i) }); err != nil {
			return fmt.Errorf("load indicator %s: %w", i.ID, err)
		}
		progress("indicators", n+1, len(indicators))
	}
	return nil
}

// Check tells whether events flow; a service whose events wait is degraded, not dead.
func (s *Service) Check(ctx context.Context) error { return s.relay.Check(ctx) }

// Run publishes events, and hears those of mesh, meetings and the catalogue, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	var parts run.Group
	parts.Go("relay", s.relay.Run)
	parts.Go("requests", func(ctx context.Context) error { return idempotent.Expire(ctx, s.store.DB, s.api.Now) })
	for _, c := range s.ear.Consumers() {
		parts.Go(c.Durable, func(ctx context.Context) error { return s.bus.Consume(ctx, c) })
	}
	parts.Go("erasures", func(ctx context.Context) error { return erasure.Run(ctx, s.store.DB, s.api.Now, s.settleErasure) })
	return parts.Run(ctx)
}

func (s *Service) settleErasure(ctx context.Context, personID string) error {
	return s.store.Write(ctx, func(tx domain.Tx) error { return domain.SettleErasure(ctx, tx, personID) })
}
