package e2e

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const raceRounds = 30

// race is what both meetings want, and what the one that comes second is told.
type race struct {
	what, reason string
	take         func(i int) error // through the replica of that number, for its meeting
	says         func(told map[string]string, winner *meetingsv1.Meeting) bool
}

// races has two replicas give one room, one kit and one professional to two meetings at once, some dozens of times.
func (c *cluster) races(t *testing.T) {
	a := c.arena(t)
	var won [2]int
	first := time.Now().AddDate(0, 0, 1).UTC().Truncate(time.Hour)
	for round := range raceRounds {
		a.plan(first.AddDate(0, 0, round))
		for _, r := range a.wants(a.asked()) {
			won[a.run(r)]++
		}
	}
	for what, resource := range map[string]string{"room": a.room, "kit": a.kit, "professional": a.busy} {
		from := `FROM meetings.bookings WHERE resource_id = '` + resource + `'`
		held, hours := c.count(`SELECT count(*) `+from), c.count(`SELECT count(DISTINCT starts_at) `+from)
		if held != raceRounds || hours != raceRounds {
			t.Errorf("%d bookings of one %s at %d hours, given back ones included; %d rounds", held, what, hours, raceRounds)
		}
	}
	t.Logf("%d rounds: the first replica gave %d times, the second %d times", raceRounds, won[0], won[1])
}

// run lets both take at once, and gives the number of the one who won.
func (a *arena) run(r race) (winner int) {
	a.Helper()
	var refused [2]error
	var done sync.WaitGroup
	ready := make(chan struct{})
	for i := range refused {
		done.Go(func() {
			<-ready
			refused[i] = r.take(i)
		})
	}
	close(ready)
	done.Wait()
	if refused[0] != nil {
		winner = 1
	}
	told := refusal(refused[1-winner])
	if refused[winner] != nil || told.GetReason() != r.reason || !r.says(told.GetMetadata(), a.meeting[winner]) {
		a.Fatalf("%s: %v and %v, metadata %v; want one to win, and %s with what is in the way", r.what, refused[0], refused[1], told.GetMetadata(), r.reason)
	}
	return winner
}

func (a *arena) wants(asks [2]*meetingsv1.Ask) []race {
	hours := func(told map[string]string, winner *meetingsv1.Meeting) bool {
		return told["start_time"] == instant(winner.GetStartTime()) && told["end_time"] == instant(winner.GetEndTime())
	}
	book := func(room, kit string, units int32) func(int) error {
		return func(i int) error {
			_, err := a.replica[i].CreateBooking(a.coordinator[i], &meetingsv1.CreateBookingRequest{
				MeetingId: a.meeting[i].GetId(), RoomId: room, EquipmentId: kit, Quantity: units,
			})
			return err
		}
	}
	return []race{
		{"one room", "ROOM_TAKEN", book(a.room, "", 0),
			func(told map[string]string, winner *meetingsv1.Meeting) bool {
				return hours(told, winner) && told["meeting"] == winner.GetId()
			}},
		{"one kit", "EQUIPMENT_SHORT", book("", a.kit, wanted),
			func(told map[string]string, winner *meetingsv1.Meeting) bool {
				return hours(told, winner) && told["meeting"] == winner.GetId() &&
					told["free"] == fmt.Sprint(robots-wanted) && told["wanted"] == fmt.Sprint(wanted)
			}},
		// Where a professional is engaged is nobody's business: the hours only.
		{"one professional", "PROFESSIONAL_TAKEN",
			func(i int) error {
				_, err := a.replica[i].AcceptAsk(a.professional, &meetingsv1.AcceptAskRequest{Id: asks[i].GetId()})
				return err
			},
			func(told map[string]string, winner *meetingsv1.Meeting) bool {
				return hours(told, winner) && told["meeting"] == ""
			}},
	}
}

func instant(at *timestamppb.Timestamp) string { return at.AsTime().UTC().Format(time.RFC3339) }

// refusal is what a refusal says to programs.
func refusal(err error) *errdetails.ErrorInfo {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info
		}
	}
	return nil
}
