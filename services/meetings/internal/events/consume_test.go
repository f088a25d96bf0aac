package events_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/classcode/maillage/pkg/database"
	busevents "github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/events"
	"github.com/classcode/maillage/services/meetings/internal/store"
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

// series plans one meeting of a group that nobody organises, and returns its id.
func series(ctx context.Context, st domain.Store, group string) (id string, err error) {
	err = st.Write(ctx, func(tx domain.Tx) error {
		s, err := domain.CreateSeries(ctx, tx, domain.Plan{
			SeriesID: newID(), MeetingCount: 1, NewID: newID, Now: now,
			Slots:  []domain.Slot{{Start: now.Add(time.Hour), End: now.Add(2 * time.Hour)}},
			Common: domain.Meeting{GroupID: group, ModuleID: newID(), TimeZone: "UTC", Capacity: 5, CommuneCode: "44109"},
		})
		if err == nil {
			id = s.Meetings[0].ID
		}
		return err
	})
	return id, err
}

// news is the group's version n: nobody organises the first, another person each of the next.
func news(group string, n int) busevents.Message {
	g := &meshv1.Group{Id: group}
	if n > 1 {
		g.OrganiserId = fmt.Sprint("organiser-", n)
	}
	payload, err := proto.Marshal(&meshv1.GroupEvent{Group: g})
	if err != nil {
		panic(err)
	}
	return busevents.Message{
		ID: newID(), Subject: "maillage.mesh.v1.group.updated", Aggregate: group, Version: int64(n),
		Schema: "maillage.mesh.v1.GroupEvent", Payload: payload,
	}
}

// unguarded is the control: a store that keeps whatever is heard last, whichever version that is.
type unguarded struct{ domain.Store }

func (u unguarded) Write(ctx context.Context, use func(domain.Tx) error) error {
	return u.Store.Write(ctx, func(tx domain.Tx) error { return use(unguardedTx{tx}) })
}

type unguardedTx struct{ domain.Tx }

func (unguardedTx) SaveGroup(context.Context, domain.Group) (bool, error) { return true, nil }

func TestAnyOrder(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		st := open(t, db)
		// In any order, any number of times, the highest version wins.
		deliver := func(rt *rapid.T, to domain.Store) (got, want string) {
			group := newID()
			id, err := series(t.Context(), st, group)
			if err != nil {
				t.Fatal(err)
			}
			versions := rapid.SliceOfN(rapid.IntRange(1, 5), 1, 12).Draw(rt, "versions")
			highest := 1
			for _, n := range versions {
				if err := events.Groups(to).Handle(t.Context(), news(group, n)); err != nil {
					t.Fatal(err)
				}
				highest = max(highest, n)
			}
			m, err := st.Meeting(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if highest == 1 {
				return m.OrganiserID, ""
			}
			return m.OrganiserID, fmt.Sprint("organiser-", highest)
		}
		rapid.Check(t, func(rt *rapid.T) {
			if got, want := deliver(rt, st); got != want {
				rt.Fatalf("organiser %q; want %q", got, want)
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
		st, group := open(t, db), newID()
		id, err := series(t.Context(), st, group)
		if err != nil {
			t.Fatal(err)
		}
		msg := news(group, 2)
		for range 3 {
			if err := events.Groups(st).Handle(t.Context(), msg); err != nil {
				t.Fatal(err)
			}
		}
		m, err := st.Meeting(t.Context(), id)
		if err != nil || m.OrganiserID != "organiser-2" || m.Version != 2 {
			t.Fatalf("%+v, %v; want one change", m, err)
		}
		var told int
		var cause string
		const query = `SELECT count(*), max(cause) FROM outbox WHERE subject = 'maillage.meetings.v1.meeting.updated'`
		if err := db.Read().QueryRowContext(t.Context(), query).Scan(&told, &cause); err != nil || told != 1 || cause != msg.ID {
			t.Fatalf("told %d times because of %q, %v", told, cause, err)
		}
	})
}

func TestRefusedForGood(t *testing.T) {
	st := open(t, testkit.Open(t, testkit.SQLite(t), nil))
	whole := news(newID(), 2)
	for name, broken := range map[string]func(*busevents.Message){
		"bytes": func(m *busevents.Message) { m.Payload = []byte{0xff} },
		"type":  func(m *busevents.Message) { m.Schema = "maillage.mesh.v1.PlaceEvent" },
		"empty": func(m *busevents.Message) { m.Payload = nil },
	} {
		msg := whole
		broken(&msg)
		if err := events.Groups(st).Handle(t.Context(), msg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// What changes apart has versions apart: two nouns under one name would tell a version twice.
func TestVersionsApart(t *testing.T) {
	id, told := newID(), map[string]string{}
	for name, state := range map[string]any{
		"meeting.planned": domain.Meeting{ID: id, Version: 1}, "needs.updated": domain.Needs{MeetingID: id, Version: 1},
		"readiness.checked": domain.Board{Meeting: domain.Meeting{ID: id}}, "referent.named": domain.Referent{MeetingID: id, Version: 1},
	} {
		e, err := events.Encode(domain.Event{Name: name, State: state})
		if err != nil || !strings.HasPrefix(e.Aggregate, id) || told[e.Aggregate] != "" {
			t.Errorf("%s is told under %q, as %q is: %v", name, e.Aggregate, told[e.Aggregate], err)
		}
		told[e.Aggregate] = name
	}
}

func TestEncode(t *testing.T) {
	meeting := domain.Meeting{ID: newID(), Version: 3, Taken: 12, Capacity: 25}
	attestation := domain.Attestation{ID: newID(), Signed: domain.Signed{JWT: "secret", JSON: "secret"}, CampaignID: "campaign", CommuneCode: "44109", Role: domain.Organiser}
	for name, c := range map[string]struct {
		state   any
		version int64
		check   func(proto.Message) bool
	}{
		"meeting.updated": {meeting, 3, func(m proto.Message) bool {
			got := m.(*meetingsv1.MeetingEvent).GetMeeting()
			return got.GetTaken() == 0 && got.GetCapacity() == 25 && got.GetEtag() == `"3"`
		}},
		"registration.confirmed": {domain.Registration{ID: newID(), Version: 2, CampaignID: "campaign"}, 2, func(m proto.Message) bool {
			return m.(*meetingsv1.RegistrationEvent).GetCampaignId() == "campaign"
		}},
		"attestation.issued": {attestation, 1, func(m proto.Message) bool {
			got := m.(*meetingsv1.AttestationEvent)
			return got.GetAttestation().GetCredential() == "" && got.GetAttestation().GetCredentialJson() == "" && got.GetCommuneCode() == "44109" && got.GetCampaignId() == "campaign"
		}},
		"attestation.revoked": {domain.Attestation{ID: newID(), Revoked: domain.Revocation{Time: time.Now(), PersonID: "p", Reason: "words"}}, 2, func(m proto.Message) bool {
			got := m.(*meetingsv1.AttestationEvent).GetAttestation()
			return got.GetRevokeReason() == "" && got.GetRevokeTime() != nil
		}},
		"search.concluded": {domain.Search{ID: newID(), Version: 4, CommuneCode: "44109", WithoutReason: 2, WithoutText: "words"}, 4, func(m proto.Message) bool {
			got := m.(*meetingsv1.ProfessionalSearchEvent)
			return got.GetSearch().GetWithoutText() == "" && got.GetSearch().GetWithoutReason() == 2 && got.GetCommuneCode() == "44109"
		}},
		"ask.declined": {domain.Ask{ID: newID(), Version: 2, PersonID: "p", State: domain.AskDeclined, Reason: "words"}, 2, func(m proto.Message) bool {
			got := m.(*meetingsv1.AskEvent).GetAsk()
			return got.GetReason() == "" && got.GetPersonId() == "p" && got.GetState() == meetingsv1.AskState_ASK_STATE_DECLINED && got.GetDeadline() == nil
		}},
	} {
		e, err := events.Encode(domain.Event{Name: name, State: c.state})
		if err != nil || e.Subject != "maillage.meetings.v1."+name || e.Version != c.version || e.Aggregate == "" || !c.check(e.Payload) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
	if _, err := events.Encode(domain.Event{Name: "x.y", State: 1}); err == nil {
		t.Error("an event without a form was encoded")
	}
}
