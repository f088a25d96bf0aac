package gateway

import (
	"context"
	"sync"

	"google.golang.org/protobuf/proto"

	cataloguegw "github.com/classcode/maillage/gateway/gen/maillage/catalogue/v1"
	indicatorsgw "github.com/classcode/maillage/gateway/gen/maillage/indicators/v1"
	meetingsgw "github.com/classcode/maillage/gateway/gen/maillage/meetings/v1"
	meshgw "github.com/classcode/maillage/gateway/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/gateway/internal/jsonout"
)

// lent is an answer, and the exchange that lends the memory to write it.
type lent struct {
	proto.Message
	exchange *exchange
}

// lend is a rewriter of grpc-gateway's: the one place that knows the request and the answer.
func lend(ctx context.Context, m proto.Message) (any, error) {
	if _, part := m.(interface{ XXX_ResponseBody() any }); part { // a rule with response_body: grpc-gateway takes it out itself
		return m, nil
	}
	return lent{m, exchangeFrom(ctx)}, nil
}

// Marshal is part of runtime.Marshaler. protojson writes what the generated code does not know, and says why of what it
// refuses.
func (j strictJSON) Marshal(v any) ([]byte, error) {
	answer, ok := v.(lent)
	if !ok {
		return j.JSONPb.Marshal(v)
	}
	w := drafts.Get().(*jsonout.Writer)
	w.Reset()
	answer.exchange.draft = w
	if !generated(w, answer.Message) {
		return jsonout.Options.Marshal(answer.Message)
	}
	return w.Text(), nil
}

// generated tells whether the generated code could write all of a message.
func generated(w *jsonout.Writer, m proto.Message) bool {
	known := cataloguegw.WriteJSON(w, m) || indicatorsgw.WriteJSON(w, m) || meetingsgw.WriteJSON(w, m) || meshgw.WriteJSON(w, m)
	return known && !w.Failed()
}

// Drafts are used again once their answer has been sent.
var drafts = sync.Pool{New: func() any { return &jsonout.Writer{} }}

// largestDraft bounds what is kept; pages are some 50 kB.
const largestDraft = 1 << 20

func (x *exchange) recycle() {
	if x.draft != nil && cap(x.draft.Text()) <= largestDraft {
		drafts.Put(x.draft)
	}
	x.draft = nil
}
