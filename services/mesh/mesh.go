// Package mesh is the service of who is where: territories, places, people, and the groups that they form near home.
package mesh

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
	"github.com/classcode/maillage/pkg/link"
	"github.com/classcode/maillage/pkg/page"
	"github.com/classcode/maillage/pkg/run"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/api"
	"github.com/classcode/maillage/services/mesh/internal/catalogue"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/events"
	"github.com/classcode/maillage/services/mesh/internal/load"
	"github.com/classcode/maillage/services/mesh/internal/store"
)

// service is the name in subjects, streams and events.
const service = "mesh"

// Config is what a deployment chooses.
type Config struct {
	PageKey page.Key // signs page tokens and links; the same for all replicas
	Stream  busevents.StreamConfig
	// Development gives the personas of a development issuer their roles, and adds the synthetic structure over which they hold them.
	Development bool
}

// Deps is what the service works with; whoever made them closes them.
type Deps struct {
	DB        *database.DB
	Bus       *busevents.Bus
	Now       func() time.Time // time.Now when nil
	Catalogue cataloguev1.CatalogueServiceClient
}

// Service is a running mesh.
type Service struct {
	bus    *busevents.Bus
	store  *store.Store
	api    *api.Server
	guard  *access.Guard
	relay  *busevents.Relay
	loader load.Loader
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
	s := &Service{
		bus: deps.Bus, store: st,
		api: &api.Server{
			Store: st, Modules: catalogue.NewModules(deps.Catalogue), Pages: cfg.PageKey, Links: link.DeriveKey(cfg.PageKey), Now: deps.Now,
			Development: cfg.Development,
		},
		loader: load.Loader{Store: st, Now: deps.Now, Development: cfg.Development},
	}
	cfg.Stream.Service = service
	s.relay = busevents.NewRelay(deps.DB, deps.Bus, busevents.RelayConfig{Stream: cfg.Stream, Now: deps.Now})
	st.Committed = s.relay.Wake
	if s.guard, err = newGuard(s.api, st); err != nil {
		return nil, fmt.Errorf("mesh: %w", err)
	}
	return s, nil
}

// newGuard asks the mesh's own store who calls and where things are: everybody else asks the mesh.
func newGuard(server *api.Server, st *store.Store) (*access.Guard, error) {
	return access.New(access.GuardConfig{
		Services: []protoreflect.ServiceDescriptor{
			meshv1.File_maillage_mesh_v1_service_proto.Services().Get(0),
			meshv1.File_maillage_mesh_v1_contact_service_proto.Services().Get(0),
			meshv1.File_maillage_mesh_v1_forming_service_proto.Services().Get(0),
			meshv1.File_maillage_mesh_v1_professional_service_proto.Services().Get(0),
			meshv1.File_maillage_mesh_v1_room_service_proto.Services().Get(0),
		},
		Policies: api.Policies,
		Resolvers: map[string]access.Resolver{
			"Person":    server.PersonResource,
			"Place":     server.PlaceResource,
			"Campaign":  server.CampaignResource,
			"Interest":  server.InterestResource,
			"Group":     server.GroupResource,
			"Organiser": server.OrganiserResource,

			"Recruitment":    server.RecruitmentResource,
			"Invitation":     server.InvitationResource,
			"SentInvitation": server.SentInvitationResource,
			"Professional":   server.ProfessionalResource,
		},
		Directory:   server,
		Territories: st,
	})
}

// Guard says who may call what; the server that the service is registered with asks it.
func (s *Service) Guard() *access.Guard { return s.guard }

// Register adds the service to a gRPC server.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	meshv1.RegisterMeshServiceServer(r, s.api)
	meshv1.RegisterContactServiceServer(r, s.api)
	meshv1.RegisterFormingServiceServer(r, s.api)
	meshv1.RegisterProfessionalServiceServer(r, s.api)
	meshv1.RegisterRoomServiceServer(r, s.api)
}

// Load brings the reference data in; loading twice changes nothing.
func (s *Service) Load(ctx context.Context, progress func(what string, done, total int)) error {
	return s.loader.Run(ctx, progress)
}

// Check tells whether events flow; a service whose events wait is degraded, not dead.
func (s *Service) Check(ctx context.Context) error { return s.relay.Check(ctx) }

// Run publishes events and hears of meetings until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	var parts run.Group
	parts.Go("relay", s.relay.Run)
	parts.Go("requests", func(ctx context.Context) error { return idempotent.Expire(ctx, s.store.DB, s.api.Now) })
	parts.Go("invitations", s.lapseInvitations)
	parts.Go("erasures", func(ctx context.Context) error { return erasure.Run(ctx, s.store.DB, s.api.Now, s.settleErasure) })
	parts.Go("meetings", func(ctx context.Context) error { return s.bus.Consume(ctx, events.Meetings(s.store)) })
	return parts.Run(ctx)
}

func (s *Service) settleErasure(ctx context.Context, personID string) error {
	return s.store.Write(ctx, func(tx domain.Tx) error { return domain.SettleErasure(ctx, tx, personID) })
}

// lapsing is how soon after its deadline an unanswered invitation is told to have lapsed; that it has, everyone who reads it sees at once.
const lapsing = 10 * time.Second

// lapseInvitations tells of invitations that nobody answered; replicas that do so at once take turns.
func (s *Service) lapseInvitations(ctx context.Context) error {
	tick := time.NewTicker(lapsing)
	defer tick.Stop()
	for {
		more, err := domain.LapseInvitations(ctx, s.store, s.api.Now()) // a database that is away shows in readiness
		if more && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
