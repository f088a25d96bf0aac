// Package api is the mesh's gRPC side: proto in, domain, proto out, and nothing else.
package api

import (
	"context"
	"embed"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/page"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Policies say who may do what in the mesh.
//
//go:embed *.cedar
var Policies embed.FS

// Server answers the mesh's RPCs.
type Server struct {
	meshv1.UnimplementedMeshServiceServer
	meshv1.UnimplementedProfessionalServiceServer
	meshv1.UnimplementedRoomServiceServer
	Store   domain.Store
	Modules Modules
	Pages   page.Key
	Now     domain.Clock
	// Development gives the personas of a development issuer their roles.
	Development bool
}

// Modules knows which modules the catalogue has.
type Modules interface {
	Check(ctx context.Context, id string) error
}

// newID is a UUIDv7: ids made one after another stay together in an index.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// now is as the store keeps it, so that what is created reads the same later.
func (s *Server) now() time.Time { return s.Now().Truncate(time.Microsecond) }

// caller is the person who calls; the guard lets nobody else through to the methods that ask.
func caller(ctx context.Context) string {
	principal, _ := access.PrincipalFrom(ctx)
	return principal.PersonID
}

// viewer is who reads a personal list. The national team has no part in what is personal.
func viewer(ctx context.Context) domain.Viewer {
	scope := access.ScopeFrom(ctx)
	return domain.Viewer{PersonID: scope.PersonID, Territories: scope.Territories}
}

// scopeOf binds the pages of a personal list to its viewer.
func scopeOf(v domain.Viewer) string {
	return strings.Join(append([]string{v.PersonID}, v.Territories...), " ")
}

// byTime is the place of a row in a list by creation.
func byTime(created time.Time, id string) []string {
	return []string{strconv.FormatInt(database.Micros(created), 10), id}
}

// territoryFilter finds the current code behind a list's territory_code; none is fine.
func (s *Server) territoryFilter(ctx context.Context, code string) (string, error) {
	if code == "" {
		return "", nil
	}
	t, err := domain.TerritoryAt(ctx, s.Store, code, "territory_code")
	return t.Code, err
}
