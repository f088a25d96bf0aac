package store

import (
	"context"
	"database/sql"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

const groupColumns = `id, campaign_id, module_id, place_id, commune_code, structure_id, organiser_id, member_count, longest_distance,
	version, created_at`

func readGroup(scan database.Scan) (g domain.Group, err error) {
	var created int64
	err = scan(&g.ID, &g.CampaignID, &g.ModuleID, &g.PlaceID, &g.CommuneCode, &g.StructureID, &g.OrganiserID, &g.MemberCount,
		&g.LongestDistance, &g.Version, &created)
	g.CreateTime = database.Time(created)
	return g, err
}

// Group returns a group, or domain.ErrGroupNotFound.
func (r reads) Group(ctx context.Context, id string) (domain.Group, error) {
	return database.One(ctx, r.q, domain.ErrGroupNotFound, readGroup, `SELECT `+groupColumns+` FROM groups WHERE id = $1`, id)
}

// Groups returns groups, oldest first.
func (r reads) Groups(ctx context.Context, q domain.GroupQuery) ([]domain.Group, error) {
	created, id := afterNumber(q.Page)
	var p params
	return database.All(ctx, r.q, readGroup,
		`SELECT `+groupColumns+` FROM groups
		 WHERE (created_at, id) > (`+p.add(created)+`, `+p.add(id)+`) AND `+p.optional("campaign_id", q.CampaignID)+`
		   AND `+p.optionalWithin("groups.commune_code", q.Territory)+`
		 ORDER BY created_at, id `+p.limit(q.Limit), p...)
}

// Members returns a group's learners, nearest to the place first.
func (r reads) Members(ctx context.Context, groupID string, p domain.Page) ([]domain.Member, error) {
	distance, person := afterNumber(p)
	return database.All(ctx, r.q, func(scan database.Scan) (m domain.Member, err error) {
		return m, scan(&m.GroupID, &m.PersonID, &m.InterestID, &m.CommuneCode, &m.Distance)
	}, `SELECT group_id, person_id, interest_id, commune_code, distance FROM group_members
		WHERE group_id = $1 AND (distance, person_id) > ($2, $3) ORDER BY distance, person_id LIMIT CAST($4 AS BIGINT)`, groupID, distance, person, p.Limit)
}

// IsMember tells whether a person is in a group.
func (r reads) IsMember(ctx context.Context, groupID, personID string) (bool, error) {
	return yes(ctx, r.q, `SELECT 1 FROM group_members WHERE group_id = $1 AND person_id = $2`, groupID, personID)
}

// InsertGroups adds groups with their members.
func (t *tx) InsertGroups(ctx context.Context, groups []domain.Group, members []domain.Member) error {
	var rows, memberRows [][]any
	for _, g := range groups {
		rows = append(rows, []any{g.ID, g.CampaignID, g.ModuleID, g.PlaceID, g.CommuneCode, g.StructureID, g.OrganiserID, g.MemberCount,
			g.LongestDistance, g.Version, database.Micros(g.CreateTime)})
	}
	for _, m := range members {
		memberRows = append(memberRows, []any{m.GroupID, m.PersonID, m.InterestID, m.CommuneCode, m.Distance})
	}
	columns := []string{"id", "campaign_id", "module_id", "place_id", "commune_code", "structure_id", "organiser_id", "member_count",
		"longest_distance", "version", "created_at"}
	if err := t.BulkInsert(ctx, "groups", columns, rows); err != nil {
		return err
	}
	return t.BulkInsert(ctx, "group_members",
		[]string{"group_id", "person_id", "interest_id", "commune_code", "distance"}, memberRows)
}

// UpdateGroup changes a group whose version before is still the current one.
func (t *tx) UpdateGroup(ctx context.Context, g domain.Group) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE groups SET organiser_id = $2, member_count = $3, longest_distance = $4, version = $5 WHERE id = $1 AND version = $5 - 1`,
		g.ID, g.OrganiserID, g.MemberCount, g.LongestDistance, g.Version))
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
