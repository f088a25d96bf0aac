package store

import (
	"context"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

const organiserColumns = `o.id, o.group_id, o.person_id, o.origin, o.passed_by, o.override_reason, o.state, o.version, o.created_at, o.accepted_at`

func readOrganiser(scan database.Scan) (o domain.Organiser, err error) {
	var created, accepted int64
	err = scan(&o.ID, &o.GroupID, &o.PersonID, &o.Origin, &o.PassedBy, &o.OverrideReason, &o.State, &o.Version, &created, &accepted)
	o.CreateTime = database.Time(created)
	if accepted != 0 {
		o.AcceptTime = database.Time(accepted)
	}
	return o, err
}

// Organiser returns an organiser, or domain.ErrOrganiserNotFound.
func (r reads) Organiser(ctx context.Context, id string) (domain.Organiser, error) {
	return database.One(ctx, r.q, domain.ErrOrganiserNotFound, readOrganiser, `SELECT `+organiserColumns+` FROM organisers o WHERE o.id = $1`, id)
}

// Organisers returns the organisers that the viewer may see: one's own proposals, those of one's groups, and those of the
// territories that one coordinates; oldest first.
func (r reads) Organisers(ctx context.Context, q domain.OrganiserQuery) ([]domain.Organiser, error) {
	created, id := afterNumber(q.Page)
	var p params
	return database.All(ctx, r.q, readOrganiser,
		`SELECT `+organiserColumns+` FROM organisers o JOIN groups g ON g.id = o.group_id
		 WHERE (o.created_at, o.id) > (`+p.add(created)+`, `+p.add(id)+`) AND `+p.optional("o.group_id", q.GroupID)+`
		   AND (`+p.concerns(q.Viewer, "g.commune_code", "o.person_id", "o.passed_by", "g.organiser_id")+`
		        OR EXISTS (SELECT 1 FROM group_members m WHERE m.group_id = g.id AND m.person_id = `+p.add(q.Viewer.PersonID)+`))
		 ORDER BY o.created_at, o.id `+p.limit(q.Limit), p...)
}

// HoldsCharge tells whether a person organises some group.
func (r reads) HoldsCharge(ctx context.Context, personID string) (bool, error) {
	return yes(ctx, r.q, `SELECT 1 FROM organisers WHERE person_id = $1 AND state = $2 LIMIT 1`, personID, int(domain.Accepted))
}

// LineageEdges returns the edges that the viewer may see, oldest first.
func (r reads) LineageEdges(ctx context.Context, q domain.LineageQuery) ([]domain.LineageEdge, error) {
	created, id := afterNumber(q.Page)
	var p params
	return database.All(ctx, r.q, func(scan database.Scan) (e domain.LineageEdge, err error) {
		var at int64
		err = scan(&e.ID, &e.From, &e.To, &e.GroupID, &e.Origin, &at)
		e.CreateTime = database.Time(at)
		return e, err
	}, `SELECT e.organiser_id, e.from_person, e.to_person, e.group_id, e.origin, e.created_at
		FROM lineage_edges e JOIN groups g ON g.id = e.group_id
		WHERE (e.created_at, e.organiser_id) > (`+p.add(created)+`, `+p.add(id)+`) AND `+p.optional("g.campaign_id", q.CampaignID)+`
		  AND (`+p.concerns(q.Viewer, "g.commune_code", "e.from_person", "e.to_person", "g.organiser_id")+`)
		ORDER BY e.created_at, e.organiser_id `+p.limit(q.Limit), p...)
}

// InsertOrganiser adds a proposal, or says which one stands in its way.
func (t *tx) InsertOrganiser(ctx context.Context, o domain.Organiser) error {
	done, err := inserted(t.SQL.ExecContext(ctx,
		`INSERT INTO organisers (id, group_id, person_id, origin, passed_by, override_reason, state, version, created_at, accepted_at)
		 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0) ON CONFLICT (group_id, person_id, origin, passed_by) DO NOTHING`,
		o.ID, o.GroupID, o.PersonID, int(o.Origin), o.PassedBy, o.OverrideReason, int(o.State), o.Version, database.Micros(o.CreateTime)))
	if err != nil || done {
		return err
	}
	other, err := database.One(ctx, t.SQL, errs.ErrAborted, readOrganiser,
		`SELECT `+organiserColumns+` FROM organisers o WHERE o.group_id = $1 AND o.person_id = $2 AND o.origin = $3 AND o.passed_by = $4`,
		o.GroupID, o.PersonID, int(o.Origin), o.PassedBy)
	if err != nil {
		return err
	}
	return domain.ErrAlreadyProposed.With("id", other.ID)
}

// UpdateOrganiser changes an organiser whose version before is still the current one.
func (t *tx) UpdateOrganiser(ctx context.Context, o domain.Organiser) error {
	accepted := int64(0)
	if !o.AcceptTime.IsZero() {
		accepted = database.Micros(o.AcceptTime)
	}
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE organisers SET state = $2, accepted_at = $3, version = $4 WHERE id = $1 AND version = $4 - 1`,
		o.ID, int(o.State), accepted, o.Version))
}

// InsertEdge adds an edge of the lineage, unless it closes a cycle.
func (t *tx) InsertEdge(ctx context.Context, e domain.LineageEdge) error {
	if _, err := t.SQL.ExecContext(ctx, `UPDATE lineage SET edges = edges + 1 WHERE id = 1`); err != nil {
		return database.Explain(err)
	}
	// Empty is the group itself: it descends from nobody.
	cycle, err := yes(ctx, t.SQL,
		`WITH RECURSIVE heirs (person) AS (
		     SELECT to_person FROM lineage_edges WHERE from_person = $1
		     UNION SELECT e.to_person FROM lineage_edges e JOIN heirs ON e.from_person = heirs.person)
		 SELECT 1 FROM heirs WHERE person = $2`, e.To, e.From)
	if err != nil {
		return err
	}
	if cycle || e.From == e.To {
		return domain.ErrLineageCycle
	}
	_, err = t.SQL.ExecContext(ctx,
		`INSERT INTO lineage_edges (organiser_id, from_person, to_person, group_id, origin, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		e.ID, e.From, e.To, e.GroupID, int(e.Origin), database.Micros(e.CreateTime))
	return database.Explain(err)
}
