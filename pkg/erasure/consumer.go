package erasure

import (
	"context"
	"errors"

	"github.com/classcode/maillage/pkg/events"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// erased is what the mesh publishes of somebody whom it has erased.
const erased = "maillage.mesh.v1.person.erased"

// Consumer is how a service hears of the people who were erased: forget does so in one transaction, and changes nothing when it is done
// again.
func Consumer(service string, forget func(ctx context.Context, personID string) error) events.Consumer {
	return events.Consumer{
		Durable: service + "-erasures", Stream: events.StreamName("mesh"), Subjects: []string{erased},
		Handle: func(ctx context.Context, msg events.Message) error {
			var e meshv1.PersonEvent
			if err := msg.Decode(&e); err != nil {
				return err
			}
			if e.GetPerson().GetId() == "" {
				return events.Permanent(errors.New("nobody was erased"))
			}
			return forget(ctx, e.GetPerson().GetId())
		},
	}
}
