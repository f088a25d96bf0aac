package events_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/database"
	bus "github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
	"github.com/classcode/maillage/services/catalogue/internal/events"
	"github.com/classcode/maillage/services/catalogue/internal/store"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func open(t *testing.T, db *database.DB) *store.Store {
	t.Helper()
	s, err := store.New(t.Context(), db, time.Now, events.Encode)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type heard struct {
	consumer int // 0 meetings, 1 registrations
	msg      bus.Message
}

func event(t *testing.T, consumer int, version int64, payload proto.Message) heard {
	t.Helper()
	body, err := proto.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	return heard{consumer, bus.Message{Version: version, Schema: string(payload.ProtoReflect().Descriptor().FullName()), Payload: body}}
}

const (
	opened    = meetingsv1.MeetingState_MEETING_STATE_OPEN
	declared  = meetingsv1.MeetingState_MEETING_STATE_HELD
	cancelled = meetingsv1.MeetingState_MEETING_STATE_CANCELLED
	confirmed = meetingsv1.RegistrationState_REGISTRATION_STATE_CONFIRMED
	waiting   = meetingsv1.RegistrationState_REGISTRATION_STATE_WAITLISTED
	given     = meetingsv1.RegistrationState_REGISTRATION_STATE_CANCELLED
	present   = meetingsv1.RegistrationState_REGISTRATION_STATE_PRESENT
)

// story is what happens at two meetings, the second of which is called off.
func story(t *testing.T) (all []heard) {
	t.Helper()
	meeting := func(id string, version int64, organiser string, state meetingsv1.MeetingState) {
		all = append(all, event(t, 0, version, &meetingsv1.MeetingEvent{Meeting: &meetingsv1.Meeting{
			Id: id, OrganiserId: organiser, State: state, CommuneCode: "44109", LocalStartTime: "2026-11-24T18:30",
			StartTime: timestamppb.New(time.Date(2026, 11, 25, 1, 0, 0, 0, time.UTC)),
		}}))
	}
	seat := func(id, meeting, person string, version int64, state meetingsv1.RegistrationState) {
		all = append(all, event(t, 1, version, &meetingsv1.RegistrationEvent{Registration: &meetingsv1.Registration{Id: id, MeetingId: meeting, PersonId: person, State: state}}))
	}
	meeting("m", 1, "", opened)
	seat("1", "m", "ada", 1, confirmed)
	seat("2", "m", "bob", 1, confirmed)
	seat("3", "m", "eve", 1, waiting)
	meeting("m", 2, "org", opened)
	seat("2", "m", "bob", 2, given)
	seat("3", "m", "eve", 3, confirmed) // version 2 was never heard
	seat("1", "m", "ada", 2, present)
	meeting("m", 4, "org", declared)
	meeting("off", 1, "org", opened)
	seat("4", "off", "ada", 1, confirmed)
	meeting("off", 2, "", cancelled)
	return all
}

const remains = "m org 44109 2026-11-24 1 0|off  44109 2026-11-24 0 1|1 ada|2 |3 eve|4 "

// deliver hands over one after the other, or what follows each other for one consumer at once, where it takes that.
func deliver(t *testing.T, to domain.Store, all []heard, together bool) {
	t.Helper()
	consumers := events.Consumers(to)
	for n := 0; len(all) > 0; all = all[n:] {
		c, messages := consumers[all[0].consumer], []bus.Message{}
		for n = 0; n < len(all) && all[n].consumer == all[0].consumer && (n == 0 || together && c.Batch != nil); n++ {
			messages = append(messages, all[n].msg)
		}
		err := error(nil)
		if len(messages) > 1 {
			err = c.Batch(t.Context(), messages)
		} else {
			err = c.Handle(t.Context(), messages[0])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func projection(t *testing.T, db *database.DB) string {
	t.Helper()
	var all []string
	for _, query := range []string{
		`SELECT id || ' ' || organiser_id || ' ' || commune_code || ' ' || meeting_date || ' ' || held || ' ' || cancelled FROM meetings ORDER BY id`,
		`SELECT registration_id || ' ' || person_id FROM seats ORDER BY 1`,
	} {
		rows, err := database.All(t.Context(), db.Read(), func(scan database.Scan) (s string, err error) { return s, scan(&s) }, query)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rows...)
	}
	return strings.Join(all, "|")
}

// Whatever comes late or twice: who gave a seat back, and who had one at a meeting that was called off, is not known.
func TestOrderAndRepetitionChangeNothing(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		s := open(t, db)
		all := story(t)
		clear := func() {
			for _, table := range []string{"meetings", "seats"} {
				err := db.Write(t.Context(), func(tx *sql.Tx) error {
					_, err := tx.ExecContext(t.Context(), "DELETE FROM "+table) //nolint:gosec // constants above
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		wrong, arrivals := 0, int64(0)
		for seed := range uint64(20) {
			random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // an order to try
			told := append([]heard{}, all...)
			for range 4 {
				told = append(told, all[random.IntN(len(all))])
			}
			if seed > 0 {
				random.Shuffle(len(told), func(i, j int) { told[i], told[j] = told[j], told[i] })
			}
			together := seed%2 > 0
			deliver(t, s, told, together)
			if got := projection(t, db); got != remains {
				t.Errorf("order %d: %s\nwant %s", seed, got, remains)
			}
			clear()
			deliver(t, unguarded{s, &arrivals}, told, together)
			if projection(t, db) != remains {
				wrong++
			}
			clear()
		}
		if wrong < 10 {
			t.Errorf("without its guard the same check fails for %d orders of 20: it proves little", wrong)
		}
	})
}

// unguarded is the control: each arrival is a version of its own.
type unguarded struct {
	domain.Store
	arrivals *int64
}

func (u unguarded) Write(ctx context.Context, use func(domain.Tx) error) error {
	return u.Store.Write(ctx, func(tx domain.Tx) error { return use(latest{tx, u.arrivals}) })
}

type latest struct {
	domain.Tx
	arrivals *int64
}

func (l latest) SaveMeeting(ctx context.Context, m domain.Meeting) (bool, error) {
	*l.arrivals++
	m.Version = *l.arrivals
	return l.Tx.SaveMeeting(ctx, m)
}

func (l latest) SaveSeats(ctx context.Context, all []domain.Seat) error {
	for i := range all {
		*l.arrivals++
		all[i].Version = *l.arrivals
	}
	return l.Tx.SaveSeats(ctx, all)
}

func TestWhatCanNeverBeRightIsRejected(t *testing.T) {
	db := testkit.Open(t, testkit.SQLite(t), nil)
	s := open(t, db)
	for name, h := range map[string]heard{
		"no meeting":                  event(t, 0, 1, &meetingsv1.MeetingEvent{}),
		"another thing":               event(t, 0, 1, &meetingsv1.RegistrationEvent{}),
		"a registration of nobody":    event(t, 1, 1, &meetingsv1.RegistrationEvent{Registration: &meetingsv1.Registration{Id: "r", MeetingId: "m"}}),
		"a registration of nowhere":   event(t, 1, 1, &meetingsv1.RegistrationEvent{Registration: &meetingsv1.Registration{Id: "r", PersonId: "p"}}),
		"bytes without any meaning":   {0, bus.Message{Version: 1, Schema: "maillage.meetings.v1.MeetingEvent", Payload: []byte{0xff}}},
		"bytes instead of somebody's": {1, bus.Message{Version: 1, Schema: "maillage.meetings.v1.RegistrationEvent", Payload: []byte{0xff}}},
	} {
		err := events.Consumers(s)[h.consumer].Handle(t.Context(), h.msg)
		if err == nil || fmt.Sprintf("%T", err) != fmt.Sprintf("%T", bus.Permanent(errors.New("sample"))) {
			t.Errorf("%s: %v, want a permanent error", name, err)
		}
	}
	if got := projection(t, db); got != "" {
		t.Errorf("something was written: %s", got)
	}
}

// What is not published yet is told of without its text, what is counted or said about it never.
func TestToldSheet(t *testing.T) {
	sheet := domain.PracticeSheet{
		ID: "s", MeetingID: "m", Version: 3, ReturnReason: "secret", Remarks: "secret", Reuse: domain.SheetReuse{Derivations: 1, Users: 9},
		SheetText: domain.SheetText{Title: "Trier", Worked: "text", Competences: []string{"text"}, Steps: []domain.SheetStep{{Title: "text"}}},
	}
	for state, text := range map[domain.SheetState]bool{domain.SheetSubmitted: false, domain.SheetReturned: false, domain.SheetPublished: true} {
		sheet.State = state
		e, err := events.Encode(domain.Event{Name: "practice_sheet.told", State: sheet})
		if err != nil {
			t.Fatal(err)
		}
		got := e.Payload.(*cataloguev1.PracticeSheetEvent).GetPracticeSheet()
		said := fmt.Sprint(got)
		if e.Aggregate != "s" || e.Version != 3 || got.GetTitle() != "Trier" || got.GetMeetingId() != "m" || strings.Contains(said, "text") != text || strings.Contains(said, "secret") || got.GetUserCount()+got.GetDerivationCount() != 0 {
			t.Errorf("%s: %v", state, got)
		}
	}
}
