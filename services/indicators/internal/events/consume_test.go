package events_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/access/accesstest"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	bus "github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/indicators/internal/domain"
	"github.com/classcode/maillage/services/indicators/internal/events"
	"github.com/classcode/maillage/services/indicators/internal/store"
)

var ladder = accesstest.Ladder{"44109": {"DEP-44", "REG-52", "FR"}, "69123": {"DEP-69", "REG-84", "FR"}}

func open(t *testing.T) (*store.Store, *database.DB) {
	t.Helper()
	db := testkit.Open(t, testkit.SQLite(t), nil)
	s, err := store.New(t.Context(), db, time.Now, events.Encode)
	if err != nil {
		t.Fatal(err)
	}
	return s, db
}

// heard is an event with the noun whose handler it goes to.
type heard struct {
	noun string
	msg  bus.Message
}

func event(t *testing.T, noun string, version int64, payload proto.Message) heard {
	t.Helper()
	body, err := proto.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	return heard{noun, bus.Message{Version: version, Schema: string(payload.ProtoReflect().Descriptor().FullName()), Payload: body}}
}

// story is what happens to two persons and a place: the last versions are those that must remain.
func story(t *testing.T) (all []heard) {
	t.Helper()
	interest := func(version int64, id, person, campaign, commune string, state meshv1.InterestState) {
		all = append(all, event(t, "interest", version, &meshv1.InterestEvent{Interest: &meshv1.Interest{
			Id: id, PersonId: person, CampaignId: campaign, CommuneCode: commune, State: state,
			CreateTime: &timestamppb.Timestamp{Seconds: int64(len(id))},
		}}))
	}
	meeting := func(version int64, state meetingsv1.MeetingState) {
		all = append(all, event(t, "meeting", version, &meetingsv1.MeetingEvent{Meeting: &meetingsv1.Meeting{
			Id: "m", CampaignId: "c1", PlaceId: "place", CommuneCode: "44109", State: state,
		}}))
	}
	place := func(version int64, status meshv1.PlaceStatus) {
		all = append(all, event(t, "place", version, &meshv1.PlaceEvent{Place: &meshv1.Place{Id: "place", CommuneCode: "44109", Status: status}}))
	}
	enrolment := func(version int64, state cataloguev1.EnrolmentState) {
		all = append(all, event(t, "enrolment", version, &cataloguev1.EnrolmentEvent{Enrolment: &cataloguev1.Enrolment{Id: "e", PersonId: "bob", State: state}}))
	}
	interest(1, "i", "ada", "c1", "44109", meshv1.InterestState_INTEREST_STATE_WAITING)
	interest(2, "i", "ada", "c1", "44109", meshv1.InterestState_INTEREST_STATE_GROUPED)
	interest(1, "later", "ada", "c2", "69123", meshv1.InterestState_INTEREST_STATE_WAITING)
	interest(2, "later", "ada", "c2", "69123", meshv1.InterestState_INTEREST_STATE_WITHDRAWN)
	interest(1, "b", "bob", "c1", "69123", meshv1.InterestState_INTEREST_STATE_WAITING)
	place(1, meshv1.PlaceStatus_PLACE_STATUS_IDENTIFIED)
	meeting(1, meetingsv1.MeetingState_MEETING_STATE_OPEN)
	enrolment(1, cataloguev1.EnrolmentState_ENROLMENT_STATE_ACTIVE)
	enrolment(3, cataloguev1.EnrolmentState_ENROLMENT_STATE_COMPLETED) // version 2 was never heard
	meeting(2, meetingsv1.MeetingState_MEETING_STATE_ATTESTED)
	place(2, meshv1.PlaceStatus_PLACE_STATUS_ACTIVE)
	all = append(all, event(t, "attestation", 1, &meetingsv1.AttestationEvent{
		Attestation: &meetingsv1.Attestation{Id: "a", MeetingId: "m", PersonId: "ada"}, CampaignId: "c1", CommuneCode: "44109",
	}))
	for version, revoked := range []*timestamppb.Timestamp{nil, timestamppb.Now()} {
		all = append(all, event(t, "attestation", int64(version)+1, &meetingsv1.AttestationEvent{
			Attestation: &meetingsv1.Attestation{Id: "b", MeetingId: "m", PersonId: "eve", RevokeTime: revoked}, CampaignId: "c1", CommuneCode: "44109",
		}))
	}
	feedback := func(answered, satisfied int32) {
		all = append(all, event(t, "feedback", int64(answered), &meetingsv1.FeedbackEvent{CampaignId: "c1", CommuneCode: "44109", Summary: &meetingsv1.FeedbackSummary{
			MeetingId: "m", Wave: "2026-T4", Organisers: &meetingsv1.FeedbackCount{Asked: 1},
			Participants: &meetingsv1.FeedbackCount{Asked: 9, Answered: answered, Satisfied: &satisfied},
		}}))
	}
	feedback(1, 1)
	feedback(5, 4)
	return all
}

func deliver(t *testing.T, ear *events.Ear, all []heard) {
	t.Helper()
	handlers := map[string]bus.Handler{
		"place": ear.Place, "interest": ear.Interest, "meeting": ear.Meeting, "attestation": ear.Attestation, "enrolment": ear.Enrolment,
		"feedback": ear.Feedback,
	}
	for _, h := range all {
		if err := handlers[h.noun](t.Context(), h.msg); err != nil {
			t.Fatalf("%s: %v", h.noun, err)
		}
	}
}

// projection is all that remains; versions are left out, since the control invents its own.
func projection(t *testing.T, db *database.DB) string {
	t.Helper()
	var all []string
	for _, columns := range []string{
		"id, person_id, campaign_id, commune, withdrawn FROM interests", "id, person_id, revoked, campaign_id, commune FROM attestations",
		"id, person_id, completed, '', '' FROM enrolments", "id, campaign_id, place_id, commune, state FROM meetings",
		"id, commune, status, '', '' FROM places", "person_id, commune, sensitised, trained, campaigns FROM standings",
		"meeting_id, part, wave, answered, satisfied FROM feedback",
		"campaign_id, commune, sensitised, trained, '' FROM tallies WHERE sensitised <> 0 OR trained <> 0",
	} {
		rows, err := database.All(t.Context(), db.Read(), func(scan database.Scan) (string, error) {
			var c [5]any
			err := scan(&c[0], &c[1], &c[2], &c[3], &c[4])
			return fmt.Sprint(c), err
		}, "SELECT "+columns+" ORDER BY 1, 2") //nolint:gosec // constants above
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rows...)
	}
	return strings.Join(all, "\n")
}

// shuffled is the story in another order, with a third of it told twice.
func shuffled(all []heard, seed uint64) []heard {
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // an order to try
	out := append([]heard{}, all...)
	for _, h := range all {
		if random.IntN(3) == 0 {
			out = append(out, h)
		}
	}
	random.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

const orders = 12

func TestOrderAndRepetitionChangeNothing(t *testing.T) {
	all := story(t)
	s, db := open(t)
	deliver(t, &events.Ear{Store: s, Territories: ladder}, all)
	want := projection(t, db)
	counts, err := s.Count(t.Context(), domain.Area{Territory: "REG-52", Campaign: "c1"})
	if err != nil || counts != (domain.Counts{Sensitised: 1, Trained: 1, Identified: 1, Active: 1}) {
		t.Errorf("in order: %+v, %v", counts, err)
	}
	broken := 0
	for seed := range uint64(orders) {
		told := shuffled(all, seed)
		s, db := open(t)
		deliver(t, &events.Ear{Store: s, Territories: ladder}, told)
		if got := projection(t, db); got != want {
			t.Errorf("order %d:\n%s\nwant\n%s", seed, got, want)
		}
		s, db = open(t)
		deliver(t, &events.Ear{Store: &unguarded{Store: s}, Territories: ladder}, told)
		if projection(t, db) != want {
			broken++
		}
	}
	if broken < orders/2 {
		t.Errorf("without its guard the same check fails for %d orders of %d: it proves little", broken, orders)
	}
}

// unguarded is the control: each arrival is a version of its own, as if nobody looked at versions.
type unguarded struct {
	domain.Store
	arrivals int64
}

func (u *unguarded) Write(ctx context.Context, use func(domain.Tx) error) error {
	return u.Store.Write(ctx, func(tx domain.Tx) error {
		u.arrivals++
		return use(latest{tx, u.arrivals})
	})
}

type latest struct {
	domain.Tx
	version int64
}

func (l latest) SaveInterest(ctx context.Context, i domain.Interest) (bool, error) {
	i.Version = l.version
	return l.Tx.SaveInterest(ctx, i)
}

func (l latest) SaveEnrolment(ctx context.Context, e domain.Enrolment) (bool, error) {
	e.Version = l.version
	return l.Tx.SaveEnrolment(ctx, e)
}

func (l latest) SaveMeeting(ctx context.Context, m domain.Meeting) (bool, error) {
	m.Version = l.version
	return l.Tx.SaveMeeting(ctx, m)
}

func (l latest) SavePlace(ctx context.Context, p domain.Place) (bool, error) {
	p.Version = l.version
	return l.Tx.SavePlace(ctx, p)
}

// away is a mesh that does not answer.
type away struct{}

func (away) Ancestors(context.Context, string) ([]string, error) { return nil, errs.ErrUnavailable }

func TestWithMeshAwayTheEventComesAgain(t *testing.T) {
	s, db := open(t)
	ear := &events.Ear{Store: s, Territories: away{}}
	msg := story(t)[0].msg
	empty := projection(t, db)
	if err := ear.Interest(t.Context(), msg); errs.From(err).Kind != errs.Unavailable {
		t.Errorf("error %v, want a transient one", err)
	}
	if got := projection(t, db); got != empty {
		t.Errorf("written without knowing where: %s", got)
	}
	ear.Territories = ladder
	if err := ear.Interest(t.Context(), msg); err != nil {
		t.Fatal(err)
	}
	ear.Territories = away{} // the commune is known now
	if err := ear.Interest(t.Context(), msg); err != nil {
		t.Errorf("asked again where a known commune lies: %v", err)
	}
}

func TestWhatCanNeverBeRightIsRejected(t *testing.T) {
	s, db := open(t)
	ear := &events.Ear{Store: s, Territories: ladder}
	empty := projection(t, db)
	broken := bus.Message{Version: 1, Schema: "maillage.mesh.v1.InterestEvent", Payload: []byte{0xff}}
	for name, c := range map[string]struct {
		handle bus.Handler
		msg    bus.Message
	}{
		"no interest":              {ear.Interest, event(t, "", 1, &meshv1.InterestEvent{}).msg},
		"an interest of nobody":    {ear.Interest, event(t, "", 1, &meshv1.InterestEvent{Interest: &meshv1.Interest{Id: "i"}}).msg},
		"no place":                 {ear.Place, event(t, "", 1, &meshv1.PlaceEvent{}).msg},
		"no meeting":               {ear.Meeting, event(t, "", 1, &meetingsv1.MeetingEvent{}).msg},
		"an attestation of nobody": {ear.Attestation, event(t, "", 1, &meetingsv1.AttestationEvent{Attestation: &meetingsv1.Attestation{Id: "a"}}).msg},
		"an enrolment of nobody":   {ear.Enrolment, event(t, "", 1, &cataloguev1.EnrolmentEvent{Enrolment: &cataloguev1.Enrolment{Id: "e"}}).msg},
		"another thing":            {ear.Place, event(t, "", 1, &meshv1.InterestEvent{}).msg},
		"bytes that mean nothing":  {ear.Interest, broken},
	} {
		err := c.handle(t.Context(), c.msg)
		permanent := bus.Permanent(errors.New("sample"))
		if err == nil || fmt.Sprintf("%T", err) != fmt.Sprintf("%T", permanent) {
			t.Errorf("%s: %v, want a permanent error", name, err)
		}
	}
	if got := projection(t, db); got != empty {
		t.Errorf("something was written: %s", got)
	}
}
