package store_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

func TestCampaignsNewestFirst(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		for _, territory := range []string{"REG-84", "69123", "FR", "DEP-69", "21231"} {
			f.campaign(t, territory)
		}
		for territory, want := range map[string]int{"": 5, "FR": 5, "REG-84": 3, "DEP-69": 2, "69123": 1, "ACA-10": 3} {
			got := pages(t, func(p domain.Page) ([]domain.Campaign, error) {
				return f.Campaigns(t.Context(), domain.CampaignQuery{Territory: territory, Page: p})
			}, func(c domain.Campaign) []string {
				return []string{strconv.FormatInt(database.Micros(c.CreateTime), 10), c.ID}
			})
			if len(got) != want || !slices.IsSortedFunc(got, func(a, b domain.Campaign) int { return -cmpText(a.ID, b.ID) }) {
				t.Errorf("%q has %d campaigns, want %d, newest first", territory, len(got), want)
			}
		}
	})
}

func cmpText(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}
