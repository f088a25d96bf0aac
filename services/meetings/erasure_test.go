package meetings_test

import (
	"context"
	"database/sql"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/errs"
	busevents "github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/link"
	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// The mesh tells, twice, that a person was erased: the seat passes on, once, the person's links stand for nobody any more, and a copy of
// their attestation is as good as before. What others have is as it was.
func TestErasureOverTheBus(t *testing.T) {
	w := newWorld(t)
	server, err := busevents.Embedded(busevents.ServerConfig{Dir: t.TempDir(), Log: testkit.Logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	bus, err := server.Connect(busevents.Config{Name: "meetings", Log: testkit.Logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	w.deps.Bus = bus
	service := w.service()
	w.serve(service)
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer stop()
	meshDB := testkit.Open(t, testkit.SQLite(t), nil)
	relay := busevents.NewRelay(meshDB, bus, busevents.RelayConfig{Stream: busevents.StreamConfig{Service: "mesh"}})
	for name, run := range map[string]func(context.Context) error{"service": service.Run, "mesh": relay.Run} {
		all.Go(func() {
			if err := run(ctx); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}

	w.attested()
	own, theirs := w.own("came"), w.own("organiser")
	m, other := w.meeting(1), w.meeting(1)
	w.register("came", m.GetId())
	next := w.register("next", m.GetId())
	token := func(person, action, resource string) string {
		return link.DeriveKey(w.cfg.PageKey).Sign(link.Claim{Action: action, Resource: resource, PersonID: person, Expires: start.Add(time.Hour)})
	}
	verdicts := func() (all []string) {
		for _, a := range []*meetingsv1.Attestation{own, theirs} {
			all = append(all, w.verify(a.GetCredential()).String(), w.verify(a.GetCredentialJson()).String())
		}
		return all
	}
	before := verdicts()
	told := func(version int64, personID string) busevents.Event {
		return busevents.Event{
			ID: uuid.Must(uuid.NewV7()).String(), Subject: "maillage.mesh.v1.person.erased", Aggregate: personID, Version: version, Time: start,
			Payload: &meshv1.PersonEvent{Person: &meshv1.Person{Id: personID, Version: version}},
		}
	}
	err = meshDB.Write(t.Context(), func(tx *sql.Tx) error {
		return busevents.Append(t.Context(), tx, meshDB.Engine(), "mesh", told(2, "came"), told(2, "came"), told(2, "never heard of"))
	})
	if err != nil {
		t.Fatal(err)
	}
	relay.Wake()
	seat := func() *meetingsv1.Registration {
		return must[*meetingsv1.Registration](w)(w.GetRegistration(w.as("next"), &meetingsv1.GetRegistrationRequest{MeetingId: m.GetId(), Id: next.GetId()}))
	}
	testkit.Poll(t, 20*time.Second, func() bool {
		n := 0
		return w.db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM erasures`).Scan(&n) == nil && n == 2
	}, "the erasures to be heard of")
	if got := seat(); got.GetState() != meetingsv1.RegistrationState_REGISTRATION_STATE_OFFERED || got.GetEtag() != `"2"` {
		t.Errorf("whoever waited has %v", got)
	}
	for i, now := range verdicts() {
		if now != before[i] {
			t.Errorf("%s, was %s", now, before[i])
		}
	}

	_, err = w.FollowRegistrationLink(w.as(""), &meetingsv1.FollowRegistrationLinkRequest{Token: token("came", "register", other.GetId())})
	w.refused(err, errs.Denied, "LINK_EXPIRED", "token")
	_, err = w.PreviewLink(w.as(""), &meetingsv1.PreviewLinkRequest{Token: token("came", "register", other.GetId())})
	w.refused(err, errs.Denied, "LINK_EXPIRED", "token")
	_, err = w.Unsubscribe(w.as(""), &meetingsv1.UnsubscribeRequest{Token: token("came", "unsubscribe", "notices")})
	w.refused(err, errs.Denied, "LINK_EXPIRED", "")
	must[*meetingsv1.Registration](w)(w.FollowRegistrationLink(w.as(""), &meetingsv1.FollowRegistrationLinkRequest{Token: token("next", "register", other.GetId())}))
	if n := len(testkit.Holding(t.Context(), t, w.db, "next")); n == 0 {
		t.Error("the control: somebody else is nowhere")
	}
}
