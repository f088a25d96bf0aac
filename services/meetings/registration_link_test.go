package meetings_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// FindPersons knows everyone by their own address, but strangers.
func (*contacts) FindPersons(_ context.Context, in *meshv1.FindPersonsRequest, _ ...grpc.CallOption) (*meshv1.FindPersonsResponse, error) {
	person, _, _ := strings.Cut(in.GetEmail(), "@")
	switch person {
	case "stranger":
		return &meshv1.FindPersonsResponse{}, nil
	case "broken":
		return nil, status.Error(codes.Unavailable, "dial tcp 10.0.0.7")
	}
	return &meshv1.FindPersonsResponse{PersonIds: []string{person}}, nil
}

// Who types an address that is known gets the link, and registers by it; the answer is the same for an address that is not.
func TestRegistrationLinkAskedFor(t *testing.T) {
	o := newOffice(t)
	m := o.later(5)
	request := func(email string) (time.Duration, error) {
		begin := time.Now()
		_, err := o.RequestRegistrationLink(o.as(""), &meetingsv1.RequestRegistrationLinkRequest{MeetingId: m.GetId(), Email: email})
		return time.Since(begin), err
	}
	for _, email := range []string{"stranger@example.org", "ben@example.org", "ben@example.org"} {
		if took, err := request(email); err != nil || took < 300*time.Millisecond {
			t.Fatalf("%s: %v after %v", email, err, took)
		}
	}
	letter := o.until(0, "ben: Your link to register: Programmation créative")["ben"]
	if letter.Header.Get("List-Unsubscribe") != "" {
		t.Error(letter.Header)
	}
	for range 2 {
		r := must[*meetingsv1.Registration](o.world)(o.FollowRegistrationLink(o.as(""), &meetingsv1.FollowRegistrationLinkRequest{Token: token(letter, 1)}))
		if r.GetMeetingId() != m.GetId() || r.GetPersonId() != "ben" {
			t.Fatalf("%v", r)
		}
	}
	o.until(1, "ben: Your seat is confirmed: Programmation créative")
	if n := o.number(`SELECT count(*) FROM notices WHERE key LIKE '%example.org%' OR person_id LIKE '%example.org%'`); n != 0 {
		t.Errorf("%d notices hold an address", n)
	}

	_, err := request("anne")
	o.refused(err, errs.Invalid, "STRING_EMAIL", "email")
	_, err = request("broken@example.org")
	o.refused(err, errs.Unavailable, "UNAVAILABLE", "")
	_, err = o.RequestRegistrationLink(o.as(""), &meetingsv1.RequestRegistrationLinkRequest{MeetingId: structure, Email: "ben@example.org"})
	o.refused(err, errs.NotFound, "NOT_FOUND", "")
	o.clock.Set(m.GetStartTime().AsTime())
	_, err = request("anne@example.org")
	o.refused(err, errs.Precondition, "MEETING_CLOSED", "")
}

// slowly is a mesh that answers who has an address once it is let.
type slowly struct {
	*contacts
	waiting atomic.Int32
	let     chan struct{}
}

func (s *slowly) FindPersons(ctx context.Context, _ *meshv1.FindPersonsRequest, _ ...grpc.CallOption) (*meshv1.FindPersonsResponse, error) {
	s.waiting.Add(1)
	select {
	case <-s.let:
	case <-ctx.Done():
	}
	return &meshv1.FindPersonsResponse{}, ctx.Err()
}

// Of a crowd, so many wait and the others are told to come back; what else is called works meanwhile.
func TestRegistrationLinkCrowdConcurrent(t *testing.T) {
	const atOnce = 32
	w, mesh := newWorld(t), &slowly{contacts: &contacts{english: map[string]bool{}}, let: make(chan struct{})}
	w.deps.Contacts = mesh
	w.serve(w.service())
	m := w.meeting(5)
	request := func() error {
		_, err := w.RequestRegistrationLink(w.as(""), &meetingsv1.RequestRegistrationLinkRequest{MeetingId: m.GetId(), Email: "stranger@example.org"})
		return err
	}
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			if err := request(); err != nil {
				t.Error(err)
			}
		})
	}
	testkit.Poll(t, awaited, func() bool { return mesh.waiting.Load() == atOnce }, "all of them wait")
	if err := request(); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("one more: %v", err)
	}
	must[*meetingsv1.Meeting](w)(w.GetMeeting(w.as(""), &meetingsv1.GetMeetingRequest{Id: m.GetId()}))
	close(mesh.let)
	all.Wait()
	if err := request(); err != nil {
		t.Errorf("once they have left: %v", err)
	}
}

// Anybody may put a meeting into their calendar; the link to join it is not in there, and a draft is nobody's yet.
func TestMeetingCalendar(t *testing.T) {
	w := newWorld(t)
	request := seriesOf(w.group("44109"), 5)
	request.Mode, request.RemoteUrl = meetingsv1.MeetingMode_MEETING_MODE_HYBRID, "https://visio.example/room"
	m := must[*meetingsv1.Series](w)(w.CreateSeries(w.as("organiser"), request)).GetMeetings()[0]
	file := func(person, id string) (string, error) {
		found, err := w.GetMeetingCalendar(w.as(person), &meetingsv1.GetMeetingCalendarRequest{MeetingId: id})
		return string(found.GetContent()), err
	}
	for _, person := range []string{"", "organiser"} {
		content, err := file(person, m.GetId())
		if err != nil || !strings.Contains(content, "UID:"+m.GetId()) || strings.Count(content, "BEGIN:VEVENT") != 1 || strings.Contains(content, "visio") || !strings.Contains(content, "Nantes") {
			t.Fatalf("%v: %s", err, content)
		}
	}
	request = seriesOf(w.group("44109"), 5)
	request.Draft = true
	draft := must[*meetingsv1.Series](w)(w.CreateSeries(w.as("organiser"), request)).GetMeetings()[0]
	_, err := file("", draft.GetId())
	w.refused(err, errs.NotFound, "NOT_FOUND", "")
}
