package meetings_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	historyCallers    = 16
	historyOperations = 300
	historyPeople     = 10
	// patience is for finding an order; a history for which none is found in time counts as wrong.
	patience = 10 * time.Second
)

// history is what happened to one meeting, as its callers saw it.
type history struct {
	*sea
	meeting string
	began   time.Time

	mu         sync.Mutex
	ids        [historyPeople]string
	operations []porcupine.Operation
}

func (h *history) id(person int) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ids[person]
}

// do makes a call through one of the replicas, and notes when it began, when it ended and what was told.
func (h *history) do(client meetingsv1.MeetingsServiceClient, caller int, c call) error {
	person := fmt.Sprint("guest-", c.person)
	id := h.id(c.person)
	switch c.what {
	case "cancel", "accept", "decline", "look":
		if id == "" {
			return nil // nobody asks about what is not there
		}
	}
	from := time.Since(h.began)
	r, m, err := h.send(client, c, person, id)
	to := time.Since(h.began)
	switch why := reasonOf(err); why {
	case "DATABASE_BUSY", "ABORTED": // nothing was changed
		return nil
	case "", "ALREADY_REGISTERED", "MEETING_FULL", "REGISTRATION_STATE", "CAPACITY_BELOW_TAKEN":
	default:
		return fmt.Errorf("%s: %w", c.what, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.GetId() != "" {
		h.ids[c.person] = r.GetId()
	}
	h.operations = append(h.operations, porcupine.Operation{
		ClientId: caller, Input: c, Call: from.Nanoseconds(), Return: to.Nanoseconds(), Output: told(c, r, m, err),
	})
	return nil
}

func (h *history) send(client meetingsv1.MeetingsServiceClient, c call, person, id string) (r *meetingsv1.Registration, m *meetingsv1.Meeting, err error) {
	ctx := h.as(person)
	switch c.what {
	case "register", "seat only":
		r, err = client.CreateRegistration(ctx, &meetingsv1.CreateRegistrationRequest{MeetingId: h.meeting, SeatOnly: c.what == "seat only"})
	case "cancel":
		r, err = client.CancelRegistration(ctx, &meetingsv1.CancelRegistrationRequest{MeetingId: h.meeting, Id: id})
	case "accept":
		r, err = client.AcceptOffer(ctx, &meetingsv1.AcceptOfferRequest{MeetingId: h.meeting, Id: id})
	case "decline":
		r, err = client.DeclineOffer(ctx, &meetingsv1.DeclineOfferRequest{MeetingId: h.meeting, Id: id})
	case "look":
		r, err = client.GetRegistration(ctx, &meetingsv1.GetRegistrationRequest{MeetingId: h.meeting, Id: id})
	case "flip":
		mode := meetingsv1.MeetingMode_MEETING_MODE_IN_PERSON
		if c.remote() {
			mode = meetingsv1.MeetingMode_MEETING_MODE_REMOTE
		}
		m, err = client.UpdateMeeting(h.as("organiser"), &meetingsv1.UpdateMeetingRequest{
			Meeting: &meetingsv1.Meeting{Id: h.meeting, Mode: mode}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"mode"}},
		})
	default:
		m, err = client.SetSeats(h.as("organiser"), &meetingsv1.SetSeatsRequest{MeetingId: h.meeting, Capacity: int32(c.seats)}) //nolint:gosec // a few
	}
	return r, m, err
}

var letters = map[meetingsv1.RegistrationState]byte{
	meetingsv1.RegistrationState_REGISTRATION_STATE_CONFIRMED: 'C', meetingsv1.RegistrationState_REGISTRATION_STATE_OFFERED: 'O',
	meetingsv1.RegistrationState_REGISTRATION_STATE_WAITLISTED: 'W', meetingsv1.RegistrationState_REGISTRATION_STATE_CANCELLED: 'X',
	meetingsv1.RegistrationState_REGISTRATION_STATE_DECLINED: 'D',
}

func told(c call, r *meetingsv1.Registration, m *meetingsv1.Meeting, err error) reply {
	if err != nil {
		return refused(reasonOf(err))
	}
	if m != nil {
		remote := m.GetMode() == meetingsv1.MeetingMode_MEETING_MODE_REMOTE
		return reply{taken: int(m.GetTaken()), capacity: int(m.GetCapacity()), waiting: int(m.GetWaiting()), remote: remote}
	}
	version, _ := strconv.Atoi(strings.Trim(r.GetEtag(), `"`)) // one that is no number is no version of the model's either
	is := reply{state: letters[r.GetState()], version: version}
	if c.what == "register" {
		is.number = int(r.GetWaitingPosition())
	}
	return is
}

// tell has all callers act at random, and gives what happened.
func (h *history) tell(seed uint64) []porcupine.Operation {
	var callers sync.WaitGroup
	for caller := range historyCallers {
		callers.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(caller))) //nolint:gosec // a history that can be repeated
			for range historyOperations / historyCallers {
				what := [...]string{"register", "register", "register", "seat only", "cancel", "cancel", "accept", "accept", "decline", "look", "resize", "flip"}[r.IntN(12)]
				if err := h.do(h.clients[r.IntN(replicas)], caller, call{what, r.IntN(historyPeople), 1 + r.IntN(5)}); err != nil {
					h.Errorf("seed %d: %v", seed, err)
				}
			}
		})
	}
	callers.Wait()
	return h.operations
}

// Whatever sixteen callers are told by three replicas at once could have been told to them one after the other.
func TestConcurrentHistoryIsLinearizable(t *testing.T) {
	seas(t, firm, func(s *sea) {
		for seed := *first; seed < *first+*seeds; seed++ {
			h := &history{sea: s, meeting: s.meeting(3), began: time.Now()}
			operations := h.tell(uint64(seed)) //nolint:gosec // a few seeds
			if got := linearizable(3, operations); got != porcupine.Ok {
				s.Fatalf("seed %d: %d operations are %s", seed, len(operations), got)
			}
		}
	})
}

// The control: the same check soon finds no order for what callers are told who are counted before they are inserted.
func TestConcurrentHistoryControlCountThenInsert(t *testing.T) {
	seas(t, countThenInsert, func(s *sea) {
		for range 200 {
			h := &history{sea: s, meeting: s.meeting(3), began: time.Now()}
			var callers sync.WaitGroup
			for caller := range historyPeople {
				callers.Go(func() {
					if err := h.do(h.clients[caller%replicas], caller, call{"seat only", caller, 0}); err != nil {
						s.Error(err)
					}
				})
			}
			callers.Wait()
			if linearizable(3, h.operations) == porcupine.Illegal {
				return
			}
		}
		s.Fatal("no seat was sold twice, or the test above would not notice")
	})
}
