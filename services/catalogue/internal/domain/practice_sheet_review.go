package domain

import (
	"context"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// What a sheet may be refused for on its way to everyone.
var (
	ErrSheetTooEarly = errs.New(errs.Precondition, "MEETING_NOT_HELD",
		"A sheet goes up once the organiser has declared that the meeting took place.",
		"Une fiche remonte quand l'organisateur a déclaré que le temps de rencontre a eu lieu.")
	ErrReviewOwn = errs.New(errs.Denied, "PRACTICE_SHEET_OWN_REVIEW",
		"You belong to the group of this sheet, or sent it up; somebody else reviews it.",
		"Vous êtes du groupe de cette fiche, ou vous l'avez fait remonter ; une autre personne la relit.")
)

// SubmitSheet sends a complete sheet up; origin is where its meeting took place.
func SubmitSheet(ctx context.Context, tx Tx, id string, origin SheetOrigin, check func(PracticeSheet) error, personID string, now time.Time) (PracticeSheet, error) {
	s, m, err := sheetOfMeeting(ctx, tx, id, check)
	if err != nil {
		return PracticeSheet{}, err
	}
	if s, err = s.after(SubmitMove); err != nil {
		return PracticeSheet{}, err
	}
	if !m.Held {
		return PracticeSheet{}, ErrSheetTooEarly.At("id")
	}
	if err := s.complete(); err != nil {
		return PracticeSheet{}, err
	}
	s.Origin, s.ReturnReason, s.Remarks = origin, "", ""
	return s.keep(ctx, tx, personID, "", now, "practice_sheet.submitted")
}

// SheetReview is what somebody decides of a sheet.
type SheetReview struct {
	SheetID, PersonID string
	Move              SheetMove // approve, publish or return
	Note              string
}

// ReviewSheet approves a sheet, publishes or returns it; check looks whether it is the one that was read.
func ReviewSheet(ctx context.Context, tx Tx, r SheetReview, check func(PracticeSheet) error, now time.Time) (PracticeSheet, error) {
	if err := r.tidy(); err != nil {
		return PracticeSheet{}, err
	}
	s, m, err := sheetOfMeeting(ctx, tx, r.SheetID, check)
	if err != nil {
		return PracticeSheet{}, err
	}
	if err := r.impartial(ctx, tx, m); err != nil {
		return PracticeSheet{}, err
	}
	if s, err = s.after(r.Move); err != nil {
		return PracticeSheet{}, err
	}
	switch r.Move {
	case ReturnMove:
		s.ReturnReason = r.Note
		return s.keep(ctx, tx, r.PersonID, r.Note, now, "practice_sheet.returned")
	case PublishMove:
		return publish(ctx, tx, s, r, now)
	}
	s.Remarks = r.Note
	return s.keep(ctx, tx, r.PersonID, r.Note, now, "practice_sheet.reviewed")
}

func publish(ctx context.Context, tx Tx, s PracticeSheet, r SheetReview, now time.Time) (PracticeSheet, error) {
	s.PublishTime = now
	if r.Note != "" { // else those of the review before stay
		s.Remarks = r.Note
	}
	if s.DerivedFrom != "" {
		if err := tx.CountSheetReuse(ctx, s.DerivedFrom, SheetReuse{Derivations: 1}); err != nil {
			return PracticeSheet{}, err
		}
	}
	return s.keep(ctx, tx, r.PersonID, r.Note, now, "practice_sheet.published")
}

// tidy refuses a return of which nobody would know the reason.
func (r *SheetReview) tidy() error {
	r.Note = strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(r.Note))
	switch {
	case strings.ContainsFunc(r.Note, func(c rune) bool { return masked(c) && c != '\n' && c != '\t' }):
		return ErrSheetSigns.At("note")
	case r.Move == ReturnMove && strings.IndexFunc(r.Note, visible) < 0:
		return errs.ErrRequired.At("note")
	}
	return nil
}

// impartial refuses those whose work it is.
func (r SheetReview) impartial(ctx context.Context, tx Tx, m Meeting) error {
	own, err := tx.OfGroup(ctx, m.ID, r.PersonID)
	if err == nil && !own { // who has left the group since
		own, err = tx.WorkedOnSheet(ctx, r.SheetID, r.PersonID)
	}
	if err == nil && own {
		return ErrReviewOwn.At("id")
	}
	return err
}
