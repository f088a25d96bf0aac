package store

import (
	"context"

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

// InsertGroups adds groups with their members.
func (t *tx) InsertGroups(ctx context.Context, groups []domain.Group, members []domain.Member) error {
	var rows, memberRows [][]any
	for _, g := range groups {
		rows = append(rows, []any{g.ID, g.CampaignID, g.ModuleID, g.PlaceID, g.CommuneCode, g.StructureID, g.OrganiserID, g.MemberCount,
			g.LongestDistance, g.Version, database.Micros(g.CreateTime)})
	}
	for _, m := range members {
		memberRows = append(memberRows, memberRow(m))
	}
	columns := []string{"id", "campaign_id", "module_id", "place_id", "commune_code", "structure_id", "organiser_id", "member_count",
		"longest_distance", "version", "created_at"}
	if err := t.BulkInsert(ctx, "groups", columns, rows); err != nil {
		return err
	}
	return t.BulkInsert(ctx, "group_members", memberNames, memberRows)
}

// UpdateGroup changes a group whose version before is still the current one.
func (t *tx) UpdateGroup(ctx context.Context, g domain.Group) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE groups SET organiser_id = $2, member_count = $3, longest_distance = $4, version = $5 WHERE id = $1 AND version = $5 - 1`,
		g.ID, g.OrganiserID, g.MemberCount, g.LongestDistance, g.Version))
}
