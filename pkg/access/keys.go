package access

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/sync/singleflight"
)

const (
	// Below the server's deadline cap of 5 s, so that the caller hears UNAVAILABLE and not a timeout.
	issuerTimeout = 3 * time.Second
	// An issuer that is down is asked again this often, not once per call.
	issuerPause = 2 * time.Second
	// A forged signature makes the key set fetch its keys again; within this age it gets the same answer, so that
	// forgers do not turn us against the issuer.
	answerAge = 5 * time.Second
	// A discovery document or a key set is a few kilobytes.
	maxAnswer = 1 << 20
)

// attempt is a key set for one verification; it keeps what go-oidc would turn into text.
type attempt struct {
	keys        oidc.KeySet
	unreachable error
}

func (a *attempt) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	payload, err := a.keys.VerifySignature(ctx, token)
	if errors.Is(err, ErrIssuerUnavailable) {
		a.unreachable = err
	}
	return payload, err
}

// discovered is the key set of an issuer found by discovery, at the first token that needs it: a service starts, and
// serves what is public, while its issuer is down.
type discovered struct {
	issuer string
	client *http.Client
	flight singleflight.Group

	mu      sync.Mutex
	keys    oidc.KeySet
	failure error
	retryAt time.Time
}

func discover(issuer string, client *http.Client) *discovered {
	if client == nil {
		client = &http.Client{Timeout: issuerTimeout}
	}
	own := *client
	own.Transport = &answers{next: client.Transport, kept: make(map[string]answer)}
	return &discovered{issuer: issuer, client: &own}
}

// VerifySignature implements oidc.KeySet.
func (d *discovered) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	keys, err := d.find(ctx)
	if err != nil {
		return nil, ErrIssuerUnavailable.Because(err)
	}
	payload, err := keys.VerifySignature(ctx, token)
	// go-oidc has no type for it; TestIssuerDown fails should the words change.
	if err != nil && strings.HasPrefix(err.Error(), "fetching keys") {
		return nil, ErrIssuerUnavailable.Because(err)
	}
	return payload, err
}

func (d *discovered) find(ctx context.Context) (oidc.KeySet, error) {
	if keys, known, failure := d.known(); known {
		return keys, failure
	}
	// Detached from the caller: whoever leaves first must not fail the others who wait.
	found := d.flight.DoChan("", func() (any, error) { return d.ask() })
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-found:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(oidc.KeySet), nil
	}
}

func (d *discovered) known() (keys oidc.KeySet, known bool, failure error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.keys != nil {
		return d.keys, true, nil
	}
	return nil, d.failure != nil && time.Now().Before(d.retryAt), d.failure
}

func (d *discovered) ask() (oidc.KeySet, error) {
	keys, err := d.fetch()
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		d.failure, d.retryAt = err, time.Now().Add(issuerPause)
		return nil, err
	}
	d.keys, d.failure = keys, nil
	return keys, nil
}

func (d *discovered) fetch() (oidc.KeySet, error) {
	base := oidc.ClientContext(context.Background(), d.client)
	ctx, cancel := context.WithTimeout(base, issuerTimeout)
	defer cancel()
	provider, err := oidc.NewProvider(ctx, d.issuer)
	if err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	var document struct {
		Keys string `json:"jwks_uri"`
	}
	if err := provider.Claims(&document); err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	if document.Keys == "" {
		return nil, errors.New("discovery: no jwks_uri")
	}
	return oidc.NewRemoteKeySet(base, document.Keys), nil
}

// answers is a RoundTripper that repeats a young answer and bounds its size.
type answers struct {
	next http.RoundTripper

	mu   sync.Mutex
	kept map[string]answer
}

type answer struct {
	header http.Header
	body   []byte
	at     time.Time
}

// RoundTrip implements http.RoundTripper.
func (a *answers) RoundTrip(req *http.Request) (*http.Response, error) {
	key := req.URL.String()
	a.mu.Lock()
	kept, ok := a.kept[key]
	a.mu.Unlock()
	if ok && time.Since(kept.at) < answerAge {
		return kept.response(req), nil
	}
	next := a.next
	if next == nil {
		next = http.DefaultTransport
	}
	resp, err := next.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	fresh := answer{header: resp.Header, body: body, at: time.Now()}
	a.mu.Lock()
	a.kept[key] = fresh
	a.mu.Unlock()
	return fresh.response(req), nil
}

func (a answer) response(req *http.Request) *http.Response {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header.Clone(), Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)), Request: req,
	}
}
