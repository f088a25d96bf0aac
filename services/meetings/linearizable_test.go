package meetings_test

import (
	"fmt"
	"math/rand/v2"
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

// hall is a meeting as whoever does one thing after the other would see it. It is compared with ==.
type hall struct {
	capacity int
	states   [historyPeople]byte // C confirmed, O offered, W waiting, X cancelled, D declined, 0 never asked
	versions [historyPeople]int  // of the registrations
	remote   bool                // everyone joins from afar
	line     string              // who waits, first come first
}

// to takes a person's registration into a state.
func (h *hall) to(person int, state byte) {
	h.states[person] = state
	h.versions[person]++
}

// told is what a caller reads of a registration.
func (h hall) told(person int) string {
	return fmt.Sprintf("%c%d", h.states[person], h.versions[person])
}

// call is what was asked of a meeting: by whom, and for a room of how many seats, or from how afar.
type call struct {
	what   string
	person int
	seats  int
}

// answer gives the hall after a call, and what the caller is told: the state of the registration with the place in the line that
// was given, or a refusal.
func (h hall) answer(c call) (hall, string) {
	state := h.states[c.person]
	switch c.what {
	case "resize":
		if c.seats < h.taken() {
			return h, "CAPACITY_BELOW_TAKEN"
		}
		h.capacity = c.seats
		h = h.promoted()
		return h, h.sums()
	case "flip":
		if h.remote != c.remote() {
			h.remote = c.remote()
			for person, state := range h.states {
				if state == 'C' || state == 'O' || state == 'W' {
					h.to(person, state)
				}
			}
		}
		return h, h.sums()
	case "look":
		return h, h.told(c.person)
	case "register", "seat only":
		return h.registered(c)
	case "accept":
		switch state {
		case 'C':
		case 'O':
			h.to(c.person, 'C')
		default:
			return h, "REGISTRATION_STATE"
		}
		return h, h.told(c.person)
	case "decline":
		switch state {
		case 'D':
		case 'O':
			h.to(c.person, 'D')
			h = h.promoted()
		default:
			return h, "REGISTRATION_STATE"
		}
		return h, h.told(c.person)
	}
	switch state { // cancel
	case 'D':
		return h, "REGISTRATION_STATE"
	case 'C', 'O', 'W':
		h.to(c.person, 'X')
		h.line = strings.ReplaceAll(h.line, mark(c.person), "")
		h = h.promoted()
	}
	return h, h.told(c.person)
}

// sums is what the organiser reads of the seats.
func (h hall) sums() string {
	return fmt.Sprintf("%d of %d, %d wait, remote: %t", h.taken(), h.capacity, len(h.line), h.remote)
}

// remote is what a flip asks for.
func (c call) remote() bool { return c.seats%2 == 0 }

func (h hall) registered(c call) (hall, string) {
	switch free := h.line == "" && h.taken() < h.capacity; {
	case strings.ContainsRune("COW", rune(h.states[c.person])) && h.states[c.person] != 0:
		return h, "ALREADY_REGISTERED"
	case free:
		h.to(c.person, 'C')
		return h, h.told(c.person)
	case c.what == "seat only":
		return h, "MEETING_FULL"
	}
	h.to(c.person, 'W')
	h.line += mark(c.person)
	return h, fmt.Sprint(h.told(c.person), " number ", len(h.line))
}

func (h hall) promoted() hall {
	for h.line != "" && h.taken() < h.capacity {
		h.to(int(h.line[0]-'a'), 'O')
		h.line = h.line[1:]
	}
	return h
}

func (h hall) taken() (n int) {
	for _, s := range h.states {
		if s == 'C' || s == 'O' {
			n++
		}
	}
	return n
}

func mark(person int) string { return string(rune('a' + person)) }

func model(capacity int) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return hall{capacity: capacity} },
		Step: func(state, input, output any) (bool, any) {
			next, told := state.(hall).answer(input.(call))
			return told == output.(string), next
		},
	}
}

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

var letters = map[meetingsv1.RegistrationState]string{
	meetingsv1.RegistrationState_REGISTRATION_STATE_CONFIRMED: "C", meetingsv1.RegistrationState_REGISTRATION_STATE_OFFERED: "O",
	meetingsv1.RegistrationState_REGISTRATION_STATE_WAITLISTED: "W", meetingsv1.RegistrationState_REGISTRATION_STATE_CANCELLED: "X",
	meetingsv1.RegistrationState_REGISTRATION_STATE_DECLINED: "D",
}

func told(c call, r *meetingsv1.Registration, m *meetingsv1.Meeting, err error) string {
	state := letters[r.GetState()] + strings.Trim(r.GetEtag(), `"`)
	switch {
	case err != nil:
		return reasonOf(err)
	case m != nil:
		remote := m.GetMode() == meetingsv1.MeetingMode_MEETING_MODE_REMOTE
		return fmt.Sprintf("%d of %d, %d wait, remote: %t", m.GetTaken(), m.GetCapacity(), m.GetWaiting(), remote)
	case c.what == "register" && r.GetWaitingPosition() > 0:
		return fmt.Sprint(state, " number ", r.GetWaitingPosition())
	}
	return state
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
		for seed := range *seeds {
			h := &history{sea: s, meeting: s.meeting(3), began: time.Now()}
			operations := h.tell(uint64(seed)) //nolint:gosec // a few seeds
			if got := porcupine.CheckOperationsTimeout(model(3), operations, patience); got != porcupine.Ok {
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
			if porcupine.CheckOperationsTimeout(model(3), h.operations, patience) == porcupine.Illegal {
				return
			}
		}
		s.Fatal("no seat was sold twice, or the test above would not notice")
	})
}
