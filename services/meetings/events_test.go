package meetings_test

import (
	"context"
	"database/sql"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	busevents "github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// The mesh tells of an organiser over the bus, twice and out of order; the meeting has that organiser, and tells it in turn.
func TestOverTheBus(t *testing.T) {
	w := newWorld(t)
	server, err := busevents.Embedded(busevents.ServerConfig{Dir: t.TempDir(), Log: testkit.Logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	bus, err := server.Connect(busevents.Config{Name: "meetings", Log: testkit.Logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	w.deps.Bus = bus
	service := w.service()
	w.serve(service)

	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer stop()
	meshDB := testkit.Open(t, testkit.SQLite(t), nil)
	relay := busevents.NewRelay(meshDB, bus, busevents.RelayConfig{Stream: busevents.StreamConfig{Service: "mesh"}})
	heard := make(chan *meetingsv1.Meeting, 100)
	for name, run := range map[string]func(context.Context) error{
		"service": service.Run, "mesh": relay.Run,
		"listener": func(ctx context.Context) error {
			return bus.Consume(ctx, busevents.Consumer{
				Durable: "test", Stream: busevents.StreamName("meetings"), Subjects: []string{"maillage.meetings.v1.meeting.updated"},
				Handle: func(_ context.Context, msg busevents.Message) error {
					var e meetingsv1.MeetingEvent
					err := msg.Decode(&e)
					heard <- e.GetMeeting()
					return err
				},
			})
		},
	} {
		all.Go(func() {
			if err := run(ctx); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}

	group := w.group("44109")
	w.mesh.groups[group].OrganiserId = ""
	m := must[*meetingsv1.Series](w)(w.CreateSeries(w.as("coordinator"), seriesOf(group, 5))).GetMeetings()[0]
	told := func(version int64, organiser string) busevents.Event {
		return busevents.Event{
			ID: uuid.Must(uuid.NewV7()).String(), Subject: "maillage.mesh.v1.group.updated", Aggregate: group, Version: version, Time: start,
			Payload: &meshv1.GroupEvent{Group: &meshv1.Group{Id: group, OrganiserId: organiser}},
		}
	}
	err = meshDB.Write(t.Context(), func(tx *sql.Tx) error {
		return busevents.Append(t.Context(), tx, meshDB.Engine(), "mesh", told(3, "accepted"), told(3, "accepted"), told(2, "before"))
	})
	if err != nil {
		t.Fatal(err)
	}
	relay.Wake()
	testkit.Poll(t, 20*time.Second, func() bool {
		read := must[*meetingsv1.Meeting](w)(w.GetMeeting(w.as(""), &meetingsv1.GetMeetingRequest{Id: m.GetId()}))
		return read.GetOrganiserId() == "accepted"
	}, "the organiser to be heard of")
	for range 2 { // one a meeting
		select {
		case e := <-heard:
			if e.GetOrganiserId() != "accepted" || e.GetEtag() != `"2"` {
				t.Fatalf("told %v", e)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("the meetings did not tell")
		}
	}
	testkit.Poll(t, 20*time.Second, func() bool { return service.Check(t.Context()) == nil }, "the relay to be sound")
	if len(heard) != 0 {
		t.Fatalf("told %d times too many", len(heard))
	}
}
