package store

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const askColumns = `id, search_id, meeting_id, person_id, rank, state, for_start, patience, deadline, sent_at, answered_at, reason, version, created_at`

func readAsk(scan database.Scan) (a domain.Ask, err error) {
	var start, patience, deadline, sent, answered, created int64
	err = scan(&a.ID, &a.SearchID, &a.MeetingID, &a.PersonID, &a.Rank, &a.State, &start, &patience, &deadline, &sent, &answered, &a.Reason,
		&a.Version, &created)
	a.For, a.Patience, a.CreateTime = database.Time(start), time.Duration(patience)*time.Microsecond, database.Time(created)
	a.Deadline, a.SendTime, a.AnswerTime = instant(deadline), instant(sent), instant(answered)
	return a, err
}

// Ask returns an ask, or domain.ErrAskNotFound.
func (r reads) Ask(ctx context.Context, id string) (domain.Ask, error) {
	return database.One(ctx, r.q, domain.ErrAskNotFound, readAsk, `SELECT `+askColumns+` FROM asks WHERE id = $1`, id)
}

// Asks returns asks, oldest first; those of one request in the order of their ids, which is that of their rank.
func (r reads) Asks(ctx context.Context, q domain.AskQuery) ([]domain.Ask, error) {
	created, id := after(q.Page)
	return database.All(ctx, r.q, readAsk,
		`SELECT `+askColumns+` FROM asks
		 WHERE ($1 = '' OR meeting_id = $1) AND ($2 = '' OR person_id = $2) AND (created_at, id) > ($3, $4)
		 ORDER BY created_at, id LIMIT CAST($5 AS BIGINT)`, q.MeetingID, q.PersonID, created, id, q.Limit)
}

// AsksOf returns all asks of a search, by rank.
func (r reads) AsksOf(ctx context.Context, searchID string) ([]domain.Ask, error) {
	return database.All(ctx, r.q, readAsk, `SELECT `+askColumns+` FROM asks WHERE search_id = $1 ORDER BY rank`, searchID)
}

// InsertAsks adds asks, or returns domain.ErrAlreadyAsked.
func (t *tx) InsertAsks(ctx context.Context, asks []domain.Ask) error {
	rows := make([][]any, len(asks))
	for i, a := range asks {
		rows[i] = []any{
			a.ID, a.SearchID, a.MeetingID, a.PersonID, a.Rank, int(a.State), database.Micros(a.For), a.Patience.Microseconds(),
			micros(a.Deadline), micros(a.SendTime), micros(a.AnswerTime), a.Reason, a.Version, database.Micros(a.CreateTime),
		}
	}
	err := t.bulk(ctx, "asks", askColumns, rows)
	if kind, name := database.Violation(err); kind == database.Unique && name == "asks_search_id_person_id_key" {
		return domain.ErrAlreadyAsked.Because(err)
	}
	return err
}

// UpdateAsk stores the next version of an ask.
func (t *tx) UpdateAsk(ctx context.Context, a domain.Ask) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE asks SET state = $1, deadline = $2, sent_at = $3, answered_at = $4, reason = $5, version = $6 WHERE id = $7 AND version = $6 - 1`,
		int(a.State), micros(a.Deadline), micros(a.SendTime), micros(a.AnswerTime), a.Reason, a.Version, a.ID))
}
