package domain

import "context"

// ErasureWrites forgets people.
type ErasureWrites interface {
	// NoteErasure remembers that a person was erased.
	NoteErasure(ctx context.Context, personID string) error
	// Erased tells which of the people were.
	Erased(ctx context.Context, people ...string) ([]string, error)
	// SettleErasure forgets even the id.
	SettleErasure(ctx context.Context, personID string) error
	// ForgetPerson removes a person from every table. What was done with a practice sheet stays, by somebody who is nobody.
	ForgetPerson(ctx context.Context, personID string) error
}

// ErasePerson forgets a person whom the mesh has erased; heard again, it changes nothing.
func ErasePerson(ctx context.Context, tx Tx, personID string) error {
	if err := tx.NoteErasure(ctx, personID); err != nil {
		return err
	}
	return tx.ForgetPerson(ctx, personID)
}

// SettleErasure looks once more for somebody who was erased, since a request that was under way may have written of them, and forgets
// even the id.
func SettleErasure(ctx context.Context, tx Tx, personID string) error {
	if err := ErasePerson(ctx, tx, personID); err != nil {
		return err
	}
	return tx.SettleErasure(ctx, personID)
}

// known is a person of whom was heard; nobody, when they were erased before.
func known(ctx context.Context, tx Tx, personID string) (string, error) {
	erased, err := tx.Erased(ctx, personID)
	if len(erased) > 0 {
		personID = ""
	}
	return personID, err
}
