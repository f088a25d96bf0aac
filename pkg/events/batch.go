package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// What makes messages a batch; the client library has no words for it yet.
const (
	headerBatch         = "Nats-Batch-Id"
	headerBatchSequence = "Nats-Batch-Sequence"
	headerBatchCommit   = "Nats-Batch-Commit"

	codeNoBatches jetstream.ErrorCode = 10174
)

const (
	// batchLeast: a lone server stages a batch in a folder of its own before it commits it. That takes six flushes and some files, the
	// time of a dozen messages by themselves, however many there are. Of three servers it takes one, as do messages that come together.
	batchLeast = 16
	// batchMost is a page of the relay; a server takes 1000, unless it is set otherwise.
	batchMost = page
	// batchBytes of payloads stay far below the 128 MiB that may wait for a stream.
	batchBytes = 8 << 20
	// batchRest is how long messages go one by one after a batch that was not answered, and to a stream that takes none.
	batchRest = 10 * time.Second
)

var (
	errRefused   = errors.New("batch refused")
	errNoBatches = fmt.Errorf("%w: the stream takes none (allow_atomic)", errRefused)
)

// batchOf is the longest head of msgs that is one batch.
func batchOf(msgs []*nats.Msg) []*nats.Msg {
	n, size := 0, 0
	for ; n < min(len(msgs), batchMost) && (n == 0 || size+len(msgs[n].Data) <= batchBytes); n++ {
		size += len(msgs[n].Data)
	}
	return msgs[:n]
}

// rests tells whether a stream gets its messages one by one for now.
func (b *Bus) rests(stream string) bool {
	since, ok := b.resting.Load(stream)
	return ok && time.Since(since.(time.Time)) < b.batchRest
}

// together publishes a batch: the stream stores all of it, in its order and with one flush, or nothing. It refuses one that holds a
// Nats-Msg-Id that it knows. With another error than errRefused it may have stored it.
func (b *Bus) together(ctx context.Context, stream string, msgs []*nats.Msg) ([]Ack, error) {
	ctx, cancel := context.WithTimeout(ctx, b.batchPatience)
	defer cancel()
	id, last := nuid.Next(), len(msgs)-1
	defer apart(msgs)
	batch, expected := []string{id}, []string{stream}
	for i, m := range msgs {
		m.Header[headerBatch], m.Header[headerBatchSequence] = batch, []string{strconv.Itoa(i + 1)}
		m.Header[jetstream.ExpectedStreamHeader] = expected
	}
	for _, m := range msgs[:last] {
		if err := b.conn.PublishMsg(m); err != nil {
			return nil, err
		}
	}
	msgs[last].Header[headerBatchCommit] = []string{"1"}
	answer, err := b.conn.RequestMsgWithContext(ctx, msgs[last])
	if errors.Is(err, nats.ErrNoResponders) {
		return nil, fmt.Errorf("%w: %w", errRefused, err)
	}
	if err != nil {
		return nil, err
	}
	return receipts(answer.Data, id, len(msgs))
}

// apart takes back what made messages a batch: they may have to go one by one.
func apart(msgs []*nats.Msg) {
	for _, m := range msgs {
		for _, header := range []string{headerBatch, headerBatchSequence, headerBatchCommit, jetstream.ExpectedStreamHeader} {
			delete(m.Header, header)
		}
	}
}

// receipts are those of a batch's messages, from the one that the server gives for all: nothing comes between them.
func receipts(answer []byte, id string, n int) ([]Ack, error) {
	var ack struct {
		Error    *jetstream.APIError `json:"error"`
		Sequence uint64              `json:"seq"`
		Batch    string              `json:"batch"`
		Count    int                 `json:"count"`
	}
	err := json.Unmarshal(answer, &ack)
	switch {
	case err != nil:
		return nil, err
	case ack.Error != nil && ack.Error.ErrorCode != codeNoBatches:
		return nil, fmt.Errorf("%w: %w", errRefused, ack.Error)
	case ack.Error != nil, ack.Batch != id, ack.Count != n: // a server that knows no batches has stored each message by itself
		return nil, errNoBatches
	}
	acks := make([]Ack, n)
	for i := range acks {
		acks[i].Sequence = ack.Sequence - uint64(n-1-i) //nolint:gosec // below n
	}
	return acks, nil
}
