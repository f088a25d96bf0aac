package api_test

import (
	"context"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

func mask(paths ...string) *fieldmaskpb.FieldMask { return &fieldmaskpb.FieldMask{Paths: paths} }

func position(latitude, longitude float64) *meshv1.Position {
	return &meshv1.Position{Latitude: latitude, Longitude: longitude}
}

// refusal is a call that must fail, with how.
type refusal struct {
	call          func() error
	code          codes.Code
	reason, field string
}

func TestBadInputChangesNothing(t *testing.T) {
	f := start(t)
	campaign := f.campaign(t, "DEP-69")
	f.interest(t, "learner 1", campaign)
	for _, subject := range []string{"national 1", "learner 2", "relay 1"} {
		f.person(t, subject)
	}
	before := f.rows(t)
	for name, all := range map[string]map[string]refusal{
		"territory": f.territoryRefusals(t), "place": f.placeRefusals(t), "person": f.personRefusals(t), "interest": f.interestRefusals(t, campaign.GetId()),
		"group": f.groupRefusals(t, campaign.GetId()),
	} {
		for what, r := range all {
			t.Run(name+"/"+what, func(t *testing.T) { refused(t, r.call(), r.code, r.reason, r.field) })
		}
	}
	if after := f.rows(t); after != before {
		t.Errorf("%d rows, %d before", after, before)
	}
}

// rows counts what a refused call might have left.
func (f *fixture) rows(t *testing.T) (n int) {
	t.Helper()
	const query = `SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM requests) + (SELECT count(*) FROM places) + (SELECT count(*) FROM interests)
		+ (SELECT count(*) FROM campaigns) + (SELECT count(*) FROM role_grants) + (SELECT count(*) FROM groups) + (SELECT count(*) FROM professionals) + (SELECT sum(version) FROM places)`
	if err := f.db.Read().QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (f *fixture) territoryRefusals(t *testing.T) map[string]refusal {
	get := func(code string) func() error {
		return func() error {
			_, err := f.GetTerritory(t.Context(), &meshv1.GetTerritoryRequest{Code: code})
			return err
		}
	}
	list := func(req *meshv1.ListTerritoriesRequest) func() error {
		return func() error { _, err := f.ListTerritories(t.Context(), req); return err }
	}
	first := must[*meshv1.ListTerritoriesResponse](t)(f.ListTerritories(t.Context(), &meshv1.ListTerritoriesRequest{PageSize: 1}))
	return map[string]refusal{
		"malformed code":          {get("69-123"), codes.InvalidArgument, "INVALID_ARGUMENT", "code"},
		"unknown code":            {get("99999"), codes.NotFound, "NOT_FOUND", ""},
		"unknown parent":          {list(&meshv1.ListTerritoriesRequest{ParentCode: "DEP-999"}), codes.InvalidArgument, "REFERENCE_NOT_FOUND", "parent_code"},
		"unknown kind":            {list(&meshv1.ListTerritoriesRequest{Kind: 99}), codes.InvalidArgument, "INVALID_ARGUMENT", "kind"},
		"token of another":        {list(&meshv1.ListTerritoriesRequest{Query: "a", PageToken: first.GetNextPageToken()}), codes.InvalidArgument, "PAGE_TOKEN_INVALID", "page_token"},
		"page of minus one":       {list(&meshv1.ListTerritoriesRequest{PageSize: -1}), codes.InvalidArgument, "INVALID_ARGUMENT", "page_size"},
		"two points":              {f.near(t, &meshv1.FindNearestPlacesRequest{CommuneCode: "69123", Position: position(45, 4)}), codes.InvalidArgument, "ONE_POINT_REQUIRED", "position"},
		"no point":                {f.near(t, &meshv1.FindNearestPlacesRequest{}), codes.InvalidArgument, "ONE_POINT_REQUIRED", "position"},
		"a point off the map":     {f.near(t, &meshv1.FindNearestPlacesRequest{Position: position(90.1, 4)}), codes.InvalidArgument, "INVALID_ARGUMENT", "position.latitude"},
		"around an atoll":         {f.near(t, &meshv1.FindNearestPlacesRequest{CommuneCode: "98711"}), codes.InvalidArgument, "COMMUNE_WITHOUT_POSITION", "commune_code"},
		"communes around nothing": {f.communes(t), codes.InvalidArgument, "INVALID_ARGUMENT", "position"},
		"around nothing known":    {f.near(t, &meshv1.FindNearestPlacesRequest{CommuneCode: "99999"}), codes.InvalidArgument, "REFERENCE_NOT_FOUND", "commune_code"},
	}
}

func (f *fixture) near(t *testing.T, req *meshv1.FindNearestPlacesRequest) func() error {
	return func() error { _, err := f.FindNearestPlaces(t.Context(), req); return err }
}

func (f *fixture) communes(t *testing.T) func() error {
	return func() error {
		_, err := f.FindNearestCommunes(t.Context(), &meshv1.FindNearestCommunesRequest{})
		return err
	}
}

func (f *fixture) placeRefusals(t *testing.T) map[string]refusal {
	coordinator := f.as(t, "coordinator 1")
	create := func(ctx context.Context, p *meshv1.Place) func() error {
		return func() error { _, err := f.CreatePlace(ctx, &meshv1.CreatePlaceRequest{Place: p}); return err }
	}
	some := must[*meshv1.ListPlacesResponse](t)(f.ListPlaces(coordinator, &meshv1.ListPlacesRequest{PageSize: 1})).GetPlaces()[0].GetId()
	update := func(ctx context.Context, p *meshv1.Place, fields ...string) func() error {
		if p.Id == "" {
			p.Id = some
		}
		return func() error {
			_, err := f.UpdatePlace(ctx, &meshv1.UpdatePlaceRequest{Place: p, UpdateMask: mask(fields...)})
			return err
		}
	}
	place := func(latitude, longitude float64) *meshv1.Place {
		return &meshv1.Place{Name: "Atelier", CommuneCode: "69123", Position: position(latitude, longitude)}
	}
	return map[string]refusal{
		"no latitude":           {create(coordinator, place(91, 4.8)), codes.InvalidArgument, "INVALID_ARGUMENT", "place.position.latitude"},
		"swapped":               {create(coordinator, place(4.83, 45.76)), codes.InvalidArgument, "POSITION_INVERTED", "place.position"},
		"far away":              {create(coordinator, place(48.85, 2.35)), codes.InvalidArgument, "POSITION_FAR_FROM_COMMUNE", "place.position"},
		"no name":               {create(coordinator, &meshv1.Place{CommuneCode: "69123", Position: position(45.76, 4.83)}), codes.InvalidArgument, "FIELD_REQUIRED", "place.name"},
		"no position":           {create(coordinator, &meshv1.Place{Name: "Atelier", CommuneCode: "69123"}), codes.InvalidArgument, "FIELD_REQUIRED", "place.position"},
		"no commune":            {create(coordinator, &meshv1.Place{Name: "Atelier", Position: position(45.76, 4.83)}), codes.InvalidArgument, "FIELD_REQUIRED", "place.commune_code"},
		"unknown commune":       {create(coordinator, &meshv1.Place{Name: "Atelier", CommuneCode: "69000", Position: position(45.76, 4.83)}), codes.NotFound, "NOT_FOUND", "place.commune_code"},
		"by nobody":             {create(t.Context(), place(45.76, 4.83)), codes.Unauthenticated, "TOKEN_MISSING", ""},
		"by a learner":          {create(f.as(t, "learner 1"), place(45.76, 4.83)), codes.PermissionDenied, "NOT_PERMITTED", ""},
		"in another region":     {create(coordinator, &meshv1.Place{Name: "Atelier", CommuneCode: "75056", Position: position(48.85, 2.35)}), codes.PermissionDenied, "NOT_PERMITTED", ""},
		"stale":                 {update(coordinator, &meshv1.Place{Name: "Autre", Etag: `"7"`}, "name"), codes.Aborted, "ETAG_MISMATCH", "place.etag"},
		"weak etag":             {update(coordinator, &meshv1.Place{Name: "Autre", Etag: `W/"1"`}, "name"), codes.Aborted, "ETAG_MISMATCH", "place.etag"},
		"name taken away":       {update(coordinator, &meshv1.Place{}, "name"), codes.InvalidArgument, "FIELD_REQUIRED", "place.name"},
		"unknown field":         {update(coordinator, &meshv1.Place{}, "nom"), codes.InvalidArgument, "FIELD_MASK_INVALID", "update_mask"},
		"output field":          {update(coordinator, &meshv1.Place{}, "status"), codes.InvalidArgument, "FIELD_MASK_INVALID", "update_mask"},
		"moved far":             {update(coordinator, &meshv1.Place{Position: position(-45.7, 4.8)}, "position"), codes.InvalidArgument, "POSITION_FAR_FROM_COMMUNE", "place.position"},
		"unknown structure":     {update(coordinator, &meshv1.Place{StructureId: unknown}, "structure_id"), codes.InvalidArgument, "REFERENCE_NOT_FOUND", "place.structure_id"},
		"unknown place":         {update(coordinator, &meshv1.Place{Id: unknown, Name: "Autre"}, "name"), codes.NotFound, "NOT_FOUND", "place.id"},
		"relay of another host": {update(f.as(t, "relay 1"), &meshv1.Place{Name: "Autre"}, "name"), codes.PermissionDenied, "NOT_PERMITTED", ""},
	}
}

func (f *fixture) personRefusals(t *testing.T) map[string]refusal {
	someone := f.person(t, "learner 2").GetId()
	grant := func(subject, person string, g *meshv1.RoleGrant) func() error {
		return func() error {
			_, err := f.GrantRole(f.as(t, subject), &meshv1.GrantRoleRequest{PersonId: person, Grant: g})
			return err
		}
	}
	coordinator, relay := meshv1.Role_ROLE_COORDINATOR, meshv1.Role_ROLE_RELAY
	return map[string]refusal{
		"unknown person":     {grant("national 1", unknown, &meshv1.RoleGrant{Role: meshv1.Role_ROLE_LEARNER}), codes.NotFound, "NOT_FOUND", "person_id"},
		"no role":            {grant("national 1", someone, &meshv1.RoleGrant{}), codes.InvalidArgument, "INVALID_ARGUMENT", "grant.role"},
		"of nowhere":         {grant("national 1", someone, &meshv1.RoleGrant{Role: coordinator}), codes.InvalidArgument, "GRANT_SCOPE_MISMATCH", "grant.territory_code"},
		"of a place unknown": {grant("national 1", someone, &meshv1.RoleGrant{Role: coordinator, TerritoryCode: "REG-99"}), codes.InvalidArgument, "REFERENCE_NOT_FOUND", "grant.territory_code"},
		"of no structure":    {grant("national 1", someone, &meshv1.RoleGrant{Role: relay}), codes.InvalidArgument, "GRANT_SCOPE_MISMATCH", "grant.structure_id"},
		"of one unknown":     {grant("national 1", someone, &meshv1.RoleGrant{Role: relay, StructureId: unknown}), codes.InvalidArgument, "REFERENCE_NOT_FOUND", "grant.structure_id"},
		"by a coordinator":   {grant("coordinator 1", someone, &meshv1.RoleGrant{Role: meshv1.Role_ROLE_LEARNER}), codes.PermissionDenied, "NOT_PERMITTED", ""},
		"never granted": {func() error {
			_, err := f.RevokeRole(f.as(t, "national 1"), &meshv1.RevokeRoleRequest{PersonId: someone, Grant: &meshv1.RoleGrant{Role: meshv1.Role_ROLE_NATIONAL}})
			return err
		}, codes.NotFound, "ROLE_NOT_HELD", "grant"},
	}
}

func (f *fixture) interestRefusals(t *testing.T, campaign string) map[string]refusal {
	create := func(subject, commune, moduleID, campaignID string) func() error {
		return func() error {
			_, err := f.CreateInterest(f.as(t, subject), &meshv1.CreateInterestRequest{Interest: &meshv1.Interest{CommuneCode: commune, ModuleId: moduleID, CampaignId: campaignID}})
			return err
		}
	}
	own := must[*meshv1.ListInterestsResponse](t)(f.ListInterests(f.as(t, "learner 1"), &meshv1.ListInterestsRequest{})).GetInterests()[0]
	withdraw := func(subject, etag string) func() error {
		return func() error {
			_, err := f.WithdrawInterest(f.as(t, subject), &meshv1.WithdrawInterestRequest{Id: own.GetId(), Etag: etag})
			return err
		}
	}
	return map[string]refusal{
		"twice":            {create("learner 1", "69383", module, campaign), codes.AlreadyExists, "ALREADY_INTERESTED", ""},
		"unknown commune":  {create("learner 2", "99999", module, ""), codes.InvalidArgument, "REFERENCE_NOT_FOUND", "interest.commune_code"},
		"outside":          {create("learner 2", "75056", module, campaign), codes.InvalidArgument, "OUTSIDE_CAMPAIGN", "interest.commune_code"},
		"unknown campaign": {create("learner 2", "69123", module, unknown), codes.InvalidArgument, "REFERENCE_NOT_FOUND", "interest.campaign_id"},
		"unknown module":   {create("learner 2", "69123", unknown, ""), codes.InvalidArgument, "REFERENCE_NOT_FOUND", "interest.module_id"},
		"malformed module": {create("learner 2", "69123", "robots", ""), codes.InvalidArgument, "INVALID_ARGUMENT", "interest.module_id"},
		"stale":            {withdraw("learner 1", `"7"`), codes.Aborted, "ETAG_MISMATCH", "etag"},
		"someone else's":   {withdraw("learner 2", ""), codes.NotFound, "NOT_FOUND", "id"},
		"the coordinator's to read, not to withdraw": {withdraw("coordinator 1", ""), codes.NotFound, "NOT_FOUND", "id"},
		"none of the national team's business": {func() error {
			_, err := f.GetInterest(f.as(t, "national 1"), &meshv1.GetInterestRequest{Id: own.GetId()})
			return err
		}, codes.NotFound, "NOT_FOUND", "id"},
	}
}

func (f *fixture) groupRefusals(t *testing.T, campaign string) map[string]refusal {
	form := func(subject string, req *meshv1.FormGroupsRequest) func() error {
		req.ModuleId = module
		return func() error { _, err := f.FormGroups(f.as(t, subject), req); return err }
	}
	return map[string]refusal{
		"of 26":            {form("coordinator 1", &meshv1.FormGroupsRequest{CampaignId: campaign, MaxSize: 26}), codes.InvalidArgument, "INVALID_ARGUMENT", "max_size"},
		"smallest largest": {form("coordinator 1", &meshv1.FormGroupsRequest{CampaignId: campaign, MinSize: 9, MaxSize: 8}), codes.InvalidArgument, "MIN_ABOVE_MAX", "min_size"},
		"too far":          {form("coordinator 1", &meshv1.FormGroupsRequest{CampaignId: campaign, RadiusMetres: 200_001}), codes.InvalidArgument, "INVALID_ARGUMENT", "radius_metres"},
		"unknown campaign": {form("coordinator 1", &meshv1.FormGroupsRequest{CampaignId: unknown}), codes.NotFound, "NOT_FOUND", "campaign_id"},
		"by a learner":     {form("learner 1", &meshv1.FormGroupsRequest{CampaignId: campaign}), codes.PermissionDenied, "NOT_PERMITTED", ""},
		"unknown group": {func() error {
			_, err := f.ProposeOrganiser(f.as(t, "learner 1"), &meshv1.ProposeOrganiserRequest{Organiser: &meshv1.Organiser{GroupId: unknown, Origin: 1}})
			return err
		}, codes.NotFound, "NOT_FOUND", "organiser.group_id"},
		"campaign in another region": {func() error {
			_, err := f.CreateCampaign(f.as(t, "coordinator 1"), &meshv1.CreateCampaignRequest{Campaign: &meshv1.Campaign{Title: "x", TerritoryCode: "REG-11"}})
			return err
		}, codes.PermissionDenied, "NOT_PERMITTED", ""},
	}
}

func (f *fixture) catalogueAway(t *testing.T) {
	f.catalogue.away.Store(true)
	request := &meshv1.CreateInterestRequest{Interest: &meshv1.Interest{CommuneCode: "69123", ModuleId: module}}
	_, err := f.CreateInterest(f.as(t, "learner 1"), request)
	refused(t, err, codes.Unavailable, "UNAVAILABLE", "")
	f.catalogue.away.Store(false)
	must[*meshv1.Interest](t)(f.CreateInterest(f.as(t, "learner 1"), request))
	f.catalogue.away.Store(true) // what was found once is not asked again
	must[*meshv1.Interest](t)(f.CreateInterest(f.as(t, "learner 2"), request))
}
