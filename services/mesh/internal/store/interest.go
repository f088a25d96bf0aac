package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

const interestColumns = `interests.id, interests.person_id, interests.commune_code, interests.module_id, interests.campaign_id,
	interests.state, interests.group_id, interests.sphere, interests.version, interests.created_at`

func readInterest(scan database.Scan) (i domain.Interest, err error) {
	return scanInterest(scan)
}

func scanInterest(scan database.Scan, more ...any) (i domain.Interest, err error) {
	var created int64
	err = scan(append([]any{&i.ID, &i.PersonID, &i.CommuneCode, &i.ModuleID, &i.CampaignID, &i.State, &i.GroupID, &i.Sphere, &i.Version, &created}, more...)...)
	i.CreateTime = database.Time(created)
	return i, err
}

// Interest returns an interest, or domain.ErrInterestNotFound.
func (r reads) Interest(ctx context.Context, id string) (domain.Interest, error) {
	return database.One(ctx, r.q, domain.ErrInterestNotFound, readInterest, `SELECT `+interestColumns+` FROM interests WHERE id = $1`, id)
}

// Interests returns the interests that the viewer may see, as the person, as the group's organiser or as coordinator, oldest first.
func (r reads) Interests(ctx context.Context, q domain.InterestQuery) ([]domain.Interest, error) {
	created, id := afterNumber(q.Page)
	var p params
	query := `SELECT ` + interestColumns + ` FROM interests LEFT JOIN groups g ON g.id = interests.group_id
		WHERE (interests.created_at, interests.id) > (` + p.add(created) + `, ` + p.add(id) + `)
		  AND ` + p.optional("interests.campaign_id", q.CampaignID) + `
		  AND (` + p.concerns(q.Viewer, "interests.commune_code", "interests.person_id", "g.organiser_id") + `)`
	if q.State != 0 {
		query += ` AND interests.state = ` + p.add(int(q.State))
	}
	return database.All(ctx, r.q, readInterest, query+` ORDER BY interests.created_at, interests.id `+p.limit(q.Limit), p...)
}

func readWaiting(scan database.Scan) (w domain.WaitingInterest, err error) {
	var latitude, longitude sql.NullFloat64
	w.Interest, err = scanInterest(scan, &latitude, &longitude)
	w.Position, w.Located = domain.Position{Latitude: latitude.Float64, Longitude: longitude.Float64}, latitude.Valid
	return w, err
}

// WaitingInterests returns those of a campaign that wait for a group for the module.
func (r reads) WaitingInterests(ctx context.Context, campaignID, moduleID string) ([]domain.WaitingInterest, error) {
	return database.All(ctx, r.q, readWaiting, `SELECT `+interestColumns+`, t.latitude, t.longitude FROM interests LEFT JOIN territories t ON t.code = interests.commune_code
		WHERE interests.campaign_id = $1 AND interests.module_id = $2 AND interests.state = 1`, campaignID, moduleID)
}

// InterestsOf returns what a person wishes for a module, of the campaigns that are named.
func (r reads) InterestsOf(ctx context.Context, personID, moduleID string, campaigns ...string) ([]domain.Interest, error) {
	var p params
	return database.All(ctx, r.q, readInterest,
		`SELECT `+interestColumns+` FROM interests WHERE person_id = `+p.add(personID)+` AND module_id = `+p.add(moduleID)+`
		   AND campaign_id IN (`+strings.Join(p.all(campaigns), ", ")+`) AND state <> 3 ORDER BY campaign_id DESC, id`, p...)
}

// InsertInterest adds an interest, or says which one stands in its way.
func (t *tx) InsertInterest(ctx context.Context, i domain.Interest) error {
	// Not by the error of a broken rule: PostgreSQL would end the transaction, and the other's id would stay unknown.
	done, err := inserted(t.SQL.ExecContext(ctx,
		`INSERT INTO interests (id, person_id, commune_code, module_id, campaign_id, state, group_id, sphere, version, created_at)
		 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
		i.ID, i.PersonID, i.CommuneCode, i.ModuleID, i.CampaignID, int(i.State), i.GroupID, i.Sphere, i.Version, database.Micros(i.CreateTime)))
	if err != nil || done {
		return err
	}
	other, err := database.One(ctx, t.SQL, errs.ErrAborted, readInterest, // withdrawn meanwhile: Write tries again
		`SELECT `+interestColumns+` FROM interests WHERE person_id = $1 AND module_id = $2 AND campaign_id = $3 AND state <> 3`,
		i.PersonID, i.ModuleID, i.CampaignID)
	if err != nil {
		return err
	}
	return domain.ErrAlreadyInterested.With("id", other.ID)
}

// together is how many interests change in one statement: beyond it one gains little.
const together = 40

// UpdateInterests changes interests whose versions before are still the current ones, all or none.
func (t *tx) UpdateInterests(ctx context.Context, all []domain.Interest) error {
	for chunk := range slices.Chunk(all, together) {
		var p params
		rows := make([]string, len(chunk))
		for n, i := range chunk {
			rows[n] = `(CAST(` + p.add(i.ID) + ` AS TEXT), CAST(` + p.add(int(i.State)) + ` AS BIGINT), CAST(` + p.add(i.GroupID) +
				` AS TEXT), CAST(` + p.add(i.Version) + ` AS BIGINT))`
		}
		result, err := t.SQL.ExecContext(ctx, `WITH v (id, state, group_id, version) AS (VALUES `+strings.Join(rows, ", ")+`)
			UPDATE interests SET state = v.state, group_id = v.group_id, version = v.version FROM v
			WHERE interests.id = v.id AND interests.version = v.version - 1`, p...)
		if err != nil {
			return database.Explain(err)
		}
		if n, err := result.RowsAffected(); err != nil || int(n) < len(chunk) {
			return errs.ErrAborted.Because(err)
		}
	}
	return nil
}
