package access

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

const (
	// serviceDerivation keeps what this key signs apart from whatever else the same secret may sign.
	serviceDerivation = "maillage service 1"
	serviceKeySize    = 32
	// serviceAge is how long a service's token is good for, and how far two clocks may be apart.
	serviceAge = time.Minute
)

// ServiceKey is what services know each other by when they call in their own name and for nobody: only those that ask, and those
// that answer them, have it.
type ServiceKey []byte

// DeriveServiceKey makes the key from a secret of at least 32 bytes.
func DeriveServiceKey(secret []byte) ServiceKey {
	key, err := hkdf.Key(sha256.New, secret, nil, serviceDerivation, serviceKeySize)
	if err != nil {
		panic(fmt.Sprintf("access: %v", err)) // only a length beyond SHA-256's is refused
	}
	return key
}

// String hides the key, also from fmt.
func (ServiceKey) String() string { return "***" }

// GoString hides the key from %#v.
func (ServiceKey) GoString() string { return "***" }

// LogValue hides the key from slog.
func (ServiceKey) LogValue() slog.Value { return slog.StringValue("***") }

// Token lets a service call one method, by its full name, for a minute.
func (k ServiceKey) Token(service, method string, now time.Time) string {
	claim := service + " " + strconv.FormatInt(now.Unix(), 10)
	return base64.RawURLEncoding.EncodeToString(append(k.mac(claim, method), claim...))
}

// Open tells which service calls the method, or refuses with ErrTokenInvalid; without a key it always does.
func (k ServiceKey) Open(token, method string, now time.Time) (service string, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) <= sha256.Size || len(k) == 0 {
		return "", ErrTokenInvalid
	}
	claim := string(raw[sha256.Size:])
	if !hmac.Equal(raw[:sha256.Size], k.mac(claim, method)) {
		return "", ErrTokenInvalid
	}
	service, issued, _ := strings.Cut(claim, " ")
	seconds, err := strconv.ParseInt(issued, 10, 64)
	if age := now.Sub(time.Unix(seconds, 0)); err != nil || age > serviceAge || age < -serviceAge {
		return "", ErrTokenInvalid
	}
	return service, nil
}

func (k ServiceKey) mac(claim, method string) []byte {
	h := hmac.New(sha256.New, k)
	_, _ = h.Write([]byte(method + " " + claim)) // never fails
	return h.Sum(nil)
}

type serviceKey struct{}

// WithService puts the service that calls in its own name in the context.
func WithService(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, serviceKey{}, name)
}

// ServiceFrom is the service that calls in its own name; "" when a person calls, or nobody.
func ServiceFrom(ctx context.Context) string {
	name, _ := ctx.Value(serviceKey{}).(string)
	return name
}
