// Package catalogue is the service of what can be learnt: modules, resources, practice sheets, and how far each person is.
package catalogue

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
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	"github.com/classcode/maillage/services/catalogue/internal/api"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
	"github.com/classcode/maillage/services/catalogue/internal/events"
	"github.com/classcode/maillage/services/catalogue/internal/refdata"
	"github.com/classcode/maillage/services/catalogue/internal/store"
)

// service is the name in subjects, streams and events.
const service = "catalogue"

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

// Service is a running catalogue.
type Service struct {
	bus   *busevents.Bus
	store *store.Store
	api   *api.Server
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
	s := &Service{bus: deps.Bus, store: st, api: &api.Server{Store: st, Pages: cfg.PageKey, Now: deps.Now, Territories: deps.Territories}}
	cfg.Stream.Service = service
	s.relay = busevents.NewRelay(deps.DB, deps.Bus, busevents.RelayConfig{Stream: cfg.Stream, Now: deps.Now})
	st.Committed = s.relay.Wake
	s.guard, err = access.New(access.GuardConfig{
		Services: []protoreflect.ServiceDescriptor{
			cataloguev1.File_maillage_catalogue_v1_service_proto.Services().Get(0),
			cataloguev1.File_maillage_catalogue_v1_practice_sheet_service_proto.Services().Get(0),
		},
		Policies: api.Policies,
		Resolvers: map[string]access.Resolver{
			"Enrolment":              s.api.EnrolmentResource,
			"Meeting":                s.api.MeetingResource,
			"PracticeSheet":          s.api.PracticeSheetResource,
			"OrganisedPracticeSheet": s.api.OrganisedPracticeSheetResource,
		},
		Directory:   deps.Directory,
		Territories: deps.Territories,
	})
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	return s, nil
}

// Guard says who may call what; the server that the service is registered with asks it.
func (s *Service) Guard() *access.Guard { return s.guard }

// Register adds the service to a gRPC server.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	cataloguev1.RegisterCatalogueServiceServer(r, s.api)
	cataloguev1.RegisterPracticeSheetServiceServer(r, s.api)
}

// Load publishes Class'Code's modules; loading twice changes nothing.
func (s *Service) Load(ctx context.Context, progress func(what string, done, total int)) error {
	modules, err := refdata.Modules()
	if err != nil {
		return err
	}
	for i, m := range modules {
		err := s.store.Write(ctx, func(tx domain.Tx) error { return domain.PublishModule(ctx, tx, m, s.api.Now()) })
		if err != nil {
			return fmt.Errorf("load module %d: %w", m.Position, err)
		}
		progress("modules", i+1, len(modules))
	}
	return nil
}

// Check tells whether events flow; a service whose events wait is degraded, not dead.
func (s *Service) Check(ctx context.Context) error { return s.relay.Check(ctx) }

// Run publishes events, hears of meetings and of people who were erased, and forgets the requests of the day before yesterday, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	var parts run.Group
	parts.Go("relay", s.relay.Run)
	parts.Go("requests", func(ctx context.Context) error { return idempotent.Expire(ctx, s.store.DB, s.api.Now) })
	for _, c := range events.Consumers(s.store) {
		parts.Go(c.Durable, func(ctx context.Context) error { return s.bus.Consume(ctx, c) })
	}
	parts.Go("erasures", func(ctx context.Context) error { return erasure.Run(ctx, s.store.DB, s.api.Now, s.settleErasure) })
	return parts.Run(ctx)
}

func (s *Service) settleErasure(ctx context.Context, personID string) error {
	return s.store.Write(ctx, func(tx domain.Tx) error { return domain.SettleErasure(ctx, tx, personID) })
}
