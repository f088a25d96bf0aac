package domain

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Attestation is the proof of a person's part in a meeting that was declared and countersigned.
type Attestation struct {
	ID          string
	MeetingID   string
	PersonID    string
	CampaignID  string // the meeting's
	CommuneCode string // the meeting's
	Role        AttestationRole
	Signed
	Status     StatusEntry // zero for those from before there were lists
	CreateTime time.Time
	Revoked    Revocation // zero unless it is
}

// Version is the attestation's, for who hears of it.
func (a Attestation) Version() int64 {
	if a.Revoked.Time.IsZero() {
		return 1
	}
	return 2
}

// Signed is a credential in its two forms.
type Signed struct {
	JWT  string
	JSON string // with the proof inside; empty for those from before there was this form
}

// AttestationRole is a person's part in a meeting; the numbers are the contract's.
type AttestationRole int

// The parts in a meeting.
const (
	Participant AttestationRole = iota + 1
	Organiser
	Facilitator
)

// AttestationQuery selects attestations, oldest first: the person's own, and those of meetings in the territories.
type AttestationQuery struct {
	PersonID    string
	Territories []string
	MeetingID   string // "" for all
	Page
}

// AttestationReads finds attestations and the keys that verify them.
type AttestationReads interface {
	Attestation(ctx context.Context, id string) (Attestation, error)
	Attestations(ctx context.Context, q AttestationQuery) ([]Attestation, error)
	// Keys is every key that has ever signed here, oldest first.
	Keys(ctx context.Context) ([]Key, error)
	// Issuers is everyone in whose name was ever signed here.
	Issuers(ctx context.Context) ([]Issuer, error)
	// StatusList returns ErrStatusListNotFound for one that was not begun.
	StatusList(ctx context.Context, id int) (StatusList, error)
}

// AttestationWrites keeps attestations and keys.
type AttestationWrites interface {
	InsertAttestations(ctx context.Context, all []Attestation) error
	// SaveKey keeps a key for ever; the same one again changes nothing.
	SaveKey(ctx context.Context, k Key) error
	// SaveIssuer keeps an issuer for ever; the same one again changes nothing.
	SaveIssuer(ctx context.Context, i Issuer) error
	StatusWrites
}

// Key is the public half of a key that signs credentials.
type Key struct {
	ID         string // its RFC 7638 thumbprint
	X          string // the Ed25519 key itself, base64url
	CreateTime time.Time
}

// Issuer is in whose name credentials are signed, and the door at which their terms and status lists are.
type Issuer struct {
	URI  string
	Door string // empty for those from before badges
}

// Claims is what a credential says.
type Claims struct {
	AttestationID string
	PersonID      string
	Role          AttestationRole
	MeetingID     string
	Title         string // the meeting's own; empty when it is called after its module
	ModuleID      string // empty without one
	ModuleTitle   string
	ModuleVersion int64 // 0 when unknown
	Start, End    time.Time
	Attended      time.Duration // how long the person was there; 0 in those from before badges
	Competences   string        // of the module: numbers of the CRCN, with a space between each
	CommuneCode   string
	Countersigned Countersigner
	Badge         BadgeClaimed // of a badge by category and level; then nothing is said of a meeting, and the id is the badge's
	Status        StatusEntry
	IssueTime     time.Time
	ValidUntil    time.Time // zero: for ever
	Issuer        string    // a URI; whoever signs fills it in
}

// BadgeClaimed is what the credential of a badge says.
type BadgeClaimed struct {
	Standing
	Peers int // who have recognised it
}

// Countersigner is in which quality someone countersigned.
type Countersigner string

// The qualities in which a meeting may be countersigned.
const (
	AsCoordinator Countersigner = "COORDINATOR"
	AsRelay       Countersigner = "RELAY"
)

// Credentials signs what an attestation says, and reads back what was signed with one of the keys.
type Credentials interface {
	Sign(c Claims) (Signed, error)
	// Open takes either form.
	Open(credential string, keys []Key, issuers []Issuer) (Claims, InvalidReason)
	// StatusList is a list as a signed credential.
	StatusList(l StatusList) (string, error)
	// Identity says, in the issuer's name, which keys are its own.
	Identity(keys []Key) (string, error)
	// Terms explains the words that credentials use.
	Terms() string
}

// InvalidReason is why a credential is refused, 0 when it is not; the numbers are the contract's.
type InvalidReason int

// The reasons to refuse a credential.
const (
	Malformed InvalidReason = iota + 1
	UnknownKey
	BadSignature
	UnknownAttestation
	WrongIssuer
	Revoked
	Expired
)

// What an attestation may be refused for.
var (
	ErrAttestationNotFound   = errs.Missing("attestation", "attestation")
	ErrCountersignerInvolved = errs.New(errs.Denied, "COUNTERSIGNER_INVOLVED",
		"Whoever organised or attended a meeting does not countersign it; ask another coordinator, or a relay of the structure.",
		"Qui a organisé ce temps de rencontre ou y a participé ne le contresigne pas ; demandez à un autre coordinateur, ou à un relais de la structure.")
)

// Countersignature is who countersigns a meeting, and what its attestations are made with.
type Countersignature struct {
	PersonID string
	As       Countersigner
	// Module is the meeting's as it is now; zero when there is none.
	Module      AttestedModule
	Credentials Credentials
	NewID       func() string
	Now         time.Time
}

// AttestedModule is what an attestation says of a module beside its title.
type AttestedModule struct {
	Version     int64
	Competences []string // numbers of the CRCN
}

// CountersignMeeting countersigns a declared meeting and issues its attestations in the same transaction: nobody attests alone.
func CountersignMeeting(ctx context.Context, tx Tx, m Meeting, by Countersignature) (Meeting, []Attestation, error) {
	next, err := m.after(Countersign)
	if err != nil {
		return Meeting{}, nil, err
	}
	sheet, err := Attended(ctx, tx, m.ID)
	if err != nil {
		return Meeting{}, nil, err
	}
	if involved(m, sheet, by.PersonID) {
		return Meeting{}, nil, ErrCountersignerInvolved.At("id")
	}
	next.CountersignerID, next.AttestTime = by.PersonID, by.Now
	if next, err = save(ctx, tx, next, "meeting.attested"); err != nil {
		return Meeting{}, nil, err
	}
	if err := checkMinutes(ctx, tx, m.ID); err != nil {
		return Meeting{}, nil, err
	}
	parts := partsIn(m, sheet)
	entries, err := takeEntries(ctx, tx, len(parts), by.Now)
	if err != nil {
		return Meeting{}, nil, err
	}
	all, err := by.issue(next, parts, entries)
	if err != nil {
		return Meeting{}, nil, err
	}
	return next, all, tell(ctx, tx, all)
}

type part struct {
	personID string
	role     AttestationRole
	attended time.Duration
}

// partsIn is who gets an attestation: one a person, the organiser's before any other; nobody holds one for whoever was erased.
func partsIn(m Meeting, sheet AttendanceSheet) []part {
	parts := []part{{m.OrganiserID, Organiser, m.whole()}}
	for _, line := range sheet.Lines {
		if line.State == RegistrationPresent && line.PersonID != m.OrganiserID {
			parts = append(parts, part{line.PersonID, line.Role.attested(), line.attended(m)})
		}
	}
	return slices.DeleteFunc(parts, func(p part) bool { return p.personID == "" || IsNobody(p.personID) }) // who was erased has none
}

// whole is how long a meeting lasts, as attestations say it.
func (m Meeting) whole() time.Duration { return m.End.Sub(m.Start).Round(time.Minute) }

// attended is how long whoever is on the line was there. The two halves of a meeting are as long as each other: where its morning ends is
// said nowhere, and nobody loses by it. Who makes a meeting take place is there for all of it.
func (l AttendanceLine) attended(m Meeting) time.Duration {
	if l.Part == WholeMeeting || l.Role == FacilitatorSeat {
		return m.whole()
	}
	return (m.End.Sub(m.Start) / 2).Round(time.Minute)
}

// involved reports whether a person has a part in the meeting.
func involved(m Meeting, sheet AttendanceSheet, personID string) bool {
	return slices.ContainsFunc(partsIn(m, sheet), func(p part) bool { return p.personID == personID })
}

// attested is the part of whoever had such a seat.
func (r SeatRole) attested() AttestationRole {
	if r == FacilitatorSeat {
		return Facilitator
	}
	return Participant
}

func (by Countersignature) issue(m Meeting, parts []part, entries []StatusEntry) ([]Attestation, error) {
	all := make([]Attestation, len(parts))
	for i, p := range parts {
		a := Attestation{
			ID: by.NewID(), MeetingID: m.ID, PersonID: p.personID, CampaignID: m.CampaignID, CommuneCode: m.CommuneCode,
			Role: p.role, Status: entries[i], CreateTime: by.Now,
		}
		var err error
		if a.Signed, err = by.Credentials.Sign(by.claims(m, a, p.attended)); err != nil {
			return nil, fmt.Errorf("sign attestation: %w", err)
		}
		all[i] = a
	}
	return all, nil
}

func (by Countersignature) claims(m Meeting, a Attestation, attended time.Duration) Claims {
	return Claims{
		AttestationID: a.ID, PersonID: a.PersonID, Role: a.Role, MeetingID: m.ID, Title: m.Title, ModuleID: m.ModuleID,
		ModuleTitle: m.ModuleTitle, ModuleVersion: by.Module.Version, Start: m.Start, End: m.End, Attended: attended,
		Competences: strings.Join(by.Module.Competences, " "), CommuneCode: m.CommuneCode, Countersigned: by.As, Status: a.Status, IssueTime: by.Now,
	}
}

func tell(ctx context.Context, tx Tx, all []Attestation) error {
	if err := tx.InsertAttestations(ctx, all); err != nil {
		return err
	}
	issued := make([]Event, len(all))
	for i, a := range all {
		issued[i] = Event{Name: "attestation.issued", State: a}
	}
	return tx.Emit(ctx, issued...)
}

// Verdict is what became of looking at a credential.
type Verdict struct {
	Claims  Claims        // what it says; nothing for one that nobody here has signed
	Reason  InvalidReason // 0 when it is valid
	Revoked Revocation    // zero unless it is
}

// Verify says whether a credential is genuine, and what it says; a wrong one is an answer, not an error.
func Verify(ctx context.Context, store VerifiedReads, c Credentials, credential string, now time.Time) (Verdict, error) {
	keys, err := store.Keys(ctx)
	if err != nil {
		return Verdict{}, err
	}
	issuers, err := store.Issuers(ctx)
	if err != nil {
		return Verdict{}, err
	}
	claims, reason := c.Open(credential, keys, issuers)
	if reason != 0 {
		return Verdict{Reason: reason}, nil
	}
	revoked, err := revocationOf(ctx, store, claims)
	switch e := errs.From(err); {
	case e != nil && e.Kind == errs.NotFound:
		return Verdict{Reason: UnknownAttestation}, nil
	case err != nil:
		return Verdict{}, err
	case !revoked.Time.IsZero():
		return Verdict{Claims: claims, Reason: Revoked, Revoked: revoked}, nil
	case !claims.ValidUntil.IsZero() && !now.Before(claims.ValidUntil):
		return Verdict{Claims: claims, Reason: Expired}, nil
	}
	return Verdict{Claims: claims}, nil
}

// VerifiedReads finds what was signed here.
type VerifiedReads interface {
	AttestationReads
	BadgeReads
}

// revocationOf is what became of what a genuine credential is about, an attestation or a badge.
func revocationOf(ctx context.Context, store VerifiedReads, c Claims) (Revocation, error) {
	if c.Badge.Category != 0 {
		b, err := store.Badge(ctx, c.AttestationID)
		return b.Revoked, err
	}
	a, err := store.Attestation(ctx, c.AttestationID)
	return a.Revoked, err
}
