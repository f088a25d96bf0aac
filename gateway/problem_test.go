package gateway

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

// fails gives a door whose services answer with an error.
func fails(t *testing.T, code codes.Code, message string, details ...protoadapt.MessageV1) http.Handler {
	t.Helper()
	st, err := status.New(code, message).WithDetails(details...)
	if err != nil && len(details) > 0 {
		t.Fatal(err)
	}
	door, fake := open(t, Config{}, Deps{})
	fake.answer = func(call) (proto.Message, error) {
		if len(details) == 0 {
			return nil, status.Error(code, message)
		}
		return nil, st.Err()
	}
	return door
}

func info(reason string) *errdetails.ErrorInfo {
	return &errdetails.ErrorInfo{Domain: domain, Reason: reason, Metadata: map[string]string{"state": "CLOSED"}}
}

func TestCodes(t *testing.T) {
	for _, c := range []struct {
		code   codes.Code
		reason string
		http   int
		status string
	}{
		{codes.InvalidArgument, "X", 400, "INVALID_ARGUMENT"},
		{codes.OutOfRange, "X", 400, "OUT_OF_RANGE"},
		{codes.Unauthenticated, "X", 401, "UNAUTHENTICATED"},
		{codes.PermissionDenied, "X", 403, "PERMISSION_DENIED"},
		{codes.NotFound, "X", 404, "NOT_FOUND"},
		{codes.AlreadyExists, "X", 409, "ALREADY_EXISTS"},
		{codes.FailedPrecondition, "MEETING_CLOSED", 409, "FAILED_PRECONDITION"},
		{codes.FailedPrecondition, "REQUEST_ID_REUSED", 409, "FAILED_PRECONDITION"},
		{codes.Aborted, "ABORTED", 409, "ABORTED"},
		{codes.Aborted, "ETAG_MISMATCH", 412, "ABORTED"},
		{codes.ResourceExhausted, "X", 429, "RESOURCE_EXHAUSTED"},
		{codes.Canceled, "X", 499, "CANCELLED"},
		{codes.Internal, "X", 500, "INTERNAL"},
		{codes.Unknown, "X", 500, "UNKNOWN"},
		{codes.DataLoss, "X", 500, "DATA_LOSS"},
		{codes.Unimplemented, "X", 501, "UNIMPLEMENTED"},
		{codes.Unavailable, "X", 503, "UNAVAILABLE"},
		{codes.DeadlineExceeded, "X", 504, "DEADLINE_EXCEEDED"},
	} {
		p := refusal(t, ask(t, fails(t, c.code, "message", info(c.reason)), "GET", "/v1/places", ""), c.http, c.reason)
		if p.Status != c.status || p.Metadata["state"] != "CLOSED" || p.Message != "message" {
			t.Errorf("%s: %+v", c.code, p)
		}
	}
}

func TestDetails(t *testing.T) {
	door := fails(t, codes.InvalidArgument, "english by default",
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "place.commune_code", Reason: "PATTERN", Description: "described"},
			{Field: `place.open_hours["a_b"].end_time`, Reason: "REQUIRED", Description: "x",
				LocalizedMessage: &errdetails.LocalizedMessage{Locale: "fr-FR", Message: "champ"}},
		}},
		&errdetails.LocalizedMessage{Locale: "fr", Message: "en français"},
		&errdetails.LocalizedMessage{Locale: "en", Message: "in English"},
		&errdetails.RetryInfo{RetryDelay: durationpb.New(1500 * time.Millisecond)},
		info("FIELDS_INVALID"))
	res := ask(t, door, "POST", "/v1/places", `{}`)
	p := refusal(t, res, http.StatusBadRequest, "FIELDS_INVALID")
	if p.Message != "en français" || res.Header.Get("Content-Language") != "fr" || res.Header.Get("Retry-After") != "2" {
		t.Errorf("%+v %v", p, res.Header)
	}
	if len(p.Fields) != 2 || p.Fields[0] != (problemField{"place.communeCode", "PATTERN", "described"}) ||
		p.Fields[1] != (problemField{`place.openHours["a_b"].endTime`, "REQUIRED", "champ"}) {
		t.Errorf("%+v", p.Fields)
	}
	res = ask(t, door, "POST", "/v1/places", `{}`, "Accept-Language: de, en-GB;q=0.8, fr;q=0.5")
	if p := refusal(t, res, http.StatusBadRequest, "FIELDS_INVALID"); p.Message != "in English" {
		t.Errorf("%+v", p)
	}
}

func TestOwnErrorsSpeakBothLanguages(t *testing.T) {
	door, _ := open(t, Config{}, Deps{})
	for header, want := range map[string]string{
		"": "adresse", "fr-CA": "adresse", "de": "adresse", "en": "stands", "en-US,en;q=0.9": "stands", "\x01;;q=x": "adresse",
	} {
		p := refusal(t, ask(t, door, "GET", "/v1/x", "", "Accept-Language: "+header), http.StatusNotFound, "ROUTE_NOT_FOUND")
		if !strings.Contains(p.Message, want) {
			t.Errorf("%q: %s", header, p.Message)
		}
	}
}

// What no service of ours wrote may hold addresses, queries, stack traces.
func TestForeignTextsStayInside(t *testing.T) {
	const secret = "dial tcp 10.0.0.7:5432: password=hunter2"
	foreign := &errdetails.ErrorInfo{Domain: "elsewhere.example", Reason: "SECRET_REASON"}
	for _, code := range []codes.Code{codes.Unknown, codes.Internal, codes.Unavailable, codes.InvalidArgument, codes.NotFound, codes.Unauthenticated} {
		for _, door := range []http.Handler{fails(t, code, secret), fails(t, code, secret, foreign)} {
			res := ask(t, door, "POST", "/v1/places", `{}`)
			body := res.Body
			if strings.Contains(body, "hunter2") || strings.Contains(body, "SECRET_REASON") || strings.Contains(res.Header.Get("WWW-Authenticate"), "hunter2") {
				t.Errorf("%s: %s", code, body)
			}
		}
	}
}

func TestUnauthenticatedSaysHow(t *testing.T) {
	res := ask(t, fails(t, codes.Unauthenticated, "x", info("TOKEN_MISSING")), "GET", "/v1/interests", "")
	refusal(t, res, http.StatusUnauthorized, "TOKEN_MISSING")
	if res.Header.Get("WWW-Authenticate") != `Bearer realm="maillage"` {
		t.Errorf("%v", res.Header)
	}
}

func TestServiceAway(t *testing.T) {
	away := func(context.Context, string) (net.Conn, error) { return nil, errors.New("10.0.0.7 refused") }
	c, err := grpc.NewClient("passthrough:///away", grpc.WithContextDialer(away), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	var log bytes.Buffer
	deps := Deps{Catalogue: c, Mesh: c, Meetings: c, Indicators: c, Log: slog.New(slog.NewTextHandler(&log, nil))}
	door, err := New(t.Context(), Config{}, deps)
	if err != nil {
		t.Fatal(err)
	}
	p := refusal(t, ask(t, door, "GET", "/v1/places", ""), http.StatusServiceUnavailable, "UNAVAILABLE")
	if strings.Contains(p.Message, "10.0.0.7") || !strings.Contains(log.String(), "10.0.0.7") {
		t.Errorf("%+v\n%s", p, &log)
	}
}

func TestDeadline(t *testing.T) {
	door, fake := open(t, Config{Timeout: 20 * time.Millisecond}, Deps{})
	fake.answer = func(call) (proto.Message, error) {
		<-t.Context().Done() // not at the deadline: what it says then may come before the door's own end of the call
		return nil, errors.New("too late")
	}
	refusal(t, ask(t, door, "GET", "/v1/places", ""), http.StatusGatewayTimeout, "DEADLINE_EXCEEDED")
}
