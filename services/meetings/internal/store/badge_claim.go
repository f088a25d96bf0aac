package store

import (
	"context"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	badgeClaimColumns = `c.id, c.person_id, c.category, c.level, c.words, c.name_shared, c.commune_code, c.state, c.badge_id, c.version, c.created_at, c.ended_at`

	// met joins two people's attestations of the same meeting, neither revoked: a's is the claimant's, b's is the peer's.
	met = `attestations a JOIN attestations b ON b.meeting_id = a.meeting_id AND b.revoked_at = 0 AND a.revoked_at = 0`
)

func scanBadgeClaim(c *domain.BadgeClaim, more ...any) ([]any, func()) {
	var created, ended int64
	into := []any{&c.ID, &c.PersonID, &c.Category, &c.Level, &c.Words, &c.NameShared, &c.CommuneCode, &c.State, &c.BadgeID, &c.Version, &created, &ended}
	return append(into, more...), func() {
		c.CreateTime, c.EndTime = database.Time(created), instant(ended)
	}
}

func readBadgeClaim(scan database.Scan) (c domain.BadgeClaim, err error) {
	into, done := scanBadgeClaim(&c)
	err = scan(into...)
	done()
	return c, err
}

func readPeerClaim(scan database.Scan) (c domain.PeerClaim, err error) {
	var said int64
	into, done := scanBadgeClaim(&c.BadgeClaim, &c.MeetingID, &c.Recognition.Sentence, &c.Recognition.MeetingID, &said)
	err = scan(into...)
	done()
	c.Recognition.CreateTime = instant(said)
	return c, err
}

// BadgeClaim returns a claim with its evidence, or domain.ErrBadgeClaimNotFound.
func (r reads) BadgeClaim(ctx context.Context, id string) (domain.BadgeClaim, error) {
	c, err := database.One(ctx, r.q, domain.ErrBadgeClaimNotFound, readBadgeClaim, `SELECT `+badgeClaimColumns+` FROM badge_claims c WHERE c.id = $1`, id)
	if err == nil {
		err = r.evidence(ctx, &c)
	}
	return c, err
}

// BadgeClaims returns a person's claims, oldest first.
func (r reads) BadgeClaims(ctx context.Context, q domain.BadgeQuery) ([]domain.BadgeClaim, error) {
	created, id := after(q.Page)
	all, err := database.All(ctx, r.q, readBadgeClaim,
		`SELECT `+badgeClaimColumns+` FROM badge_claims c WHERE c.person_id = $1 AND (c.created_at, c.id) > ($2, $3)
		 ORDER BY c.created_at, c.id LIMIT CAST($4 AS BIGINT)`, q.PersonID, created, id, q.Limit)
	for i := range all {
		if err == nil {
			err = r.evidence(ctx, &all[i])
		}
	}
	return all, err
}

func (r reads) evidence(ctx context.Context, c *domain.BadgeClaim) (err error) {
	c.Evidence, err = database.All(ctx, r.q, func(scan database.Scan) (id string, err error) { return id, scan(&id) },
		`SELECT attestation_id FROM badge_evidence WHERE claim_id = $1 ORDER BY attestation_id`, c.ID)
	return err
}

// peerClaims are claims with the last meeting at which $1 was with the claimant, and what $1 has said of them.
const peerClaims = `SELECT ` + badgeClaimColumns + `,
		(SELECT a.meeting_id FROM ` + met + ` WHERE a.person_id = c.person_id AND b.person_id = $1 ORDER BY a.created_at DESC, a.meeting_id DESC LIMIT 1),
		coalesce(r.sentence, ''), coalesce(r.meeting_id, ''), coalesce(r.created_at, 0)
	FROM badge_claims c LEFT JOIN badge_recognitions r ON r.claim_id = c.id AND r.peer_id = $1
	WHERE c.person_id <> $1 AND c.person_id IN (SELECT a.person_id FROM ` + met + ` WHERE b.person_id = $1)`

// PeerClaims returns the open claims of those with whom a person was at an attested meeting, oldest first.
func (r reads) PeerClaims(ctx context.Context, q domain.BadgeQuery) ([]domain.PeerClaim, error) {
	created, id := after(q.Page)
	return database.All(ctx, r.q, readPeerClaim,
		peerClaims+` AND c.state = 1 AND (c.created_at, c.id) > ($2, $3) ORDER BY c.created_at, c.id LIMIT CAST($4 AS BIGINT)`,
		q.PersonID, created, id, q.Limit)
}

// PeerClaim returns one claim as a peer sees it, or domain.ErrBadgeClaimNotFound.
func (r reads) PeerClaim(ctx context.Context, id, personID string) (domain.PeerClaim, error) {
	return database.One(ctx, r.q, domain.ErrBadgeClaimNotFound, readPeerClaim, peerClaims+` AND c.id = $2`, personID, id)
}

// Recognitions returns what was said of a claim, oldest first.
func (r reads) Recognitions(ctx context.Context, claimID string) ([]domain.Recognition, error) {
	return database.All(ctx, r.q, func(scan database.Scan) (out domain.Recognition, err error) {
		var created int64
		err = scan(&out.PeerID, &out.MeetingID, &out.Sentence, &created)
		out.CreateTime = database.Time(created)
		return out, err
	}, `SELECT peer_id, meeting_id, sentence, created_at FROM badge_recognitions WHERE claim_id = $1 ORDER BY created_at, peer_id`, claimID)
}

// Support counts the recognitions of a claim that hold.
func (r reads) Support(ctx context.Context, c domain.BadgeClaim) (domain.Support, error) {
	return database.One(ctx, r.q, domain.ErrBadgeClaimNotFound, func(scan database.Scan) (s domain.Support, err error) {
		return s, scan(&s.Peers, &s.Experienced)
	}, `SELECT count(*), coalesce(sum(CASE
	         WHEN EXISTS (SELECT 1 FROM badges h WHERE h.person_id = r.peer_id AND h.category = r.category AND h.level >= r.level AND h.revoked_at = 0)
	         THEN 1
	         WHEN EXISTS (SELECT 1 FROM attestations f WHERE f.person_id = r.peer_id AND f.role IN (2, 3) AND f.revoked_at = 0) THEN 1
	         ELSE 0 END), 0)
	    FROM badge_recognitions r
	    WHERE r.claim_id = $1 AND EXISTS (SELECT 1 FROM `+met+` WHERE a.person_id = r.person_id AND b.person_id = r.peer_id)`, c.ID)
}

// OwnAttestations returns those of the attestations that are the person's and hold.
func (t *tx) OwnAttestations(ctx context.Context, personID string, ids []string) ([]domain.Attestation, error) {
	args := []any{personID}
	for _, id := range ids {
		args = append(args, id)
	}
	return database.All(ctx, t.q, readAttestation,
		`SELECT `+attestationColumns+` FROM attestations WHERE person_id = $1 AND revoked_at = 0 AND id IN (`+marks(2, len(ids))+`)
		 ORDER BY created_at, id`, args...)
}

// StandingEvidence returns how many of a claim's attestations hold.
func (t *tx) StandingEvidence(ctx context.Context, claimID string) (int, error) {
	return database.One(ctx, t.q, domain.ErrBadgeClaimNotFound, readIndex,
		`SELECT count(*) FROM badge_evidence e JOIN attestations a ON a.id = e.attestation_id WHERE e.claim_id = $1 AND a.revoked_at = 0`, claimID)
}

// InsertBadgeClaim adds a claim and what shows it, or returns domain.ErrBadgeClaimOpen.
func (t *tx) InsertBadgeClaim(ctx context.Context, c domain.BadgeClaim) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO badge_claims (id, person_id, category, level, words, name_shared, commune_code, state, version, created_at)
		 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		c.ID, c.PersonID, int(c.Category), int(c.Level), c.Words, number(c.NameShared), c.CommuneCode, int(c.State), c.Version, database.Micros(c.CreateTime))
	if kind, _ := database.Violation(err); kind == database.Unique {
		return domain.ErrBadgeClaimOpen.Because(err)
	}
	if err != nil {
		return database.Explain(err)
	}
	rows := make([][]any, len(c.Evidence))
	for i, id := range c.Evidence {
		rows[i] = []any{c.ID, id}
	}
	return t.bulk(ctx, "badge_evidence", "claim_id, attestation_id", rows)
}

// LockBadgeClaim holds the claim's row until the transaction ends.
func (t *tx) LockBadgeClaim(ctx context.Context, id string) (domain.BadgeClaim, error) {
	if _, err := t.SQL.ExecContext(ctx, `UPDATE badge_claims SET version = version WHERE id = $1`, id); err != nil {
		return domain.BadgeClaim{}, database.Explain(err)
	}
	return t.BadgeClaim(ctx, id)
}

// UpdateBadgeClaim ends a claim.
func (t *tx) UpdateBadgeClaim(ctx context.Context, c domain.BadgeClaim) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE badge_claims SET state = $1, badge_id = $2, ended_at = $3, version = version + 1 WHERE id = $4 AND state = 1`,
		int(c.State), c.BadgeID, micros(c.EndTime), c.ID))
}

// InsertRecognition adds what a peer says, or returns domain.ErrReciprocal.
func (t *tx) InsertRecognition(ctx context.Context, c domain.BadgeClaim, r domain.Recognition) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO badge_recognitions (claim_id, peer_id, person_id, category, level, one, other, meeting_id, sentence, live, created_at)
		 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10)`,
		c.ID, r.PeerID, c.PersonID, int(c.Category), int(c.Level), min(r.PeerID, c.PersonID), max(r.PeerID, c.PersonID), r.MeetingID, r.Sentence,
		database.Micros(r.CreateTime))
	if kind, _ := database.Violation(err); kind == database.Unique {
		return domain.ErrReciprocal.Because(err)
	}
	return database.Explain(err)
}

// DeleteRecognitions takes back what a peer has said of a claim, or everybody when the peer is "".
func (t *tx) DeleteRecognitions(ctx context.Context, claimID, peerID string) (int, error) {
	gone, err := t.SQL.ExecContext(ctx, `DELETE FROM badge_recognitions WHERE claim_id = $1 AND ($2 = '' OR peer_id = $2)`, claimID, peerID)
	if err != nil {
		return 0, database.Explain(err)
	}
	n, err := gone.RowsAffected()
	return int(n), err
}
