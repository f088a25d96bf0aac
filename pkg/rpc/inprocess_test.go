package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/emptypb"

	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
)

// What a connection in process does not take, it refuses: nothing is left out in silence.
func TestInProcessRefuses(t *testing.T) {
	h := open(t, inProcess, &catalogue{})
	const get = cataloguev1.CatalogueService_GetModule_FullMethodName
	request, reply := &cataloguev1.GetModuleRequest{Id: anyID}, &cataloguev1.Module{}
	_, streamErr := h.conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, get)
	for name, c := range map[string]struct {
		err  error
		want codes.Code
	}{
		"a stream":       {streamErr, codes.Unimplemented},
		"no request":     {h.conn.Invoke(t.Context(), get, nil, reply), codes.Internal},
		"no message":     {h.conn.Invoke(t.Context(), get, "text", reply), codes.Internal},
		"another type":   {h.conn.Invoke(t.Context(), get, &emptypb.Empty{}, reply), codes.Internal},
		"another answer": {h.conn.Invoke(t.Context(), get, request, &emptypb.Empty{}), codes.Internal},
		"credentials":    {h.conn.Invoke(t.Context(), get, request, reply, grpc.PerRPCCredentials(nil)), codes.Internal},
		"compression":    {h.conn.Invoke(t.Context(), get, request, reply, grpc.UseCompressor(gzip.Name)), codes.Internal},
		"patience":       {h.conn.Invoke(t.Context(), get, request, reply, grpc.WaitForReady(true)), codes.OK},
	} {
		if status.Code(c.err) != c.want {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	other := open(t, inProcess, &catalogue{})
	conn, err := h.server.InProcess()
	if err != nil || conn.Connect(other.server) == nil {
		t.Errorf("a second server: %v", err)
	}
}

// HTTP/2 would refuse the name, and the call with it.
func TestNamesAreLowered(t *testing.T) {
	h := open(t, inProcess, &catalogue{do: func(ctx context.Context) error { return grpc.SetTrailer(ctx, metadata.MD{"X-Raw": {"1"}}) }})
	var trailer metadata.MD
	if _, err := h.GetModule(t.Context(), &cataloguev1.GetModuleRequest{Id: anyID}, grpc.Trailer(&trailer)); err != nil || len(trailer["x-raw"]) != 1 {
		t.Errorf("%v %v", trailer, err)
	}
}

// A server that listens as well ends when both kinds of calls have.
func TestRunWaitsForCallsInProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inside, leave := make(chan struct{}), make(chan struct{})
		h := open(t, inProcess, &catalogue{do: func(context.Context) error { close(inside); <-leave; return nil }})
		ctx, cancel := context.WithCancel(t.Context())
		ended, answer := make(chan error, 1), make(chan error, 1)
		go func() { ended <- h.server.Run(ctx, bufconn.Listen(1)) }()
		go func() { answer <- module(t.Context(), h) }()
		<-inside
		cancel()
		synctest.Wait()
		if len(ended) > 0 {
			t.Error("ended with a call at work")
		}
		close(leave)
		if err := errors.Join(<-answer, <-ended); err != nil {
			t.Error(err)
		}
	})
}

func TestHandlerThatEndsItsGoroutine(t *testing.T) {
	h := open(t, inProcess, &catalogue{do: func(context.Context) error { runtime.Goexit(); return nil }})
	if err := module(t.Context(), h); status.Code(err) != codes.Internal {
		t.Errorf("%v", err)
	}
	h.server.Stop() // which must not wait for it
}

// Callers that leave at any moment, nested calls and a stop in between: each call ends in one of the ways that it may.
func TestInProcessConcurrent(t *testing.T) {
	inner := open(t, inProcess, &catalogue{})
	h := open(t, inProcess, &getter{get: func(ctx context.Context, req *cataloguev1.GetModuleRequest) (*cataloguev1.Module, error) {
		reply, err := inner.GetModule(ctx, req)
		if err != nil {
			return nil, err
		}
		reply.Title = req.GetId() // reads, writes, whether anyone waits or not
		return reply, nil
	}})
	ended := map[codes.Code]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range 2000 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond+time.Duration(i)*20*time.Microsecond)
			defer cancel()
			id := fmt.Sprintf("7f0b4bd4-7c2c-4f0a-9a3e-%012d", i)
			got, err := h.GetModule(ctx, &cataloguev1.GetModuleRequest{Id: id})
			if err == nil && (got.GetId() != id || got.GetTitle() != id) {
				t.Errorf("asked for %s, got %v", id, got)
			}
			mu.Lock()
			defer mu.Unlock()
			ended[status.Code(err)]++
			if ended[codes.OK] == 200 && err == nil {
				go h.server.Stop()
			}
		})
	}
	all.Wait()
	delete(ended, codes.ResourceExhausted) // the limiter's 400
	delete(ended, codes.Unavailable)
	delete(ended, codes.DeadlineExceeded)
	if len(ended) != 1 || ended[codes.OK] < 200 {
		t.Errorf("%v", ended)
	}
}
