// Package api is the gRPC side of meetings: proto in, domain, proto out, and nothing else.
package api

import (
	"context"
	"embed"
	"slices"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/combine"
	"github.com/classcode/maillage/pkg/errs"
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

// seatLanes is how many transactions give seats side by side. A process has few connections for writing: more lanes than twice
// those would only make each of them take less along.
const seatLanes = 4

// Server answers the RPCs of meetings.
type Server struct {
	meetingsv1.UnimplementedMeetingsServiceServer
	meetingsv1.UnimplementedNoticeServiceServer
	meetingsv1.UnimplementedSwapServiceServer
	meetingsv1.UnimplementedProfessionalSearchServiceServer
	meetingsv1.UnimplementedLogisticsServiceServer
	meetingsv1.UnimplementedReadinessServiceServer
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

	seats *combine.Writer[seat, *meetingsv1.Registration]
}

// New makes the server from its parts.
func New(parts Server) *Server {
	s := &parts
	s.seats = combine.New(combine.Config{Lanes: seatLanes}, s.register)
	return s
}

// Groups is what meetings asks of the mesh.
type Groups interface {
	GetGroup(ctx context.Context, in *meshv1.GetGroupRequest, opts ...grpc.CallOption) (*meshv1.Group, error)
}

// Modules is what meetings asks of the catalogue.
type Modules interface {
	GetModule(ctx context.Context, in *cataloguev1.GetModuleRequest, opts ...grpc.CallOption) (*cataloguev1.Module, error)
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

var errTime = errs.New(errs.Invalid, "TIME_INVALID",
	"This is not a date between the years 1 and 9999.",
	"Ce n'est pas une date entre les années 1 et 9999.")

// instant reads a time as it will be stored, so that what is answered now and later is the same.
func instant(t *timestamppb.Timestamp, path string) (time.Time, error) {
	if t == nil {
		return time.Time{}, errs.ErrRequired.At(path)
	}
	if err := t.CheckValid(); err != nil {
		return time.Time{}, errTime.At(path).Because(err)
	}
	return t.AsTime().Truncate(time.Microsecond), nil
}
