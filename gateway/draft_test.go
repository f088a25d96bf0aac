package gateway

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"

	"github.com/classcode/maillage/gateway/internal/jsonout"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// named answers with a place that is called as the id that was asked for, again and again.
type named struct{ grpc.ClientConnInterface }

func (named) Invoke(_ context.Context, _ string, args, reply any, _ ...grpc.CallOption) error {
	place, id := reply.(*meshv1.Place), args.(*meshv1.GetPlaceRequest).GetId()
	place.Id, place.Name = id, strings.Repeat(id, 500)
	return nil
}

// The memory of an answer goes to the next one: never while it is still read, and never with anything left in it.
func TestAnswersDoNotMix(t *testing.T) {
	door, err := New(t.Context(), Config{}, Deps{Catalogue: named{}, Mesh: named{}, Meetings: named{}, Indicators: named{}})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 100 {
				id := strings.Repeat(strconv.Itoa(worker), 1+i%20)
				w := httptest.NewRecorder()
				door.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/places/"+id, nil))
				want := `{"id":"` + id + `","name":"` + strings.Repeat(id, 500) + `",`
				if body := w.Body.String(); !strings.HasPrefix(body, want) || w.Header().Get("Content-Length") != strconv.Itoa(len(body)) {
					t.Errorf("%s: %.100s", id, body)
				}
			}
		})
	}
	all.Wait()
}

// A connection that fails may still be reading what it was given: HTTP/2 does.
func TestBrokenAnswerIsNotUsedAgain(t *testing.T) {
	observer, err := newObserver(Deps{}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range []bool{false, true} {
		var x *exchange
		draft := &jsonout.Writer{}
		answer := observer.middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			x = exchangeFrom(r.Context())
			x.draft = draft
			_, _ = w.Write([]byte("x"))
			_, _ = w.Write(nil)
		}))
		answer.ServeHTTP(&half{httptest.NewRecorder(), broken}, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		if kept := x.draft == nil; kept == broken {
			t.Errorf("broken %t, and kept for another answer %t", broken, kept)
		}
	}
}

func TestCallerWhoLeftIsNoError(t *testing.T) {
	answer := etag(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if _, err := w.Write([]byte("{}")); err != nil {
			t.Error(err)
		}
	}))
	answer.ServeHTTP(&half{httptest.NewRecorder(), true}, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
}

// half fails on what is not empty, when it is broken.
type half struct {
	http.ResponseWriter
	broken bool
}

func (h *half) Write(b []byte) (int, error) {
	if h.broken && len(b) > 0 {
		return 0, errors.New("stream closed")
	}
	return h.ResponseWriter.Write(b)
}
