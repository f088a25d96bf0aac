package meetings_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/database"
	busevents "github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/link"
	"github.com/classcode/maillage/pkg/testkit"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

func (f *forming) GetInvitation(_ context.Context, in *meshv1.GetInvitationRequest, _ ...grpc.CallOption) (*meshv1.Invitation, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i, ok := f.invitations[in.GetId()]; ok {
		return proto.CloneOf(i), nil
	}
	return nil, status.Error(codes.NotFound, "no such invitation")
}

// inviter publishes as the mesh does.
type inviter struct {
	*office
	db    *database.DB
	relay *busevents.Relay
}

func (o *office) inviter() *inviter {
	o.Helper()
	i := &inviter{office: o, db: testkit.Open(o.T, testkit.SQLite(o.T), nil)}
	i.relay = busevents.NewRelay(i.db, o.deps.Bus, busevents.RelayConfig{Stream: busevents.StreamConfig{Service: "mesh"}})
	ctx, cancel := context.WithCancel(o.Context())
	var ended sync.WaitGroup
	ended.Go(func() {
		if err := i.relay.Run(ctx); err != nil {
			o.Errorf("mesh: %v", err)
		}
	})
	o.Cleanup(func() { cancel(); ended.Wait() })
	return i
}

// sends tells that people are invited into a group, or that they no longer are.
func (i *inviter) sends(group, name string, persons ...string) {
	i.Helper()
	var told []busevents.Event
	i.forming.mu.Lock()
	for _, person := range persons {
		id := uuid.NewSHA1(uuid.Nil, []byte(group+person)).String()
		version := int64(1)
		if old := i.forming.invitations[id]; old != nil {
			_, _ = fmt.Sscanf(old.GetEtag(), "%d", &version)
			version++
		}
		now := i.clock.Now()
		invitation := &meshv1.Invitation{
			Id: id, GroupId: group, InterestId: uuid.NewString(), State: meshv1.InvitationState_INVITATION_STATE_SENT, Etag: fmt.Sprint(version),
			CreateTime: timestamppb.New(now), ExpireTime: timestamppb.New(now.Add(14 * 24 * time.Hour)),
		}
		if name != "sent" {
			invitation.State = meshv1.InvitationState_INVITATION_STATE_WITHDRAWN
		}
		i.forming.invitations[id] = invitation
		e := busevents.Event{
			ID: uuid.Must(uuid.NewV7()).String(), Subject: "maillage.mesh.v1.invitation." + name, Aggregate: id, Version: version, Time: now,
			Payload: &meshv1.InvitationEvent{Invitation: invitation, PersonId: person},
		}
		told = append(told, e)
	}
	i.forming.mu.Unlock()
	err := i.db.Write(i.Context(), func(tx *sql.Tx) error {
		return busevents.Append(i.Context(), tx, i.db.Engine(), "mesh", told...)
	})
	if err != nil {
		i.Fatal(err)
	}
	i.relay.Wake()
}

// states counts what became of the notices that belong to no meeting.
func (o *office) states() map[string]int {
	o.Helper()
	got := map[string]int{}
	rows, err := o.db.Read().QueryContext(o.Context(), `SELECT state, reason, count(*) FROM notices WHERE meeting_id = '' GROUP BY state, reason`)
	if err != nil {
		o.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var state, n int
		var reason string
		if err := rows.Scan(&state, &reason, &n); err != nil {
			o.Fatal(err)
		}
		got[strings.TrimSpace(fmt.Sprint(state, " ", reason))] = n
	}
	if err := rows.Err(); err != nil {
		o.Fatal(err)
	}
	return got
}

// Whoever is invited gets one mail, with both answers; what was withdrawn before the morning is not told, what was renewed once.
func TestMailsOfAnInvitation(t *testing.T) {
	o := newOffice(t)
	i, group := o.inviter(), o.group("44109")
	i.mesh.groups[group].MemberCount = 7
	i.sends(group, "sent", "anne", "ben")
	letters := o.until(0, "anne: Un groupe vous invite : Programmation créative", "ben: A group invites you: Programmation créative")
	body := letters["ben"].Part("text/plain")
	for _, want := range []string{"Place: Médiathèque", "Commune: Nantes", "People in the group: 7", "by Saturday 5\u00a0December 2026 at 13:00 (Paris time)"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is missing in %q", want, body)
		}
	}
	if letters["ben"].Header.Get("List-Unsubscribe") == "" {
		t.Error("nothing to unsubscribe from")
	}
	for n, action := range []string{"acceptInvitation", "declineInvitation"} { // as the mesh opens them
		claim, err := link.DeriveKey(o.cfg.PageKey).Open(token(letters["ben"], n+1), o.clock.Now(), action)
		if err != nil || claim.PersonID != "ben" || i.forming.invitations[claim.Resource] == nil || !claim.Expires.Equal(start.Add(14*24*time.Hour)) {
			t.Errorf("%s: %+v, %v", action, claim, err)
		}
	}

	o.clock.Set(time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC))
	i.sends(group, "sent", "chloe", "denis")
	testkit.Poll(t, awaited, func() bool { return o.states()["1"] == 2 }, "two to wait for the morning")
	i.sends(group, "withdrawn", "chloe", "denis")
	o.clock.Advance(time.Minute)
	i.sends(group, "sent", "denis")
	testkit.Poll(t, awaited, func() bool { return o.states()["1"]+o.states()["3 STALE"] == 3 }, "the renewed one")
	o.clock.Set(time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC))
	o.until(2, "denis: Un groupe vous invite : Programmation créative")
	testkit.Poll(t, awaited, func() bool { return o.states()["3 STALE"] == 2 }, "the others to be dropped")
	testkit.Poll(t, awaited, func() bool { return o.states()["2"] == 3 }, "what was sent to be written down")
}

// A thousand invitations do not hold up whoever registers: a confirmation comes among the first.
func TestInvitationsHoldUpNobody(t *testing.T) {
	o := newOffice(t)
	i, group := o.inviter(), o.group("44109")
	const many = 1000
	people := make([]string, many)
	for n := range people {
		people[n] = fmt.Sprintf("person%d", n)
	}
	i.sends(group, "sent", people...)
	testkit.Poll(t, awaited, func() bool { return o.states()["1"] > many/2 }, "the invitations to be heard")
	o.register("anne", o.later(5).GetId())
	testkit.Poll(t, awaited, func() bool {
		for _, m := range o.sink.Mails() {
			if strings.HasPrefix(m.To, "anne@") {
				return true
			}
		}
		return false
	}, "the confirmation")
	if got := o.states(); got["1"] == 0 {
		t.Fatalf("%v: nothing was left to hold it up", got)
	}
}
