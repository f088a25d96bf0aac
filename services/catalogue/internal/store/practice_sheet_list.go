package store

import (
	"context"
	"strconv"
	"strings"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
)

// params are the values of a query that is put together.
type params []any

func (p *params) add(v any) string {
	*p = append(*p, v)
	return "$" + strconv.Itoa(len(*p))
}

// like matches what stands anywhere in a text, whatever signs it has.
var like = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Sheets returns published sheets.
func (r reads) Sheets(ctx context.Context, q domain.SheetQuery) ([]domain.PracticeSheet, error) {
	var p params
	where := []string{"state = " + p.add(int(domain.SheetPublished))}
	for _, word := range q.Words {
		where = append(where, `search LIKE `+p.add("%"+like.Replace(word)+"%")+` ESCAPE '\'`)
	}
	if q.ModuleID != "" {
		where = append(where, "module_id = "+p.add(q.ModuleID))
	}
	if q.Age > 0 {
		where = append(where, "min_age <= "+p.add(q.Age)+" AND max_age >= "+p.add(q.Age))
	}
	if q.MaxMinutes > 0 {
		where = append(where, "minutes <= "+p.add(q.MaxMinutes))
	}
	if q.Territory != "" {
		where = append(where, "EXISTS (SELECT 1 FROM practice_sheet_territories WHERE sheet_id = id AND code = "+p.add(q.Territory)+")")
	}
	if q.DerivedFrom != "" {
		where = append(where, "derived_from = "+p.add(q.DerivedFrom))
	}
	order := "published_at DESC, id DESC"
	columns := "(published_at, id)"
	if q.Order == domain.MostReusedSheets {
		order, columns = "reuse_rank DESC, "+order, "(reuse_rank, published_at, id)"
	}
	if after := p.cursor(q.After); after != "" {
		where = append(where, columns+" < "+after)
	}
	return database.All(ctx, r.q, readSheet, `SELECT `+sheetColumns+` FROM practice_sheets WHERE `+strings.Join(where, " AND ")+
		` ORDER BY `+order+` LIMIT CAST(`+p.add(q.Limit)+` AS BIGINT)`, p...)
}

// cursor is the last row before, whose values are numbers but for the id.
func (p *params) cursor(after []string) string {
	if len(after) == 0 {
		return ""
	}
	marks := make([]string, len(after))
	for i, v := range after {
		if n, err := strconv.ParseInt(v, 10, 64); err == nil && i < len(after)-1 {
			marks[i] = p.add(n)
		} else {
			marks[i] = p.add(v)
		}
	}
	return "(" + strings.Join(marks, ", ") + ")"
}

// SheetWork returns sheets within a person's reach, oldest first.
func (r reads) SheetWork(ctx context.Context, q domain.SheetWorkQuery) ([]domain.PracticeSheet, error) {
	var p params
	person := p.add(q.PersonID)
	reach := []string{
		"EXISTS (SELECT 1 FROM meetings m WHERE m.id = meeting_id AND m.organiser_id = " + person + ")",
		"EXISTS (SELECT 1 FROM seats s WHERE s.meeting_id = practice_sheets.meeting_id AND s.person_id = " + person + ")",
	}
	if q.National {
		reach = append(reach, "state <> "+p.add(int(domain.SheetDraft)))
	}
	for _, code := range q.Territories {
		reach = append(reach, "EXISTS (SELECT 1 FROM practice_sheet_territories WHERE sheet_id = id AND code = "+p.add(code)+")")
	}
	where := []string{"(" + strings.Join(reach, " OR ") + ")"}
	if q.ID != "" {
		where = append(where, "id = "+p.add(q.ID))
	}
	if q.MeetingID != "" {
		where = append(where, "meeting_id = "+p.add(q.MeetingID))
	}
	if q.State != 0 {
		where = append(where, "state = "+p.add(int(q.State)))
	}
	if len(q.After) == 1 {
		where = append(where, "id > "+p.add(q.After[0]))
	}
	return database.All(ctx, r.q, readSheet, `SELECT `+sheetColumns+` FROM practice_sheets WHERE `+strings.Join(where, " AND ")+
		` ORDER BY id LIMIT CAST(`+p.add(q.Limit)+` AS BIGINT)`, p...)
}
