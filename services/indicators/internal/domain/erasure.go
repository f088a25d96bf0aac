package domain

import "context"

// Erasures forgets people.
type Erasures interface {
	// NoteErasure remembers that a person was erased.
	NoteErasure(ctx context.Context, personID string) error
	// Erased tells whether a person was.
	Erased(ctx context.Context, personID string) (bool, error)
	// SettleErasure forgets even the id.
	SettleErasure(ctx context.Context, personID string) error
	// ForgetPerson removes a person from every table. A standing that counts stays, under an id that is nobody's.
	ForgetPerson(ctx context.Context, personID string) error
}

// ErasePerson forgets a person whom the mesh has erased; heard again, it changes nothing. Who was counted stays counted, where and in
// which campaigns they were: that is what the past was. By what and when is gone with the person, so that nothing later changes it.
func ErasePerson(ctx context.Context, tx Tx, personID string) error {
	if _, err := tx.ClaimPerson(ctx, personID); err != nil { // whatever else is heard of the person waits, and finds it erased
		return err
	}
	if err := tx.NoteErasure(ctx, personID); err != nil {
		return err
	}
	return tx.ForgetPerson(ctx, personID)
}

// SettleErasure forgets even the id.
func SettleErasure(ctx context.Context, tx Tx, personID string) error {
	if err := ErasePerson(ctx, tx, personID); err != nil {
		return err
	}
	return tx.SettleErasure(ctx, personID)
}
