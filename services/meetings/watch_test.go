package meetings_test

import (
	"context"
	"sync"
	"testing"
	"time"

	busevents "github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// A service that starts tells at once of what went wrong meanwhile; what people wrote stays here.
func TestWatchOverTheBus(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(5)
	p := w.problem("organiser", m.GetId())
	w.clock.Advance(73 * time.Hour)

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
	soon := w.meetingIn(80)
	w.deps.Bus = bus
	service := w.service()

	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer stop()
	overdue, recommended := make(chan *meetingsv1.Problem, 10), make(chan *meetingsv1.ReadinessEvent, 10)
	for name, run := range map[string]func(context.Context) error{
		"service": service.Run,
		"listener": func(ctx context.Context) error {
			return bus.Consume(ctx, busevents.Consumer{
				Durable: "test", Stream: busevents.StreamName("meetings"),
				Subjects: []string{"maillage.meetings.v1.problem.overdue", "maillage.meetings.v1.readiness.postponement_recommended"},
				Handle: func(_ context.Context, msg busevents.Message) error {
					var problem meetingsv1.ProblemEvent
					if err := msg.Decode(&problem); err == nil {
						overdue <- problem.GetProblem()
						return nil
					}
					var board meetingsv1.ReadinessEvent
					err := msg.Decode(&board)
					recommended <- &board
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
	deadline := time.After(20 * time.Second)
	select {
	case got := <-overdue:
		if got.GetId() != p.GetId() || !got.GetLate() || got.GetText() != "" {
			t.Fatalf("told %v", got)
		}
	case <-deadline:
		t.Fatal("nobody told of the promise")
	}
	select {
	case got := <-recommended:
		r := got.GetReadiness()
		if r.GetMeetingId() != soon.GetId() || r.GetRecommendation() != meetingsv1.Recommendation_RECOMMENDATION_POSTPONE || len(r.GetReasons()) == 0 ||
			got.GetCommuneCode() != "44109" || got.GetOrganiserId() != "organiser" || r.GetSummaryFr() == "" {
			t.Fatalf("told %v", got)
		}
	case <-deadline:
		t.Fatal("nobody told of the meeting")
	}
}

// meetingIn is a meeting that begins so many hours after the tests' first moment; the other of its series is far away.
func (w *world) meetingIn(hours int) *meetingsv1.Meeting {
	w.Helper()
	series := seriesOf(w.group("44109"), 5)
	series.Slots = []*meetingsv1.Slot{slot(hours, 2), slot(hours+1000, 2)}
	return must[*meetingsv1.Series](w)(w.CreateSeries(w.as("organiser"), series)).GetMeetings()[0]
}
