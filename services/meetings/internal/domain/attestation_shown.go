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

// Judge says of attestations that are kept here what holds of them now.
type Judge struct {
	Credentials Credentials
	Keys        []Key
	Issuers     []Issuer
	Now         time.Time
}

// NewJudge reads what a judge needs, once for many attestations.
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
func (j Judge) Show(a SharedAttestation, fields ShownFields) ShownAttestation {
	c, reason := j.Credentials.Open(a.JWT, j.Keys, j.Issuers)
	if reason != 0 {
		return ShownAttestation{Reason: reason}
	}
	shown := ShownAttestation{
		Role: c.Role, Countersigned: c.Countersigned, Issuer: c.Issuer, Revoked: Revocation{Time: a.Revoked.Time, Reason: a.Revoked.Reason},
	}
	switch {
	case !a.Revoked.Time.IsZero():
		shown.Reason = Revoked
	case !c.ValidUntil.IsZero() && !j.Now.Before(c.ValidUntil):
		shown.Reason = Expired
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
