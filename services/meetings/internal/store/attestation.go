package store

import (
	"context"
	"fmt"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const attestationColumns = `id, meeting_id, person_id, campaign_id, commune_code, role, credential, credential_json, status_list, status_index,
	created_at, revoked_at, revoked_by, revoke_reason`

func readAttestation(scan database.Scan) (a domain.Attestation, err error) {
	var created, revoked int64
	err = scan(&a.ID, &a.MeetingID, &a.PersonID, &a.CampaignID, &a.CommuneCode, &a.Role, &a.JWT, &a.JSON, &a.Status.List, &a.Status.Index,
		&created, &revoked, &a.Revoked.PersonID, &a.Revoked.Reason)
	a.CreateTime, a.Revoked.Time = database.Time(created), instant(revoked)
	return a, err
}

// Attestation returns an attestation, or domain.ErrAttestationNotFound.
func (r reads) Attestation(ctx context.Context, id string) (domain.Attestation, error) {
	return database.One(ctx, r.q, domain.ErrAttestationNotFound, readAttestation,
		`SELECT `+attestationColumns+` FROM attestations WHERE id = $1`, id)
}

// Attestations returns the person's attestations and those of the territories, oldest first.
func (r reads) Attestations(ctx context.Context, q domain.AttestationQuery) ([]domain.Attestation, error) {
	created, id := after(q.Page)
	args := []any{created, id, q.PersonID, q.MeetingID, q.Limit}
	reached := `person_id = $3`
	if n := len(q.Territories); n > 0 {
		reached = `(person_id = $3 OR commune_code IN
			(SELECT commune_code FROM commune_territories WHERE territory_code IN (` + marks(len(args)+1, n) + `)))`
		for _, territory := range q.Territories {
			args = append(args, territory)
		}
	}
	return database.All(ctx, r.q, readAttestation,
		`SELECT `+attestationColumns+` FROM attestations
		 WHERE (created_at, id) > ($1, $2) AND `+reached+` AND ($4 = '' OR meeting_id = $4)
		 ORDER BY created_at, id LIMIT CAST($5 AS BIGINT)`, args...)
}

// InsertAttestations adds a meeting's attestations.
func (t *tx) InsertAttestations(ctx context.Context, all []domain.Attestation) error {
	rows := make([][]any, len(all))
	for i, a := range all {
		rows[i] = []any{
			a.ID, a.MeetingID, a.PersonID, a.CampaignID, a.CommuneCode, int(a.Role), a.JWT, a.JSON, a.Status.List, a.Status.Index,
			database.Micros(a.CreateTime), micros(a.Revoked.Time), a.Revoked.PersonID, a.Revoked.Reason,
		}
	}
	return t.bulk(ctx, "attestations", attestationColumns, rows)
}

// Keys returns every key that has ever signed here, oldest first.
func (r reads) Keys(ctx context.Context) ([]domain.Key, error) {
	return database.All(ctx, r.q, readKey, `SELECT id, x, created_at FROM signing_keys ORDER BY created_at, id`)
}

func readKey(scan database.Scan) (k domain.Key, err error) {
	var created int64
	err = scan(&k.ID, &k.X, &created)
	k.CreateTime = database.Time(created)
	return k, err
}

// SaveKey keeps a key for ever; the same one again changes nothing.
func (t *tx) SaveKey(ctx context.Context, k domain.Key) error {
	_, err := t.SQL.ExecContext(ctx, `INSERT INTO signing_keys (id, x, created_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`,
		k.ID, k.X, database.Micros(k.CreateTime))
	if err != nil {
		return fmt.Errorf("keep key: %w", database.Explain(err))
	}
	return nil
}

// Issuers returns everyone in whose name was ever signed here.
func (r reads) Issuers(ctx context.Context) ([]domain.Issuer, error) {
	return database.All(ctx, r.q, readIssuer, `SELECT uri, door FROM credential_issuers ORDER BY uri, door`)
}

func readIssuer(scan database.Scan) (i domain.Issuer, err error) {
	return i, scan(&i.URI, &i.Door)
}

// SaveIssuer keeps an issuer for ever; the same one again changes nothing.
func (t *tx) SaveIssuer(ctx context.Context, i domain.Issuer) error {
	_, err := t.SQL.ExecContext(ctx, `INSERT INTO credential_issuers (uri, door) VALUES ($1, $2) ON CONFLICT (uri, door) DO NOTHING`, i.URI, i.Door)
	if err != nil {
		return fmt.Errorf("keep issuer: %w", database.Explain(err))
	}
	return nil
}
