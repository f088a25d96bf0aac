package store

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/erasure"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// forgetting is what an erasure does to each table that holds people, in this order; $1 is the person. What becomes of each, and why:
// docs/personal-data.md. A new table that names people has its line here, or its columns in standing.
var forgetting = []string{
	`DELETE FROM identities WHERE person_id = $1`,
	`DELETE FROM role_grants WHERE person_id = $1`,
	`DELETE FROM contacts WHERE person_id = $1`,
	`DELETE FROM professionals WHERE person_id = $1`,
	`DELETE FROM invitations WHERE person_id = $1`,
	`DELETE FROM interests WHERE person_id = $1`,
	`DELETE FROM organisers WHERE person_id = $1 AND NOT EXISTS (SELECT 1 FROM lineage_edges e WHERE e.organiser_id = organisers.id)`,
	`UPDATE organisers SET state = 3, override_reason = '', version = version + 1 WHERE person_id = $1`,
	`UPDATE erasure_orders SET ordered_by = '' WHERE ordered_by = $1`,
	`DELETE FROM people WHERE id = $1`,
}

// standing is where an id that is nobody's, the same in all of them, takes the person's place ($2 for $1): who passed the competence to
// whom stays a line from one to the next.
var standing = []string{
	`UPDATE organisers SET person_id = $2 WHERE person_id = $1`,
	`UPDATE organisers SET passed_by = $2 WHERE passed_by = $1`,
	`UPDATE lineage_edges SET from_person = $2 WHERE from_person = $1`,
	`UPDATE lineage_edges SET to_person = $2 WHERE to_person = $1`,
}

// ForgetPerson removes a person from every table. An interest that was put into a group meanwhile makes Write run again.
func (t *tx) ForgetPerson(ctx context.Context, personID string) error {
	for _, statement := range forgetting {
		_, err := t.SQL.ExecContext(ctx, statement, personID)
		if kind, _ := database.Violation(err); kind == database.ForeignKey {
			return errs.ErrAborted.Because(err)
		}
		if err != nil {
			return database.Explain(err)
		}
	}
	nobody := erasure.StandIn()
	for _, statement := range standing {
		if _, err := t.SQL.ExecContext(ctx, statement, personID, nobody); err != nil {
			return database.Explain(err)
		}
	}
	return nil
}

// Erased returns when a person was erased, or the zero time.
func (r reads) Erased(ctx context.Context, personID string) (time.Time, error) {
	return erasure.When(ctx, r.q, personID)
}

// KeepOrder remembers why somebody else ordered an erasure.
func (t *tx) KeepOrder(ctx context.Context, e domain.Erasure) error {
	_, err := t.SQL.ExecContext(ctx, `INSERT INTO erasure_orders (digest, ordered_by, reason) VALUES ($1, $2, $3)`,
		erasure.Digest(e.PersonID), e.OrderedBy, e.Reason)
	return database.Explain(err)
}

// GroupsOf returns the groups that a person organises.
func (r reads) GroupsOf(ctx context.Context, organiserID string) ([]domain.Group, error) {
	return database.All(ctx, r.q, readGroup, `SELECT `+groupColumns+` FROM groups WHERE organiser_id = $1 ORDER BY id`, organiserID)
}

// MembershipsOf returns a person's parts in groups.
func (r reads) MembershipsOf(ctx context.Context, personID string) ([]domain.Member, error) {
	return database.All(ctx, r.q, readMember, `SELECT id, group_id, person_id, interest_id, commune_code, distance, joined_at
		FROM group_members WHERE person_id = $1 ORDER BY group_id`, personID)
}
