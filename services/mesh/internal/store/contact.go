package store

import (
	"context"
	"errors"
	"strings"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

const contactColumns = `person_id, name, email, language_code, edited, version, updated_at`

func readContact(scan database.Scan) (c domain.Contact, err error) {
	var updated int64
	err = scan(&c.PersonID, &c.Name, &c.Email, &c.Language, &c.Edited, &c.Version, &updated)
	c.UpdateTime = database.Time(updated)
	return c, err
}

// Contact returns what is known of a person.
func (r reads) Contact(ctx context.Context, personID string) (domain.Contact, error) {
	c, err := database.One(ctx, r.q, errs.ErrNotFound, readContact, `SELECT `+contactColumns+` FROM contacts WHERE person_id = $1`, personID)
	if errors.Is(err, errs.ErrNotFound) {
		return domain.NewContact(personID), nil
	}
	return c, err
}

// Contacts returns those of the persons of whom something is known.
func (r reads) Contacts(ctx context.Context, personIDs []string) ([]domain.Contact, error) {
	return database.In(ctx, r.q, readContact, personIDs, 1, `SELECT `+contactColumns+` FROM contacts WHERE person_id`, ` ORDER BY person_id`)
}

// PersonsAt returns who has an address.
func (r reads) PersonsAt(ctx context.Context, email string) ([]string, error) {
	return database.All(ctx, r.q, func(scan database.Scan) (id string, err error) { return id, scan(&id) },
		`SELECT person_id FROM contacts WHERE lower(email) = $1 ORDER BY person_id LIMIT CAST($2 AS BIGINT)`, strings.ToLower(email), domain.SharedAddress)
}

// SaveContact stores the next version of a contact.
func (t *tx) SaveContact(ctx context.Context, c domain.Contact) error {
	edited := 0
	if c.Edited {
		edited = 1
	}
	return database.Updated(t.SQL.ExecContext(ctx,
		`INSERT INTO contacts (`+contactColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)
		 ON CONFLICT (person_id) DO UPDATE SET name = excluded.name, email = excluded.email, language_code = excluded.language_code,
		     edited = excluded.edited, version = excluded.version, updated_at = excluded.updated_at
		 WHERE contacts.version = excluded.version - 1`,
		c.PersonID, c.Name, c.Email, c.Language, edited, c.Version, database.Micros(c.UpdateTime)))
}
