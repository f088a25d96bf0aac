package directory

import (
	"context"

	"github.com/classcode/maillage/pkg/events"
)

// changed is what mesh publishes when a person is given a role or loses one, or was erased; the aggregate is the person.
const changed = "maillage.mesh.v1.person.*"

// Follow forgets each person whose roles change or who was erased, until ctx ends, so that a role that was taken back stops working at
// once and not after five minutes, and nobody acts any more in the name of somebody who is gone. It forgets everybody when it begins to
// hear, and when it hears again.
func (p *People) Follow(ctx context.Context, bus *events.Bus) error {
	return bus.Follow(ctx, changed, p.invalidateAll, func(m events.Message) { p.Invalidate(m.Aggregate) })
}
