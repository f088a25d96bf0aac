package domain

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Minutes is the report on a meeting.
type Minutes struct {
	MeetingID string
	State     MinutesState
	Modality  MeetingMode // as it was held; 0 until given
	MinutesReport
	AuthorID   string
	CloserID   string             // empty before
	Reopenings []MinutesReopening // oldest first
	Version    int64
	CreateTime time.Time
	UpdateTime time.Time
	CloseTime  time.Time // zero before
}

// MinutesReport is what minutes say.
type MinutesReport struct {
	Participants []ParticipantCount
	Irritants    []string
	Needs        []string
	Actions      []MinutesAction
	Summary      string
}

// ParticipantCount is how many of a category took part; the category's number is the contract's.
type ParticipantCount struct{ Category, Count, Institutions int }

// MinutesAction is something to be done; who does it is said by role.
type MinutesAction struct{ What, Who, When, Indicator string }

// MinutesReopening is that closed minutes were opened again.
type MinutesReopening struct {
	PersonID, Reason string
	CreateTime       time.Time
}

// MinutesState is where minutes stand; the numbers are the contract's.
type MinutesState int

// The states of minutes.
const (
	MinutesDraft MinutesState = iota + 1
	MinutesClosed
)

// MinutesReads finds minutes and the returns of declarations.
type MinutesReads interface {
	// Minutes is a meeting's minutes, or ErrMinutesNotFound.
	Minutes(ctx context.Context, meetingID string) (Minutes, error)
	DeclarationReturns(ctx context.Context, q ReturnQuery) ([]DeclarationReturn, error)
	ReturnCount(ctx context.Context, meetingID string) (int, error)
}

// MinutesWrites changes minutes and keeps the returns of declarations.
type MinutesWrites interface {
	InsertMinutes(ctx context.Context, m Minutes) error
	// UpdateMinutes refuses when someone else has updated the version before.
	UpdateMinutes(ctx context.Context, m Minutes) error
	InsertReopening(ctx context.Context, m Minutes, r MinutesReopening) error
	// InsertReturn gives the return its rank; its meeting is held.
	InsertReturn(ctx context.Context, r DeclarationReturn) error
}

// What minutes may be refused for.
var (
	ErrMinutesNotFound = errs.Missing("minutes", "compte rendu")
	ErrMinutesClosed   = errs.New(errs.Precondition, "MINUTES_CLOSED",
		"The minutes of this meeting are closed; open them again first, with a reason.",
		"Le compte rendu de ce temps de rencontre est clos ; rouvrez-le d'abord, avec un motif.")
	ErrMinutesNotClosed = errs.New(errs.Precondition, "MINUTES_NOT_CLOSED",
		"The minutes of this meeting are not closed; write and close them first.",
		"Le compte rendu de ce temps de rencontre n'est pas clos ; rédigez-le et fermez-le d'abord.")
	ErrMinutesDraft = errs.New(errs.Precondition, "MINUTES_DRAFT",
		"The minutes of this meeting are open already.",
		"Le compte rendu de ce temps de rencontre est déjà ouvert.")
	ErrMinutesModality = errs.New(errs.Precondition, "MINUTES_WITHOUT_MODALITY",
		"The minutes do not say how the meeting was held; say so before closing them.",
		"Le compte rendu ne dit pas sous quelle forme la rencontre a eu lieu ; dites-le avant de le fermer.")
	ErrMinutesParticipants = errs.New(errs.Precondition, "MINUTES_WITHOUT_PARTICIPANTS",
		"The minutes count nobody who took part; count them by category before closing.",
		"Le compte rendu ne compte aucun participant ; comptez-les par catégorie avant de le fermer.")
	ErrCategoryTwice = errs.New(errs.Invalid, "CATEGORY_TWICE",
		"This category is counted twice; keep one line.",
		"Cette catégorie est comptée deux fois ; gardez une seule ligne.")
)

// onMinutes holds a meeting of which minutes are kept: from its start until it is countersigned.
func onMinutes(ctx context.Context, tx Tx, meetingID string, now time.Time) (Meeting, error) {
	m, err := tx.LockMeeting(ctx, meetingID)
	switch {
	case err != nil:
		return m, err
	case !m.State.ToCome() && m.State != MeetingHeld:
		return m, m.refused()
	case !m.Begun(now):
		return m, ErrNotBegun.At("meeting_id")
	}
	return m, nil
}

// WriteMinutes writes minutes as a whole; check looks at those that stood before, the zero ones when there were none.
func WriteMinutes(ctx context.Context, tx Tx, wanted Minutes, check func(Minutes) error, now time.Time) (Minutes, error) {
	if err := wanted.tidy(); err != nil {
		return Minutes{}, err
	}
	if _, err := onMinutes(ctx, tx, wanted.MeetingID, now); err != nil {
		return Minutes{}, err
	}
	m, err := tx.Minutes(ctx, wanted.MeetingID)
	fresh := errors.Is(err, ErrMinutesNotFound)
	if err != nil && !fresh {
		return Minutes{}, err
	}
	if err := check(m); err != nil {
		return Minutes{}, err
	}
	if m.State == MinutesClosed {
		return Minutes{}, ErrMinutesClosed.At("meeting_id")
	}
	m.MeetingID, m.State, m.Modality, m.MinutesReport, m.AuthorID = wanted.MeetingID, MinutesDraft, wanted.Modality, wanted.MinutesReport, wanted.AuthorID
	m.Version, m.UpdateTime = m.Version+1, now
	if fresh {
		m.CreateTime = now
		return m, tx.InsertMinutes(ctx, m)
	}
	return m, tx.UpdateMinutes(ctx, m)
}

// tidy refuses texts in which there is nothing to read, and categories counted twice.
func (m *Minutes) tidy() (err error) {
	seen := map[int]bool{}
	for i, p := range m.Participants {
		if seen[p.Category] {
			return ErrCategoryTwice.At(fmt.Sprintf("minutes.participants[%d].category", i))
		}
		seen[p.Category] = true
	}
	for name, texts := range map[string][]string{"irritants": m.Irritants, "needs": m.Needs} {
		for i := range texts {
			if texts[i], err = written(texts[i], fmt.Sprintf("minutes.%s[%d]", name, i)); err != nil {
				return err
			}
		}
	}
	for i := range m.Actions {
		a, path := &m.Actions[i], fmt.Sprintf("minutes.actions[%d].", i)
		for _, text := range []struct {
			of   *string
			name string
		}{{&a.What, "what"}, {&a.Who, "who"}, {&a.When, "when"}} {
			if *text.of, err = written(*text.of, path+text.name); err != nil {
				return err
			}
		}
		a.Indicator = strings.TrimSpace(a.Indicator)
	}
	m.Summary = strings.TrimSpace(m.Summary)
	return nil
}

// CloseMinutes closes minutes: everyone's attendance was said, and the report says how the meeting was held and who took part.
func CloseMinutes(ctx context.Context, tx Tx, meetingID, by string, check func(Minutes) error, now time.Time) (Minutes, error) {
	if _, err := onMinutes(ctx, tx, meetingID, now); err != nil {
		return Minutes{}, err
	}
	m, err := tx.Minutes(ctx, meetingID)
	if err != nil {
		return Minutes{}, err
	}
	if err := check(m); err != nil {
		return Minutes{}, err
	}
	if err := m.closable(); err != nil {
		return Minutes{}, err
	}
	sheet, err := Attended(ctx, tx, meetingID)
	if err == nil {
		err = sheet.settled("meeting_id")
	}
	if err != nil {
		return Minutes{}, err
	}
	m.State, m.CloserID, m.CloseTime, m.Version = MinutesClosed, by, now, m.Version+1
	return m, tx.UpdateMinutes(ctx, m)
}

func (m Minutes) closable() error {
	took := 0
	for _, p := range m.Participants {
		took += p.Count
	}
	switch {
	case m.State == MinutesClosed:
		return ErrMinutesClosed.At("meeting_id")
	case m.Modality == 0:
		return ErrMinutesModality.At("meeting_id")
	case took == 0:
		return ErrMinutesParticipants.At("meeting_id")
	}
	return nil
}

// ReopenMinutes opens closed minutes again, until the meeting is countersigned; who did and why is kept.
func ReopenMinutes(ctx context.Context, tx Tx, meetingID string, r MinutesReopening, check func(Minutes) error) (_ Minutes, err error) {
	if r.Reason, err = written(r.Reason, "reason"); err != nil {
		return Minutes{}, err
	}
	if _, err := onMinutes(ctx, tx, meetingID, r.CreateTime); err != nil {
		return Minutes{}, err
	}
	m, err := tx.Minutes(ctx, meetingID)
	if err != nil {
		return Minutes{}, err
	}
	if err := check(m); err != nil {
		return Minutes{}, err
	}
	if m.State != MinutesClosed {
		return Minutes{}, ErrMinutesDraft.At("meeting_id")
	}
	m.State, m.CloserID, m.CloseTime, m.Version = MinutesDraft, "", time.Time{}, m.Version+1
	m.Reopenings = append(m.Reopenings, r)
	if err := tx.UpdateMinutes(ctx, m); err != nil {
		return Minutes{}, err
	}
	return m, tx.InsertReopening(ctx, m, r)
}

// checkMinutes refuses what rests on minutes that are not closed; the meeting is held, so that nobody opens them meanwhile.
func checkMinutes(ctx context.Context, tx Tx, meetingID string) error {
	m, err := tx.Minutes(ctx, meetingID)
	if errors.Is(err, ErrMinutesNotFound) || err == nil && m.State != MinutesClosed {
		return ErrMinutesNotClosed.At("id")
	}
	return err
}
