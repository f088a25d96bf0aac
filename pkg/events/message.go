package events

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
)

// Message is an event as a consumer gets it.
type Message struct {
	ID        string // also the key of a job that follows from it
	Source    string
	Subject   string
	Aggregate string
	Version   int64 // apply with WHERE version < this
	Time      time.Time
	Cause     string
	Schema    string // full protobuf name of the payload
	Payload   []byte

	Sequence  uint64 // in the stream
	Delivered uint64 // how many times to this consumer, this one included
}

// Decode reads the payload into m, which must be the message the event was made of; its error is permanent.
func (m Message) Decode(into proto.Message) error {
	if name := string(into.ProtoReflect().Descriptor().FullName()); name != m.Schema {
		return Permanent(fmt.Errorf("the payload is a %s, not a %s", m.Schema, name))
	}
	if err := proto.Unmarshal(m.Payload, into); err != nil {
		return Permanent(fmt.Errorf("decode %s: %w", m.Schema, err))
	}
	return nil
}

// Handler applies one event, in one transaction of its own; it may get the same event twice, and an older one after a newer.
type Handler func(ctx context.Context, msg Message) error

// Permanent marks an error that trying again cannot heal: the message goes to the dead letters.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

type permanentError struct{ cause error }

func (e *permanentError) Error() string { return e.cause.Error() }
func (e *permanentError) Unwrap() error { return e.cause }

// permanent counts a broken CHECK or NOT NULL as well, which depend on the message alone. A foreign or unique key may heal: the
// event that it waits for, or that frees the name, may be on its way.
func permanent(err error) bool {
	if _, marked := errors.AsType[*permanentError](err); marked {
		return true
	}
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Kind == errs.Invalid {
		return true
	}
	kind, _ := database.Violation(err)
	return kind == database.Check || kind == database.NotNull
}
