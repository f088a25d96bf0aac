package rpc

import (
	"context"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/classcode/maillage/pkg/access"
)

// authenticate verifies the bearer token when there is one, on public RPCs too: a bad token is never read as no token.
func (s *Server) authenticate(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	values := metadata.ValueFromIncomingContext(ctx, "authorization")
	if len(values) == 0 {
		return handler(ctx, req)
	}
	token, ok := bearer(values)
	if !ok {
		return nil, access.ErrTokenInvalid
	}
	identity, err := s.cfg.Verifier.Verify(ctx, token)
	if err != nil {
		return nil, err
	}
	return handler(access.WithIdentity(ctx, identity), req)
}

func bearer(values []string) (string, bool) {
	if len(values) != 1 {
		return "", false
	}
	scheme, token, ok := strings.Cut(values[0], " ")
	token = strings.TrimSpace(token)
	return token, ok && token != "" && strings.EqualFold(scheme, "bearer")
}
