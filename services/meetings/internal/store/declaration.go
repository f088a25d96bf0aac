package store

import (
	"context"
	"fmt"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// DeclarationReturns returns the returns of a meeting's declarations, oldest first.
func (r reads) DeclarationReturns(ctx context.Context, q domain.ReturnQuery) ([]domain.DeclarationReturn, error) {
	return database.All(ctx, r.q, func(scan database.Scan) (d domain.DeclarationReturn, err error) {
		var declared, created int64
		err = scan(&d.MeetingID, &d.Rank, &d.PersonID, &d.Reason, &declared, &created)
		d.DeclareTime, d.CreateTime = database.Time(declared), database.Time(created)
		return d, err
	}, `SELECT meeting_id, rank, person_id, reason, declared_at, created_at FROM declaration_returns
	    WHERE meeting_id = $1 AND rank > CAST($2 AS BIGINT) ORDER BY rank LIMIT CAST($3 AS BIGINT)`, q.MeetingID, q.After, q.Limit)
}

// ReturnCount counts the returns of a meeting's declarations.
func (r reads) ReturnCount(ctx context.Context, meetingID string) (int, error) {
	return database.One(ctx, r.q, errs.ErrInternal, func(scan database.Scan) (n int, err error) { return n, scan(&n) },
		`SELECT count(*) FROM declaration_returns WHERE meeting_id = $1`, meetingID)
}

// InsertReturn keeps that a declaration was returned, under the next rank.
func (t *tx) InsertReturn(ctx context.Context, d domain.DeclarationReturn) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO declaration_returns (meeting_id, rank, person_id, reason, declared_at, created_at)
		 SELECT $1, coalesce(max(rank), 0) + 1, $2, $3, CAST($4 AS BIGINT), CAST($5 AS BIGINT) FROM declaration_returns WHERE meeting_id = $1`,
		d.MeetingID, d.PersonID, d.Reason, database.Micros(d.DeclareTime), database.Micros(d.CreateTime))
	if err != nil {
		return fmt.Errorf("keep return: %w", database.Explain(err))
	}
	return nil
}
