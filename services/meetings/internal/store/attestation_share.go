package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	shareColumns = `id, person_id, shown, label, structure_id, digest, created_at, expires_at, hidden_at`
	sharedIn     = `SELECT attestation_id FROM shared_attestations WHERE share_id = $1 ORDER BY attestation_id`
)

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
	s.Attestations, err = database.All(ctx, r.q, readText, sharedIn, id)
	return s, err
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

// fillShares adds the ids of the attestations.
func (r reads) fillShares(ctx context.Context, all []domain.AttestationShare) error {
	at, args := make(map[string]int, len(all)), make([]any, len(all))
	for i, s := range all {
		at[s.ID], args[i] = i, s.ID
	}
	pairs, err := database.All(ctx, r.q, func(scan database.Scan) (pair [2]string, err error) { return pair, scan(&pair[0], &pair[1]) },
		`SELECT share_id, attestation_id FROM shared_attestations WHERE share_id IN (`+marks(1, len(args))+`) ORDER BY attestation_id`, args...)
	for _, p := range pairs {
		s := &all[at[p[0]]]
		s.Attestations = append(s.Attestations, p[1])
	}
	return err
}

// sharedColumns are those of an attestation, a, with its meeting's zone.
var sharedColumns = `a.` + strings.Join(strings.Fields(attestationColumns), ` a.`) + `, m.time_zone`

func readShared(scan database.Scan) (a domain.SharedAttestation, err error) {
	a.Attestation, err = readAttestation(func(to ...any) error { return scan(append(to, &a.TimeZone)...) })
	return a, err
}

// SharedAttestations returns what a share shows, oldest first; what is no longer its holder's, it does not.
func (r reads) SharedAttestations(ctx context.Context, shareID string) ([]domain.SharedAttestation, error) {
	return database.All(ctx, r.q, readShared,
		`SELECT `+sharedColumns+` FROM attestation_shares s
		 JOIN shared_attestations x ON x.share_id = s.id
		 JOIN attestations a ON a.id = x.attestation_id AND a.person_id = s.person_id
		 JOIN meetings m ON m.id = a.meeting_id
		 WHERE s.id = $1 ORDER BY m.starts_at, a.id`, shareID)
}

// StructureAttestations returns what is shown to a structure then; of two shares of one attestation, the last one counts.
func (r reads) StructureAttestations(ctx context.Context, q domain.StructureAttestationQuery) ([]domain.StructureAttestation, error) {
	share, id := "", ""
	if len(q.After) == 2 {
		share, id = q.After[0], q.After[1]
	}
	return database.All(ctx, r.q, readStructureAttestation,
		`SELECT s.id, s.person_id, s.shown, s.digest, `+sharedColumns+` FROM attestation_shares s
		 JOIN shared_attestations x ON x.share_id = s.id
		 JOIN attestations a ON a.id = x.attestation_id AND a.person_id = s.person_id
		 JOIN meetings m ON m.id = a.meeting_id
		 WHERE s.structure_id = $1 AND s.structure_id <> '' AND s.hidden_at = 0 AND s.expires_at > $2 AND (s.id, a.id) > ($3, $4)
		   AND NOT EXISTS (SELECT 1 FROM shared_attestations y JOIN attestation_shares n ON n.id = y.share_id
		       WHERE y.attestation_id = a.id AND n.id > s.id AND n.structure_id = s.structure_id AND n.person_id = s.person_id
		         AND n.hidden_at = 0 AND n.expires_at > $2)
		 ORDER BY s.id, a.id LIMIT CAST($5 AS BIGINT)`, q.StructureID, database.Micros(q.Now), share, id, q.Limit)
}

func readStructureAttestation(scan database.Scan) (a domain.StructureAttestation, err error) {
	a.SharedAttestation, err = readShared(func(to ...any) error {
		return scan(append([]any{&a.Share.ID, &a.Share.PersonID, &a.Share.Shown, &a.Share.Digest}, to...)...)
	})
	return a, err
}

// InsertAttestationShare adds a share.
func (t *tx) InsertAttestationShare(ctx context.Context, s domain.AttestationShare) error {
	_, err := t.SQL.ExecContext(ctx, `INSERT INTO attestation_shares (`+shareColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		s.ID, s.PersonID, int(s.Shown), s.Label, s.StructureID, s.Digest, database.Micros(s.CreateTime), database.Micros(s.ExpireTime), micros(s.HideTime))
	if err != nil {
		return fmt.Errorf("insert share: %w", database.Explain(err))
	}
	rows := make([][]any, len(s.Attestations))
	for i, id := range s.Attestations {
		rows[i] = []any{s.ID, id}
	}
	return t.bulk(ctx, "shared_attestations", "share_id, attestation_id", rows)
}

// HideAttestationShare ends a share that is not hidden.
func (t *tx) HideAttestationShare(ctx context.Context, id string, now time.Time) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE attestation_shares SET hidden_at = $2 WHERE id = $1 AND hidden_at = 0`, id, database.Micros(now)))
}

// DeleteAttestationShares forgets a person's shares.
func (t *tx) DeleteAttestationShares(ctx context.Context, personID string) error {
	for _, query := range []string{
		`DELETE FROM shared_attestations WHERE share_id IN (SELECT id FROM attestation_shares WHERE person_id = $1)`,
		`DELETE FROM attestation_shares WHERE person_id = $1`,
	} {
		if _, err := t.SQL.ExecContext(ctx, query, personID); err != nil {
			return fmt.Errorf("forget shares: %w", database.Explain(err))
		}
	}
	return nil
}
