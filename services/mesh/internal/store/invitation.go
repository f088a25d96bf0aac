package store

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

const invitationColumns = `i.id, i.group_id, i.interest_id, i.person_id, i.state, i.version, i.created_at, i.expires_at, i.ended_at`

func readInvitation(scan database.Scan) (i domain.Invitation, err error) {
	var created, expires, ended int64
	err = scan(&i.ID, &i.GroupID, &i.InterestID, &i.PersonID, &i.State, &i.Version, &created, &expires, &ended)
	i.CreateTime, i.Expires = database.Time(created), database.Time(expires)
	if ended != 0 {
		i.EndTime = database.Time(ended)
	}
	return i, err
}

func ended(i domain.Invitation) int64 {
	if i.EndTime.IsZero() {
		return 0
	}
	return database.Micros(i.EndTime)
}

// Invitation returns an invitation, or domain.ErrInvitationNotFound.
func (r reads) Invitation(ctx context.Context, id string) (domain.Invitation, error) {
	return database.One(ctx, r.q, domain.ErrInvitationNotFound, readInvitation, `SELECT `+invitationColumns+` FROM invitations i WHERE i.id = $1`, id)
}

// Invitations returns the invitations that the viewer may see, as the one who is invited, as the group's organiser or as
// coordinator, oldest first.
func (r reads) Invitations(ctx context.Context, q domain.InvitationQuery) ([]domain.Invitation, error) {
	created, id := afterNumber(q.Page)
	var p params
	return database.All(ctx, r.q, readInvitation,
		`SELECT `+invitationColumns+` FROM invitations i JOIN groups g ON g.id = i.group_id
		 WHERE (i.created_at, i.id) > (`+p.add(created)+`, `+p.add(id)+`) AND `+p.optional("i.group_id", q.GroupID)+`
		   AND (`+p.concerns(q.Viewer, "g.commune_code", "i.person_id", "g.organiser_id")+`)
		 ORDER BY i.created_at, i.id `+p.limit(q.Limit), p...)
}

// DueInvitations returns some that were not answered in time.
func (r reads) DueInvitations(ctx context.Context, now time.Time, limit int) ([]domain.Invitation, error) {
	return database.All(ctx, r.q, readInvitation,
		`SELECT `+invitationColumns+` FROM invitations i WHERE i.state = 1 AND i.expires_at <= $1 ORDER BY i.expires_at, i.id LIMIT CAST($2 AS BIGINT)`,
		database.Micros(now), limit)
}

// LockInvitations holds the day's row of a group until the transaction ends.
func (t *tx) LockInvitations(ctx context.Context, groupID, day string) (int, error) {
	return database.One(ctx, t.SQL, errs.ErrInternal, func(scan database.Scan) (n int, err error) { return n, scan(&n) },
		`INSERT INTO invitation_days (group_id, day, sent) VALUES ($1, $2, 0)
		 ON CONFLICT (group_id, day) DO UPDATE SET sent = invitation_days.sent RETURNING sent`, groupID, day)
}

// CountInvitations notes that a group sent more on a day.
func (t *tx) CountInvitations(ctx context.Context, groupID, day string, more int) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE invitation_days SET sent = sent + $3 WHERE group_id = $1 AND day = $2`, groupID, day, more))
}

// InvitationsTo returns a group's invitations to some interests.
func (t *tx) InvitationsTo(ctx context.Context, groupID string, interestIDs []string) ([]domain.Invitation, error) {
	return database.In(ctx, t.SQL, readInvitation, interestIDs, 2,
		`SELECT `+invitationColumns+` FROM invitations i WHERE i.group_id = $1 AND i.interest_id`, ``, groupID)
}

// InterestsByID returns those that exist.
func (t *tx) InterestsByID(ctx context.Context, ids []string) ([]domain.Interest, error) {
	return database.In(ctx, t.SQL, readInterest, ids, 1, `SELECT `+interestColumns+` FROM interests WHERE interests.id`, ``)
}

// InsertInvitations adds invitations.
func (t *tx) InsertInvitations(ctx context.Context, all []domain.Invitation) error {
	rows := make([][]any, len(all))
	for n, i := range all {
		rows[n] = []any{i.ID, i.GroupID, i.InterestID, i.PersonID, int(i.State), i.Version, database.Micros(i.CreateTime), database.Micros(i.Expires), ended(i)}
	}
	return t.BulkInsert(ctx, "invitations",
		[]string{"id", "group_id", "interest_id", "person_id", "state", "version", "created_at", "expires_at", "ended_at"}, rows)
}

// UpdateInvitation changes an invitation whose version before is still the current one.
func (t *tx) UpdateInvitation(ctx context.Context, i domain.Invitation) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE invitations SET state = $2, created_at = $3, expires_at = $4, ended_at = $5, version = $6 WHERE id = $1 AND version = $6 - 1`,
		i.ID, int(i.State), database.Micros(i.CreateTime), database.Micros(i.Expires), ended(i), i.Version))
}
