package rpc

import (
	"context"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"
)

// Bufconn is the network without a port: a connection that serialises, and the function that connects it to a server.
func Bufconn(cfg ClientConfig) (*grpc.ClientConn, func(*Server) error, error) {
	pipe := bufconn.Listen(64 << 10) // one flow-control window
	conn, err := dial("passthrough:///bufconn", cfg,
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return pipe.DialContext(ctx) }))
	return conn, func(s *Server) error {
		if err := s.check(); err != nil {
			return err
		}
		go func() { _ = s.grpc.Serve(pipe) }() // ends with Stop
		return nil
	}, err
}
