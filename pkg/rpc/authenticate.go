package rpc

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/classcode/maillage/pkg/access"
)

// authenticate verifies the bearer token when there is one, on public RPCs too: a bad token is never read as no token.
// A service that calls in its own name, and for nobody, has a token of its own kind.
func (s *Server) authenticate(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	values := metadata.ValueFromIncomingContext(ctx, "authorization")
	if len(values) == 0 {
		return handler(ctx, req)
	}
	if token, ok := credential(values, serviceScheme); ok {
		service, err := s.cfg.ServiceKey.Open(token, info.FullMethod, time.Now())
		if err != nil {
			return nil, err
		}
		return handler(access.WithService(ctx, service), req)
	}
	token, ok := credential(values, "bearer")
	if !ok {
		return nil, access.ErrTokenInvalid
	}
	identity, err := s.cfg.Verifier.Verify(ctx, token)
	if err != nil {
		return nil, err
	}
	return handler(access.WithIdentity(ctx, identity), req)
}

// serviceScheme is how AsService announces its token.
const serviceScheme = "service"

func credential(values []string, want string) (string, bool) {
	if len(values) != 1 {
		return "", false
	}
	scheme, token, ok := strings.Cut(values[0], " ")
	token = strings.TrimSpace(token)
	return token, ok && token != "" && strings.EqualFold(scheme, want)
}
