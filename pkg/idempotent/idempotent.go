// Package idempotent gives a command that carries a request_id exactly one effect, however often it is sent: the answer is kept
// in the command's own transaction, and given again for the same person, method, request_id and content.
package idempotent

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
)

// Ledger remembers commands in the transaction that runs them; each domain's Tx contains these two methods, and NewLedger
// implements them.
type Ledger interface {
	// Reply gives what an earlier command with this key was answered, or claims the key for this transaction.
	Reply(ctx context.Context, key string) (fingerprint, reply []byte, found bool, err error)
	// SaveReply keeps the answer under a key that Reply claimed.
	SaveReply(ctx context.Context, key string, fingerprint, reply []byte) error
}

// Writer is a store whose transactions contain a Ledger.
type Writer[T Ledger] interface {
	Write(ctx context.Context, fn func(tx T) error) error
}

type callKey struct{}

type call struct{ principal, method string }

// WithCall tells who calls which method; the interceptor that knows both puts it into the context. Keys are kept apart by it:
// nobody receives another person's answer. An anonymous caller's principal is empty.
func WithCall(ctx context.Context, principal, method string) context.Context {
	return context.WithValue(ctx, callKey{}, call{principal, method})
}

// Write runs fn in one of store's transactions. With a request_id, a command that was already done is not run again: its reply
// is returned, or ErrRequestReused when the content differs. A command that fails leaves nothing, so it may be sent again.
func Write[T Ledger, R proto.Message](ctx context.Context, store Writer[T], req proto.Message, fn func(tx T) (R, error)) (R, error) {
	var none, reply R
	id := requestID(req.ProtoReflect())
	key, err := keyOf(ctx, id)
	if err != nil {
		return none, err
	}
	sum := fingerprint(req.ProtoReflect())
	err = store.Write(ctx, func(tx T) (err error) {
		if id == "" {
			reply, err = fn(tx)
			return err
		}
		reply, err = once(ctx, tx, key, sum, fn)
		return err
	})
	if err != nil {
		return none, inFlight(err)
	}
	return reply, nil
}

// inFlight recognises a command whose time went by while another one held its key.
func inFlight(err error) error {
	_, waited := errors.AsType[*waitError](err)
	if waited && (errors.Is(err, database.ErrBusy) || errors.Is(err, context.DeadlineExceeded)) {
		return errs.ErrRequestInFlight.Retry(time.Second).Because(err)
	}
	return err
}

func once[T Ledger, R proto.Message](ctx context.Context, tx T, key string, sum []byte, fn func(tx T) (R, error)) (R, error) {
	var none R
	before, stored, found, err := tx.Reply(ctx, key)
	if err != nil {
		return none, err
	}
	if found {
		return replay[R](before, sum, stored)
	}
	reply, err := fn(tx)
	if err != nil {
		return none, err
	}
	data, err := proto.Marshal(reply)
	if err != nil {
		return none, fmt.Errorf("keep reply: %w", err)
	}
	return reply, tx.SaveReply(ctx, key, sum, data)
}

func replay[R proto.Message](before, sum, stored []byte) (R, error) {
	var none R
	if len(before) == 0 { // claimed earlier in this very transaction: the same command twice in one combined write
		return none, errs.ErrRequestInFlight.Retry(time.Second)
	}
	if subtle.ConstantTimeCompare(before, sum) == 0 {
		return none, errs.ErrRequestReused.At("request_id")
	}
	reply, ok := none.ProtoReflect().New().Interface().(R)
	if !ok {
		return none, fmt.Errorf("stored reply: not a %T", none)
	}
	if err := proto.Unmarshal(stored, reply); err != nil {
		return none, fmt.Errorf("stored reply: %w", err)
	}
	return reply, nil
}

// requestID is read by name, so that the floor knows no service's messages; UUIDs may come in capitals.
func requestID(m protoreflect.Message) string {
	field := idField(m.Descriptor())
	if field == nil {
		return ""
	}
	return strings.ToLower(m.Get(field).String())
}

func idField(d protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	field := d.Fields().ByName("request_id")
	if field == nil || field.Kind() != protoreflect.StringKind || field.IsList() {
		return nil
	}
	return field
}

// keyOf is a hash: of bounded length whatever the parts are, and no person's identifier stays in the table.
func keyOf(ctx context.Context, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	c, known := ctx.Value(callKey{}).(call)
	if !known {
		return "", errs.ErrInternal.Because(errors.New("a request_id without idempotent.WithCall in the context"))
	}
	h := sha256.New()
	for _, part := range []string{c.principal, c.method, id} {
		_ = binary.Write(h, binary.BigEndian, uint64(len(part))) // lengths, so that no two triples read the same
		_, _ = h.Write([]byte(part))
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
