// Package catalogue asks the catalogue what the mesh needs to know of it.
package catalogue

import (
	"context"
	"sync"

	"google.golang.org/grpc"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/rpc"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Client is the part of the catalogue's client that is used.
type Client interface {
	GetModule(ctx context.Context, in *cataloguev1.GetModuleRequest, opts ...grpc.CallOption) (*cataloguev1.Module, error)
}

// Modules knows which modules exist. The catalogue never removes one, so what was found once is not asked again.
type Modules struct {
	client Client
	known  sync.Map // id → nothing; as many as the catalogue has
}

// NewModules asks through client.
func NewModules(client Client) *Modules { return &Modules{client: client} }

// Check returns nil for a module that exists, domain.ErrReferenceNotFound for another, and ErrUnavailable while nobody knows.
func (m *Modules) Check(ctx context.Context, id string) error {
	if _, ok := m.known.Load(id); ok {
		return nil
	}
	_, err := m.client.GetModule(ctx, &cataloguev1.GetModuleRequest{Id: id})
	if err == nil {
		m.known.Store(id, struct{}{})
		return nil
	}
	if errs.From(rpc.FromStatus(err)).Kind == errs.NotFound {
		return domain.ErrReferenceNotFound.Because(err)
	}
	if ctx.Err() != nil { // the caller's own deadline, or leave
		return ctx.Err()
	}
	return errs.ErrUnavailable.Because(err)
}
