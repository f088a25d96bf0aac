package api_test

import (
	"fmt"
	"strings"
	"testing"

	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
	"github.com/classcode/maillage/services/indicators/internal/domain"
	"github.com/classcode/maillage/services/indicators/internal/store"
)

// surveyed has some of those who were asked at a meeting answer.
func surveyed(t *testing.T, s *store.Store, f domain.Feedback) {
	t.Helper()
	if err := domain.Locate(t.Context(), s, ladder, f.Commune); err != nil {
		t.Fatal(err)
	}
	f.Version = f.Answered
	if err := s.Write(t.Context(), func(tx domain.Tx) error { _, err := tx.SaveFeedback(t.Context(), f); return err }); err != nil {
		t.Fatal(err)
	}
}

// waves is the computed measures of an indicator in words.
func waves(i *indicatorsv1.Indicator) string {
	var all []string
	for _, m := range i.GetMeasures() {
		if m.GetOrigin() != indicatorsv1.Origin_ORIGIN_COMPUTED {
			continue
		}
		value, rate := "suppressed", "?"
		if m.Value != nil && !m.GetSuppressed() {
			value = fmt.Sprint(m.GetValue())
		}
		if m.ResponseRate != nil {
			rate = fmt.Sprint(m.GetResponseRate())
		}
		all = append(all, fmt.Sprintf("%s %s %s of %s on %s", m.GetPart(), m.GetWave(), value, rate, m.GetMeasuredOn()))
	}
	return strings.Join(all, "; ")
}

// Four answers tell what one person thinks to whoever knows the other three: a wave is shown from five, with its date and how many answered.
func TestSatisfactionCarriesItsWave(t *testing.T) {
	client, s := door(t)
	part := func(id, part, commune, campaign, wave string, asked, answered, satisfied int64) {
		surveyed(t, s, domain.Feedback{
			MeetingID: id, Part: part, Commune: commune, CampaignID: campaign, Wave: wave, Asked: asked, Answered: answered, Satisfied: satisfied,
		})
	}
	part("1", domain.Participants, "44109", campaign, "2026-T4", 8, 4, 3)
	part("1", domain.Actors, "44109", campaign, "2026-T4", 1, 1, 1)
	part("2", domain.Participants, "49007", "", "2026-T4", 2, 1, 1)
	part("3", domain.Participants, "69123", "", "2026-T3", 6, 6, 0)
	part("4", domain.Participants, "69123", "", "2026-T4", 9, 0, 0)
	const day = " on 2026-03-03"
	for area, want := range map[[2]string]string{
		{"44109", ""}:    "actors 2026-T4 suppressed of ?" + day + "; participants 2026-T4 suppressed of ?" + day,
		{"REG-52", ""}:   "actors 2026-T4 suppressed of ?" + day + "; participants 2026-T4 8000 of 5000" + day,
		{"FR", ""}:       "participants 2026-T3 0 of 10000" + day + "; actors 2026-T4 suppressed of ?" + day + "; participants 2026-T4 8000 of 2632" + day,
		{"FR", campaign}: "actors 2026-T4 suppressed of ?" + day + "; participants 2026-T4 suppressed of ?" + day,
		{"DEP-44", ""}:   "actors 2026-T4 suppressed of ?" + day + "; participants 2026-T4 suppressed of ?" + day,
		{"REG-84", ""}:   "participants 2026-T3 0 of 10000" + day,
	} {
		got, err := client.GetIndicator(t.Context(), &indicatorsv1.GetIndicatorRequest{Id: "I6", TerritoryCode: area[0], CampaignId: area[1]})
		if err != nil || waves(got) != want {
			t.Errorf("%q: %s, %v\nwant %s", area, waves(got), err, want)
		}
	}
}
