package rpc

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/idempotent"
)

// guard asks whether the caller may, and tells the handler who calls.
func (s *Server) guard(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	message, ok := req.(proto.Message)
	if !ok {
		return nil, errs.ErrInternal.Because(fmt.Errorf("a request of type %T", req))
	}
	ctx, err := s.cfg.Guard.Check(ctx, info.FullMethod, message)
	if err != nil {
		return nil, err
	}
	// A stranger's requests are remembered under the empty person.
	caller, _ := access.PrincipalFrom(ctx)
	return handler(idempotent.WithCall(ctx, caller.PersonID, info.FullMethod), req)
}
