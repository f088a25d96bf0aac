package directory

import (
	"context"

	"github.com/classcode/maillage/pkg/events"
)

// rolesChanged is what mesh publishes when a person is given a role or loses one; the aggregate is the person.
const rolesChanged = "maillage.mesh.v1.person.roles_changed"

// Follow forgets each person whose roles change, until ctx ends, so that a role that was taken back stops working at once and
// not after five minutes.
func (p *People) Follow(ctx context.Context, bus *events.Bus) error {
	return bus.Follow(ctx, events.StreamName("mesh"), []string{rolesChanged}, func(m events.Message) { p.Invalidate(m.Aggregate) })
}
