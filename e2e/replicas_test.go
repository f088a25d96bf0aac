package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/deploy/cluster/fleet"
	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	// takeover is how long the other replica may take to publish when the active one dies.
	takeover   = 10 * time.Second
	fewSeats   = 20
	manyGuests = 120
)

// replicas has two processes of a service do one's work: the seats of one meeting, and the relay.
func (c *cluster) replicas() {
	groups := c.form()
	c.t.Run("two replicas sell each seat once", func(t *testing.T) { c.seats(t, groups[0]) })
	c.t.Run("two replicas give one room, one kit and one professional once", c.races)
	changes := []struct{ service, path, body string }{
		{"mesh", "/v1/places", `{"name":"Salle de relève",` + lyon + `}`},
		{"meetings", "/v1/series", `{"groupId":"` + groups[1] + `","timeZone":"Europe/Paris","capacity":5,
			"slots":[{"startTime":"2030-01-08T10:00:00Z","endTime":"2030-01-08T12:00:00Z"},{"startTime":"2030-01-22T10:00:00Z","endTime":"2030-01-22T12:00:00Z"}]}`},
	}
	for _, change := range changes {
		c.t.Run("one relay of "+change.service+", and the other one when it dies", func(t *testing.T) {
			c.relay(t, change.service, func(s *site) { s.change(change.path, change.body) })
		})
	}
}

// form forms two groups of two, who have no meetings yet.
func (s *site) form() (ids []string) {
	s.t.Helper()
	coordinator := s.token("coordinator", "planner")
	campaign := field(s.t, s.made("/v1/campaigns", coordinator, `{"title":"Relève","territoryCode":"REG-84"}`), "id")
	for i := range 4 {
		s.made("/v1/interests", s.token("learner", fmt.Sprintf("relief-%d", i)), `{"communeCode":"69123","moduleId":"`+module+`","campaignId":"`+campaign+`"}`)
	}
	formed := s.made("/v1/campaigns/"+campaign+":formGroups", coordinator, `{"moduleId":"`+module+`","minSize":2,"maxSize":2}`)
	var out struct{ Groups []struct{ ID string } }
	if err := json.Unmarshal([]byte(formed), &out); err != nil || len(out.Groups) != 2 {
		s.t.Fatalf("%v: %s", err, formed)
	}
	return []string{out.Groups[0].ID, out.Groups[1].ID}
}

// made is the answer to a request that must succeed.
func (s *site) made(path, token, body string) string {
	s.t.Helper()
	code, answer := s.ask(http.MethodPost, path, token, body)
	if code != http.StatusOK {
		s.t.Fatalf("%s: %d %s", path, code, answer)
	}
	return answer
}

// seats sends more guests than there are seats to both replicas at once, without the door between.
func (c *cluster) seats(t *testing.T, group string) {
	s := c.in(t)
	coordinator := s.token("coordinator", "planner")
	start := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Hour)
	replica := c.meetings(t)
	series, err := replica[0].CreateSeries(signedIn(t.Context(), coordinator), &meetingsv1.CreateSeriesRequest{
		GroupId: group, TimeZone: "Europe/Paris", Capacity: fewSeats,
		Slots: []*meetingsv1.Slot{slot(start), slot(start.AddDate(0, 0, 14))}, // as many as the module asks for
	})
	if err != nil {
		t.Fatal(err)
	}
	meeting := series.GetMeetings()[0].GetId()
	var guests []string
	for i := range manyGuests {
		guests = append(guests, s.token("learner", fmt.Sprintf("guest-%d", i)))
	}
	var seated, full atomic.Int32
	var all sync.WaitGroup
	for i, guest := range guests {
		all.Go(func() {
			_, err := replica[i%len(replica)].CreateRegistration(signedIn(t.Context(), guest), &meetingsv1.CreateRegistrationRequest{MeetingId: meeting, SeatOnly: true})
			switch {
			case err == nil:
				seated.Add(1)
			case reason(err) == "MEETING_FULL":
				full.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	held := c.count(`SELECT count(*) FROM meetings.registrations WHERE state <> 2 AND meeting_id = '` + meeting + `'`)
	if seated.Load() != fewSeats || full.Load() != manyGuests-fewSeats || held != fewSeats {
		t.Errorf("%d seated, %d refused, %d registrations; %d seats and %d guests", seated.Load(), full.Load(), held, fewSeats, manyGuests)
	}
}

func slot(start time.Time) *meetingsv1.Slot {
	return &meetingsv1.Slot{StartTime: timestamppb.New(start), EndTime: timestamppb.New(start.Add(time.Hour))}
}

func (c *cluster) meetings(t *testing.T) (clients []meetingsv1.MeetingsServiceClient) {
	for _, address := range c.GRPC("meetings") {
		clients = append(clients, meetingsv1.NewMeetingsServiceClient(c.dial(t, address)))
	}
	return clients
}

func signedIn(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}

// reason is the word in a refusal that programs go by.
func reason(err error) string { return refusal(err).GetReason() }

// relay kills the replica that publishes; the other one must.
func (c *cluster) relay(t *testing.T, service string, change func(*site)) {
	s := c.in(t)
	active := c.active(t, service)
	if len(active) != 1 {
		t.Fatalf("%v publish", active)
	}
	c.must(c.Kill(active[0]))
	died := time.Now()
	change(s)
	testkit.Poll(t, takeover, func() bool { return s.unpublished(service) == 0 }, "the other replica to publish what "+active[0]+" left")
	t.Logf("%s died; its events were published by the other after %.1f s", active[0], time.Since(died).Seconds())
	c.must(c.Revive(active[0]))
	c.await(active[0])
	if now := c.active(t, service); len(now) != 1 || now[0] == active[0] {
		t.Errorf("%v publish after %s came back", now, active[0])
	}
}

// active are the replicas that show a backlog: an idle one has no figure.
func (c *cluster) active(t *testing.T, service string) (names []string) {
	t.Helper()
	ask := func() []string {
		names = nil
		for i, admin := range c.Admin(service) {
			if strings.Contains(metrics(t, admin), `outbox_unpublished{service="`+service+`"}`) {
				names = append(names, fleet.Replica(service, i))
			}
		}
		return names
	}
	testkit.Poll(t, takeover, func() bool { return len(ask()) > 0 }, "a replica of "+service+" to publish")
	return names
}

func metrics(t *testing.T, admin string) string {
	t.Helper()
	response, err := http.Get("http://" + admin + "/metrics") //nolint:noctx // loopback
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// change has a service tell something: it is asked until one of its replicas answers.
func (s *site) change(path, body string) {
	s.t.Helper()
	token := s.token("coordinator", "planner")
	testkit.Poll(s.t, takeover, func() bool {
		code, answer := s.ask(http.MethodPost, path, token, body)
		if !slices.Contains([]int{http.StatusOK, http.StatusServiceUnavailable, http.StatusGatewayTimeout}, code) {
			s.t.Fatalf("%s: %d %s", path, code, answer)
		}
		return code == http.StatusOK
	}, "an answer to "+path)
}

// unpublished is how many events of a service wait behind its relay's cursor.
func (s *site) unpublished(service string) int {
	s.t.Helper()
	return s.count(`SELECT count(*) ` + behind(service))
}
