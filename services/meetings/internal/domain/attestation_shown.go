package domain

import (
	"context"
	"time"
)

// ShownAttestation is an attestation as it is shown; what is not shown is zero.
type ShownAttestation struct {
	Reason        InvalidReason // 0 when it is valid
	Revoked       Revocation    // without who revoked it
	Role          AttestationRole
	Countersigned Countersigner
	Issuer        string

	ModuleTitle   string
	ModuleVersion int64
	Title         string
	Start, End    time.Time
	TimeZone      string
	IssueTime     time.Time
	Attended      time.Duration
	Competences   []Competence
	CommuneCode   string
	JWT           string
}

// ShownBadge is a badge as it is shown; what is not shown is zero.
type ShownBadge struct {
	Reason  InvalidReason // 0 when it is valid
	Revoked Revocation    // without who revoked it
	Standing
	Peers  int
	Issuer string

	IssueTime time.Time
	JWT       string
}

// Judge says of attestations and badges that are kept here what holds of them now.
type Judge struct {
	Credentials Credentials
	Keys        []Key
	Issuers     []Issuer
	Now         time.Time
}

// NewJudge reads what a judge needs, once for many of them.
func NewJudge(ctx context.Context, from AttestationReads, c Credentials, now time.Time) (j Judge, err error) {
	j = Judge{Credentials: c, Now: now}
	if j.Keys, err = from.Keys(ctx); err != nil {
		return j, err
	}
	j.Issuers, err = from.Issuers(ctx)
	return j, err
}

// Show is what these fields show of an attestation. What is said is read from the credential, with its signature: a row that somebody changed
// by hand is not shown as genuine. Nothing is in the answer that was not put there for a field.
func (j Judge) Show(a SharedCredential, fields ShownFields) ShownAttestation {
	c, reason := j.open(a)
	if c.AttestationID == "" {
		return ShownAttestation{Reason: reason}
	}
	shown := ShownAttestation{
		Reason: reason, Role: c.Role, Countersigned: c.Countersigned, Issuer: c.Issuer, Revoked: Revocation{Time: a.Revoked.Time, Reason: a.Revoked.Reason},
	}
	if fields.Has(ShownTitle) {
		shown.ModuleTitle, shown.ModuleVersion, shown.Title = c.ModuleTitle, c.ModuleVersion, c.Title
	}
	if fields.Has(ShownDates) {
		shown.Start, shown.End, shown.IssueTime = c.Start, c.End, c.IssueTime
	}
	if fields.Has(ShownHours) {
		shown.Attended = c.Attended
	}
	if fields.Has(ShownCompetences) {
		shown.Competences = c.CompetencesOf()
	}
	if fields.Has(ShownCommune) {
		shown.CommuneCode = c.CommuneCode
	}
	if fields.Has(ShownDates) && fields.Has(ShownCommune) { // an island's zone tells where it was
		shown.TimeZone = a.TimeZone
	}
	if fields == Everything {
		shown.JWT = a.JWT
	}
	return shown
}

// ShowBadge is what these fields show of a badge, read as an attestation is. Its level says little without how many peers have recognised it:
// both are always shown.
func (j Judge) ShowBadge(b SharedCredential, fields ShownFields) ShownBadge {
	c, reason := j.open(b)
	if c.AttestationID == "" {
		return ShownBadge{Reason: reason}
	}
	shown := ShownBadge{
		Reason: reason, Standing: c.Badge.Standing, Peers: c.Badge.Peers, Issuer: c.Issuer, Revoked: Revocation{Time: b.Revoked.Time, Reason: b.Revoked.Reason},
	}
	if fields.Has(ShownDates) {
		shown.IssueTime = c.IssueTime
	}
	if fields == Everything {
		shown.JWT = b.JWT
	}
	return shown
}

// open reads what is signed, and whether it holds; there are no claims when it is not signed by us, or is another's in this one's place.
func (j Judge) open(s SharedCredential) (Claims, InvalidReason) {
	c, reason := j.Credentials.Open(s.JWT, j.Keys, j.Issuers)
	switch {
	case reason != 0:
		return Claims{}, reason
	case c.AttestationID != s.ID || s.IsBadge != (c.Badge.Category != 0):
		return Claims{}, UnknownAttestation
	case !s.Revoked.Time.IsZero():
		return c, Revoked
	case !c.ValidUntil.IsZero() && !j.Now.Before(c.ValidUntil):
		return c, Expired
	}
	return c, 0
}
