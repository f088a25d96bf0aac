package events

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/classcode/maillage/pkg/database"
)

// The CloudEvents attributes, as headers; the payload is the message's body.
const (
	headerSpec      = "ce-specversion"
	headerID        = "ce-id"
	headerSource    = "ce-source"
	headerType      = "ce-type"
	headerTime      = "ce-time"
	headerAggregate = "ce-subject"
	headerSchema    = "ce-dataschema"
	headerVersion   = "ce-aggregateversion"
	headerCause     = "ce-cause"
	headerTrace     = "traceparent"
	headerContent   = "content-type"
)

// message is the row as it is published; the Nats-Msg-Id lets the stream drop a second copy.
func (r row) message(service string) *nats.Msg {
	h := make(nats.Header, 16) // these, and those of a batch
	for _, pair := range [][2]string{
		{headerSpec, "1.0"},
		{headerID, r.eventID},
		{headerSource, "/maillage/" + service},
		{headerType, r.subject},
		{headerTime, database.Time(r.createdAt).UTC().Format(time.RFC3339Nano)},
		{headerAggregate, url.PathEscape(r.aggregate)}, // a line break would start another header
		{headerSchema, r.schema},
		{headerVersion, strconv.FormatInt(r.version, 10)},
		{headerCause, url.PathEscape(r.cause)},
		{headerTrace, r.traceparent},
		{headerContent, "application/protobuf"},
		{jetstream.MsgIDHeader, r.eventID},
	} {
		if pair[1] != "" {
			h[pair[0]] = []string{pair[1]}
		}
	}
	return &nats.Msg{Subject: r.subject, Header: h, Data: r.payload}
}

// read turns a delivery back into what Append was given; whatever is wrong with it will not heal.
func read(m jetstream.Msg) (Message, error) {
	meta, err := m.Metadata()
	if err != nil {
		return Message{}, Permanent(fmt.Errorf("metadata: %w", err))
	}
	msg, err := parse(m.Subject(), m.Headers(), m.Data())
	msg.Sequence, msg.Delivered = meta.Sequence.Stream, meta.NumDelivered
	return msg, err
}

// parse is read without what only a stream knows of a message.
func parse(subject string, h nats.Header, payload []byte) (msg Message, err error) {
	msg = Message{ID: h.Get(headerID), Source: h.Get(headerSource), Subject: subject, Schema: h.Get(headerSchema), Payload: payload}
	if msg.ID == "" {
		return msg, Permanent(fmt.Errorf("header %s is missing", headerID))
	}
	if msg.Version, err = strconv.ParseInt(h.Get(headerVersion), 10, 64); err != nil {
		return msg, Permanent(fmt.Errorf("header %s: %w", headerVersion, err))
	}
	if msg.Time, err = time.Parse(time.RFC3339Nano, h.Get(headerTime)); err != nil {
		return msg, Permanent(fmt.Errorf("header %s: %w", headerTime, err))
	}
	if msg.Aggregate, err = url.PathUnescape(h.Get(headerAggregate)); err != nil {
		return msg, Permanent(fmt.Errorf("header %s: %w", headerAggregate, err))
	}
	if msg.Cause, err = url.PathUnescape(h.Get(headerCause)); err != nil {
		return msg, Permanent(fmt.Errorf("header %s: %w", headerCause, err))
	}
	return msg, nil
}
