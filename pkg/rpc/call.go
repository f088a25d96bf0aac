package rpc

import (
	"context"
	"runtime"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// method is a registered RPC, as generated code describes it.
type method struct {
	impl   any
	handle grpc.MethodHandler
}

func (s *Server) register(desc *grpc.ServiceDesc, impl any) {
	s.grpc.RegisterService(desc, impl)
	for _, m := range desc.Methods {
		s.methods["/"+desc.ServiceName+"/"+m.MethodName] = method{impl, m.Handler}
	}
}

var (
	errNoReply = status.Error(codes.Internal, "in process: the handler gave no reply")
	errStopped = status.Error(codes.Unavailable, "in process: the server has stopped")
)

// call is one call in process. Until done is closed it belongs to its handler, and to nobody but it when the caller has
// left before.
type call struct {
	method   string
	incoming metadata.MD
	request  proto.Message
	back     back

	done  chan struct{}
	reply proto.Message
	err   error
}

// answer runs the handler on a goroutine of its own: on the caller's, a handler that ignores its context would hold the
// caller beyond their deadline.
func (s *Server) answer(ctx context.Context, c *call) error {
	if err := c.check(); err != nil {
		return err
	}
	m, ok := s.methods[c.method]
	if !ok {
		return status.Errorf(codes.Unimplemented, "unknown method %s", c.method)
	}
	if !s.inside.enter() {
		return errStopped
	}
	go func() {
		defer close(c.done)
		defer s.inside.leave()
		roomy()
		c.run(ctx, m, s.intercept)
	}()
	select {
	case <-c.done:
		return c.err
	case <-ctx.Done():
		return status.FromContextError(ctx.Err()).Err()
	case <-s.cutting.Done(): // the end of the caller's context then tells the handler
		return errStopped
	}
}

// roomy makes the stack of a new goroutine as large as the chain needs, at once and while it is empty. It would be doubled
// and copied three times on the way otherwise, which cost more than the rest of a short call. 16 KiB is the largest that
// the runtime keeps for each processor.
//
//go:noinline
func roomy() {
	var room [10 << 10]byte
	runtime.KeepAlive(&room)
}

// check applies the limits of a connection.
func (c *call) check() error {
	if err := clean(c.incoming); err != nil {
		return err
	}
	if size := proto.Size(c.request); size > maxRequest {
		return status.Errorf(codes.ResourceExhausted, "in process: a request of %d bytes, at most %d", size, maxRequest)
	}
	return nil
}

func (c *call) run(ctx context.Context, m method, intercept grpc.UnaryServerInterceptor) {
	c.err = errNoReply // should the handler end its goroutine
	ctx, cancel := context.WithCancel(crossing{ctx})
	defer cancel()
	c.back.method = c.method
	defer c.back.end()
	ctx = grpc.NewContextWithServerTransportStream(metadata.NewIncomingContext(peer.NewContext(ctx, here), c.incoming), &c.back)
	reply, err := m.handle(m.impl, ctx, c.decode, intercept)
	switch message, ok := reply.(proto.Message); {
	case err != nil:
		c.err = statusOf(err)
	case ok && proto.Size(message) > maxReply:
		c.err = status.Errorf(codes.ResourceExhausted, "in process: a reply of %d bytes, at most %d", proto.Size(message), maxReply)
	case ok:
		c.reply, c.err = message, nil
	}
}

// decode gives the handler its request.
func (c *call) decode(into any) error {
	message, ok := into.(proto.Message)
	if !ok {
		return status.Errorf(codes.Internal, "in process: %T is not a message", into)
	}
	return handOver(c.request, message)
}

// statusOf is what a network would let through of an error: its status, and nothing of what it wraps.
func statusOf(err error) error {
	st, ok := status.FromError(err)
	if !ok {
		st = status.FromContextError(err)
	}
	if st.Code() == codes.OK {
		return errNoReply
	}
	return st.Err()
}

// tell gives the caller what came beside the reply. It comes to nothing while the handler is at work.
func (c *call) tell(opts []grpc.CallOption) {
	for _, o := range opts {
		switch o := o.(type) {
		case grpc.HeaderCallOption:
			*o.HeaderAddr, _ = c.back.ended()
		case grpc.TrailerCallOption:
			_, *o.TrailerAddr = c.back.ended()
		case grpc.PeerCallOption:
			*o.PeerAddr = *here
		}
	}
}

// crossing is what a network would carry over of a context: the deadline and the cancel, none of the values.
type crossing struct{ context.Context }

// Value implements context.Context.
func (crossing) Value(any) any { return nil }

// AfterFunc spares package context a goroutine, which it starts to watch a context that it does not know.
func (c crossing) AfterFunc(f func()) (stop func() bool) { return context.AfterFunc(c.Context, f) }
