package store

import (
	"context"
	"fmt"
	"strconv"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	loanColumns = `id, equipment_id, booking_id, meeting_id, structure_id, quantity, state, good, worn, damaged, lost, note, version, created_at,
	out_at, returned_at`

	// selectLoans reads loans with their bookings' hours.
	selectLoans = `SELECT l.id, l.equipment_id, l.booking_id, l.meeting_id, l.structure_id, l.quantity, l.state, l.good, l.worn, l.damaged, l.lost,
		l.note, l.version, l.created_at, l.out_at, l.returned_at, b.starts_at, b.ends_at
	FROM loans l JOIN bookings b ON b.id = l.booking_id JOIN equipment e ON e.id = l.equipment_id `
)

func readLoan(scan database.Scan) (l domain.Loan, err error) {
	var created, out, returned, start, due int64
	err = scan(&l.ID, &l.EquipmentID, &l.BookingID, &l.MeetingID, &l.StructureID, &l.Quantity, &l.State, &l.Returned.Good, &l.Returned.Worn,
		&l.Returned.Damaged, &l.Returned.Lost, &l.Note, &l.Version, &created, &out, &returned, &start, &due)
	l.CreateTime, l.OutTime, l.ReturnTime = database.Time(created), instant(out), instant(returned)
	l.Start, l.Due = database.Time(start), database.Time(due)
	return l, err
}

// Loan returns a loan, or domain.ErrLoanNotFound.
func (r reads) Loan(ctx context.Context, id string) (domain.Loan, error) {
	return database.One(ctx, r.q, domain.ErrLoanNotFound, readLoan, selectLoans+`WHERE l.id = $1`, id)
}

// Loans returns loans of the stocks within reach, oldest first.
func (r reads) Loans(ctx context.Context, q domain.LoanQuery) ([]domain.Loan, error) {
	created, id := after(q.Page)
	args := []any{created, id, q.EquipmentID, q.MeetingID, int(q.State), micros(q.LateAt), q.Limit}
	in := func(values []string) string {
		from := len(args) + 1
		for _, v := range values {
			args = append(args, v)
		}
		return marks(from, len(values))
	}
	reached := `1 = ` + strconv.Itoa(oneIf(q.All))
	if len(q.Structures) > 0 {
		reached += ` OR e.structure_id IN (` + in(q.Structures) + `)`
	}
	if len(q.Territories) > 0 {
		reached += ` OR e.commune_code IN (SELECT commune_code FROM commune_territories WHERE territory_code IN (` + in(q.Territories) + `))`
	}
	return database.All(ctx, r.q, readLoan, selectLoans+
		`WHERE (l.created_at, l.id) > ($1, $2) AND ($3 = '' OR l.equipment_id = $3) AND ($4 = '' OR l.meeting_id = $4)
		   AND ($5 = 0 OR l.state = $5) AND (CAST($6 AS BIGINT) = 0 OR l.state = 2 AND b.ends_at < $6) AND (`+reached+`)
		 ORDER BY l.created_at, l.id LIMIT CAST($7 AS BIGINT)`, args...)
}

// InsertLoan adds a loan.
func (t *tx) InsertLoan(ctx context.Context, l domain.Loan) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO loans (`+loanColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		l.ID, l.EquipmentID, l.BookingID, l.MeetingID, l.StructureID, l.Quantity, int(l.State), l.Returned.Good, l.Returned.Worn,
		l.Returned.Damaged, l.Returned.Lost, l.Note, l.Version, database.Micros(l.CreateTime), micros(l.OutTime), micros(l.ReturnTime))
	if err != nil {
		return fmt.Errorf("insert loan: %w", database.Explain(err))
	}
	return nil
}

// UpdateLoan stores the next version of a loan.
func (t *tx) UpdateLoan(ctx context.Context, l domain.Loan) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE loans SET state = $1, good = $2, worn = $3, damaged = $4, lost = $5, note = $6, out_at = $7, returned_at = $8, version = $9
		 WHERE id = $10 AND version = $9 - 1`,
		int(l.State), l.Returned.Good, l.Returned.Worn, l.Returned.Damaged, l.Returned.Lost, l.Note, micros(l.OutTime), micros(l.ReturnTime),
		l.Version, l.ID))
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
