package events

import (
	"context"
	"errors"

	"github.com/classcode/maillage/pkg/erasure"
	"github.com/classcode/maillage/pkg/events"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Groups is the consumer of the mesh's groups: whoever accepts to organise a group organises its meetings to come.
func Groups(store domain.Store) events.Consumer {
	return events.Consumer{
		Durable: "meetings-groups", Stream: events.StreamName("mesh"), Subjects: []string{"maillage.mesh.v1.group.*"},
		Handle: func(ctx context.Context, msg events.Message) error {
			var e meshv1.GroupEvent
			if err := msg.Decode(&e); err != nil {
				return err
			}
			if e.GetGroup().GetId() == "" {
				return events.Permanent(errors.New("a group event without a group"))
			}
			g := domain.Group{ID: e.GetGroup().GetId(), OrganiserID: e.GetGroup().GetOrganiserId(), Version: msg.Version}
			return store.Write(ctx, func(tx domain.Tx) error { return domain.HearGroup(ctx, tx, g, msg.ID) })
		},
	}
}

// Erasures is the consumer of the people whom the mesh has erased.
func Erasures(store domain.Store, newID func() string, now domain.Clock) events.Consumer {
	return erasure.Consumer("meetings", func(ctx context.Context, personID string) error {
		return store.Write(ctx, func(tx domain.Tx) error { return domain.ErasePerson(ctx, tx, personID, newID, now()) })
	})
}
