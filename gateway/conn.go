package gateway

import (
	"context"
	"net/textproto"

	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// The headers that reach the services; Authorization always does. The trace context is the door's own span, set in
// outgoing. Whatever else a client sends (Grpc-Metadata-…, X-Forwarded-…, cookies) stops here.
var forwarded = []string{"authorization", "accept-language", "idempotency-key", "user-agent"}

func incoming(header string) (string, bool) {
	switch key := textproto.CanonicalMIMEHeaderKey(header); key {
	case "Accept-Language", "Idempotency-Key", "User-Agent":
		return key, true
	}
	return "", false
}

func none(string) (string, bool) { return "", false }

// conn calls a service with only what may leave the door.
type conn struct{ next grpc.ClientConnInterface }

// Invoke is part of grpc.ClientConnInterface.
func (c conn) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	md := outgoing(ctx)
	if m, ok := args.(proto.Message); ok {
		if err := setRequestID(m, md.Get("idempotency-key")); err != nil {
			return err
		}
	}
	return c.next.Invoke(metadata.NewOutgoingContext(ctx, md), method, args, reply, opts...)
}

// NewStream is part of grpc.ClientConnInterface.
func (c conn) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return c.next.NewStream(metadata.NewOutgoingContext(ctx, outgoing(ctx)), desc, method, opts...)
}

// outgoing drops what grpc-gateway adds by itself (x-forwarded-for, x-forwarded-host).
func outgoing(ctx context.Context) metadata.MD {
	all, _ := metadata.FromOutgoingContext(ctx)
	md := metadata.MD{}
	for _, key := range forwarded {
		if v := all.Get(key); len(v) > 0 {
			md.Set(key, v[0])
		}
	}
	trace := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, trace)
	for key, value := range trace {
		md.Set(key, value)
	}
	return md
}

// setRequestID puts an Idempotency-Key where the contract has it: in the field request_id of the request.
func setRequestID(m proto.Message, keys []string) error {
	field := m.ProtoReflect().Descriptor().Fields().ByName("request_id")
	if field == nil || len(keys) == 0 {
		return nil
	}
	switch given := m.ProtoReflect().Get(field).String(); given {
	case "":
		m.ProtoReflect().Set(field, protoreflect.ValueOfString(keys[0]))
	case keys[0]:
	default:
		return errRequestIDConflict.At("requestId")
	}
	return nil
}
