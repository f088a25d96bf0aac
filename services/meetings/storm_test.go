package meetings_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

var (
	first    = flag.Int("first", 0, "number of the first storm and history: the long form can be taken in parts")
	seeds    = flag.Int("seeds", 3, "storms and histories to go through, each another one; 200 for the long form")
	attempts = flag.Int("attempts", 1200, "attempts of a storm; 10000 for the long form")
)

const (
	stormCallers = 32
	stormPeople  = 150
)

// storm is one meeting that everyone wants and leaves, through all replicas at once.
type storm struct {
	*sea
	meeting string

	mu  sync.Mutex
	ids map[string]string // registrations by person
}

// own is somebody's registration.
func (s *storm) own(person string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ids[person]
}

// may are the refusals that each thing to do may meet in a storm; anything else is a fault.
var may = map[string][]string{
	"register": {"ALREADY_REGISTERED", "MEETING_FULL"},
	"cancel":   {"REGISTRATION_STATE"},
	"accept":   {"REGISTRATION_STATE", "OFFER_LAPSED"},
	"decline":  {"REGISTRATION_STATE"},
	"switch":   {"REGISTRATION_STATE", "MEETING_FULL", "NO_SUCH_SEATS"},
	"resize":   {"CAPACITY_BELOW_TAKEN"},
	"flip":     nil,
	"sweep":    nil,
}

// attempt does one thing at random.
func (s *storm) attempt(r *rand.Rand) error {
	n := r.IntN(replicas)
	client, person := s.clients[n], fmt.Sprint("guest-", r.IntN(stormPeople))
	own := s.own(person)
	var err error
	what := [...]string{"register", "register", "register", "register", "cancel", "cancel", "accept", "accept", "decline", "switch", "resize", "flip", "sweep"}[r.IntN(13)]
	switch what {
	case "register":
		var given *meetingsv1.Registration
		given, err = client.CreateRegistration(s.as(person), &meetingsv1.CreateRegistrationRequest{MeetingId: s.meeting, SeatOnly: r.IntN(8) == 0})
		if err == nil {
			s.mu.Lock()
			s.ids[person] = given.GetId()
			s.mu.Unlock()
		}
	case "resize":
		_, err = client.SetSeats(s.as("organiser"), &meetingsv1.SetSeatsRequest{MeetingId: s.meeting, Capacity: int32(5 + r.IntN(16))}) //nolint:gosec // a few
	case "flip":
		mode := meetingsv1.MeetingMode(1 + r.IntN(2)) //nolint:gosec // two modes
		if r.IntN(16) == 0 {                          // rarely: seats of both modes add up, and in the end nobody would wait
			mode = meetingsv1.MeetingMode_MEETING_MODE_HYBRID
		}
		_, err = client.UpdateMeeting(s.as("organiser"), &meetingsv1.UpdateMeetingRequest{
			Meeting: &meetingsv1.Meeting{Id: s.meeting, Mode: mode}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"mode"}},
		})
	case "sweep":
		s.clock.Advance(time.Duration(r.IntN(100)) * time.Minute)
		err = s.services[n].LapseOffers(s.Context())
	default:
		if own != "" {
			err = s.answer(client, what, person, own, meetingsv1.SeatMode(1+r.IntN(2))) //nolint:gosec // two modes
		}
	}
	return unexpected(what, err)
}

func (s *storm) answer(client meetingsv1.MeetingsServiceClient, what, person, id string, mode meetingsv1.SeatMode) (err error) {
	switch ctx := s.as(person); what {
	case "switch":
		_, err = client.UpdateRegistration(ctx, &meetingsv1.UpdateRegistrationRequest{
			Registration: &meetingsv1.Registration{Id: id, MeetingId: s.meeting, Mode: mode}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"mode"}},
		})
	case "cancel":
		_, err = client.CancelRegistration(ctx, &meetingsv1.CancelRegistrationRequest{MeetingId: s.meeting, Id: id})
	case "accept":
		_, err = client.AcceptOffer(ctx, &meetingsv1.AcceptOfferRequest{MeetingId: s.meeting, Id: id})
	case "decline":
		_, err = client.DeclineOffer(ctx, &meetingsv1.DeclineOfferRequest{MeetingId: s.meeting, Id: id})
	}
	return err
}

// unexpected is an error that nobody should meet. That the database is busy is a refusal that changes nothing.
func unexpected(what string, err error) error {
	why := reasonOf(err)
	for _, expected := range append(may[what], "", "DATABASE_BUSY", "ABORTED") {
		if why == expected {
			return nil
		}
	}
	return fmt.Errorf("%s: %w", what, err)
}

// blow makes all attempts, and gives the first thing that was wrong, while it blew or at rest.
func (s *storm) blow(seed uint64, n int) string {
	ctx, calm := context.WithCancel(s.Context())
	seen := make(chan string, 1)
	go func() { seen <- s.watch(ctx, s.meeting) }()
	var callers sync.WaitGroup
	for c := range stormCallers {
		callers.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(c))) //nolint:gosec // a storm that can be repeated
			for range n / stormCallers {
				if err := s.attempt(r); err != nil {
					s.Errorf("seed %d: %v", seed, err)
				}
			}
		})
	}
	callers.Wait()
	calm()
	if wrong := <-seen; wrong != "" {
		return wrong
	}
	if err := s.services[0].LapseOffers(s.Context()); err != nil {
		s.Fatal(err)
	}
	c, err := s.count(s.meeting)
	if err != nil {
		s.Fatal(err)
	}
	return c.wrong()
}

// However many ask, cancel, answer, change seats or let offers lapse, while the room changes and the meeting moves from the place to
// the screen and back: confirmed and offered seats never exceed the capacity, no seat is free while somebody waits, and the line is
// served in its order.
func TestConcurrentStormLeavesSeatsRight(t *testing.T) {
	seas(t, firm, func(s *sea) {
		for seed := *first; seed < *first+*seeds; seed++ {
			storm := &storm{sea: s, meeting: s.meeting(20), ids: map[string]string{}}
			if wrong := storm.blow(uint64(seed), *attempts); wrong != "" { //nolint:gosec // a few seeds
				s.Fatalf("seed %d: %s", seed, wrong)
			}
		}
	})
}

// The control: who counts before inserting, rather than letting the database decide, soon sells seats twice, and the watch above sees it.
func TestConcurrentStormControlCountThenInsert(t *testing.T) {
	seas(t, countThenInsert, func(s *sea) {
		for range 50 {
			meeting := s.meeting(20)
			var callers sync.WaitGroup
			for n := range stormPeople {
				callers.Go(func() {
					_, err := s.clients[n%replicas].CreateRegistration(s.as(fmt.Sprint("guest-", n)), &meetingsv1.CreateRegistrationRequest{MeetingId: meeting})
					if err := unexpected("register", err); err != nil {
						s.Error(err)
					}
				})
			}
			callers.Wait()
			books, err := s.count(meeting)
			if err != nil {
				s.Fatal(err)
			}
			if int(books[0].confirmed) > books[0].capacity {
				return
			}
		}
		s.Fatal("counting first sold no seat twice: the test above would notice nothing")
	})
}

// loose counts seats before its transaction, and believes the count in it.
type loose struct {
	domain.Store
	sea *sea
}

func countThenInsert(s *sea, st domain.Store) domain.Store { return loose{st, s} }

func (l loose) Write(ctx context.Context, use func(domain.Tx) error) error {
	counted := map[string][]domain.Seats{}
	rows, err := l.sea.db.Read().QueryContext(ctx, `SELECT s.meeting_id, s.capacity, s.closes_at,
		(SELECT count(*) FROM registrations r WHERE r.meeting_id = s.meeting_id AND r.state = 1) FROM seats s`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		s := domain.Seats{Pool: domain.Pool{Mode: domain.InPerson, Role: domain.LearnerSeat}}
		var closes int64
		if err := rows.Scan(&s.MeetingID, &s.Capacity, &closes, &s.Taken); err != nil {
			return err
		}
		s.Closes = time.UnixMicro(closes)
		counted[s.MeetingID] = append(counted[s.MeetingID], s)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return l.Store.Write(ctx, func(tx domain.Tx) error { return use(looseTx{tx, counted}) })
}

type looseTx struct {
	domain.Tx
	counted map[string][]domain.Seats
}

func (looseTx) TakeSeats(context.Context, []domain.Wanted, time.Time) ([]domain.Taken, error) {
	return nil, nil
}

func (t looseTx) LockSeats(_ context.Context, meetings []string) (all []domain.Seats, err error) {
	for _, id := range meetings {
		all = append(all, t.counted[id]...)
	}
	return all, nil
}

func (t looseTx) SaveSeats(ctx context.Context, all []domain.Seats) error {
	for _, s := range all {
		if len(t.counted[s.MeetingID]) == 0 { // a new meeting's
			return t.Tx.SaveSeats(ctx, all)
		}
	}
	return nil
}
