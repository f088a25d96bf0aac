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

// A deadline passes and nobody touches the search: the service that runs asks the next professional, and tells of it.
func TestDeadlinePassesUntouched(t *testing.T) {
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
	if err := bus.Provision(t.Context(), busevents.StreamConfig{Service: "mesh"}); err != nil {
		t.Fatal(err)
	}
	w.deps.Bus = bus
	service := w.service()
	w.serve(service)
	m := w.sought()
	asks := w.ask(m, oneByOne, w.professional(1), w.professional(2))
	w.clock.Set(asks[0].GetDeadline().AsTime())

	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer stop()
	all.Go(func() {
		if err := service.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	told := make(chan string, 100)
	all.Go(func() {
		err := bus.Consume(ctx, busevents.Consumer{
			Durable: "test", Stream: busevents.StreamName("meetings"), Subjects: []string{"maillage.meetings.v1.ask.*"},
			Handle: func(_ context.Context, msg busevents.Message) error {
				var e meetingsv1.AskEvent
				err := msg.Decode(&e)
				told <- msg.Subject + " " + e.GetAsk().GetPersonId()
				return err
			},
		})
		if err != nil {
			t.Error(err)
		}
	})
	const prefix = "maillage.meetings.v1."
	for _, want := range []string{
		prefix + "ask.sent " + asks[0].GetPersonId(), prefix + "ask.queued " + asks[1].GetPersonId(),
		prefix + "ask.lapsed " + asks[0].GetPersonId(), prefix + "ask.sent " + asks[1].GetPersonId(),
	} {
		select {
		case got := <-told:
			if got != want {
				t.Fatalf("told %s; want %s", got, want)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%s was not told", want)
		}
	}
	if s := w.search(m); s.GetState() != meetingsv1.SearchState_SEARCH_STATE_ASKED {
		t.Fatalf("%v", s)
	}
}
