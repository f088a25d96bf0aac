// Package api is the gRPC side of meetings: proto in, domain, proto out, and nothing else.
package api

import (
	"context"
	"embed"
	"slices"
	"sync"

	"github.com/google/uuid"
	"google.golang.org/grpc"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/combine"
	"github.com/classcode/maillage/pkg/link"
	"github.com/classcode/maillage/pkg/page"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Policies say who may do what with meetings.
//
//go:embed *.cedar
var Policies embed.FS

// seatLanes is how many transactions give seats side by side: while one waits for the disk, the other is at work. With four, each took
// half as many requests along, and a registration over many meetings a sixth more of the processor.
const seatLanes = 2

// Server answers the RPCs of meetings.
type Server struct {
	meetingsv1.UnimplementedMeetingsServiceServer
	meetingsv1.UnimplementedAttestationServiceServer
	meetingsv1.UnimplementedAttestationShareServiceServer
	meetingsv1.UnimplementedNoticeServiceServer
	meetingsv1.UnimplementedSwapServiceServer
	meetingsv1.UnimplementedFeedbackServiceServer
	meetingsv1.UnimplementedBadgeServiceServer
	meetingsv1.UnimplementedPollServiceServer
	meetingsv1.UnimplementedProgrammeServiceServer
	meetingsv1.UnimplementedCalendarServiceServer
	meetingsv1.UnimplementedProfessionalSearchServiceServer
	meetingsv1.UnimplementedLogisticsServiceServer
	meetingsv1.UnimplementedReadinessServiceServer
	meetingsv1.UnimplementedAttendanceServiceServer
	meetingsv1.UnimplementedKitServiceServer
	Store       domain.Store
	Pages       page.Key
	Now         domain.Clock
	Groups      Groups
	Places      Places
	Modules     Modules
	Rooms       Rooms
	Structures  Structures
	Territories access.Territories
	Credentials domain.Credentials

	Professionals Professionals
	Links         link.Key // of the links that were sent
	CheckIns      domain.CheckInKey
	Memberships   Memberships // who is in a group, also when nobody calls; nil when nobody can tell
	Contacts      Contacts    // how people are called; nil when nobody can tell
	PublicURL     string      // the door as people reach it, without a slash at its end

	seats       *combine.Writer[seat, *meetingsv1.Registration]
	asking      chan struct{} // a place for each request for a link that is at work
	territories *sync.Map     // names by code; codes of stored meetings and feeds only
}

// New makes the server from its parts.
func New(parts Server) *Server {
	s := &parts
	s.territories, s.asking = &sync.Map{}, make(chan struct{}, linksAtOnce)
	s.seats = combine.New(combine.Config{Lanes: seatLanes}, s.register)
	return s
}

// Groups is what meetings asks of the mesh.
type Groups interface {
	GetGroup(ctx context.Context, in *meshv1.GetGroupRequest, opts ...grpc.CallOption) (*meshv1.Group, error)
	ListGroupMembers(ctx context.Context, in *meshv1.ListGroupMembersRequest, opts ...grpc.CallOption) (*meshv1.ListGroupMembersResponse, error)
	GetPlace(ctx context.Context, in *meshv1.GetPlaceRequest, opts ...grpc.CallOption) (*meshv1.Place, error)
	GetTerritory(ctx context.Context, in *meshv1.GetTerritoryRequest, opts ...grpc.CallOption) (*meshv1.Territory, error)
	FindNearestCommunes(ctx context.Context, in *meshv1.FindNearestCommunesRequest, opts ...grpc.CallOption) (*meshv1.FindNearestCommunesResponse, error)
}

// Memberships is what the mesh tells this service, in its own name, of who is in a group.
type Memberships interface {
	ListMemberships(ctx context.Context, in *meshv1.ListMembershipsRequest, opts ...grpc.CallOption) (*meshv1.ListMembershipsResponse, error)
}

// Modules is what meetings asks of the catalogue.
type Modules interface {
	GetModule(ctx context.Context, in *cataloguev1.GetModuleRequest, opts ...grpc.CallOption) (*cataloguev1.Module, error)
	ListResources(ctx context.Context, in *cataloguev1.ListResourcesRequest, opts ...grpc.CallOption) (*cataloguev1.ListResourcesResponse, error)
}

// newID is a UUIDv7: ids made one after another stay together in an index.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// caller is the person who calls; the guard lets nobody else through to the methods that ask.
func caller(ctx context.Context) string {
	principal, _ := access.PrincipalFrom(ctx)
	return principal.PersonID
}

// coordinates reports whether the caller coordinates a territory in which the commune lies. The national role gives no
// personal data, so it does not count here.
func (s *Server) coordinates(ctx context.Context, commune string) (bool, error) {
	own := access.ScopeFrom(ctx).Territories
	if len(own) == 0 {
		return false, nil
	}
	above, err := s.Territories.Ancestors(ctx, commune)
	return slices.ContainsFunc(above, func(code string) bool { return slices.Contains(own, code) }), err
}
