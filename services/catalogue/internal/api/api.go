// Package api is the catalogue's gRPC side: proto in, domain, proto out, and nothing else.
package api

import (
	"context"
	"embed"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/page"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
)

// Policies say who may do what in the catalogue.
//
//go:embed *.cedar
var Policies embed.FS

// Server answers the catalogue's RPCs.
type Server struct {
	cataloguev1.UnimplementedCatalogueServiceServer
	cataloguev1.UnimplementedPracticeSheetServiceServer
	Store       domain.Store
	Pages       page.Key
	Now         domain.Clock
	Territories access.Territories
}

// newID is a UUIDv7: ids made one after another stay together in an index.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// caller is the person who calls; the guard lets nobody else through to the methods that ask.
func caller(ctx context.Context) string {
	principal, _ := access.PrincipalFrom(ctx)
	return principal.PersonID
}
