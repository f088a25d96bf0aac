package meetings_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/rpc"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// Many people ask for seats of several meetings at once, each of them three times with the same request_id: a seat is given once, all
// of them are given, and whoever is sent away is told why.
func TestConcurrentRush(t *testing.T) {
	const seats, guests, times = 10, 25, 3
	w := newWorld(t)
	var meetings []*meetingsv1.Meeting
	for range 4 {
		meetings = append(meetings, w.meeting(seats))
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	answers := map[string]map[string]int{} // by meeting and guest: each answer, how often
	for _, m := range meetings {
		for g := range guests {
			guest, key := fmt.Sprint("guest-", g), uuid.NewString()
			for range times {
				ctx := w.as(guest)
				all.Go(func() {
					r, err := w.CreateRegistration(ctx, &meetingsv1.CreateRegistrationRequest{MeetingId: m.GetId(), RequestId: key, SeatOnly: true})
					answer := r.GetId()
					if err != nil {
						answer = errs.From(rpc.FromStatus(err)).Reason
					}
					mu.Lock()
					defer mu.Unlock()
					who := m.GetId() + " " + guest
					if answers[who] == nil {
						answers[who] = map[string]int{}
					}
					answers[who][answer]++
				})
			}
		}
	}
	all.Wait()
	seated := 0
	for who, got := range answers {
		if len(got) != 1 {
			t.Errorf("%s was answered %v", who, got)
		}
		if got["MEETING_FULL"] == 0 {
			seated++
		}
	}
	for _, m := range meetings {
		if read := must[*meetingsv1.Meeting](w)(w.GetMeeting(w.as(""), &meetingsv1.GetMeetingRequest{Id: m.GetId()})); read.GetTaken() != seats {
			t.Errorf("%d of %d seats taken", read.GetTaken(), seats)
		}
	}
	if want := seats * len(meetings); seated != want || len(answers) != guests*len(meetings) {
		t.Errorf("%d of %d were seated, want %d", seated, len(answers), want)
	}
}
