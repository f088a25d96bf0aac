package store

import (
	"context"
	"fmt"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const shareColumns = `id, person_id, shown, label, structure_id, digest, created_at, expires_at, hidden_at`

func readAttestationShare(scan database.Scan) (s domain.AttestationShare, err error) {
	var created, expires, hidden int64
	err = scan(&s.ID, &s.PersonID, &s.Shown, &s.Label, &s.StructureID, &s.Digest, &created, &expires, &hidden)
	s.CreateTime, s.ExpireTime, s.HideTime = database.Time(created), database.Time(expires), instant(hidden)
	return s, err
}

// AttestationShare returns a share, or domain.ErrAttestationShareNotFound.
func (r reads) AttestationShare(ctx context.Context, id string) (domain.AttestationShare, error) {
	s, err := database.One(ctx, r.q, domain.ErrAttestationShareNotFound, readAttestationShare,
		`SELECT `+shareColumns+` FROM attestation_shares WHERE id = $1`, id)
	if err != nil {
		return s, err
	}
	filled := []domain.AttestationShare{s}
	err = r.fillShares(ctx, filled)
	return filled[0], err
}

// AttestationShareOf returns the share of a link that was not hidden, or domain.ErrAttestationNotShown.
func (r reads) AttestationShareOf(ctx context.Context, digest string) (domain.AttestationShare, error) {
	return database.One(ctx, r.q, domain.ErrAttestationNotShown, readAttestationShare,
		`SELECT `+shareColumns+` FROM attestation_shares WHERE digest = $1 AND hidden_at = 0`, digest)
}

// AttestationShares returns a person's shares that are seen then, oldest first.
func (r reads) AttestationShares(ctx context.Context, q domain.AttestationShareQuery) ([]domain.AttestationShare, error) {
	created, id := after(q.Page)
	all, err := database.All(ctx, r.q, readAttestationShare,
		`SELECT `+shareColumns+` FROM attestation_shares
		 WHERE person_id = $1 AND hidden_at = 0 AND expires_at > $2 AND (created_at, id) > ($3, $4)
		 ORDER BY created_at, id LIMIT CAST($5 AS BIGINT)`, q.PersonID, database.Micros(q.Now), created, id, q.Limit)
	if err != nil || len(all) == 0 {
		return all, err
	}
	return all, r.fillShares(ctx, all)
}

// fillShares adds the ids of the attestations and badges.
func (r reads) fillShares(ctx context.Context, all []domain.AttestationShare) error {
	at, args := make(map[string]*domain.AttestationShare, len(all)), make([]any, len(all))
	for i, s := range all {
		at[s.ID], args[i] = &all[i], s.ID
	}
	within := ` WHERE share_id IN (` + marks(1, len(args)) + `)`
	items, err := database.All(ctx, r.q, func(scan database.Scan) (i sharedID, err error) { return i, scan(&i.share, &i.id, &i.isBadge) },
		`SELECT share_id, attestation_id AS id, 0 AS badge FROM shared_attestations`+within+`
		 UNION ALL SELECT share_id, badge_id, 1 FROM shared_badges`+within+` ORDER BY id`, args...)
	for _, i := range items {
		if s := at[i.share]; i.isBadge {
			s.Badges = append(s.Badges, i.id)
		} else {
			s.Attestations = append(s.Attestations, i.id)
		}
	}
	return err
}

type sharedID struct {
	share, id string
	isBadge   bool
}

// sharedWhere selects what is in shares, s: attestations, and badges, as long as they are the holder's. For each the condition may ask for what
// is in the share, x.
func sharedWhere(condition string) string {
	const of = `SELECT s.id AS share, s.person_id, s.shown, s.digest, x.id AS item, `
	return of + `0 AS badge, m.starts_at AS dated, a.credential, a.revoked_at, a.revoke_reason, m.time_zone FROM attestation_shares s
		JOIN (SELECT share_id, attestation_id AS id FROM shared_attestations) x ON x.share_id = s.id
		JOIN attestations a ON a.id = x.id AND a.person_id = s.person_id
		JOIN meetings m ON m.id = a.meeting_id WHERE ` + condition + `
		UNION ALL ` + of + `1, b.created_at, b.credential, b.revoked_at, b.revoke_reason, '' FROM attestation_shares s
		JOIN (SELECT share_id, badge_id AS id FROM shared_badges) x ON x.share_id = s.id
		JOIN badges b ON b.id = x.id AND b.person_id = s.person_id WHERE ` + condition
}

func readShared(scan database.Scan) (c domain.StructureCredential, err error) {
	var dated, revoked int64
	err = scan(&c.Share.ID, &c.Share.PersonID, &c.Share.Shown, &c.Share.Digest, &c.ID, &c.IsBadge, &dated, &c.JWT, &revoked, &c.Revoked.Reason, &c.TimeZone)
	c.Revoked.Time = instant(revoked)
	return c, err
}

// SharedCredentials returns what a share shows, attestations before badges, oldest first; what is no longer its holder's, it does not.
func (r reads) SharedCredentials(ctx context.Context, shareID string) ([]domain.SharedCredential, error) {
	return database.All(ctx, r.q, func(scan database.Scan) (domain.SharedCredential, error) {
		c, err := readShared(scan)
		return c.SharedCredential, err
	}, sharedWhere(`s.id = $1`)+` ORDER BY badge, dated, item`, shareID)
}

// StructureCredentials returns what is shown to a structure then; of two shares of one attestation or badge, the last one counts.
func (r reads) StructureCredentials(ctx context.Context, q domain.StructureCredentialQuery) ([]domain.StructureCredential, error) {
	share, id := "", ""
	if len(q.After) == 2 {
		share, id = q.After[0], q.After[1]
	}
	return database.All(ctx, r.q, readShared, sharedWhere(
		`s.structure_id = $1 AND s.structure_id <> '' AND s.hidden_at = 0 AND s.expires_at > $2 AND (s.id, x.id) > ($3, $4)
		 AND NOT EXISTS (SELECT 1 FROM (SELECT share_id FROM shared_attestations WHERE attestation_id = x.id
		         UNION ALL SELECT share_id FROM shared_badges WHERE badge_id = x.id) y
		     JOIN attestation_shares n ON n.id = y.share_id
		     WHERE n.id > s.id AND n.structure_id = s.structure_id AND n.person_id = s.person_id AND n.hidden_at = 0 AND n.expires_at > $2)`)+`
		 ORDER BY share, item LIMIT CAST($5 AS BIGINT)`, q.StructureID, database.Micros(q.Now), share, id, q.Limit)
}

// InsertAttestationShare adds a share.
func (t *tx) InsertAttestationShare(ctx context.Context, s domain.AttestationShare) error {
	_, err := t.SQL.ExecContext(ctx, `INSERT INTO attestation_shares (`+shareColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		s.ID, s.PersonID, int(s.Shown), s.Label, s.StructureID, s.Digest, database.Micros(s.CreateTime), database.Micros(s.ExpireTime), micros(s.HideTime))
	if err != nil {
		return fmt.Errorf("insert share: %w", database.Explain(err))
	}
	if err := t.bulk(ctx, "shared_attestations", "share_id, attestation_id", sharedRows(s.ID, s.Attestations)); err != nil {
		return err
	}
	return t.bulk(ctx, "shared_badges", "share_id, badge_id", sharedRows(s.ID, s.Badges))
}

func sharedRows(shareID string, ids []string) [][]any {
	rows := make([][]any, len(ids))
	for i, id := range ids {
		rows[i] = []any{shareID, id}
	}
	return rows
}

// HideAttestationShare ends a share that is not hidden.
func (t *tx) HideAttestationShare(ctx context.Context, id string, now time.Time) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE attestation_shares SET hidden_at = $2 WHERE id = $1 AND hidden_at = 0`, id, database.Micros(now)))
}
