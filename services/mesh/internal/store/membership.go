package store

import (
	"context"
	"database/sql"
	"strings"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

var memberNames = []string{"id", "group_id", "person_id", "interest_id", "commune_code", "distance", "joined_at"}

func memberRow(m domain.Member) []any {
	return []any{m.ID, m.GroupID, m.PersonID, m.InterestID, m.CommuneCode, m.Distance, database.Micros(m.JoinTime)}
}

func readMember(scan database.Scan) (m domain.Member, err error) {
	var joined int64
	err = scan(&m.ID, &m.GroupID, &m.PersonID, &m.InterestID, &m.CommuneCode, &m.Distance, &joined)
	m.JoinTime = database.Time(joined)
	return m, err
}

// Members returns a group's learners, nearest to the place first.
func (r reads) Members(ctx context.Context, groupID string, p domain.Page) ([]domain.Member, error) {
	distance, person := afterNumber(p)
	return database.All(ctx, r.q, readMember, `SELECT `+strings.Join(memberNames, ", ")+` FROM group_members
		WHERE group_id = $1 AND (distance, person_id) > ($2, $3) ORDER BY distance, person_id LIMIT CAST($4 AS BIGINT)`, groupID, distance, person, p.Limit)
}

// Member returns a person's part in a group, or domain.ErrMembershipNotFound.
func (r reads) Member(ctx context.Context, groupID, personID string) (domain.Member, error) {
	return database.One(ctx, r.q, domain.ErrMembershipNotFound, readMember,
		`SELECT `+strings.Join(memberNames, ", ")+` FROM group_members WHERE group_id = $1 AND person_id = $2`, groupID, personID)
}

// IsMember tells whether a person is in a group.
func (r reads) IsMember(ctx context.Context, groupID, personID string) (bool, error) {
	return yes(ctx, r.q, `SELECT 1 FROM group_members WHERE group_id = $1 AND person_id = $2`, groupID, personID)
}

// TakeGroupSeat counts one more member. Its condition is read again once the row's turn has come, so that no two transactions take
// the last seat.
func (t *tx) TakeGroupSeat(ctx context.Context, groupID string, metres int) (domain.Group, error) {
	return database.One(ctx, t.SQL, domain.ErrGroupFull, readGroup,
		`UPDATE groups SET member_count = member_count + 1, version = version + 1,
		     longest_distance = CASE WHEN longest_distance < $2 THEN $2 ELSE longest_distance END
		 WHERE id = $1 AND member_count < $3 RETURNING `+groupColumns, groupID, metres, domain.MaxGroup)
}

// InsertMember adds a learner.
func (t *tx) InsertMember(ctx context.Context, m domain.Member) error {
	return t.BulkInsert(ctx, "group_members", memberNames, [][]any{memberRow(m)})
}

// DeleteMember takes a learner out, and returns the longest way of those who stay.
func (t *tx) DeleteMember(ctx context.Context, groupID, personID string) (int, error) {
	if err := database.Updated(t.SQL.ExecContext(ctx,
		`DELETE FROM group_members WHERE group_id = $1 AND person_id = $2`, groupID, personID)); err != nil {
		return 0, err
	}
	longest, err := database.One(ctx, t.SQL, nil, func(scan database.Scan) (n sql.NullInt64, err error) { return n, scan(&n) },
		`SELECT max(distance) FROM group_members WHERE group_id = $1`, groupID)
	return int(longest.Int64), err
}
