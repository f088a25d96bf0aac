package season

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

const (
	// patience is how long a call is tried again while the service is away: a restart takes seconds.
	patience    = 60 * time.Second
	callTimeout = 15 * time.Second
	firstPause  = 50 * time.Millisecond
	maxPause    = time.Second
	maxAnswer   = 8 << 20
)

// client speaks to the HTTP facade for one person after the other.
type client struct {
	base string
	http *http.Client
}

func newClient(base string) *client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = workers
	return &client{base: base, http: &http.Client{Transport: transport, Timeout: callTimeout}}
}

// problem is the facade's one error shape.
type problem struct {
	HTTP  int `json:"-"`
	Error struct {
		Status, Reason, Message string
		Fields                  []struct{ Field, Reason string }
		Metadata                map[string]string
	} `json:"error"`
}

type callError struct {
	what    string
	problem problem
}

func (e *callError) Error() string {
	return fmt.Sprintf("%s : %d %s : %s %v", e.what, e.problem.HTTP, e.problem.Error.Reason, e.problem.Error.Message, e.problem.Error.Fields)
}

// refused tells whether err is an answer with this reason.
func refused(err error, reason string) bool {
	e, ok := errors.AsType[*callError](err)
	return ok && e.problem.Error.Reason == reason
}

func (c *client) get(ctx context.Context, p *person, path string, query url.Values, out proto.Message) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return c.call(ctx, p, http.MethodGet, path, nil, out)
}

func (c *client) post(ctx context.Context, p *person, path string, in, out proto.Message) error {
	return c.call(ctx, p, http.MethodPost, path, in, out)
}

func (c *client) patch(ctx context.Context, p *person, path string, in, out proto.Message) error {
	return c.call(ctx, p, http.MethodPatch, path, in, out)
}

// call sends one request, and sends it again with the same key while the service is away; out may be nil.
func (c *client) call(ctx context.Context, p *person, method, path string, in, out proto.Message) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = protojson.Marshal(in); err != nil {
			return err
		}
	}
	key := uuid.NewString()
	answer, err := c.persist(ctx, method+" "+path, func() (*http.Request, error) {
		r, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept-Language", "fr")
		if method != http.MethodGet {
			r.Header.Set("Idempotency-Key", key)
		}
		if p != nil {
			r.Header.Set("Authorization", "Bearer "+p.token)
		}
		return r, nil
	})
	if err != nil || out == nil {
		return err
	}
	return protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(answer, out)
}

// persist tries until an answer is one that another attempt would not change.
func (c *client) persist(ctx context.Context, what string, request func() (*http.Request, error)) ([]byte, error) {
	began := time.Now()
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		r, err := request()
		if err != nil {
			return nil, err
		}
		answer, err := c.once(r, what)
		if err == nil || !away(err) || ctx.Err() != nil {
			return answer, err
		}
		if time.Since(began) > patience {
			return nil, fmt.Errorf("%w ; abandonné après %s", err, patience)
		}
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// away says that the service did not answer for itself: no connection, a connection cut, or a door that says UNAVAILABLE. An
// answer that waits for the same request to end is another reason to come back.
func away(err error) bool {
	e, answered := errors.AsType[*callError](err)
	if !answered {
		return true
	}
	return e.problem.HTTP == http.StatusServiceUnavailable || e.problem.HTTP == http.StatusGatewayTimeout ||
		e.problem.Error.Reason == "REQUEST_IN_FLIGHT" || e.problem.Error.Reason == "ABORTED"
}

func (c *client) once(r *http.Request, what string) ([]byte, error) {
	response, err := c.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	if response.StatusCode < 300 {
		return answer, nil
	}
	failure := &callError{what: what, problem: problem{HTTP: response.StatusCode}}
	if json.Unmarshal(answer, &failure.problem) != nil {
		failure.problem.Error.Message = string(answer)
	}
	return nil, failure
}

// token asks the development login for a token of one person.
func (c *client) token(ctx context.Context, persona, subject string) (string, error) {
	query := url.Values{"persona": {persona}, "subject": {subject}}
	answer, err := c.persist(ctx, "GET /dev/token", func() (*http.Request, error) {
		return http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/dev/token?"+query.Encode(), nil)
	})
	if err != nil {
		return "", err
	}
	var out struct{ AccessToken string }
	if err := json.Unmarshal(answer, &out); err != nil {
		return "", fmt.Errorf("/dev/token : %w", err)
	}
	return out.AccessToken, nil
}
