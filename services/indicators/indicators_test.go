package indicators_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/access/accesstest"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	busevents "github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/page"
	"github.com/classcode/maillage/pkg/rpc"
	"github.com/classcode/maillage/pkg/testkit"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/indicators"
)

var ladder = accesstest.Ladder{"44109": {"DEP-44", "REG-52", "FR"}, "69123": {"DEP-69", "REG-84", "FR"}, "REG-52": {"FR"}, "REG-84": {"FR"}}

// moody is a mesh that does not answer the first questions about communes, which only consumers ask here.
type moody struct {
	accesstest.Ladder
	refusals atomic.Int32
}

func (m *moody) Ancestors(ctx context.Context, code string) ([]string, error) {
	if len(code) == len("44109") && m.refusals.Add(-1) >= 0 {
		return nil, errs.ErrUnavailable
	}
	return m.Ladder.Ancestors(ctx, code)
}

func embedded(t *testing.T) *busevents.Bus {
	t.Helper()
	server, err := busevents.Embedded(busevents.ServerConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	bus, err := server.Connect(busevents.Config{Log: testkit.Logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	return bus
}

// background runs until the test ends, and is waited for before what it works with is closed.
func background(t *testing.T, run func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// neighbour is another service, as far as it is heard: its outbox and its relay.
func neighbour(t *testing.T, bus *busevents.Bus, service string) (tell func(noun, aggregate string, version int64, payload proto.Message)) {
	t.Helper()
	db := testkit.Open(t, testkit.SQLite(t), nil)
	relay := busevents.NewRelay(db, bus, busevents.RelayConfig{Stream: busevents.StreamConfig{Service: service}})
	background(t, relay.Run)
	return func(noun, aggregate string, version int64, payload proto.Message) {
		t.Helper()
		event := busevents.Event{
			ID: uuid.Must(uuid.NewV7()).String(), Subject: "maillage." + service + ".v1." + noun, Aggregate: aggregate,
			Version: version, Time: time.Now(), Payload: payload,
		}
		err := db.Write(t.Context(), func(tx *sql.Tx) error {
			return busevents.Append(t.Context(), tx, db.Engine(), service, event)
		})
		if err != nil {
			t.Fatal(err)
		}
		relay.Wake()
	}
}

func serve(t *testing.T, service *indicators.Service) *rpc.Conn {
	t.Helper()
	server, err := rpc.NewServer(rpc.ServerConfig{Verifier: accesstest.New(t).Verifier(), Guard: service.Guard()})
	if err != nil {
		t.Fatal(err)
	}
	service.Register(server)
	conn, err := server.InProcess()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(); server.Stop() })
	return conn
}

func start(t *testing.T, bus *busevents.Bus, db *database.DB, mesh *moody) *indicators.Service {
	t.Helper()
	service, err := indicators.New(t.Context(), indicators.Config{PageKey: page.Key("key")},
		indicators.Deps{DB: db, Bus: bus, Directory: accesstest.People{}, Territories: mesh})
	if err != nil {
		t.Fatal(err)
	}
	return service
}

func TestWhatIsHeardIsCounted(t *testing.T) {
	bus, mesh := embedded(t), &moody{Ladder: ladder}
	db := testkit.Open(t, testkit.SQLite(t), nil)
	service := start(t, bus, db, mesh)
	if err := service.Load(t.Context(), func(string, int, int) {}); err != nil {
		t.Fatal(err)
	}
	client := indicatorsv1.NewIndicatorsServiceClient(serve(t, service))
	mesh.refusals.Store(3) // what was heard meanwhile comes again
	background(t, service.Run)
	meshTells, meetingsTell, catalogueTells := neighbour(t, bus, "mesh"), neighbour(t, bus, "meetings"), neighbour(t, bus, "catalogue")
	campaign := uuid.NewString()
	for i := range 7 {
		id, commune := fmt.Sprint("p", i), "44109"
		if i == 6 {
			commune = "69123"
		}
		meshTells("interest.registered", id, 1, &meshv1.InterestEvent{Interest: &meshv1.Interest{Id: id, PersonId: id, CommuneCode: commune, CampaignId: campaign}})
		if i < 3 {
			catalogueTells("enrolment.completed", id, 2, &cataloguev1.EnrolmentEvent{Enrolment: &cataloguev1.Enrolment{Id: id, PersonId: id, State: cataloguev1.EnrolmentState_ENROLMENT_STATE_COMPLETED}})
			continue
		}
		meetingsTell("attestation.issued", id, 1, &meetingsv1.AttestationEvent{Attestation: &meetingsv1.Attestation{Id: id, PersonId: id}, CommuneCode: commune, CampaignId: campaign})
	}
	meshTells("place.created", "pl", 1, &meshv1.PlaceEvent{Place: &meshv1.Place{Id: "pl", CommuneCode: "44109", Status: meshv1.PlaceStatus_PLACE_STATUS_ACTIVE}})
	meetingsTell("meeting.planned", "m", 1, &meetingsv1.MeetingEvent{Meeting: &meetingsv1.Meeting{Id: "m", PlaceId: "pl", CampaignId: campaign, State: meetingsv1.MeetingState_MEETING_STATE_OPEN}})

	testkit.Poll(t, 10*time.Second, func() bool { return mesh.refusals.Load() < 0 }, "mesh to be asked again")
	for territory, want := range map[string]string{"FR": "[7 7 1 1 0]", "REG-52": "[6 6 1 1 0]", "REG-84": "[- - 0 0 0]"} {
		for _, campaign := range []string{"", campaign} {
			var got string
			testkit.Poll(t, 10*time.Second, func() bool {
				got = counted(t, client, territory, campaign)
				return got == want
			}, fmt.Sprintf("%s of %q to be %s", territory, campaign, want))
		}
	}
}

// counted is I2a, I2b, I3a, I3b and I3c as they are computed; "-" for what is suppressed.
func counted(t *testing.T, client indicatorsv1.IndicatorsServiceClient, territory, campaign string) string {
	t.Helper()
	list, err := client.ListIndicators(t.Context(), &indicatorsv1.ListIndicatorsRequest{
		TerritoryCode: territory, CampaignId: campaign, Origin: indicatorsv1.Origin_ORIGIN_COMPUTED,
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, i := range list.GetIndicators() {
		for _, m := range i.GetMeasures() {
			text := "-"
			if m.Value != nil {
				text = fmt.Sprint(m.GetValue())
			}
			all = append(all, text)
		}
	}
	return fmt.Sprint(all)
}

func TestLoadingTwiceChangesNothing(t *testing.T) {
	db := testkit.Open(t, testkit.SQLite(t), nil)
	service := start(t, nil, db, &moody{Ladder: ladder})
	client := indicatorsv1.NewIndicatorsServiceClient(serve(t, service))
	var lists []*indicatorsv1.ListIndicatorsResponse
	for range 2 {
		done := 0
		if err := service.Load(t.Context(), func(_ string, n, total int) { done = total - n }); err != nil || done != 0 {
			t.Fatalf("%d left, %v", done, err)
		}
		list, err := client.ListIndicators(t.Context(), &indicatorsv1.ListIndicatorsRequest{Origin: indicatorsv1.Origin_ORIGIN_DECLARED})
		if err != nil {
			t.Fatal(err)
		}
		lists = append(lists, list)
	}
	if len(lists[0].GetIndicators()) != 11 || !proto.Equal(lists[0], lists[1]) {
		t.Errorf("first %v\nthen %v", lists[0], lists[1])
	}
	var events int
	if err := db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM outbox`).Scan(&events); err != nil || events != 11 {
		t.Errorf("%d events, %v; want one for each indicator", events, err)
	}
}
