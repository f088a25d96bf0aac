package domain

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// SheetReuse is how often a published sheet was reused.
type SheetReuse struct {
	Derivations int // published sheets that were made from it
	Users       int // persons who say that they used it
}

// FewestUsers is the least count of persons that is shown.
const FewestUsers = 5

// ShownUsers is how many persons may be told of.
func (r SheetReuse) ShownUsers() int {
	if r.Users < FewestUsers {
		return 0
	}
	return r.Users
}

// Rank is by what sheets are ordered as more or less reused: what is shown, so that the order does not tell what is not.
func (r SheetReuse) Rank() int { return r.Derivations + r.ShownUsers() }

// ErrReuseOwn says that one's own work is not reuse.
var ErrReuseOwn = errs.New(errs.Precondition, "PRACTICE_SHEET_OWN_REUSE",
	"This sheet is your own group's; reuse is what others make of it.",
	"Cette fiche est celle de votre groupe ; la réutilisation, c'est ce que d'autres en font.")

// ReuseSheet records that a person used a published sheet of another group; once is all that counts.
func ReuseSheet(ctx context.Context, tx Tx, id, personID string, now time.Time) (PracticeSheet, error) {
	s, err := tx.Sheet(ctx, id)
	if err != nil {
		return PracticeSheet{}, err
	}
	if s.State != SheetPublished {
		return PracticeSheet{}, ErrSheetNotFound
	}
	if own, err := tx.OfGroup(ctx, s.MeetingID, personID); err != nil || own {
		return PracticeSheet{}, either(err, ErrReuseOwn.At("id"))
	}
	fresh, err := tx.AddSheetUser(ctx, id, personID, now)
	if err != nil || !fresh {
		return s, err
	}
	if err := tx.CountSheetReuse(ctx, id, SheetReuse{Users: 1}); err != nil {
		return PracticeSheet{}, err
	}
	return tx.Sheet(ctx, id)
}
