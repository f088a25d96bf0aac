package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/access/accesstest"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/rpc"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
)

// getter answers GetModule as the test says.
type getter struct {
	catalogue
	get func(context.Context, *cataloguev1.GetModuleRequest) (*cataloguev1.Module, error)
}

func (g *getter) GetModule(ctx context.Context, req *cataloguev1.GetModuleRequest) (*cataloguev1.Module, error) {
	return g.get(ctx, req)
}

func TestMetadataOut(t *testing.T) { everyWay(t, testMetadataOut) }

func testMetadataOut(t *testing.T, w way) {
	var seen metadata.MD
	h := open(t, w, &catalogue{do: func(ctx context.Context) error {
		seen, _ = metadata.FromIncomingContext(ctx)
		for _, values := range seen { // must stay here
			values[0] = "changed"
		}
		seen, _ = metadata.FromIncomingContext(ctx)
		return nil
	}})
	sent := metadata.MD{"X-Mixed": {"a", "b"}, "x-empty": {""}, "raw-bin": {"\x00\xff"}, "user-agent": {"mine"}, "grpc-timeout": {"1n"}, "te": {"x"}}
	ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs("accept-language", "en", "x-other", "not asked for"))
	if err := module(metadata.NewOutgoingContext(ctx, sent), h); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string][]string{
		"x-mixed": {"a", "b"}, "X-Mixed": {"a", "b"}, "x-empty": {""}, "raw-bin": {"\x00\xff"}, "accept-language": {"en"}, "x-other": nil, "te": nil,
	} {
		if got := seen.Get(key); !slices.Equal(got, want) {
			t.Errorf("%s: %q", key, got)
		}
	}
	if _, upper := seen["X-Mixed"]; upper || slices.Contains(seen["user-agent"], "mine") || slices.Contains(seen["grpc-timeout"], "1n") {
		t.Errorf("%v", seen)
	}
	if sent["X-Mixed"][0] != "a" || len(sent) != 6 {
		t.Errorf("the caller's own were changed: %v", sent)
	}
}

func TestMetadataRefused(t *testing.T) { everyWay(t, testMetadataRefused) }

func testMetadataRefused(t *testing.T, w way) {
	h := open(t, w, &catalogue{})
	for name, md := range map[string]metadata.MD{
		"a key with a space": {"x y": {"1"}}, "a key that is no ASCII": {"é": {"1"}}, "no key": {"": {"1"}},
		"text": {"x": {"é"}}, "a line break": {"x": {"1\r\nauthorization: y"}}, "too much": {"x": {strings.Repeat("a", 17<<10)}},
		"too many": {"x": make([]string, 600)},
	} {
		if err := module(metadata.NewOutgoingContext(t.Context(), md), h); status.Code(err) != codes.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMetadataBack(t *testing.T) { everyWay(t, testMetadataBack) }

func testMetadataBack(t *testing.T, w way) {
	var refused error
	late := make(chan error)
	for name, result := range map[string]error{"reply": nil, "error": errs.ErrNotFound} {
		over := make(chan struct{})
		h := open(t, w, &catalogue{do: func(ctx context.Context) error {
			own := metadata.Pairs("X-First", "1")
			err := grpc.SetHeader(ctx, own)
			own["x-first"][0] = "changed"
			err = errors.Join(err, grpc.SendHeader(ctx, metadata.Pairs("x-first", "2")), grpc.SetTrailer(ctx, metadata.Pairs("X-Last", "3")))
			refused = errors.Join(grpc.SetHeader(ctx, metadata.Pairs("x-first", "late")), grpc.SendHeader(ctx, nil))
			if refused == nil || err != nil {
				t.Errorf("%v, header after header: %v", err, refused)
			}
			go func() {
				<-ctx.Done() // which must come, since the call is over
				<-over
				late <- grpc.SetTrailer(ctx, metadata.Pairs("x-last", "late"))
			}()
			return result
		}})
		var header, trailer metadata.MD
		var from peer.Peer
		_, err := h.GetModule(t.Context(), &cataloguev1.GetModuleRequest{Id: anyID}, grpc.Header(&header), grpc.Trailer(&trailer), grpc.Peer(&from))
		if (err == nil) != (result == nil) {
			t.Errorf("%s: %v", name, err)
		}
		close(over)
		if <-late == nil {
			t.Errorf("%s: a trailer after the end", name)
		}
		if !slices.Equal(header["x-first"], []string{"1", "2"}) || !slices.Equal(trailer["x-last"], []string{"3"}) || from.Addr == nil {
			t.Errorf("%s: header %v, trailer %v, peer %v", name, header, trailer, from)
		}
	}
}

type key struct{}

func TestContextStaysBehind(t *testing.T) { everyWay(t, testContextStaysBehind) }

func testContextStaysBehind(t *testing.T, w way) {
	var inner context.Context
	h := open(t, w, &catalogue{do: func(ctx context.Context) error {
		inner = ctx
		return grpc.SetTrailer(ctx, metadata.Pairs("x-inner", "1"))
	}})
	outer := open(t, w, &catalogue{do: func(ctx context.Context) error {
		ctx = metadata.AppendToOutgoingContext(context.WithValue(ctx, key{}, 1), "x-mine", "1")
		_, err := h.GetModule(ctx, &cataloguev1.GetModuleRequest{Id: anyID})
		return err
	}})
	var trailer metadata.MD
	ctx := outer.as(t, "ada")
	// The two servers know different tokens: nothing but the token makes a caller known.
	_, err := outer.GetModule(metadata.AppendToOutgoingContext(ctx, "x-first", "1"), &cataloguev1.GetModuleRequest{Id: anyID}, grpc.Trailer(&trailer))
	if status.Code(err) != codes.Internal || inner != nil {
		t.Fatalf("an unknown token: %v, %v", err, inner)
	}
	if _, err = outer.GetModule(t.Context(), &cataloguev1.GetModuleRequest{Id: anyID}, grpc.Trailer(&trailer)); err != nil {
		t.Fatal(err)
	}
	if _, known := access.PrincipalFrom(inner); known || inner.Value(key{}) != nil {
		t.Error("values came along")
	}
	if md, ok := metadata.FromOutgoingContext(inner); ok {
		t.Errorf("outgoing metadata came along: %v", md)
	}
	if md, _ := metadata.FromIncomingContext(inner); !slices.Equal(md["x-mine"], []string{"1"}) || len(md["x-first"]) > 0 {
		t.Errorf("%v", md)
	}
	if p, ok := peer.FromContext(inner); !ok || p.Addr.String() == "" {
		t.Errorf("peer %v", p)
	}
	if m, ok := grpc.Method(inner); !ok || m != cataloguev1.CatalogueService_GetModule_FullMethodName {
		t.Errorf("method %q", m)
	}
	if len(trailer["x-inner"]) > 0 {
		t.Error("the trailer of the inner call came out of the outer one")
	}
}

// A caller leaves at their deadline, or when they like, whatever the handler does.
func TestCallerIsReleased(t *testing.T) { everyWay(t, testCallerIsReleased) }

func testCallerIsReleased(t *testing.T, w way) {
	for want, leaves := range map[codes.Code]func(context.Context) (context.Context, context.CancelFunc){
		codes.DeadlineExceeded: func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		},
		codes.Canceled: func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second-50*time.Millisecond, cancel)
			return ctx, cancel
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			told, leave := make(chan error, 1), make(chan struct{})
			h := open(t, w, &getter{get: func(ctx context.Context, req *cataloguev1.GetModuleRequest) (*cataloguev1.Module, error) {
				<-ctx.Done()
				told <- ctx.Err()
				<-leave
				return &cataloguev1.Module{Id: req.GetId(), Title: "late"}, grpc.SetTrailer(ctx, metadata.Pairs("x", "late"))
			}})
			ctx, cancel := leaves(t.Context())
			defer cancel()
			var trailer metadata.MD
			var reply cataloguev1.Module
			begin := time.Now()
			err := h.conn.Invoke(ctx, cataloguev1.CatalogueService_GetModule_FullMethodName, &cataloguev1.GetModuleRequest{Id: anyID}, &reply, grpc.Trailer(&trailer))
			if took := time.Since(begin); took != time.Second-50*time.Millisecond || status.Code(err) != want {
				t.Errorf("%v after %v", err, took)
			}
			// Over the network the news that the caller has left may overtake the deadline.
			if err := <-told; status.FromContextError(err).Code() != want && !errors.Is(err, context.Canceled) {
				t.Errorf("the handler hears %v", err)
			}
			close(leave) // the handler writes while the caller reads
			if reply.GetTitle() != "" || len(trailer) > 0 {
				t.Errorf("%v %v", &reply, trailer)
			}
		})
	}
}

func TestTooLateToBegin(t *testing.T) { everyWay(t, testTooLateToBegin) }

func testTooLateToBegin(t *testing.T, w way) {
	h := open(t, w, &catalogue{do: func(context.Context) error { t.Error("the handler ran"); return nil }})
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Millisecond) // less than what the answer needs
	defer cancel()
	if err := module(ctx, h); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("%v", err)
	}
	cancel()
	if err := module(ctx, h); status.Code(err) != codes.Canceled && status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("%v", err)
	}
}

func TestUnknownMethods(t *testing.T) { everyWay(t, testUnknownMethods) }

func testUnknownMethods(t *testing.T, w way) {
	h := open(t, w, &catalogue{})
	for _, method := range []string{"/maillage.catalogue.v1.CatalogueService/Nothing", "/maillage.nothing.v1.Nothing/Get", "/Nothing", "/", "//"} {
		err := h.conn.Invoke(t.Context(), method, &cataloguev1.GetModuleRequest{Id: anyID}, &cataloguev1.Module{})
		if status.Code(err) != codes.Unimplemented {
			t.Errorf("%s: %v", method, err)
		}
	}
}

func TestMessagesOfTheirOwn(t *testing.T) { everyWay(t, testMessagesOfTheirOwn) }

func testMessagesOfTheirOwn(t *testing.T, w way) {
	kept := &cataloguev1.Module{Title: "kept", LanguageCode: "fr"}
	unknown := protowire.AppendVarint(protowire.AppendTag(nil, 20000, protowire.VarintType), 7)
	kept.ProtoReflect().SetUnknown(unknown)
	var got []byte
	h := open(t, w, &getter{get: func(_ context.Context, req *cataloguev1.GetModuleRequest) (*cataloguev1.Module, error) {
		got = req.ProtoReflect().GetUnknown()
		req.Id = "changed"
		return kept, nil
	}})
	request := &cataloguev1.GetModuleRequest{Id: anyID}
	request.ProtoReflect().SetUnknown(unknown)
	reply := &cataloguev1.Module{Id: "from before", Title: "from before"}
	if err := h.conn.Invoke(t.Context(), cataloguev1.CatalogueService_GetModule_FullMethodName, request, reply); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(reply, kept) {
		t.Errorf("%v", reply)
	}
	reply.Title = "changed"
	if request.GetId() != anyID || kept.GetTitle() != "kept" || string(got) != string(unknown) {
		t.Errorf("%v %v %q", request, kept, got)
	}
}

func TestNilMessages(t *testing.T) { everyWay(t, testNilMessages) }

func testNilMessages(t *testing.T, w way) {
	h := open(t, w, &getter{get: func(context.Context, *cataloguev1.GetModuleRequest) (*cataloguev1.Module, error) { return nil, nil }})
	got, err := h.GetModule(t.Context(), &cataloguev1.GetModuleRequest{Id: anyID})
	if err != nil || got == nil || proto.Size(got) != 0 {
		t.Errorf("a reply that is nil: %v, %v", got, err)
	}
	if _, err := h.GetModule(t.Context(), nil); status.Code(err) != codes.InvalidArgument {
		t.Errorf("a request that is nil is an empty one: %v", err)
	}
}

func TestLimitsOfSize(t *testing.T) { everyWay(t, testLimitsOfSize) }

func testLimitsOfSize(t *testing.T, w way) {
	var size int
	h := open(t, w, &getter{get: func(_ context.Context, req *cataloguev1.GetModuleRequest) (*cataloguev1.Module, error) {
		return filled(&cataloguev1.Module{}, size), nil
	}})
	const most = 1 << 20
	for bytes, want := range map[int]codes.Code{most: codes.InvalidArgument, most + 1: codes.ResourceExhausted} { // the longest passes, and is no id
		if _, err := h.GetModule(t.Context(), filled(&cataloguev1.GetModuleRequest{}, bytes)); status.Code(err) != want {
			t.Errorf("a request of %d: %v", bytes, status.Code(err))
		}
	}
	for bytes, want := range map[int]codes.Code{8 * most: codes.OK, 8*most + 1: codes.ResourceExhausted} {
		size = bytes
		if got, err := h.GetModule(t.Context(), &cataloguev1.GetModuleRequest{Id: anyID}); status.Code(err) != want || want == codes.OK && proto.Size(got) != bytes {
			t.Errorf("a reply of %d: %v", bytes, status.Code(err))
		}
	}
}

// filled fills the field id until the message has this size.
func filled[M proto.Message](m M, size int) M {
	m.ProtoReflect().SetUnknown(nil)
	field := m.ProtoReflect().Descriptor().Fields().ByName("id")
	for n := size; proto.Size(m) != size; n -= proto.Size(m) - size {
		m.ProtoReflect().Set(field, protoreflect.ValueOfString(strings.Repeat("a", n)))
	}
	return m
}

func TestTextThatIsNoText(t *testing.T) { everyWay(t, testTextThatIsNoText) }

func testTextThatIsNoText(t *testing.T, w way) {
	h := open(t, w, &catalogue{do: func(context.Context) error { t.Error("the handler ran"); return nil }})
	_, err := h.CreateResource(h.as(t, "nat"), &cataloguev1.CreateResourceRequest{Resource: &cataloguev1.Resource{
		Title: "a\xffb", Uri: "https://example.org/", Kind: 1, LanguageCode: "fr", Licence: "CC-BY-4.0",
	}})
	// The network cannot even send it; in process, validation says which field it is.
	if c := status.Code(err); c != codes.Internal && c != codes.InvalidArgument {
		t.Errorf("%v", err)
	}
}

func TestErrorsArriveWithoutTheirCause(t *testing.T) { everyWay(t, testErrorsArriveWithoutTheirCause) }

func testErrorsArriveWithoutTheirCause(t *testing.T, w way) {
	cause := errors.New("hunter2")
	h := open(t, w, &catalogue{do: func(context.Context) error { return fmt.Errorf("x: %w", errs.ErrAborted.Because(cause)) }})
	err := module(t.Context(), h)
	if house, ok := errors.AsType[*errs.Error](err); ok || errors.Is(err, cause) || status.Code(err) != codes.Aborted {
		t.Errorf("%v %v", err, house)
	}
}

// fine is an error that says it is none.
type fine struct{}

func (fine) Error() string              { return "fine" }
func (fine) GRPCStatus() *status.Status { return status.New(codes.OK, "fine") }

// gRPC's own services pass by the interceptor that makes statuses of errors: here the connection does.
func TestPlainErrors(t *testing.T) { everyWay(t, testPlainErrors) }

func testPlainErrors(t *testing.T, w way) {
	plain := errors.New("plain")
	var result error
	conn, connect := w(t, rpc.ClientConfig{})
	defer conn.Close()
	s, err := rpc.NewServer(rpc.ServerConfig{Verifier: accesstest.New(t).Verifier(), Guard: guard(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: "grpc.health.Test", HandlerType: (*any)(nil), Methods: []grpc.MethodDesc{{
			MethodName: "Fail", Handler: func(any, context.Context, func(any) error, grpc.UnaryServerInterceptor) (any, error) {
				return nil, result
			},
		}},
	}, "anything")
	if err := connect(s); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		err     error
		code    codes.Code
		message string
	}{
		{plain, codes.Unknown, "plain"},
		{status.Error(codes.NotFound, "gone"), codes.NotFound, "gone"},
		{fmt.Errorf("around: %w", status.Error(codes.NotFound, "gone")), codes.NotFound, "around: rpc error: code = NotFound desc = gone"},
		{errors.Join(plain, context.Canceled), codes.Canceled, "plain\ncontext canceled"},
		{context.DeadlineExceeded, codes.DeadlineExceeded, "context deadline exceeded"},
		{fine{}, codes.Internal, ""},
	} {
		result = c.err
		err := conn.Invoke(t.Context(), "/grpc.health.Test/Fail", &cataloguev1.GetModuleRequest{}, &cataloguev1.Module{})
		if got := status.Convert(err); got.Code() != c.code || c.message != "" && got.Message() != c.message || errors.Is(err, plain) {
			t.Errorf("%v arrives as %v", c.err, err)
		}
	}
}

func TestCallsWaitForTheServer(t *testing.T) { everyWay(t, testCallsWaitForTheServer) }

func testCallsWaitForTheServer(t *testing.T, w way) {
	synctest.Test(t, func(t *testing.T) {
		conn, connect := w(t, rpc.ClientConfig{Timeout: 3 * time.Second})
		defer conn.Close()
		client := &house{CatalogueServiceClient: cataloguev1.NewCatalogueServiceClient(conn)}
		begin := time.Now()
		if err := module(t.Context(), client); status.Code(err) != codes.DeadlineExceeded || time.Since(begin) != 3*time.Second {
			t.Errorf("nobody there: %v after %v", err, time.Since(begin))
		}
		answer := make(chan error, 1)
		go func() { answer <- module(t.Context(), client) }()
		synctest.Wait()
		h := open(t, func(testing.TB, rpc.ClientConfig) (line, func(*rpc.Server) error) { return conn, connect }, &catalogue{})
		if err := <-answer; err != nil {
			t.Errorf("a call that came first: %v", err)
		}
		h.server.Stop()
		if err := module(t.Context(), client); status.Code(err) != codes.Unavailable {
			t.Errorf("after the stop: %v", err)
		}
	})
}

func TestClosed(t *testing.T) { everyWay(t, testClosed) }

func testClosed(t *testing.T, w way) {
	synctest.Test(t, func(t *testing.T) {
		conn, _ := w(t, rpc.ClientConfig{})
		client := &house{CatalogueServiceClient: cataloguev1.NewCatalogueServiceClient(conn)}
		answer := make(chan error, 1)
		go func() { answer <- module(t.Context(), client) }()
		synctest.Wait()
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		if err := <-answer; status.Code(err) != codes.Canceled {
			t.Errorf("a call that waits: %v", err)
		}
		if err := module(t.Context(), client); status.Code(err) != codes.Canceled {
			t.Errorf("a call afterwards: %v", err)
		}
		h := open(t, w, &catalogue{})
		if err := h.conn.Close(); err != nil {
			t.Error(err)
		}
		if err := module(t.Context(), h); status.Code(err) != codes.Canceled {
			t.Errorf("a call to a server that is there: %v", err)
		}
	})
}
