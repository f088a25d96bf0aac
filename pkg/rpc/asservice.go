package rpc

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/classcode/maillage/pkg/access"
)

// AsService makes calls over conn in the name of a service, whoever's call led to them: for work that nobody's token stands behind.
func AsService(conn grpc.ClientConnInterface, key access.ServiceKey, name string) grpc.ClientConnInterface {
	return asService{conn, key, name}
}

type asService struct {
	next grpc.ClientConnInterface
	key  access.ServiceKey
	name string
}

// Invoke implements grpc.ClientConnInterface.
func (s asService) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	return s.next.Invoke(s.sign(ctx, method), method, args, reply, opts...)
}

// NewStream implements grpc.ClientConnInterface.
func (s asService) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return s.next.NewStream(s.sign(ctx, method), desc, method, opts...)
}

func (s asService) sign(ctx context.Context, method string) context.Context {
	md, _ := metadata.FromOutgoingContext(ctx) // a copy
	if md == nil {
		md = metadata.MD{}
	}
	md.Set("authorization", serviceScheme+" "+s.key.Token(s.name, method, time.Now()))
	return metadata.NewOutgoingContext(ctx, md)
}
