package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/access/accesstest"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/rpc"
	"github.com/classcode/maillage/pkg/testkit"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
)

func module(ctx context.Context, h *house) error {
	_, err := h.GetModule(ctx, &cataloguev1.GetModuleRequest{Id: anyID})
	return err
}

func enrolment(id string) func(context.Context, *house) error {
	return func(ctx context.Context, h *house) error {
		_, err := h.GetEnrolment(ctx, &cataloguev1.GetEnrolmentRequest{Id: id})
		return err
	}
}

func list(ctx context.Context, h *house) error {
	_, err := h.ListEnrolments(ctx, &cataloguev1.ListEnrolmentsRequest{})
	return err
}

func create(ctx context.Context, h *house) error {
	_, err := h.CreateResource(ctx, &cataloguev1.CreateResourceRequest{Resource: &cataloguev1.Resource{
		Title: "T", Uri: "https://example.org/", Kind: 1, LanguageCode: "fr", Licence: "CC-BY-4.0",
	}})
	return err
}

func TestAnswers(t *testing.T) { everyWay(t, testAnswers) }

func testAnswers(t *testing.T, w way) {
	h := open(t, w, &catalogue{})
	forger := accesstest.New(t)
	expired := h.issuer.Sign(map[string]any{"exp": time.Now().Add(-time.Hour).Unix()})
	for name, c := range map[string]struct {
		call          func(context.Context, *house) error
		authorization []string
		code          codes.Code
		reason        string
	}{
		"public":                 {module, nil, codes.OK, ""},
		"public, signed in":      {module, []string{"Bearer " + h.issuer.Token("ada")}, codes.OK, ""},
		"public, forged":         {module, []string{"Bearer " + forger.Token("ada")}, codes.Unauthenticated, "TOKEN_INVALID"},
		"missing":                {list, nil, codes.Unauthenticated, "TOKEN_MISSING"},
		"lower case":             {list, []string{"bearer " + h.issuer.Token("ada")}, codes.OK, ""},
		"forged":                 {list, []string{"Bearer " + forger.Token("ada")}, codes.Unauthenticated, "TOKEN_INVALID"},
		"expired":                {list, []string{"Bearer " + expired}, codes.Unauthenticated, "TOKEN_EXPIRED"},
		"basic":                  {list, []string{"Basic YTpi"}, codes.Unauthenticated, "TOKEN_INVALID"},
		"bare token":             {list, []string{h.issuer.Token("ada")}, codes.Unauthenticated, "TOKEN_INVALID"},
		"empty":                  {list, []string{"Bearer "}, codes.Unauthenticated, "TOKEN_INVALID"},
		"two":                    {list, []string{"Bearer " + h.issuer.Token("ada"), "Bearer " + h.issuer.Token("bob")}, codes.Unauthenticated, "TOKEN_INVALID"},
		"denied":                 {create, []string{"Bearer " + h.issuer.Token("ada")}, codes.PermissionDenied, "NOT_PERMITTED"},
		"permitted":              {create, []string{"Bearer " + h.issuer.Token("nat")}, codes.OK, ""},
		"own":                    {enrolment(adasID), []string{"Bearer " + h.issuer.Token("ada")}, codes.OK, ""},
		"someone's":              {enrolment(adasID), []string{"Bearer " + h.issuer.Token("bob")}, codes.NotFound, "NOT_FOUND"},
		"nobody's":               {enrolment(anyID), []string{"Bearer " + h.issuer.Token("ada")}, codes.NotFound, "NOT_FOUND"},
		"bad id":                 {enrolment("../x"), []string{"Bearer " + h.issuer.Token("ada")}, codes.InvalidArgument, "INVALID_ARGUMENT"},
		"bad id, not signed in":  {enrolment("../x"), nil, codes.InvalidArgument, "INVALID_ARGUMENT"},
		"bad id, and bad bearer": {enrolment("../x"), []string{"Bearer x"}, codes.Unauthenticated, "TOKEN_INVALID"},
		"not written": {func(ctx context.Context, h *house) error {
			_, err := h.GetResource(ctx, &cataloguev1.GetResourceRequest{Id: anyID})
			return err
		}, nil, codes.Unimplemented, ""},
	} {
		ctx := t.Context()
		for _, v := range c.authorization {
			ctx = metadata.AppendToOutgoingContext(ctx, "authorization", v)
		}
		a := read(c.call(ctx, h))
		if a.code != c.code || a.reason != c.reason {
			t.Errorf("%s: %v %s", name, a.code, a.reason)
		}
		if c.reason != "" && (a.domain != "maillage" || a.text == "" || a.lang != "fr") {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestCallerReachesTheHandler(t *testing.T) { everyWay(t, testCallerReachesTheHandler) }

func testCallerReachesTheHandler(t *testing.T, w way) {
	var principal access.Principal
	var scope access.Scope
	c := &catalogue{do: func(ctx context.Context) error {
		principal, _ = access.PrincipalFrom(ctx)
		scope = access.ScopeFrom(ctx)
		// Without the call in the context, a request_id would be an error.
		_, err := idempotent.Write(ctx, ledgers{}, &cataloguev1.CreateResourceRequest{RequestId: anyID},
			func(ledger) (*cataloguev1.Resource, error) { return &cataloguev1.Resource{}, nil })
		return err
	}}
	h := open(t, w, c)
	if err := create(h.as(t, "nat"), h); err != nil {
		t.Fatal(err)
	}
	if principal.PersonID != "nat" || !principal.Has(access.National) || principal.Issuer != accesstest.URL || !scope.All {
		t.Errorf("%+v %+v", principal, scope)
	}
}

type ledgers struct{}

func (ledgers) Write(_ context.Context, fn func(ledger) error) error { return fn(ledger{}) }

type ledger struct{}

func (ledger) Reply(context.Context, string) ([]byte, []byte, bool, error) {
	return nil, nil, false, nil
}
func (ledger) SaveReply(context.Context, string, []byte, []byte) error { return nil }

func TestKinds(t *testing.T) { everyWay(t, testKinds) }

func testKinds(t *testing.T, w way) {
	c := &catalogue{}
	h := open(t, w, c)
	for _, k := range []struct {
		kind errs.Kind
		code codes.Code
	}{
		{errs.Invalid, codes.InvalidArgument}, {errs.Unauthenticated, codes.Unauthenticated}, {errs.Denied, codes.PermissionDenied},
		{errs.NotFound, codes.NotFound}, {errs.AlreadyExists, codes.AlreadyExists}, {errs.Precondition, codes.FailedPrecondition},
		{errs.Stale, codes.Aborted}, {errs.Aborted, codes.Aborted}, {errs.Exhausted, codes.ResourceExhausted},
		{errs.Unavailable, codes.Unavailable}, {errs.Internal, codes.Internal},
		{errs.DeadlineExceeded, codes.DeadlineExceeded}, {errs.Canceled, codes.Canceled}, {errs.Kind(99), codes.Internal},
	} {
		sent := errs.New(k.kind, "WHY", "English.", "Français.").At("a.b").With("k", "v\xff").Retry(3 * time.Second)
		c.do = func(context.Context) error { return fmt.Errorf("wrapped: %w", sent) }
		a := read(module(t.Context(), h))
		if a.code != k.code || a.reason != "WHY" || a.text != "Français." || a.meta["k"] != "v\uFFFD" ||
			len(a.fields) != 1 || a.fields[0].GetField() != "a.b" || a.retry.GetRetryDelay().AsDuration() != 3*time.Second {
			t.Errorf("%v: %+v", k.kind, a)
		}
	}
}

func TestLanguages(t *testing.T) { everyWay(t, testLanguages) }

func testLanguages(t *testing.T, w way) {
	c := &catalogue{do: func(context.Context) error { return errs.New(errs.NotFound, "GONE", "Gone.", "Parti.").At("id") }}
	h := open(t, w, c)
	for header, want := range map[string]string{
		"": "fr", "en": "en", "en-GB,en;q=0.9": "en", "fr-CA": "fr", "fr;q=0.5, en;q=0.8": "en", "de": "fr", "de, en;q=0.5": "en",
		"*": "fr", "%%": "fr", strings.Repeat("en,", 200): "fr",
	} {
		ctx := t.Context()
		if header != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "accept-language", header)
		}
		err := module(ctx, h)
		a := read(err)
		text := map[string]string{"fr": "Parti.", "en": "Gone."}[want]
		if a.lang != want || a.text != text || a.fields[0].GetDescription() != text || a.fields[0].GetLocalizedMessage().GetLocale() != want {
			t.Errorf("%q: %+v", header, a)
		}
		if status.Convert(err).Message() != "Gone." {
			t.Errorf("%q: the developer's message is English: %v", header, err)
		}
	}
}

func TestCausesStayInside(t *testing.T) { everyWay(t, testCausesStayInside) }

func testCausesStayInside(t *testing.T, w way) {
	const secret = "password=hunter2"
	upstream, err := status.New(codes.InvalidArgument, secret).WithDetails(&cataloguev1.Module{Title: secret})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		err   error
		code  codes.Code
		level string
	}{
		"unknown":          {errors.New(secret), codes.Internal, "ERROR"},
		"wrapped":          {fmt.Errorf("%s: %w", secret, io.EOF), codes.Internal, "ERROR"},
		"cause":            {errs.ErrUnavailable.Because(errors.New(secret)), codes.Unavailable, "WARN"},
		"around":           {fmt.Errorf("%s: %w", secret, errs.ErrStaleEtag), codes.Aborted, "DEBUG"},
		"upstream refuses": {upstream.Err(), codes.Internal, "ERROR"},
		"upstream wrapped": {fmt.Errorf("%s: %w", secret, upstream.Err()), codes.Internal, "ERROR"},
		"upstream away":    {status.Error(codes.Unavailable, secret), codes.Unavailable, "WARN"},
		"upstream missing": {fmt.Errorf("%s: %w", secret, status.Error(codes.Unimplemented, secret)), codes.Unimplemented, ""},
	} {
		h := open(t, w, &catalogue{do: func(context.Context) error { return c.err }})
		err := module(t.Context(), h)
		if status.Code(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
		if text := prototext.Format(status.Convert(err).Proto()); strings.Contains(text, secret) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s leaks: %s", name, text)
		}
		if lines := h.log.lines(); c.level != "" && (len(lines) != 1 || !strings.Contains(lines[0], secret) || !strings.Contains(lines[0], "level="+c.level)) {
			t.Errorf("%s: logged %q", name, lines)
		}
	}
}

func TestPanic(t *testing.T) { everyWay(t, testPanic) }

func testPanic(t *testing.T, w way) {
	c := &catalogue{do: func(context.Context) error { panic("hunter2") }}
	h := open(t, w, c)
	err := module(t.Context(), h)
	if a := read(err); a.code != codes.Internal || a.reason != "INTERNAL" || strings.Contains(prototext.Format(status.Convert(err).Proto()), "hunter2") {
		t.Errorf("%+v", a)
	}
	if lines := h.log.lines(); len(lines) != 1 || !strings.Contains(lines[0], "hunter2") || !strings.Contains(lines[0], "rpc_test.go") {
		t.Errorf("logged %q", lines)
	}
	c.do = nil
	if err := module(t.Context(), h); err != nil {
		t.Errorf("after the panic: %v", err)
	}
}

func TestDeadline(t *testing.T) { everyWay(t, testDeadline) }

func testDeadline(t *testing.T, w way) {
	var left time.Duration
	c := &catalogue{do: func(ctx context.Context) error {
		until, _ := ctx.Deadline()
		left = time.Until(until)
		return nil
	}}
	h := open(t, w, c, func(cfg *rpc.ServerConfig) {
		cfg.Deadlines = map[string]time.Duration{cataloguev1.CatalogueService_ListModules_FullMethodName: 30 * time.Second}
	})
	call := func(ctx context.Context, slow bool) time.Duration {
		err := module(ctx, h)
		if slow {
			_, err = h.ListModules(ctx, &cataloguev1.ListModulesRequest{})
		}
		if err != nil {
			t.Fatal(err)
		}
		return left
	}
	hour, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	short, cancel2 := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel2()
	for name, c := range map[string]struct {
		got, least, most time.Duration
	}{
		"cap":        {call(hour, false), 4 * time.Second, 5 * time.Second},
		"export":     {call(hour, true), 29 * time.Second, 30 * time.Second},
		"the client": {call(short, false), time.Second, 2*time.Second - 50*time.Millisecond},
		"none":       {call(t.Context(), true), 9 * time.Second, 10 * time.Second},
	} {
		if c.got < c.least || c.got > c.most {
			t.Errorf("%s: %v", name, c.got)
		}
	}
}

func TestOverdue(t *testing.T) { everyWay(t, testOverdue) }

func testOverdue(t *testing.T, w way) {
	for name, err := range map[string]error{"says so": context.DeadlineExceeded, "in its own words": errors.New("interrupted (9)")} {
		h := open(t, w, &catalogue{do: func(ctx context.Context) error { <-ctx.Done(); return err }},
			func(cfg *rpc.ServerConfig) { cfg.Deadline = 20 * time.Millisecond })
		if a := read(module(t.Context(), h)); a.code != codes.DeadlineExceeded || a.reason != "DEADLINE_EXCEEDED" {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestLimiter(t *testing.T) { everyWay(t, testLimiter) }

func testLimiter(t *testing.T, w way) {
	inside, leave := make(chan struct{}), make(chan struct{})
	c := &catalogue{do: func(context.Context) error { inside <- struct{}{}; <-leave; return nil }}
	h := open(t, w, c, func(cfg *rpc.ServerConfig) { cfg.InFlight = 1 })
	first := make(chan error, 1)
	go func() { first <- module(t.Context(), h) }()
	<-inside
	for range 5 {
		a := read(module(t.Context(), h))
		if after := a.retry.GetRetryDelay().AsDuration(); a.code != codes.ResourceExhausted || after < time.Second || after >= 3*time.Second {
			t.Errorf("%+v", a)
		}
	}
	if r, err := healthv1.NewHealthClient(h.conn).Check(t.Context(), &healthv1.HealthCheckRequest{}); err != nil || r.GetStatus() != healthv1.HealthCheckResponse_SERVING {
		t.Errorf("health of a full server: %v %v", r, err)
	}
	close(leave)
	if err := <-first; err != nil {
		t.Error(err)
	}
	go func() { <-inside }()
	testkit.Poll(t, time.Second, func() bool { return module(t.Context(), h) == nil }, "a place after the first left")
}

// However a call ends, its place is free again.
func TestLimiterGivesPlacesBack(t *testing.T) {
	const places = 4
	var patient atomic.Bool
	inside, leave := make(chan struct{}, places), make(chan struct{})
	c := &catalogue{do: func(ctx context.Context) error {
		if patient.Load() {
			inside <- struct{}{}
			<-leave
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	}}
	h := open(t, network, c, func(cfg *rpc.ServerConfig) { cfg.InFlight = places })
	for range 10 * places {
		ctx, leave := context.WithTimeout(t.Context(), time.Millisecond)
		_ = module(ctx, h) // the caller leaves, or was turned away
		leave()
		_ = h.conn.Invoke(t.Context(), "/maillage.catalogue.v1.CatalogueService/Unheard", &cataloguev1.GetModuleRequest{}, &cataloguev1.Module{})
	}
	patient.Store(true)
	var all sync.WaitGroup
	for range places {
		all.Go(func() {
			testkit.Poll(t, 5*time.Second, func() bool { return module(t.Context(), h) == nil }, "a place")
		})
	}
	for range places {
		<-inside
	}
	close(leave)
	all.Wait()
}

func TestSizes(t *testing.T) { everyWay(t, testSizes) }

func testSizes(t *testing.T, w way) {
	h := open(t, w, &catalogue{})
	big := &cataloguev1.CreateResourceRequest{Resource: &cataloguev1.Resource{Title: strings.Repeat("a", 1<<20)}}
	if _, err := h.CreateResource(h.as(t, "nat"), big); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("a request of 1 MiB: %v", err)
	}
	if err := module(h.as(t, "", "x-long", strings.Repeat("a", 17<<10)), h); err == nil {
		t.Error("headers of 17 KiB passed")
	}
}

func TestStartRefusesWhatIsNotGuarded(t *testing.T) {
	issuer := accesstest.New(t)
	none, err := access.New(access.GuardConfig{Directory: accesstest.People{}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := rpc.NewServer(rpc.ServerConfig{Verifier: issuer.Verifier(), Guard: none})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	cataloguev1.RegisterCatalogueServiceServer(s, &catalogue{})
	if _, err := s.InProcess(); err == nil || !strings.Contains(err.Error(), "CatalogueService") {
		t.Errorf("in process: %v", err)
	}
	lis, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(lis); err == nil || !strings.Contains(err.Error(), "CatalogueService") {
		t.Errorf("served: %v", err)
	}
	if _, err := rpc.NewServer(rpc.ServerConfig{Guard: none}); err == nil {
		t.Error("a server without verifier")
	}
}

func TestReflectionOnRequest(t *testing.T) {
	for _, on := range []bool{false, true} {
		h := open(t, network, &catalogue{}, func(cfg *rpc.ServerConfig) { cfg.Reflection = on })
		stream, err := h.conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true, ClientStreams: true},
			"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
		if err != nil {
			t.Fatal(err)
		}
		_ = stream.CloseSend()
		err = stream.RecvMsg(&healthv1.HealthCheckResponse{})
		if got := status.Code(err) != codes.Unimplemented; got != on {
			t.Errorf("reflection %v: %v", on, err)
		}
	}
}
