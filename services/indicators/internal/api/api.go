// Package api is the indicators' gRPC side: proto in, domain, proto out, and nothing else. All of it is public, so there are
// no policies.
package api

import (
	"github.com/classcode/maillage/pkg/page"
	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
	"github.com/classcode/maillage/services/indicators/internal/domain"
)

// Server answers the indicators' RPCs.
type Server struct {
	indicatorsv1.UnimplementedIndicatorsServiceServer
	Store       domain.Store
	Territories domain.Territories
	Pages       page.Key
	Now         domain.Clock
}
