package rpc_test

import (
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/classcode/maillage/pkg/rpc"
	"github.com/classcode/maillage/pkg/testkit"
)

// Calls go to whichever replica answers, and to one that comes back within seconds.
func TestReplicas(t *testing.T) {
	var addresses []string
	for range 2 {
		address, err := testkit.Address(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		addresses = append(addresses, address)
	}
	conn, err := rpc.Dial(addresses[0]+","+addresses[1], rpc.ClientConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	answers := func() bool {
		_, err := healthv1.NewHealthClient(conn).Check(t.Context(), &healthv1.HealthCheckRequest{})
		return err == nil
	}
	if answers() {
		t.Fatal("nobody is there, and somebody answers")
	}
	for _, address := range []string{addresses[1], addresses[0]} {
		stop := replica(t, address)
		testkit.Poll(t, 10*time.Second, answers, "the replica at "+address)
		stop()
	}
}

func replica(t *testing.T, address string) (stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", address) //nolint:noctx // closed by stop
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	healthv1.RegisterHealthServer(server, health.NewServer())
	go func() { _ = server.Serve(l) }() // ends with stop
	return server.Stop
}
