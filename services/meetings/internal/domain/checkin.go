package domain

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

const (
	// checkInMargin is how long before the start and after the end people say themselves that they are there.
	checkInMargin = 30 * time.Minute
	// codeStep is how long a code is shown; it is accepted for as long again, for whoever is still typing.
	codeStep = 30 * time.Second
	// codeMemory is how far back a code is known to have been one.
	codeMemory = 24 * time.Hour
	// maxTries wrong codes in triesWindow are refused to be looked at any further: of a million codes two are right.
	maxTries    = 5
	triesWindow = 10 * time.Minute
	// checkInDerivation keeps codes apart from what else the secret signs.
	checkInDerivation = "maillage check-in 1"
)

// PresencePath is where the door shows what one checks in with, and checks in; what a mail's link, or a meeting and its code, follow.
const PresencePath = "/presence/"

// What a check-in may be refused for.
var (
	ErrCheckInClosed = errs.New(errs.Precondition, "CHECK_IN_CLOSED",
		"One checks in from half an hour before the start until half an hour after the end; afterwards ask the organiser.",
		"On s'enregistre d'une demi-heure avant le début à une demi-heure après la fin ; ensuite, demandez à l'organisateur.")
	ErrNoSeatHere = errs.New(errs.Precondition, "NO_SEAT_HERE",
		"You have no seat at this meeting; ask the organiser.",
		"Vous n'avez pas de place à ce temps de rencontre ; demandez à l'organisateur.")
	ErrAttendanceSaid = errs.New(errs.Precondition, "ATTENDANCE_SAID",
		"The organiser has said that you are not there; ask for a correction.",
		"L'organisateur a noté que vous n'êtes pas là ; demandez-lui une correction.")
	ErrCodeWrong = errs.New(errs.Invalid, "CODE_WRONG",
		"This is not the code of this meeting; type what the screen shows now.",
		"Ce n'est pas le code de ce temps de rencontre ; tapez celui que l'écran affiche maintenant.")
	ErrCodeExpired = errs.New(errs.Invalid, "CODE_EXPIRED",
		"This code is no longer valid; type what the screen shows now.",
		"Ce code n'est plus valable ; tapez celui que l'écran affiche maintenant.")
	ErrCheckInLocked = errs.New(errs.Exhausted, "CHECK_IN_LOCKED",
		"Too many wrong codes; wait, or ask the organiser to write you down.",
		"Trop de codes faux ; patientez, ou demandez à l'organisateur de vous inscrire sur la feuille.")
)

// CheckInKey is what codes are made with; all replicas of a service share one.
type CheckInKey []byte

// DeriveCheckInKey makes the key of codes from a deployment's secret, which may serve elsewhere.
func DeriveCheckInKey(secret []byte) CheckInKey {
	key, err := hkdf.Key(sha256.New, secret, nil, checkInDerivation, sha256.Size)
	if err != nil {
		panic(fmt.Sprintf("check-in: %v", err)) // only a length beyond SHA-256's is refused
	}
	return key
}

// String hides the key, also from fmt.
func (CheckInKey) String() string { return "***" }

// GoString hides the key from %#v.
func (CheckInKey) GoString() string { return "***" }

// Code is what a meeting's screen shows at an instant.
func (k CheckInKey) Code(meetingID string, at time.Time) string {
	return k.of(meetingID).at(stepOf(at))
}

func stepOf(at time.Time) int64 { return at.Unix() / int64(codeStep/time.Second) }

// codes is a meeting's secret, of which its codes are made.
type codes []byte

func (k CheckInKey) of(meetingID string) codes {
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte(meetingID))
	return mac.Sum(nil)
}

func (c codes) at(step int64) string {
	mac := hmac.New(sha256.New, c)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step))) //nolint:gosec // of an hour after 1970
	const million = 1_000_000
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(mac.Sum(nil))%million)
}

// check says whether a code is the one shown, or shown just before; one of the day before is known to have been one.
func (c codes) check(code string, now time.Time) error {
	step := stepOf(now)
	is := func(step int64) bool { return subtle.ConstantTimeCompare([]byte(c.at(step)), []byte(code)) == 1 }
	if is(step) || is(step-1) {
		return nil
	}
	for past := step - 2; past >= step-int64(codeMemory/codeStep); past-- {
		if is(past) {
			return ErrCodeExpired.At("code")
		}
	}
	return ErrCodeWrong.At("code")
}

// ShownCode is what the organiser's screen shows, and until when.
func (k CheckInKey) ShownCode(m Meeting, now time.Time) (code string, until time.Time, err error) {
	if err := m.checksIn(now); err != nil {
		return "", until, err
	}
	return k.Code(m.ID, now), time.Unix((stepOf(now)+1)*int64(codeStep/time.Second), 0).UTC(), nil
}

// CheckInPath is what a QR code leads to: where one checks in with a code.
func (m Meeting) CheckInPath(code string) string { return PresencePath + m.ID + "/" + code }

// CheckInUntil is when nobody checks in any more.
func (m Meeting) CheckInUntil() time.Time { return m.End.Add(checkInMargin) }

// Shows refuses a screen for a meeting at which nobody will check in any more.
func (m Meeting) Shows(now time.Time) error {
	switch {
	case !m.State.ToCome():
		return m.refused()
	case !now.Before(m.CheckInUntil()):
		return ErrCheckInClosed.At("meeting_id")
	}
	return nil
}

// ForeseeShowing looks ahead to ShownCode.
func (m Meeting) ForeseeShowing(now time.Time) Outlook { return Outlook{Refusal: m.checksIn(now)} }

// ForeseeCheckIn looks ahead to CheckIn by whoever has these registrations for the meeting: one, or none.
func (m Meeting) ForeseeCheckIn(own []Registration, now time.Time) Outlook {
	r, refusal := seatAmong(own)
	switch {
	case refusal != nil:
		return Outlook{Refusal: refusal}
	case r.State == RegistrationPresent:
		return Outlook{Done: true}
	}
	return Outlook{Refusal: m.checksIn(now)}
}

// checksIn refuses hours at which nobody checks in.
func (m Meeting) checksIn(now time.Time) error {
	switch opens, closes := m.Start.Add(-checkInMargin), m.CheckInUntil(); {
	case !m.State.ToCome():
		return m.refused()
	case now.Before(opens) || !now.Before(closes):
		return ErrCheckInClosed.At("meeting_id").With("opens", opens.Format(time.RFC3339)).With("closes", closes.Format(time.RFC3339))
	}
	return nil
}

// Tries is the wrong codes of a person at a meeting.
type Tries struct {
	MeetingID, PersonID string
	Since               time.Time // of the first that counts; zero before
	Wrong               int
}

// at forgets what is too long ago.
func (t Tries) at(now time.Time) Tries {
	if !now.Before(t.Since.Add(triesWindow)) {
		t.Since, t.Wrong = now, 0
	}
	return t
}

// CheckIn is that a person says to be there, with the code that the organiser's screen shows.
type CheckIn struct {
	MeetingID, PersonID, Code string
	Key                       CheckInKey
	Now                       time.Time
}

// CheckIn writes the person down as present; present before, it stays so. A wrong code is the refusal of a transaction that takes effect:
// it is counted.
func (c CheckIn) CheckIn(ctx context.Context, tx Tx) (r Registration, refusal, err error) {
	m, err := tx.Meeting(ctx, c.MeetingID)
	if err != nil {
		return r, nil, err
	}
	if err := m.checksIn(c.Now); err != nil {
		return r, nil, err
	}
	if r, err = c.seat(ctx, tx); err != nil || r.State == RegistrationPresent {
		return r, nil, err
	}
	refusal, err = c.try(ctx, tx)
	if refusal != nil || err != nil {
		return r, refusal, err
	}
	r, err = c.enter(ctx, tx)
	return r, nil, err
}

// seat is the person's seat, unless it was said already that nobody came to it.
func (c CheckIn) seat(ctx context.Context, tx Tx) (Registration, error) {
	all, err := tx.RegistrationsOf(ctx, c.MeetingID, []string{c.PersonID})
	if err != nil {
		return Registration{}, err
	}
	return seatAmong(all)
}

func seatAmong(own []Registration) (Registration, error) {
	if len(own) == 0 {
		return Registration{}, ErrNoSeatHere.At("meeting_id")
	}
	switch r := own[0]; r.State {
	case RegistrationConfirmed, RegistrationPresent:
		return r, nil
	case RegistrationAbsent, RegistrationExcused:
		return r, ErrAttendanceSaid.At("meeting_id").With("state", r.State.String())
	default:
		return r, ErrNoSeatHere.At("meeting_id").With("state", r.State.String())
	}
}

// try looks at the code, unless too many were wrong: then no answer tells whether this one is right.
func (c CheckIn) try(ctx context.Context, tx Tx) (refusal, err error) {
	tries, err := tx.HoldTries(ctx, c.MeetingID, c.PersonID)
	if err != nil {
		return nil, err
	}
	tries = tries.at(c.Now)
	if tries.Wrong >= maxTries {
		return ErrCheckInLocked.At("code").Retry(tries.Since.Add(triesWindow).Sub(c.Now)), nil
	}
	if refusal = c.Key.of(c.MeetingID).check(c.Code, c.Now); refusal == nil {
		return nil, nil //nolint:nilnil // a right code is no refusal
	}
	tries.Wrong++
	return refusal, tx.SaveTries(ctx, tries)
}

// enter writes the person down, while nothing else is said of the meeting.
func (c CheckIn) enter(ctx context.Context, tx Tx) (Registration, error) {
	m, err := tx.LockMeeting(ctx, c.MeetingID)
	if err != nil {
		return Registration{}, err
	}
	if err := m.checksIn(c.Now); err != nil {
		return Registration{}, err
	}
	r, err := c.seat(ctx, tx) // as it is now
	if err != nil || r.State == RegistrationPresent {
		return r, err
	}
	rank, err := tx.AttendanceRank(ctx, m.ID)
	if err != nil {
		return r, err
	}
	m.PresentCount++
	if _, err := save(ctx, tx, m, "meeting.updated"); err != nil {
		return r, err
	}
	change := AttendanceChange{
		MeetingID: m.ID, Rank: rank + 1, RegistrationID: r.ID, FromState: r.State, ToState: RegistrationPresent,
		Way: ByCode, PersonID: c.PersonID, SaidTime: c.Now, CreateTime: c.Now,
	}
	if err := tx.InsertAttendanceChanges(ctx, []AttendanceChange{change}); err != nil {
		return r, err
	}
	r.State, r.Version = RegistrationPresent, r.Version+1
	return r, attend(ctx, tx, []Registration{r})
}
