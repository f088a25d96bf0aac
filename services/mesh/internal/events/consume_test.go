package events_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	"github.com/classcode/maillage/pkg/database"
	busevents "github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/events"
	"github.com/classcode/maillage/services/mesh/internal/store"
)

func TestMain(m *testing.M) { testkit.Main(m) }

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func open(t *testing.T, db *database.DB) *store.Store {
	t.Helper()
	st, err := store.New(t.Context(), db, func() time.Time { return now }, events.Encode)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func place(t *testing.T, st domain.Store) string {
	t.Helper()
	id := newID()
	err := st.Write(t.Context(), func(tx domain.Tx) error {
		return tx.InsertPlace(t.Context(), domain.Place{ID: id, Name: "Atelier", CommuneCode: "69123", Status: domain.Identified, Version: 1, CreateTime: now})
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// news is a meeting's state at a version.
type news struct {
	meeting, place string
	version        int64
	state          meetingsv1.MeetingState
	start          time.Time
}

func (n news) message() busevents.Message {
	payload, err := proto.Marshal(&meetingsv1.MeetingEvent{Meeting: &meetingsv1.Meeting{
		Id: n.meeting, PlaceId: n.place, State: n.state, StartTime: timestamppb.New(n.start),
	}})
	if err != nil {
		panic(err)
	}
	return busevents.Message{
		ID: newID(), Subject: "maillage.meetings.v1.meeting.updated", Aggregate: n.meeting, Version: n.version,
		Schema: "maillage.meetings.v1.MeetingEvent", Payload: payload,
	}
}

// unguarded is the control: it keeps whatever is heard last, whichever version that is.
type unguarded struct{ domain.Store }

func (u unguarded) Write(ctx context.Context, use func(domain.Tx) error) error {
	return u.Store.Write(ctx, func(tx domain.Tx) error { return use(unguardedTx{tx}) })
}

type unguardedTx struct{ domain.Tx }

func (u unguardedTx) SaveMeeting(ctx context.Context, m domain.Meeting) (bool, error) {
	// A version above all that came before: the guard never refuses.
	m.Version = time.Now().UnixNano()
	return u.Tx.SaveMeeting(ctx, m)
}

// Two meetings, half a year apart, are planned, held, then for some reason not held after all; what is told late or twice
// must not bring an earlier state back.
func TestAnyOrder(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		st := open(t, db)
		deliver := func(rt *rapid.T, to domain.Store) (got, want domain.PlaceStatus) {
			at, meetings := place(t, st), []string{newID(), newID()}
			newest := map[int]int{}
			states := []meetingsv1.MeetingState{0, meetingsv1.MeetingState_MEETING_STATE_CONFIRMED, meetingsv1.MeetingState_MEETING_STATE_HELD, meetingsv1.MeetingState_MEETING_STATE_CANCELLED}
			for _, told := range rapid.SliceOfN(rapid.IntRange(0, 5), 1, 12).Draw(rt, "told") {
				which, version := told/3, told%3+1
				n := news{meetings[which], at, int64(version), states[version], now.AddDate(0, 6*which, 0)}
				if err := events.Meetings(to).Handle(t.Context(), n.message()); err != nil {
					t.Fatal(err)
				}
				newest[which] = max(newest[which], version)
			}
			p, err := st.Place(t.Context(), at)
			if err != nil {
				t.Fatal(err)
			}
			want = domain.Identified
			for _, version := range newest {
				if version == 2 {
					want++
				}
			}
			return p.Status, want
		}
		rapid.Check(t, func(rt *rapid.T) {
			if got, want := deliver(rt, st); got != want {
				rt.Fatalf("status %d; want %d", got, want)
			}
		})
		wrong := 0
		rapid.Check(t, func(rt *rapid.T) {
			if got, want := deliver(rt, unguarded{st}); got != want {
				wrong++
			}
		})
		if wrong == 0 {
			t.Fatal("without the guard nothing went wrong: this test proves nothing")
		}
	})
}

func TestRedelivered(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		st := open(t, db)
		at := place(t, st)
		msg := news{newID(), at, 2, meetingsv1.MeetingState_MEETING_STATE_ATTESTED, now}.message()
		for range 3 {
			if err := events.Meetings(st).Handle(t.Context(), msg); err != nil {
				t.Fatal(err)
			}
		}
		p, err := st.Place(t.Context(), at)
		if err != nil || p.Status != domain.Active || p.Version != 2 {
			t.Fatalf("%+v, %v; want one change", p, err)
		}
		var told int
		var cause string
		const query = `SELECT count(*), max(cause) FROM outbox WHERE subject = 'maillage.mesh.v1.place.updated'`
		if err := db.Read().QueryRowContext(t.Context(), query).Scan(&told, &cause); err != nil || told != 1 || cause != msg.ID {
			t.Fatalf("told %d times because of %q, %v", told, cause, err)
		}
	})
}

// atOnce lets two transactions that both read what was held wait for each other, for as long as neither waits for the other's end.
type atOnce struct {
	domain.Store
	unlocked bool // the control
	read     chan struct{}
}

func (a atOnce) Write(ctx context.Context, use func(domain.Tx) error) error {
	return a.Store.Write(ctx, func(tx domain.Tx) error { return use(atOnceTx{tx, a}) })
}

type atOnceTx struct {
	domain.Tx
	a atOnce
}

func (a atOnceTx) LockPlace(ctx context.Context, id string) error {
	if a.a.unlocked {
		return nil
	}
	return a.Tx.LockPlace(ctx, id)
}

func (a atOnceTx) HeldAt(ctx context.Context, placeID string) (first, last time.Time, err error) {
	first, last, err = a.Tx.HeldAt(ctx, placeID)
	select {
	case a.a.read <- struct{}{}:
	case <-a.a.read:
	case <-time.After(100 * time.Millisecond):
	}
	return first, last, err
}

// Three meetings that only together span half a year, the last two heard by two replicas at once: neither changes the status
// by itself, so that nothing but the lock makes one of them see the other.
func TestHeardAtOnce(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		st := open(t, db)
		status := func(unlocked bool) domain.PlaceStatus {
			at, to := place(t, st), atOnce{st, unlocked, make(chan struct{})}
			hear := func(to domain.Store, months int) error {
				n := news{newID(), at, 1, meetingsv1.MeetingState_MEETING_STATE_HELD, now.AddDate(0, months, 0)}
				return events.Meetings(to).Handle(context.Background(), n.message())
			}
			done := make(chan error, 3)
			done <- hear(st, 4)
			go func() { done <- hear(to, 0) }()
			go func() { done <- hear(to, 8) }()
			for range cap(done) {
				if err := <-done; err != nil {
					t.Fatal(err)
				}
			}
			p, err := st.Place(t.Context(), at)
			if err != nil {
				t.Fatal(err)
			}
			return p.Status
		}
		if got := status(false); got != domain.Sustained {
			t.Errorf("status %d", got)
		}
		if db.Engine() == database.Postgres && status(true) == domain.Sustained { // SQLite has one writer: nothing is at once
			t.Error("without the lock nothing went wrong: this test proves nothing")
		}
	})
}

func TestMeetingElsewhere(t *testing.T) {
	st := open(t, testkit.Open(t, testkit.SQLite(t), nil))
	for _, at := range []string{"", newID()} { // remote, and at a place that is not ours
		n := news{newID(), at, 1, meetingsv1.MeetingState_MEETING_STATE_HELD, now}
		if err := events.Meetings(st).Handle(t.Context(), n.message()); err != nil {
			t.Errorf("at %q: %v", at, err)
		}
	}
}

func TestRefusedForGood(t *testing.T) {
	st := open(t, testkit.Open(t, testkit.SQLite(t), nil))
	for name, broken := range map[string]func(*busevents.Message){
		"bytes": func(m *busevents.Message) { m.Payload = []byte{0xff} },
		"type":  func(m *busevents.Message) { m.Schema = "maillage.mesh.v1.PlaceEvent" },
		"empty": func(m *busevents.Message) { m.Payload = nil },
	} {
		msg := news{newID(), newID(), 1, meetingsv1.MeetingState_MEETING_STATE_HELD, now}.message()
		broken(&msg)
		if err := events.Meetings(st).Handle(t.Context(), msg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestEncode(t *testing.T) {
	for name, c := range map[string]struct {
		state any
		check func(proto.Message) bool
	}{
		"place.updated": {domain.Place{ID: newID(), Version: 3, Status: domain.Active}, func(m proto.Message) bool {
			p := m.(*meshv1.PlaceEvent).GetPlace()
			return p.GetStatus() == meshv1.PlaceStatus_PLACE_STATUS_ACTIVE && p.GetEtag() == `"3"`
		}},
		"person.roles_changed": {domain.Person{ID: newID(), Version: 3, Grants: domain.PersonaGrants("coordinator")}, func(m proto.Message) bool {
			return fmt.Sprint(m.(*meshv1.PersonEvent).GetPerson().GetRoles()) == fmt.Sprint([]*meshv1.RoleGrant{{Role: meshv1.Role_ROLE_COORDINATOR, TerritoryCode: "REG-84"}})
		}},
		"campaign.created": {domain.Campaign{ID: newID(), Version: 3, Title: "Rentrée"}, func(m proto.Message) bool {
			return m.(*meshv1.CampaignEvent).GetCampaign().GetTitle() == "Rentrée"
		}},
		"interest.grouped": {domain.Interest{ID: newID(), Version: 3, GroupID: "g"}, func(m proto.Message) bool {
			return m.(*meshv1.InterestEvent).GetInterest().GetGroupId() == "g"
		}},
		"group.formed": {domain.Group{ID: newID(), Version: 3, MemberCount: 13}, func(m proto.Message) bool {
			return m.(*meshv1.GroupEvent).GetGroup().GetMemberCount() == 13
		}},
		"organiser.accepted": {domain.Organiser{ID: newID(), Version: 3, AcceptTime: now}, func(m proto.Message) bool {
			return m.(*meshv1.OrganiserEvent).GetOrganiser().GetAcceptTime().AsTime().Equal(now)
		}},
	} {
		e, err := events.Encode(domain.Event{Name: name, State: c.state})
		if err != nil || e.Subject != "maillage.mesh.v1."+name || e.Version != 3 || e.Aggregate == "" || !c.check(e.Payload) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
	if _, err := events.Encode(domain.Event{Name: "x.y", State: 1}); err == nil {
		t.Error("an event without a form was encoded")
	}
}
