package mesh_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh"
)

// A meeting held elsewhere makes a place active here, and this is told on.
func TestRun(t *testing.T) {
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
	if err := bus.Provision(t.Context(), events.StreamConfig{Service: "mesh"}, events.StreamConfig{Service: "meetings"}); err != nil {
		t.Fatal(err)
	}
	db := testkit.Open(t, testkit.SQLite(t), nil)
	service, err := mesh.New(t.Context(), mesh.Config{PageKey: make([]byte, 32)}, mesh.Deps{DB: db, Bus: bus})
	if err != nil {
		t.Fatal(err)
	}
	if err := service.Load(t.Context(), func(string, int, int) {}); err != nil {
		t.Fatal(err)
	}
	var place string
	if err := db.Read().QueryRowContext(t.Context(), `SELECT min(id) FROM places`).Scan(&place); err != nil {
		t.Fatal(err)
	}

	heard := make(chan *meshv1.Place, 1)
	start(t, service.Run)
	start(t, meetings(t, bus, place).Run)
	start(t, func(ctx context.Context) error { return bus.Consume(ctx, listener(heard)) })
	select {
	case p := <-heard:
		if p.GetId() != place || p.GetStatus() != meshv1.PlaceStatus_PLACE_STATUS_ACTIVE || p.GetEtag() != `"2"` {
			t.Errorf("heard %v", p)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was heard of the place")
	}
	testkit.Poll(t, 5*time.Second, func() bool { return service.Check(t.Context()) == nil }, "a healthy relay")
}

// start runs a part until the end of the test, and expects it to end well.
func start(t *testing.T, run func(context.Context) error) {
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

// meetings is another service that has one event to tell.
func meetings(t *testing.T, bus *events.Bus, place string) *events.Relay {
	t.Helper()
	db, meeting := testkit.Open(t, testkit.SQLite(t), nil), uuid.NewString()
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		return events.Append(t.Context(), tx, db.Engine(), "meetings", events.Event{
			ID: uuid.Must(uuid.NewV7()).String(), Subject: "maillage.meetings.v1.meeting.declared", Aggregate: meeting, Version: 3, Time: time.Now(),
			Payload: &meetingsv1.MeetingEvent{Meeting: &meetingsv1.Meeting{
				Id: meeting, PlaceId: place, State: meetingsv1.MeetingState_MEETING_STATE_HELD, StartTime: timestamppb.Now(),
			}},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return events.NewRelay(db, bus, events.RelayConfig{Stream: events.StreamConfig{Service: "meetings"}})
}

func listener(heard chan<- *meshv1.Place) events.Consumer {
	return events.Consumer{
		Durable: "listener", Stream: events.StreamName("mesh"), Subjects: []string{"maillage.mesh.v1.place.updated"},
		Handle: func(_ context.Context, msg events.Message) error {
			var e meshv1.PlaceEvent
			err := msg.Decode(&e)
			if err == nil {
				heard <- e.GetPlace()
			}
			return err
		},
	}
}
