package process

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/classcode/maillage/pkg/admin"
	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/rpc"
)

// Dial makes a connection to another service, which may not be there yet, and the check that tells whether it answers: a program
// that waits for another one is degraded, not dead.
func (p *Process) Dial(target config.Addresses) (*grpc.ClientConn, admin.Check, error) {
	tls, err := p.cfg.TLS.Client()
	if err != nil {
		return nil, admin.Check{}, err
	}
	conn, err := rpc.Dial(string(target), rpc.ClientConfig{TLS: tls, Telemetry: p.Telemetry})
	if err != nil {
		return nil, admin.Check{}, err
	}
	p.OnClose(func() { _ = conn.Close() })
	health := healthv1.NewHealthClient(conn)
	return conn, admin.Check{Optional: true, Probe: func(ctx context.Context) error {
		answer, err := health.Check(ctx, &healthv1.HealthCheckRequest{})
		if err == nil && answer.GetStatus() != healthv1.HealthCheckResponse_SERVING {
			err = fmt.Errorf("%s says %s", target, answer.GetStatus())
		}
		return err
	}}, nil
}
