package store_test

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
	"github.com/classcode/maillage/services/indicators/internal/domain"
)

// The whole of France's communes, a region as large as the largest (4 400 communes), and 100 000 persons in one campaign.
const (
	benchCommunes = 35000
	benchRegions  = 8
	benchPersons  = 100000
)

// BenchmarkCount measures what one answer costs, and beside it the same figures as distinct counts over what was heard.
func BenchmarkCount(b *testing.B) {
	for name, config := range map[string]func(testing.TB) *database.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		b.Run(name, func(b *testing.B) {
			db := testkit.Open(b, config(b), nil)
			s := open(b, db)
			populate(b, db)
			for _, a := range []domain.Area{{Territory: "FR"}, {Territory: "REG-1"}, {Territory: "00001"}, {Territory: "FR", Campaign: "c1"}, {Territory: "REG-1", Campaign: "c1"}} {
				b.Run(fmt.Sprintf("counted/%s%s", a.Territory, a.Campaign), func(b *testing.B) {
					for b.Loop() {
						if c, err := s.Count(b.Context(), a); err != nil || c.Sensitised == 0 {
							b.Fatal(c, err)
						}
					}
				})
			}
			b.Run("recounted/REG-1", func(b *testing.B) {
				for b.Loop() {
					recounted(b, db, domain.Area{Territory: "REG-1"})
				}
			})
		})
	}
}

func populate(b *testing.B, db *database.DB) {
	b.Helper()
	fill := func(table string, columns []string, n int, row func(i int) [][]any) {
		for from := 0; from < n; from += database.BulkRows {
			err := db.Write(b.Context(), func(tx *sql.Tx) error {
				var rows [][]any
				for i := from; i < min(from+database.BulkRows, n); i++ {
					rows = append(rows, row(i)...)
				}
				return db.BulkInsert(b.Context(), tx, table, columns, rows)
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	commune := func(i int) string { return fmt.Sprintf("%05d", i%benchCommunes) }
	person := func(i int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", uint32(i)*2654435761, i) } //nolint:gosec // scattered
	fill("commune_territories", []string{"commune", "territory"}, benchCommunes, func(i int) (rows [][]any) {
		for _, t := range []string{commune(i), fmt.Sprint("DEP-", i%100), fmt.Sprint("REG-", i%benchRegions), fmt.Sprint("ACA-", i%30), "FR"} {
			rows = append(rows, []any{commune(i), t})
		}
		return rows
	})
	fill("tallies", []string{"campaign_id", "commune", "sensitised", "trained"}, benchCommunes, func(i int) [][]any {
		return [][]any{{"", commune(i), 3, 1}, {"c1", commune(i), 3, 1}}
	})
	fill("interests", []string{"id", "version", "person_id", "campaign_id", "commune", "withdrawn", "registered_at"}, benchPersons, func(i int) [][]any {
		return [][]any{{person(i), 1, person(i), "c1", commune(i), 0, i}}
	})
	fill("places", []string{"id", "version", "commune", "status"}, 5000, func(i int) [][]any {
		return [][]any{{person(i), 1, commune(i), i%3 + 1}}
	})
	fill("meetings", []string{"id", "version", "campaign_id", "place_id", "commune", "state"}, 8000, func(i int) [][]any {
		return [][]any{{person(i), 1, "c1", person(i % 5000), commune(i), 5}}
	})
}
