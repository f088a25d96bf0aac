// Package meetings is the service of what happens near home: meetings and their seats, who was there, and what is attested of it.
package meetings

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/erasure"
	busevents "github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/jobs"
	"github.com/classcode/maillage/pkg/link"
	"github.com/classcode/maillage/pkg/mail"
	"github.com/classcode/maillage/pkg/page"
	"github.com/classcode/maillage/pkg/run"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/api"
	"github.com/classcode/maillage/services/meetings/internal/credential"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/events"
	"github.com/classcode/maillage/services/meetings/internal/notices"
	"github.com/classcode/maillage/services/meetings/internal/store"
)

const (
	// service is the name in subjects, streams and events.
	service = "meetings"
	// localDoor is for one that nobody else reaches.
	localDoor = "http://localhost:8080"
)

// Config is what a deployment chooses.
type Config struct {
	PageKey page.Key // signs page tokens and, through another derivation, links; the same for all replicas
	Stream  busevents.StreamConfig
	// IssuerURI is who attests, as credentials name it. Empty or "urn:maillage:local": did:web of PublicURL when that is https,
	// "urn:maillage:local" otherwise.
	IssuerURI string
	// SigningKeyFile holds the Ed25519 key that signs credentials (PKCS #8, PEM), created with mode 0600 when missing; the same
	// for all replicas. Empty: a new key at each start, whose public half stays published like any other.
	SigningKeyFile string
	// PublicURL is the door as people reach it, for the links in mails; "http://localhost:8080" when empty.
	PublicURL string
	// MailRate is how many mails a second this process sends at most; as many as can be when 0.
	MailRate int
}

// Deps is what the service works with; whoever made them closes them.
type Deps struct {
	DB        *database.DB
	Bus       *busevents.Bus
	Now       func() time.Time // time.Now when nil
	Mesh      meshv1.MeshServiceClient
	Rooms     meshv1.RoomServiceClient
	Catalogue cataloguev1.CatalogueServiceClient
	// Professionals is asked who could join a meeting; mesh answers as well.
	Professionals meshv1.ProfessionalServiceClient
	// Directory and Territories tell who calls and where things are; mesh owns both.
	Directory   access.Directory
	Territories access.Territories

	// Contacts tells how people are called, for the sheet that they sign; without it, names are written by hand.
	// Mail sends the notices, to addresses that Contacts, and to members of groups that Forming, tells this service in its own name.
	// Without all three, nobody is written to.
	Mail     mail.Sender
	Contacts meshv1.ContactServiceClient
	Forming  meshv1.FormingServiceClient
	Log      *slog.Logger  // nil: silent
	Jobs     *jobs.Metrics // nil: counted nowhere
}

// Service is the running service.
type Service struct {
	store *store.Store
	api   *api.Server
	guard *access.Guard
	relay *busevents.Relay
	bus   *busevents.Bus
	jobs  *jobs.Runner // nil when nobody is written to
}

// New migrates the database, publishes the signing key and prepares the service; Register and Run make it work.
func New(ctx context.Context, cfg Config, deps Deps) (*Service, error) {
	return newService(ctx, cfg, deps, func(s domain.Store) domain.Store { return s })
}

// newService lets a test show what becomes of the seats without what the store guarantees.
func newService(ctx context.Context, cfg Config, deps Deps, guarantee func(domain.Store) domain.Store) (*Service, error) {
	now := clock(deps.Now)
	st, err := store.New(ctx, deps.DB, now, events.Encode)
	if err != nil {
		return nil, err
	}
	signer, err := openSigner(ctx, cfg, st, now)
	if err != nil {
		return nil, fmt.Errorf("meetings: %w", err)
	}
	s := &Service{store: st, bus: deps.Bus, api: api.New(api.Server{
		Store: guarantee(st), Pages: cfg.PageKey, Now: now, Groups: deps.Mesh, Places: deps.Mesh, Modules: deps.Catalogue, Rooms: deps.Rooms, Structures: deps.Mesh,
		Territories: deps.Territories, Credentials: signer, Professionals: deps.Professionals, Links: link.DeriveKey(cfg.PageKey),
		CheckIns:  domain.DeriveCheckInKey(cfg.PageKey),
		PublicURL: strings.TrimSuffix(cmp.Or(cfg.PublicURL, localDoor), "/"),
	})}
	if deps.Forming != nil {
		s.api.Memberships = deps.Forming
	}
	if deps.Contacts != nil {
		s.api.Contacts = deps.Contacts
	}
	cfg.Stream.Service = service
	s.relay = busevents.NewRelay(deps.DB, deps.Bus, busevents.RelayConfig{Stream: cfg.Stream, Now: now})
	st.Committed = s.relay.Wake
	s.notify(cfg, deps)
	s.guard, err = access.New(access.GuardConfig{
		Services: []protoreflect.ServiceDescriptor{
			meetingsv1.File_maillage_meetings_v1_service_proto.Services().Get(0),
			meetingsv1.File_maillage_meetings_v1_attestation_service_proto.Services().Get(0),
			meetingsv1.File_maillage_meetings_v1_attestation_share_service_proto.Services().Get(0),
			meetingsv1.File_maillage_meetings_v1_notice_service_proto.Services().Get(0),
			meetingsv1.File_maillage_meetings_v1_swap_service_proto.Services().Get(0),
			meetingsv1.File_maillage_meetings_v1_poll_service_proto.Services().Get(0),
			meetingsv1.File_maillage_meetings_v1_programme_service_proto.Services().Get(0),
			meetingsv1.File_maillage_meetings_v1_calendar_service_proto.Services().Get(0),
			meetingsv1.File_maillage_meetings_v1_search_service_proto.Services().Get(0),
			meetingsv1.File_maillage_meetings_v1_logistics_service_proto.Services().Get(0),
			meetingsv1.File_maillage_meetings_v1_readiness_service_proto.Services().Get(0),
			meetingsv1.File_maillage_meetings_v1_attendance_service_proto.Services().Get(0),
			meetingsv1.File_maillage_meetings_v1_feedback_service_proto.Services().Get(0),
			meetingsv1.File_maillage_meetings_v1_badge_service_proto.Services().Get(0),
			meetingsv1.File_maillage_meetings_v1_kit_service_proto.Services().Get(0),
		},
		Policies:    api.Policies,
		Resolvers:   s.resolvers(),
		Directory:   deps.Directory,
		Territories: deps.Territories,
	})
	if err != nil {
		return nil, fmt.Errorf("meetings: %w", err)
	}
	return s, nil
}

// resolvers say whose things are, by type.
func (s *Service) resolvers() map[string]access.Resolver {
	all := map[string]access.Resolver{
		"Group": s.api.GroupResource, "Host": s.api.HostResource, "Series": s.api.SeriesResource, "Meeting": s.api.MeetingResource,
		"Poll": s.api.PollResource, "Programme": s.api.ProgrammeResource, "Calendar": s.api.CalendarResource,
		"Registration": s.api.RegistrationResource, "Attestation": s.api.AttestationResource,
		"AttestationShare": s.api.AttestationShareResource, "Structure": s.api.StructureResource, "Badge": s.api.BadgeResource,
		"Swap": s.api.SwapResource,

		"Ask":        s.api.AskResource,
		"StockOwner": s.api.StockOwnerResource, "Equipment": s.api.EquipmentResource, "Loan": s.api.LoanResource,
	}
	maps.Copy(all, s.api.ReadinessResolvers())
	return all
}

// openSigner publishes the key and the issuer before anything is signed with them, and the name that was signed in before badges.
func openSigner(ctx context.Context, cfg Config, st *store.Store, now domain.Clock) (*credential.Signer, error) {
	key, err := credential.LoadOrCreateKey(cfg.SigningKeyFile)
	if err != nil {
		return nil, err
	}
	signer, err := credential.New(key, credential.IssuerAt(cfg.IssuerURI, cmp.Or(cfg.PublicURL, localDoor)))
	if err != nil {
		return nil, err
	}
	public := signer.Key()
	public.CreateTime = now()
	return signer, st.Write(ctx, func(tx domain.Tx) error {
		return errors.Join(
			tx.SaveKey(ctx, public), tx.SaveIssuer(ctx, signer.Issuer()), tx.SaveIssuer(ctx, credential.FormerIssuer(cfg.IssuerURI)))
	})
}

// notify prepares the jobs by which mails are sent.
func (s *Service) notify(cfg Config, deps Deps) {
	if deps.Mail == nil || deps.Contacts == nil || deps.Forming == nil {
		return
	}
	post := &notices.Post{
		Store: s.api.Store, Contacts: deps.Contacts, Forming: deps.Forming, Groups: deps.Mesh, Modules: deps.Catalogue, Mail: deps.Mail,
		Links: s.api.Links, NewID: newID, Now: s.api.Now,
		Rate: cfg.MailRate, Calm: s.api.Calm, BaseURL: s.api.PublicURL,
	}
	s.jobs = jobs.NewRunner(deps.DB, jobs.Config{Kinds: post.Kinds(), Now: s.api.Now, Log: deps.Log, Metrics: deps.Jobs})
	s.store.Scheduled = s.jobs.Wake
}

// newID is a UUIDv7: ids made one after another stay together in an index.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// clock tells the time as precisely as it is stored, so that what is answered now and later is the same.
func clock(now func() time.Time) domain.Clock {
	if now == nil {
		now = time.Now
	}
	return func() time.Time { return now().UTC().Truncate(time.Microsecond) }
}

// Guard says who may call what; the server that the service is registered with asks it.
func (s *Service) Guard() *access.Guard { return s.guard }

// Register adds the service to a gRPC server.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	meetingsv1.RegisterMeetingsServiceServer(r, s.api)
	meetingsv1.RegisterAttestationServiceServer(r, s.api)
	meetingsv1.RegisterAttestationShareServiceServer(r, s.api)
	meetingsv1.RegisterNoticeServiceServer(r, s.api)
	meetingsv1.RegisterSwapServiceServer(r, s.api)
	meetingsv1.RegisterPollServiceServer(r, s.api)
	meetingsv1.RegisterProgrammeServiceServer(r, s.api)
	meetingsv1.RegisterCalendarServiceServer(r, s.api)
	meetingsv1.RegisterProfessionalSearchServiceServer(r, s.api)
	meetingsv1.RegisterLogisticsServiceServer(r, s.api)
	meetingsv1.RegisterReadinessServiceServer(r, s.api)
	meetingsv1.RegisterAttendanceServiceServer(r, s.api)
	meetingsv1.RegisterFeedbackServiceServer(r, s.api)
	meetingsv1.RegisterBadgeServiceServer(r, s.api)
	meetingsv1.RegisterKitServiceServer(r, s.api)
}

// Check tells whether events flow; a service whose events wait is degraded, not dead.
func (s *Service) Check(ctx context.Context) error { return s.relay.Check(ctx) }

// Run publishes events, hears of groups and lets asks lapse until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	var parts run.Group
	parts.Go("relay", s.relay.Run)
	parts.Go("requests", func(ctx context.Context) error { return idempotent.Expire(ctx, s.store.DB, s.api.Now) })
	parts.Go("watch", s.watch)
	parts.Go("offers", s.lapseOffers)
	parts.Go("swaps", s.lapseSwaps)
	parts.Go("groups", func(ctx context.Context) error { return s.bus.Consume(ctx, events.Groups(s.api.Store)) })
	parts.Go("people", func(ctx context.Context) error {
		return s.bus.Consume(ctx, events.Erasures(s.api.Store, newID, s.api.Now))
	})
	parts.Go("erasures", func(ctx context.Context) error { return erasure.Run(ctx, s.store.DB, s.api.Now, s.settleErasure) })
	if s.jobs != nil {
		heard := events.Notices(s.api.Store, s.api.Calm, newID, s.api.Now)
		heard = append(heard, events.Invitations(s.api.Store, s.api.Calm, newID, s.api.Now), events.Sheets(s.api.Store, s.api.Calm, newID, s.api.Now))
		for _, c := range heard {
			parts.Go(c.Durable, func(ctx context.Context) error { return s.bus.Consume(ctx, c) })
		}
		parts.Go("jobs", s.jobs.Run)
	}
	parts.Go("asks", s.lapseAsks)
	return parts.Run(ctx)
}

func (s *Service) settleErasure(ctx context.Context, personID string) error {
	return s.api.Store.Write(ctx, func(tx domain.Tx) error { return domain.SettleErasure(ctx, tx, personID, newID, s.api.Now()) })
}

// lapseOffers lets offers lapse within a second of their deadline; replicas that do so at once take turns.
func (s *Service) lapseOffers(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		more, err := domain.LapseOffers(ctx, s.store, s.api.Now()) // a database that is away shows in readiness
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

// lapseSwaps tells of proposals that nobody accepted; that they have lapsed, everyone who reads them sees at once.
func (s *Service) lapseSwaps(ctx context.Context) error {
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	for {
		more, err := domain.LapseSwaps(ctx, s.store, s.api.Now())
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
