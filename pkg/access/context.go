package access

import "context"

type identityKey struct{}
type principalKey struct{}

// WithIdentity puts the verified token's identity in the context.
func WithIdentity(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, id)
}

// IdentityFrom is the caller's verified identity; false when the call carries no token.
func IdentityFrom(ctx context.Context) (Identity, bool) {
	id, ok := ctx.Value(identityKey{}).(Identity)
	return id, ok
}

// WithPrincipal puts the caller in the context.
func WithPrincipal(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// PrincipalFrom is the caller; false when nobody is signed in.
func PrincipalFrom(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(principalKey{}).(Principal)
	return p, ok
}

// ScopeFrom is what the caller's roles reach; nothing when nobody is signed in.
func ScopeFrom(ctx context.Context) Scope {
	p, ok := PrincipalFrom(ctx)
	if !ok {
		return Scope{}
	}
	return p.Scope()
}
