package access

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/errs"
)

// Guards are those of several services that share one server; each judges its own service's calls.
type Guards []*Guard

// Covers reports whether one of the guards was built for this service.
func (gs Guards) Covers(service string) bool {
	return slices.ContainsFunc(gs, func(g *Guard) bool { return g.Covers(service) })
}

// Check asks the guard that knows the method.
func (gs Guards) Check(ctx context.Context, method string, req proto.Message) (context.Context, error) {
	for _, g := range gs {
		if _, known := g.rules[method]; known {
			return g.Check(ctx, method, req)
		}
	}
	return ctx, errs.ErrInternal.Because(fmt.Errorf("%s has no access rule", method))
}
