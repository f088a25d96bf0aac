package api_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/access/accesstest"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/page"
	"github.com/classcode/maillage/pkg/rpc"
	"github.com/classcode/maillage/pkg/testkit"
	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
	"github.com/classcode/maillage/services/indicators"
	"github.com/classcode/maillage/services/indicators/internal/domain"
	"github.com/classcode/maillage/services/indicators/internal/events"
	"github.com/classcode/maillage/services/indicators/internal/store"
)

const (
	campaign = "6f0d3b1e-8f4c-4a53-9c9d-0a1b2c3d4e5f"
	// In Paris it is the day after.
	evening = "2026-03-02T23:30:00Z"
)

var ladder = successors{accesstest.Ladder{
	"44109": {"DEP-44", "REG-52", "ACA-17", "FR"}, "49007": {"DEP-49", "REG-52", "ACA-17", "FR"}, "69123": {"DEP-69", "REG-84", "ACA-10", "FR"},
	"REG-52": {"FR"}, "REG-84": {"FR"}, "DEP-44": {"REG-52", "FR"}, "DEP-49": {"REG-52", "FR"}, "ACA-17": {"FR"},
}}

// successors answers for a former commune with the one that took it in, as mesh does.
type successors struct{ accesstest.Ladder }

func (s successors) Ancestors(ctx context.Context, code string) ([]string, error) {
	if code == "49001" {
		code = "49007"
	}
	return s.Ladder.Ancestors(ctx, code)
}

// door is a client of the whole service through the real chain, and the store behind it.
func door(t *testing.T) (indicatorsv1.IndicatorsServiceClient, *store.Store) {
	t.Helper()
	at, err := time.Parse(time.RFC3339, evening)
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return at }
	db := testkit.Open(t, testkit.SQLite(t), nil)
	service, err := indicators.New(t.Context(), indicators.Config{PageKey: page.Key("key")},
		indicators.Deps{DB: db, Now: now, Directory: accesstest.People{}, Territories: ladder})
	if err != nil {
		t.Fatal(err)
	}
	if err := service.Load(t.Context(), func(string, int, int) {}); err != nil {
		t.Fatal(err)
	}
	server, err := rpc.NewServer(rpc.ServerConfig{Log: testkit.Logger(t), Verifier: accesstest.New(t).Verifier(), Guard: service.Guard()})
	if err != nil {
		t.Fatal(err)
	}
	service.Register(server)
	conn, err := server.InProcess()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(); server.Stop() })
	s, err := store.New(t.Context(), db, now, events.Encode)
	if err != nil {
		t.Fatal(err)
	}
	return indicatorsv1.NewIndicatorsServiceClient(conn), s
}

// register gives n persons of a commune an interest, and trains the first of them.
func register(t *testing.T, s *store.Store, commune, campaign string, n, trained int) {
	t.Helper()
	ctx := t.Context()
	if err := domain.Locate(ctx, s, ladder, commune); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		id := fmt.Sprint(commune, campaign, i)
		err := s.Write(ctx, func(tx domain.Tx) error {
			err := domain.RecordInterest(ctx, tx, domain.Interest{ID: id, PersonID: id, CampaignID: campaign, Commune: commune, Version: 1})
			if i < trained {
				err = errors.Join(err, domain.RecordEnrolment(ctx, tx, domain.Enrolment{ID: id, PersonID: id, Completed: true, Version: 1}))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// computed is the computed measure in words: "5", "0", "suppressed", or "none".
func computed(i *indicatorsv1.Indicator) string {
	for _, m := range i.GetMeasures() {
		switch {
		case m.GetOrigin() != indicatorsv1.Origin_ORIGIN_COMPUTED:
		case m.GetSuppressed() && m.Value == nil:
			return "suppressed"
		case m.GetSuppressed() || m.Value == nil:
			return fmt.Sprint("neither: ", m)
		default:
			return fmt.Sprint(m.GetValue())
		}
	}
	return "none"
}

func TestFewPersonsAreSuppressedAndNoneIsZero(t *testing.T) {
	client, s := door(t)
	register(t, s, "44109", campaign, 5, 4)
	register(t, s, "49007", "", 4, 0)
	register(t, s, "69123", "", 1, 1)
	for _, c := range []struct{ territory, campaign, sensitised, trained string }{
		{"", "", "10", "5"},
		{"FR", "", "10", "5"},
		{"REG-52", "", "9", "suppressed"},
		{"ACA-17", "", "9", "suppressed"},
		{"44109", "", "5", "suppressed"},
		{"49007", "", "suppressed", "0"},
		{"49001", "", "suppressed", "0"},
		{"REG-84", "", "suppressed", "suppressed"},
		{"FR", campaign, "5", "suppressed"},
		{"REG-52", "6F0D3B1E-8F4C-4A53-9C9D-0A1B2C3D4E5F", "5", "suppressed"},
		{"REG-84", campaign, "0", "0"},
	} {
		for id, want := range map[string]string{"I2a": c.sensitised, "I2b": c.trained, "I2c": "none", "I3a": "0", "I7": "none"} {
			got, err := client.GetIndicator(t.Context(), &indicatorsv1.GetIndicatorRequest{Id: id, TerritoryCode: c.territory, CampaignId: c.campaign})
			if err != nil || computed(got) != want {
				t.Errorf("%s of %q %q: %s, want %s (%v)", id, c.territory, c.campaign, computed(got), want, err)
			}
		}
	}
}

func TestTheCountrysFewAreSuppressedToo(t *testing.T) {
	client, s := door(t)
	register(t, s, "44109", "", 4, 1)
	got, err := client.GetIndicator(t.Context(), &indicatorsv1.GetIndicatorRequest{Id: "I2a"})
	if err != nil || computed(got) != "suppressed" {
		t.Errorf("%v, %v", got, err)
	}
}

func TestComputedAndDeclaredAreTwoSeries(t *testing.T) {
	client, s := door(t)
	register(t, s, "44109", campaign, 6, 0)
	zero, six := int64(25000), int64(6)
	declared := &indicatorsv1.Measure{
		Value: &zero, Qualifier: indicatorsv1.Qualifier_QUALIFIER_EXACT, Origin: indicatorsv1.Origin_ORIGIN_DECLARED, MeasuredOn: "2017-06",
		Milestone: "M24", TerritoryCode: "FR", Source: "Rapport M24, ligne 504", Text: "début juin (inscrits en ligne)", DefinitionVersion: 1,
	}
	counted := &indicatorsv1.Measure{
		Value: &six, Qualifier: indicatorsv1.Qualifier_QUALIFIER_EXACT, Origin: indicatorsv1.Origin_ORIGIN_COMPUTED, MeasuredOn: "2026-03-03",
		TerritoryCode: "FR", Source: "maillage", DefinitionVersion: 1,
	}
	regional, ofCampaign := proto.CloneOf(counted), proto.CloneOf(counted)
	regional.TerritoryCode = "REG-52"
	ofCampaign.CampaignId = campaign
	for name, c := range map[string]struct {
		req  *indicatorsv1.ListIndicatorsRequest
		want []*indicatorsv1.Measure
	}{
		"both":               {&indicatorsv1.ListIndicatorsRequest{}, []*indicatorsv1.Measure{declared, counted}},
		"declared":           {&indicatorsv1.ListIndicatorsRequest{Origin: indicatorsv1.Origin_ORIGIN_DECLARED}, []*indicatorsv1.Measure{declared}},
		"computed":           {&indicatorsv1.ListIndicatorsRequest{Origin: indicatorsv1.Origin_ORIGIN_COMPUTED}, []*indicatorsv1.Measure{counted}},
		"a region":           {&indicatorsv1.ListIndicatorsRequest{TerritoryCode: "REG-52"}, []*indicatorsv1.Measure{regional}},
		"a campaign":         {&indicatorsv1.ListIndicatorsRequest{CampaignId: campaign}, []*indicatorsv1.Measure{ofCampaign}},
		"declared regionals": {&indicatorsv1.ListIndicatorsRequest{TerritoryCode: "REG-52", Origin: indicatorsv1.Origin_ORIGIN_DECLARED}, nil},
	} {
		got, err := client.ListIndicators(t.Context(), c.req)
		if err != nil || len(got.GetIndicators()) != 11 {
			t.Fatalf("%s: %d indicators, %v", name, len(got.GetIndicators()), err)
		}
		want := &indicatorsv1.Indicator{Measures: c.want}
		if have := (&indicatorsv1.Indicator{Measures: got.GetIndicators()[1].GetMeasures()}); !proto.Equal(have, want) {
			t.Errorf("%s: I2a has %v, want %v", name, have, want)
		}
	}
}

func TestPagesFollowTheIds(t *testing.T) {
	client, _ := door(t)
	var ids []string
	for req := (&indicatorsv1.ListIndicatorsRequest{PageSize: 4, TerritoryCode: "REG-52"}); ; {
		got, err := client.ListIndicators(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range got.GetIndicators() {
			ids = append(ids, i.GetId())
		}
		if req.PageToken = got.GetNextPageToken(); req.PageToken == "" {
			break
		}
	}
	if want := []string{"I1", "I2a", "I2b", "I2c", "I3a", "I3b", "I3c", "I4", "I5", "I6", "I7"}; !slices.Equal(ids, want) {
		t.Errorf("pages hold %v, want %v", ids, want)
	}
}

func TestBadRequestsAreRefusedWithTheirField(t *testing.T) {
	client, _ := door(t)
	first, err := client.ListIndicators(t.Context(), &indicatorsv1.ListIndicatorsRequest{PageSize: 2, TerritoryCode: "REG-52"})
	if err != nil {
		t.Fatal(err)
	}
	list := func(req *indicatorsv1.ListIndicatorsRequest) func(context.Context) error {
		return func(ctx context.Context) error { _, err := client.ListIndicators(ctx, req); return err }
	}
	get := func(id, territory, campaign string) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := client.GetIndicator(ctx, &indicatorsv1.GetIndicatorRequest{Id: id, TerritoryCode: territory, CampaignId: campaign})
			return err
		}
	}
	token := first.GetNextPageToken()
	for name, c := range map[string]struct {
		call          func(context.Context) error
		kind          errs.Kind
		reason, field string
	}{
		"negative page size":         {list(&indicatorsv1.ListIndicatorsRequest{PageSize: -1}), errs.Invalid, "", "page_size"},
		"a token of another region":  {list(&indicatorsv1.ListIndicatorsRequest{PageToken: token}), errs.Invalid, "PAGE_TOKEN_INVALID", "page_token"},
		"of another campaign":        {list(&indicatorsv1.ListIndicatorsRequest{PageToken: token, TerritoryCode: "REG-52", CampaignId: campaign}), errs.Invalid, "PAGE_TOKEN_INVALID", "page_token"},
		"of another origin":          {list(&indicatorsv1.ListIndicatorsRequest{PageToken: token, TerritoryCode: "REG-52", Origin: 1}), errs.Invalid, "PAGE_TOKEN_INVALID", "page_token"},
		"a tampered token":           {list(&indicatorsv1.ListIndicatorsRequest{PageToken: token[:8] + "AAAA" + token[12:], TerritoryCode: "REG-52"}), errs.Invalid, "PAGE_TOKEN_INVALID", "page_token"},
		"an origin without meaning":  {list(&indicatorsv1.ListIndicatorsRequest{Origin: 9}), errs.Invalid, "", "origin"},
		"a territory without shape":  {list(&indicatorsv1.ListIndicatorsRequest{TerritoryCode: "Nantes"}), errs.Invalid, "", "territory_code"},
		"a territory of no grid":     {list(&indicatorsv1.ListIndicatorsRequest{TerritoryCode: "REG-99"}), errs.NotFound, "TERRITORY_NOT_FOUND", "territory_code"},
		"a commune of nowhere":       {get("I2a", "00000", ""), errs.NotFound, "TERRITORY_NOT_FOUND", "territory_code"},
		"a campaign that is no UUID": {get("I2a", "", "spring"), errs.Invalid, "", "campaign_id"},
		"an id without shape":        {get("sensitised", "", ""), errs.Invalid, "", "id"},
		"an unknown id":              {get("I9", "", ""), errs.NotFound, "NOT_FOUND", "id"},
	} {
		t.Run(name, func(t *testing.T) {
			refusal := errs.From(rpc.FromStatus(c.call(t.Context())))
			if refusal == nil || refusal.Kind != c.kind || (c.reason != "" && refusal.Reason != c.reason) {
				t.Fatalf("got %v, want kind %v, reason %q", refusal, c.kind, c.reason)
			}
			if !slices.ContainsFunc(refusal.Fields, func(f errs.Field) bool { return f.Path == c.field }) {
				t.Errorf("fields %v do not name %s", refusal.Fields, c.field)
			}
		})
	}
}

func TestAForgedTokenIsRefusedEvenWhereNoneIsNeeded(t *testing.T) {
	client, _ := door(t)
	forged := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+accesstest.New(t).Token("someone"))
	_, err := client.ListIndicators(forged, &indicatorsv1.ListIndicatorsRequest{})
	if refusal := errs.From(rpc.FromStatus(err)); refusal == nil || refusal.Kind != errs.Unauthenticated || refusal.Reason != "TOKEN_INVALID" {
		t.Errorf("got %v", err)
	}
}
