// Package erasure is what all services share of forgetting a person: who was erased, so that nothing which comes late brings them back,
// and ids that stand in where others' records need one. What is forgotten, each service knows itself.
package erasure

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
)

// Settling is how long after an erasure something may still be written under the old id: other services remember for five minutes who a
// token stands for, where they have not heard of the erasure, and a request that was under way ends. The person is then looked for once
// more, and the id itself is forgotten.
const Settling = 10 * time.Minute

// version marks an id as nobody's: those of people are of version 4, those of records of version 7.
const version = 8

// StandIn is a new random id that is nobody's. Nothing leads from one to another, nor to a person.
func StandIn() string {
	id := uuid.New()
	id[6] = id[6]&0x0f | version<<4
	return id.String()
}

// IsStandIn tells whether an id is nobody's.
func IsStandIn(id string) bool {
	parsed, err := uuid.Parse(id)
	return err == nil && parsed.Version() == version
}

// Digest recognises an id without holding it. The ids of people are random: nobody finds one by trying.
func Digest(personID string) string {
	sum := sha256.Sum256([]byte(personID))
	return hex.EncodeToString(sum[:])
}

// Note remembers that a person was erased, in the transaction that erases; the same again changes nothing.
func Note(ctx context.Context, tx *sql.Tx, personID string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO erasures (digest, person_id, erased_at) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING`,
		Digest(personID), personID, database.Micros(now))
	return database.Explain(err)
}

// When tells when a person was erased; the zero time when they were not.
func When(ctx context.Context, q database.Queryer, personID string) (time.Time, error) {
	at, err := database.One(ctx, q, errs.ErrNotFound, func(scan database.Scan) (us int64, err error) { return us, scan(&us) },
		`SELECT erased_at FROM erasures WHERE digest = $1`, Digest(personID))
	switch {
	case errors.Is(err, errs.ErrNotFound):
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, err
	}
	return database.Time(at), nil
}

// Among tells which of the people were erased.
func Among(ctx context.Context, q database.Queryer, people []string) (erased []string, err error) {
	digests, of := make([]string, len(people)), make(map[string]string, len(people))
	for i, id := range people {
		digests[i] = Digest(id)
		of[digests[i]] = id
	}
	found, err := database.In(ctx, q, func(scan database.Scan) (digest string, err error) { return digest, scan(&digest) }, digests, 1,
		`SELECT digest FROM erasures WHERE digest`, ``)
	for _, digest := range found {
		erased = append(erased, of[digest])
	}
	return erased, err
}

// Settle forgets the id of an erased person, in the transaction that has looked for it once more.
func Settle(ctx context.Context, tx *sql.Tx, personID string) error {
	_, err := tx.ExecContext(ctx, `UPDATE erasures SET person_id = '' WHERE digest = $1`, Digest(personID))
	return database.Explain(err)
}

// ForgetReplies removes what commands were answered, where the person stands in the answer. Answers are kept for 48 hours, so that a
// retry has one effect; whoever is retried after an erasure in between is told anew.
func ForgetReplies(ctx context.Context, tx *sql.Tx, engine database.Engine, personID string) error {
	query := `DELETE FROM requests WHERE instr(reply, CAST($1 AS BLOB)) > 0`
	if engine == database.Postgres {
		query = `DELETE FROM requests WHERE position(convert_to($1, 'UTF8') IN reply) > 0`
	}
	_, err := tx.ExecContext(ctx, query, personID)
	return database.Explain(err)
}
