package directory

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// Roles that changed before anybody listened are asked for again, as are those that change later; others stay remembered.
func TestFollow(t *testing.T) {
	broker, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	broker.Start()
	t.Cleanup(broker.Shutdown)
	bus, err := events.Connect(t.Context(), events.Config{URL: broker.ClientURL()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	conn, err := nats.Connect(broker.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	m, id := &mesh{resolve: ada()}, access.Identity{Subject: "ada"}
	people := NewPeople(m)
	knows := func(roles int) bool {
		p, err := people.Resolve(t.Context(), id)
		return err == nil && len(p.Roles) == roles
	}
	if !knows(0) {
		t.Fatal("ada has a role")
	}
	m.resolve = ada(&meshv1.RoleGrant{Role: meshv1.Role_ROLE_NATIONAL}) // and the event is published here
	if !knows(0) {
		t.Fatal("nothing was remembered")
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- people.Follow(ctx, bus) }()
	testkit.Poll(t, 10*time.Second, func() bool { return knows(1) }, "what was missed to be asked for")

	m.resolve = ada()
	tell := func(person string) {
		t.Helper()
		if err := conn.PublishMsg(&nats.Msg{Subject: "maillage.mesh.v1.person.role_revoked", Header: nats.Header{
			"ce-id": {person}, "ce-aggregateversion": {"1"}, "ce-time": {"2026-01-01T00:00:00Z"}, "ce-subject": {person},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	tell("p-bob")
	if err := conn.Flush(); err != nil || !knows(1) {
		t.Errorf("somebody else's roles have changed, and ada was forgotten; %v", err)
	}
	tell("p-ada")
	testkit.Poll(t, 10*time.Second, func() bool { return knows(0) }, "the change to be heard")
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
