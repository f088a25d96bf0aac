package api_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/access/accesstest"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/rpc"
	"github.com/classcode/maillage/pkg/testkit"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh"
)

const (
	module  = "0b8f3c1e-3a49-4c8e-9d52-9e6f6d2b8a01"
	unknown = "0b8f3c1e-3a49-4c8e-9d52-9e6f6d2b8a02"
)

var serviceKey = access.DeriveServiceKey([]byte("a secret of these tests"))

// catalogue has one module, and may be away.
type catalogue struct {
	cataloguev1.CatalogueServiceClient
	away atomic.Bool
}

func (c *catalogue) GetModule(_ context.Context, in *cataloguev1.GetModuleRequest, _ ...grpc.CallOption) (*cataloguev1.Module, error) {
	switch {
	case c.away.Load():
		return nil, status.Error(codes.Unavailable, "connection refused")
	case in.GetId() != module:
		return nil, status.Error(codes.NotFound, "Module not found.")
	}
	return &cataloguev1.Module{Id: module}, nil
}

// fixture is the service behind the real chain, over memory, with all of its reference data.
type fixture struct {
	meshv1.MeshServiceClient
	meshv1.ContactServiceClient
	conn *rpc.Conn
	meshv1.FormingServiceClient
	meshv1.ProfessionalServiceClient
	meshv1.RoomServiceClient
	issuer    *accesstest.Issuer
	clock     *testkit.Clock
	db        *database.DB
	catalogue *catalogue
}

// france is a database with all of the reference data, loaded once: under -race that takes as long as all the tests.
var france = sync.OnceValues(func() ([]byte, error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "maillage-france-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "france.db")
	db, err := database.Open(ctx, database.Config{DSN: "sqlite:" + path})
	if err != nil {
		return nil, err
	}
	service, err := mesh.New(ctx, mesh.Config{Development: true}, mesh.Deps{DB: db})
	if err == nil {
		err = service.Load(ctx, func(string, int, int) {})
	}
	if err := errors.Join(err, db.Close()); err != nil { // closing leaves everything in the one file
		return nil, err
	}
	return os.ReadFile(path)
})

// copyOfFrance opens a test's own copy.
func copyOfFrance(t *testing.T) *database.DB {
	t.Helper()
	image, err := france()
	if err != nil {
		t.Fatal(err)
	}
	cfg := testkit.SQLite(t)
	if err := os.WriteFile(strings.TrimPrefix(cfg.DSN, "sqlite:"), image, 0o600); err != nil {
		t.Fatal(err)
	}
	return testkit.Open(t, cfg, nil)
}

func start(t *testing.T) *fixture {
	t.Helper()
	server, err := events.Embedded(events.ServerConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	bus, err := server.Connect(events.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	f := &fixture{issuer: accesstest.New(t), db: copyOfFrance(t), catalogue: &catalogue{}, clock: testkit.NewClock(time.Now())}
	service, err := mesh.New(t.Context(), mesh.Config{PageKey: make([]byte, 32), Development: true},
		mesh.Deps{DB: f.db, Bus: bus, Catalogue: f.catalogue, Now: f.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	accepted := f.issuer.Accepted()
	accepted.Development = true
	verifier, err := access.NewVerifier(access.VerifierConfig{Issuers: []access.Issuer{accepted}})
	if err != nil {
		t.Fatal(err)
	}
	grpcServer, err := rpc.NewServer(rpc.ServerConfig{Verifier: verifier, Guard: service.Guard(), ServiceKey: serviceKey})
	if err != nil {
		t.Fatal(err)
	}
	service.Register(grpcServer)
	conn, err := grpcServer.InProcess()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(grpcServer.Stop)
	t.Cleanup(func() { _ = conn.Close() })
	f.MeshServiceClient, f.ContactServiceClient, f.conn = meshv1.NewMeshServiceClient(conn), meshv1.NewContactServiceClient(conn), conn
	f.MeshServiceClient, f.ProfessionalServiceClient = meshv1.NewMeshServiceClient(conn), meshv1.NewProfessionalServiceClient(conn)
	f.RoomServiceClient = meshv1.NewRoomServiceClient(conn)
	f.FormingServiceClient = meshv1.NewFormingServiceClient(conn)
	return f
}

// as is a person whose first word is the persona: "learner 7".
func (f *fixture) as(t *testing.T, subject string) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	persona, _, _ := strings.Cut(subject, " ")
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+f.issuer.Sign(map[string]any{"sub": subject, "persona": persona}))
}

// must is for calls that prepare a test.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// refused asserts a code, a reason and, when given, the field that the error names.
func refused(t *testing.T, err error, code codes.Code, reason, field string) {
	t.Helper()
	s := status.Convert(err)
	var gotReason, gotField string
	for _, d := range s.Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			gotReason = d.GetReason()
		case *errdetails.BadRequest:
			gotField = d.GetFieldViolations()[0].GetField()
		}
	}
	if s.Code() != code || gotReason != reason || gotField != field {
		t.Errorf("got %s %s at %q (%v)\nwant %s %s at %q", s.Code(), gotReason, gotField, err, code, reason, field)
	}
}

func (f *fixture) person(t *testing.T, subject string) *meshv1.Person {
	t.Helper()
	return must[*meshv1.Person](t)(f.ResolvePerson(f.as(t, subject), &meshv1.ResolvePersonRequest{}))
}

func (f *fixture) campaign(t *testing.T, territory string) *meshv1.Campaign {
	t.Helper()
	return must[*meshv1.Campaign](t)(f.CreateCampaign(f.as(t, "coordinator 1"), &meshv1.CreateCampaignRequest{
		Campaign: &meshv1.Campaign{Title: "Rentrée", TerritoryCode: territory}}))
}

func (f *fixture) interest(t *testing.T, subject string, c *meshv1.Campaign) *meshv1.Interest {
	t.Helper()
	return must[*meshv1.Interest](t)(f.CreateInterest(f.as(t, subject), &meshv1.CreateInterestRequest{
		Interest: &meshv1.Interest{CommuneCode: "69123", ModuleId: module, CampaignId: c.GetId()}}))
}

// Loading France takes a second: what does not disturb each other shares it.
func TestReadingAndJoining(t *testing.T) {
	f := start(t)
	t.Run("public reading", f.publicReading)
	t.Run("personas", f.personas)
	t.Run("contacts", f.contacts)
	t.Run("erasure", f.erasure)
	t.Run("catalogue away", f.catalogueAway)
}

func TestGroups(t *testing.T) {
	f := start(t)
	t.Run("from interest to organiser", f.fromInterestToOrganiser)
	t.Run("structure goes first", f.structureGoesFirst)
}

func (f *fixture) publicReading(t *testing.T) {
	ctx := t.Context()
	old := must[*meshv1.Territory](t)(f.GetTerritory(ctx, &meshv1.GetTerritoryRequest{Code: "74093"}))
	if old.GetCode() != "74010" || old.GetPosition() == nil || old.GetPopulation() < 100_000 {
		t.Errorf("Cran-Gevrier is now %v", old)
	}
	anaa := must[*meshv1.Territory](t)(f.GetTerritory(ctx, &meshv1.GetTerritoryRequest{Code: "98711"}))
	if anaa.GetPosition() != nil || anaa.GetPrecision() != meshv1.Precision_PRECISION_UNSPECIFIED {
		t.Errorf("Anaa has no known position, and is at %v", anaa.GetPosition())
	}
	named := must[*meshv1.ListTerritoriesResponse](t)(f.ListTerritories(ctx, &meshv1.ListTerritoriesRequest{Query: "SAINT-ETIENNE", Kind: meshv1.TerritoryKind_TERRITORY_KIND_COMMUNE, PageSize: 5}))
	if len(named.GetTerritories()) != 5 || named.GetTerritories()[0].GetName() != "Saint-Étienne" || named.GetNextPageToken() == "" {
		t.Errorf("%v", named)
	}
	near := must[*meshv1.FindNearestPlacesResponse](t)(f.FindNearestPlaces(ctx, &meshv1.FindNearestPlacesRequest{CommuneCode: "69123", Limit: 20}))
	if len(near.GetPlaces()) != 20 || near.GetPlaces()[0].GetDistanceMetres() > near.GetPlaces()[19].GetDistanceMetres() {
		t.Errorf("%d places, the first %v", len(near.GetPlaces()), near.GetPlaces()[0])
	}
	around := must[*meshv1.FindNearestCommunesResponse](t)(f.FindNearestCommunes(ctx, &meshv1.FindNearestCommunesRequest{Position: position(45.7589, 4.8414)})).GetCommunes()
	city := slices.IndexFunc(around, func(c *meshv1.NearCommune) bool { return c.GetName() == "Lyon" })
	if len(around) != 50 || city < 0 || around[city].GetPopulation() < 400_000 || around[city].GetPrecision() != meshv1.Precision_PRECISION_EXACT ||
		around[0].GetDistanceMetres() > around[49].GetDistanceMetres() {
		t.Errorf("%d communes around Lyon, the city is number %d", len(around), city)
	}
	for territory, want := range map[string]int{"REG-84": 500, "75056": 0} {
		places := must[*meshv1.ListPlacesResponse](t)(f.ListPlaces(ctx, &meshv1.ListPlacesRequest{TerritoryCode: territory, PageSize: 1000}))
		if len(places.GetPlaces()) != want || (places.GetNextPageToken() != "") != (want == 500) {
			t.Errorf("%s has %d places", territory, len(places.GetPlaces()))
		}
	}
}

func (f *fixture) personas(t *testing.T) {
	if p := f.person(t, "coordinator 1"); fmt.Sprint(p.GetRoles()) != fmt.Sprint([]*meshv1.RoleGrant{{Role: meshv1.Role_ROLE_COORDINATOR, TerritoryCode: "REG-84"}}) {
		t.Errorf("%v", p)
	}
	relay := f.person(t, "relay 1")
	structure, err := f.GetStructure(t.Context(), &meshv1.GetStructureRequest{Id: relay.GetRoles()[0].GetStructureId()})
	if err != nil || !strings.Contains(structure.GetName(), "synthétiques") {
		t.Errorf("%v, %v", structure, err)
	}
	// Another persona of the same subject adds to the roles.
	both := must[*meshv1.Person](t)(f.ResolvePerson(
		metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+f.issuer.Sign(map[string]any{"sub": "relay 1", "persona": "national"})),
		&meshv1.ResolvePersonRequest{}))
	if both.GetId() != relay.GetId() || len(both.GetRoles()) != 2 || both.GetVersion() != 2 {
		t.Errorf("%v after %v", both, relay)
	}
}

func (f *fixture) fromInterestToOrganiser(t *testing.T) {
	coordinator, campaign := f.as(t, "coordinator 1"), f.campaign(t, "DEP-69")
	var interests []*meshv1.Interest
	for i := range 6 {
		interests = append(interests, f.interest(t, fmt.Sprint("learner ", i), campaign))
	}
	request := &meshv1.FormGroupsRequest{CampaignId: campaign.GetId(), ModuleId: module, RequestId: unknown}
	formed := must[*meshv1.FormGroupsResponse](t)(f.FormGroups(coordinator, request))
	again := must[*meshv1.FormGroupsResponse](t)(f.FormGroups(coordinator, request))
	if len(formed.GetGroups()) != 1 || formed.GetGroups()[0].GetMemberCount() != 6 || again.String() != formed.String() {
		t.Fatalf("formed %v, then %v", formed, again)
	}
	group := formed.GetGroups()[0].GetId()
	request.MaxSize = 10
	_, err := f.FormGroups(coordinator, request)
	refused(t, err, codes.FailedPrecondition, "REQUEST_ID_REUSED", "request_id")

	withdrawn := must[*meshv1.Interest](t)(f.WithdrawInterest(f.as(t, "learner 5"), &meshv1.WithdrawInterestRequest{Id: interests[5].GetId()}))
	members := must[*meshv1.ListGroupMembersResponse](t)(f.ListGroupMembers(f.as(t, "learner 0"), &meshv1.ListGroupMembersRequest{GroupId: group}))
	if withdrawn.GetState() != meshv1.InterestState_INTEREST_STATE_WITHDRAWN || len(members.GetMembers()) != 5 {
		t.Errorf("%v, %d members", withdrawn, len(members.GetMembers()))
	}
	_, err = f.ListGroupMembers(f.as(t, "learner 5"), &meshv1.ListGroupMembersRequest{GroupId: group})
	refused(t, err, codes.PermissionDenied, "NOT_PERMITTED", "")
	f.organise(t, group)
	for subject, want := range map[string]int{"learner 0": 5, "learner 1": 1, "learner 9": 0, "coordinator 1": 6, "national 1": 0} {
		list := must[*meshv1.ListInterestsResponse](t)(f.ListInterests(f.as(t, subject), &meshv1.ListInterestsRequest{}))
		if len(list.GetInterests()) != want {
			t.Errorf("%s sees %d interests, want %d", subject, len(list.GetInterests()), want)
		}
	}
}

// organise makes learner 0 the group's organiser, after those who may not.
func (f *fixture) organise(t *testing.T, group string) {
	t.Helper()
	cooptation, contamination := meshv1.OrganiserOrigin_ORGANISER_ORIGIN_COOPTATION, meshv1.OrganiserOrigin_ORGANISER_ORIGIN_CONTAMINATION
	propose := func(subject, candidate string, origin meshv1.OrganiserOrigin) (*meshv1.Organiser, error) {
		o := &meshv1.Organiser{GroupId: group, Origin: origin}
		if candidate != "" {
			o.PersonId = f.person(t, candidate).GetId()
		}
		return f.ProposeOrganiser(f.as(t, subject), &meshv1.ProposeOrganiserRequest{Organiser: o})
	}
	_, err := propose("learner 9", "learner 0", cooptation)
	refused(t, err, codes.PermissionDenied, "PROPOSER_NOT_ENTITLED", "")
	_, err = propose("learner 1", "learner 9", cooptation)
	refused(t, err, codes.FailedPrecondition, "CANDIDATE_NOT_MEMBER", "organiser.person_id")
	_, err = propose("learner 1", "learner 0", contamination)
	refused(t, err, codes.PermissionDenied, "PASSER_NOT_ORGANISER", "")
	_, err = propose("organiser 1", "", contamination)
	refused(t, err, codes.InvalidArgument, "CANDIDATE_IS_CALLER", "organiser.person_id")

	passed := must[*meshv1.Organiser](t)(propose("organiser 1", "learner 0", contamination))
	_, err = propose("organiser 1", "learner 0", contamination)
	refused(t, err, codes.AlreadyExists, "ORGANISER_ALREADY_PROPOSED", "")
	self := must[*meshv1.Organiser](t)(propose("learner 1", "", cooptation))
	named := must[*meshv1.Organiser](t)(propose("coordinator 1", "learner 2", cooptation))
	_, err = f.AcceptOrganiser(f.as(t, "learner 1"), &meshv1.AcceptOrganiserRequest{Id: passed.GetId()})
	refused(t, err, codes.NotFound, "NOT_FOUND", "id")
	must[*meshv1.Organiser](t)(f.AcceptOrganiser(f.as(t, "learner 0"), &meshv1.AcceptOrganiserRequest{Id: passed.GetId()}))
	for subject, o := range map[string]*meshv1.Organiser{"learner 1": self, "learner 2": named} {
		_, err = f.AcceptOrganiser(f.as(t, subject), &meshv1.AcceptOrganiserRequest{Id: o.GetId()})
		refused(t, err, codes.FailedPrecondition, "GROUP_HAS_ORGANISER", "")
	}
	edges := must[*meshv1.ListLineageEdgesResponse](t)(f.ListLineageEdges(f.as(t, "coordinator 1"), &meshv1.ListLineageEdgesRequest{}))
	if len(edges.GetLineageEdges()) != 1 || edges.GetLineageEdges()[0].GetFromPersonId() != f.person(t, "organiser 1").GetId() {
		t.Errorf("lineage %v", edges)
	}
}

func (f *fixture) structureGoesFirst(t *testing.T) {
	coordinator, campaign := f.as(t, "coordinator 1"), f.campaign(t, "69123")
	hosting := f.person(t, "organiser 1").GetRoles()[0].GetStructureId()
	near := must[*meshv1.FindNearestPlacesResponse](t)(f.FindNearestPlaces(coordinator, &meshv1.FindNearestPlacesRequest{CommuneCode: "69123", Limit: 1}))
	place := near.GetPlaces()[0].GetPlace()
	must[*meshv1.Place](t)(f.UpdatePlace(coordinator, &meshv1.UpdatePlaceRequest{
		Place: &meshv1.Place{Id: place.GetId(), StructureId: hosting}, UpdateMask: mask("structure_id")}))
	for i := range 5 {
		f.interest(t, fmt.Sprint("learner ", i), campaign)
	}
	formed := must[*meshv1.FormGroupsResponse](t)(f.FormGroups(coordinator, &meshv1.FormGroupsRequest{CampaignId: campaign.GetId(), ModuleId: module}))
	group := formed.GetGroups()[0]
	if group.GetStructureId() != hosting {
		t.Fatalf("%v", group)
	}
	o := &meshv1.Organiser{GroupId: group.GetId(), Origin: meshv1.OrganiserOrigin_ORGANISER_ORIGIN_COOPTATION}
	_, err := f.ProposeOrganiser(f.as(t, "learner 0"), &meshv1.ProposeOrganiserRequest{Organiser: o})
	refused(t, err, codes.FailedPrecondition, "STRUCTURE_HAS_ORGANISER", "organiser.override_reason")
	o.OverrideReason = "En congé jusqu'en juin."
	got := must[*meshv1.Organiser](t)(f.ProposeOrganiser(f.as(t, "learner 0"), &meshv1.ProposeOrganiserRequest{Organiser: o}))
	if got.GetOverrideReason() != o.GetOverrideReason() {
		t.Errorf("%v", got)
	}
}
