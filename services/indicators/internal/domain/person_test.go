package domain_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/classcode/maillage/services/indicators/internal/domain"
)

func at(day int) time.Time { return time.Date(2026, 3, day, 12, 0, 0, 0, time.UTC) }

func TestStanding(t *testing.T) {
	nantes := domain.Interest{ID: "a", CampaignID: "c1", Commune: "44109", Registered: at(1)}
	lyon := domain.Interest{ID: "b", CampaignID: "c2", Commune: "69123", Registered: at(2)}
	gone := domain.Interest{ID: "c", CampaignID: "c3", Commune: "75113", Registered: at(3), Withdrawn: true}
	free := domain.Interest{ID: "d", Commune: "13055", Registered: at(2)}
	proof := domain.Attestation{ID: "a", Commune: "35238", Issued: at(1)}
	later := domain.Attestation{ID: "b", Commune: "33063", Issued: at(2)}
	remote := domain.Attestation{ID: "c", Issued: at(3)}
	revoked := domain.Attestation{ID: "d", Commune: "69123", Issued: at(4), Revoked: true}
	begun, done := domain.Enrolment{ID: "a"}, domain.Enrolment{ID: "b", Completed: true}
	type (
		in  = []domain.Interest
		att = []domain.Attestation
		enr = []domain.Enrolment
	)
	for name, c := range map[string]struct {
		history domain.History
		want    domain.Standing
	}{
		"nothing":              {domain.History{}, domain.Standing{}},
		"one interest":         {domain.History{Interests: in{nantes}}, domain.Standing{Commune: "44109", Sensitised: true, Campaigns: []string{"c1"}}},
		"the latest decides":   {domain.History{Interests: in{lyon, nantes}}, domain.Standing{Commune: "69123", Sensitised: true, Campaigns: []string{"c1", "c2"}}},
		"at once: the ids do":  {domain.History{Interests: in{free, lyon}}, domain.Standing{Commune: "13055", Sensitised: true, Campaigns: []string{"c2"}}},
		"withdrawn is nowhere": {domain.History{Interests: in{gone, nantes}}, domain.Standing{Commune: "44109", Sensitised: true, Campaigns: []string{"c1"}}},
		"all withdrawn":        {domain.History{Interests: in{gone}}, domain.Standing{}},
		"two of one campaign":  {domain.History{Interests: in{nantes, nantes}}, domain.Standing{Commune: "44109", Sensitised: true, Campaigns: []string{"c1"}}},
		"trained at home":      {domain.History{Interests: in{nantes}, Attestations: att{proof}}, domain.Standing{Commune: "44109", Sensitised: true, Trained: true, Campaigns: []string{"c1"}}},
		"trained without":      {domain.History{Attestations: att{later, proof}}, domain.Standing{Commune: "33063", Trained: true}},
		"trained remotely":     {domain.History{Attestations: att{later, remote}}, domain.Standing{Trained: true}},
		"withdrawn, attested":  {domain.History{Interests: in{gone}, Attestations: att{proof}}, domain.Standing{Commune: "35238", Trained: true}},
		"revoked":              {domain.History{Attestations: att{revoked}}, domain.Standing{}},
		"one revoked":          {domain.History{Attestations: att{revoked, proof}}, domain.Standing{Commune: "35238", Trained: true}},
		"begun a module":       {domain.History{Enrolments: enr{begun}}, domain.Standing{}},
		"completed a module":   {domain.History{Enrolments: enr{begun, done}}, domain.Standing{Trained: true}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.history.Standing(); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// Rows come from the database in no order.
func TestStandingDependsOnNoOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h domain.History
		for i := range rapid.IntRange(0, 6).Draw(t, "interests") {
			h.Interests = append(h.Interests, domain.Interest{
				ID: fmt.Sprint(i), Commune: fmt.Sprint("commune ", i), CampaignID: rapid.SampledFrom([]string{"", "c1", "c2"}).Draw(t, "campaign"),
				Registered: at(rapid.IntRange(1, 3).Draw(t, "day")), Withdrawn: rapid.Bool().Draw(t, "withdrawn"),
			})
		}
		for i := range rapid.IntRange(0, 4).Draw(t, "attestations") {
			h.Attestations = append(h.Attestations, domain.Attestation{
				ID: fmt.Sprint(i), Commune: fmt.Sprint("meeting ", i), Issued: at(rapid.IntRange(1, 2).Draw(t, "day")),
				Revoked: rapid.Bool().Draw(t, "revoked"),
			})
		}
		want := fmt.Sprint(h.Standing())
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)) //nolint:gosec // an order to try
		random.Shuffle(len(h.Interests), func(i, j int) { h.Interests[i], h.Interests[j] = h.Interests[j], h.Interests[i] })
		random.Shuffle(len(h.Attestations), func(i, j int) {
			h.Attestations[i], h.Attestations[j] = h.Attestations[j], h.Attestations[i]
		})
		if got := fmt.Sprint(h.Standing()); got != want {
			t.Errorf("in another order %s, before %s", got, want)
		}
	})
}
