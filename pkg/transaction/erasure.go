package transaction

import (
	"context"

	"github.com/classcode/maillage/pkg/erasure"
)

// NoteErasure remembers that a person was erased, and forgets what was answered about them.
func (t *Tx[E]) NoteErasure(ctx context.Context, personID string) error {
	if err := erasure.Note(ctx, t.SQL, personID, t.runner.Now()); err != nil {
		return err
	}
	return erasure.ForgetReplies(ctx, t.SQL, t.runner.DB.Engine(), personID)
}

// SettleErasure forgets the id of an erased person.
func (t *Tx[E]) SettleErasure(ctx context.Context, personID string) error {
	return erasure.Settle(ctx, t.SQL, personID)
}
