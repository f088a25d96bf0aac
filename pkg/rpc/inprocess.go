package rpc

import (
	"context"
	"errors"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"
)

// One flow-control window.
const pipeSize = 64 << 10

// InProcess makes a way into a server of the same process, without a port: give the listener to Serve. It exists before its
// server, so that services that call each other through it can be built first. The connection is the caller's to close.
func InProcess(cfg ClientConfig) (*grpc.ClientConn, net.Listener, error) {
	pipe := bufconn.Listen(pipeSize)
	conn, err := dial("passthrough:///in-process", cfg,
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return pipe.DialContext(ctx) }))
	return conn, pipe, err
}

// InProcess connects to the server without a port; calls pass the same chain. The server answers until Stop, the
// connection is the caller's to close.
func (s *Server) InProcess() (*grpc.ClientConn, error) {
	if s.tls {
		return nil, errors.New("rpc server: a server with TLS has no in-process door")
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	conn, pipe, err := InProcess(ClientConfig{Telemetry: s.cfg.Telemetry})
	if err != nil {
		return nil, err
	}
	go func() { _ = s.grpc.Serve(pipe) }() // ends with Stop
	return conn, nil
}
