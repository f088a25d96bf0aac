package rpc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// Conn is a way into a server of the same process. A call passes the same chain as one from the network and carries what a
// network would carry: metadata, deadline, cancel. Only its messages are not serialised (docs/adr/0007): each side has a
// message of its own, but nested messages, lists and bytes are the same ones. So a handler changes nothing inside its
// request and keeps no part of it, a reply belongs to the caller, and the request of a call that was given up stays as it
// is, since its handler may still read it.
//
// Nothing is tried again: between the two there is no network that could fail, and a server of ours has tried by itself.
type Conn struct {
	client *client
	server atomic.Pointer[Server]
	ready  chan struct{} // closed once there is a server
	closed chan struct{}
	close  func()
}

// InProcess makes a connection before its server exists, so that services that call each other through it can be built
// first. Calls wait for Connect. There is nothing to encrypt: cfg.TLS is not looked at.
func InProcess(cfg ClientConfig) *Conn {
	c := &Conn{client: newClient(cfg), ready: make(chan struct{}), closed: make(chan struct{})}
	c.close = sync.OnceFunc(func() { close(c.closed) })
	return c
}

// InProcess connects to the server, which answers until Stop; call it when every service is registered.
func (s *Server) InProcess() (*Conn, error) {
	c := InProcess(ClientConfig{Telemetry: s.cfg.Telemetry})
	return c, c.Connect(s)
}

// Connect lets the calls through to s, which answers until Stop; as Serve, it refuses when a registered service has no guard.
func (c *Conn) Connect(s *Server) error {
	if err := s.check(); err != nil {
		return err
	}
	if !c.server.CompareAndSwap(nil, s) {
		return errors.New("rpc: the connection has its server already")
	}
	close(c.ready)
	return nil
}

// Close refuses the calls to come; those at work end by themselves.
func (c *Conn) Close() error {
	c.close()
	return nil
}

// Invoke implements grpc.ClientConnInterface.
func (c *Conn) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	request, ok1 := args.(proto.Message)
	answer, ok2 := reply.(proto.Message)
	if !ok1 || !ok2 {
		return status.Errorf(codes.Internal, "in process: a call with %T and %T, which are not messages", args, reply)
	}
	if err := supported(opts); err != nil {
		return err
	}
	return c.client.call(ctx, method, func(ctx context.Context, outgoing metadata.MD) error {
		s, err := c.wait(ctx)
		if err != nil {
			return err
		}
		call := &call{method: method, incoming: outgoing, request: request, done: make(chan struct{})}
		err = s.answer(ctx, call)
		call.tell(opts)
		if err != nil {
			return err
		}
		proto.Reset(answer)
		return handOver(call.reply, answer)
	})
}

// NewStream implements grpc.ClientConnInterface.
func (c *Conn) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, status.Error(codes.Unimplemented, "in process: a stream needs a connection that is dialled")
}

func (c *Conn) wait(ctx context.Context) (*Server, error) {
	select {
	case <-c.closed:
		return nil, status.Error(codes.Canceled, "in process: the connection is closed")
	default:
	}
	if err := ctx.Err(); err != nil {
		return nil, status.FromContextError(err).Err()
	}
	select {
	case <-c.ready:
		return c.server.Load(), nil
	case <-c.closed:
		return nil, status.Error(codes.Canceled, "in process: the connection is closed")
	case <-ctx.Done():
		return nil, status.FromContextError(ctx.Err()).Err()
	}
}

// supported refuses what would be left out silently, credentials above all.
func supported(opts []grpc.CallOption) error {
	for _, o := range opts {
		switch o.(type) {
		case grpc.HeaderCallOption, grpc.TrailerCallOption, grpc.PeerCallOption, grpc.StaticMethodCallOption:
		case grpc.FailFastCallOption: // there is nobody to wait for but the server's start, and that is waited for
		default:
			return status.Error(codes.Internal, fmt.Sprintf("in process: the call option %T is not supported", o))
		}
	}
	return nil
}

// handOver gives the fields of one message to another: a copy of the first level, which shares what lies deeper.
func handOver(from, to proto.Message) error {
	source, target := from.ProtoReflect(), to.ProtoReflect()
	if source.Type() != target.Type() {
		return status.Errorf(codes.Internal, "in process: %s is not %s", source.Descriptor().FullName(), target.Descriptor().FullName())
	}
	for field, value := range source.Range {
		target.Set(field, value)
	}
	target.SetUnknown(source.GetUnknown())
	return nil
}

// here is where both ends are.
var here = &peer.Peer{Addr: address{}, LocalAddr: address{}}

type address struct{}

var _ net.Addr = address{}

// Network implements net.Addr.
func (address) Network() string { return "in-process" }

// String implements net.Addr.
func (address) String() string { return "in-process" }
