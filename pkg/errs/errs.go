// Package errs is the one error type of the house: what went wrong, said to a program (kind and reason) and to a person
// (English and French). It imports the standard library only, so that domain code may use it.
package errs

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// Field names a part of the request that is wrong, and says why.
type Field struct {
	Path   string // as in the contract: snake_case, dots and indexes, e.g. "meeting.rooms[2].capacity"
	EN, FR string
	Reason string
}

// Error is an error that may be shown to the caller; only its cause may not.
//
// Sentinels are shared by all requests: never change one in place, At, With, Because and Retry return copies.
type Error struct {
	Kind       Kind
	Reason     string // UPPER_SNAKE, stable: programs decide on it
	EN, FR     string // whole sentences, for people
	Fields     []Field
	Meta       map[string]string
	RetryAfter time.Duration

	cause error
}

// New makes an error, usually a sentinel: var ErrClosed = errs.New(errs.Precondition, "MEETING_CLOSED", "…", "…").
func New(kind Kind, reason, en, fr string) *Error {
	return &Error{Kind: kind, Reason: reason, EN: en, FR: fr}
}

// Error is the text for logs: reason, English text, fields, then the cause.
func (e *Error) Error() string {
	if e == nil { // a nil *Error in an error variable: a bug of the caller's, but a log line must survive it
		return "<nil *errs.Error>"
	}
	var b strings.Builder
	b.WriteString(e.Reason)
	b.WriteString(": ")
	b.WriteString(e.EN)
	for _, f := range e.Fields {
		b.WriteString(" [" + f.Path)
		if f.EN != e.EN { // At repeats the error's own text
			b.WriteString(": " + f.EN)
		}
		b.WriteString("]")
	}
	if e.cause != nil {
		b.WriteString(": ")
		b.WriteString(e.cause.Error())
	}
	return b.String()
}

// Unwrap gives the cause, for errors.Is, errors.As and the log.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.cause
}

// Is reports whether target is an Error with the same reason, so that a copy still equals its sentinel.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t != nil && e != nil && t.Reason == e.Reason
}

// At returns a copy that names the request's field, with the error's own texts and reason; call it again for a second field.
func (e *Error) At(path string) *Error {
	c := e.copy()
	c.Fields = append(c.Fields, Field{Path: path, EN: e.EN, FR: e.FR, Reason: e.Reason})
	return c
}

// With returns a copy with one more piece of metadata; the caller sees it.
func (e *Error) With(key, value string) *Error {
	c := e.copy()
	if c.Meta == nil {
		c.Meta = make(map[string]string, 1)
	}
	c.Meta[key] = value
	return c
}

// Because returns a copy that keeps a cause for the log; the caller never sees it.
func (e *Error) Because(cause error) *Error {
	c := e.copy()
	c.cause = cause
	return c
}

// Retry returns a copy that tells the caller when to try again.
func (e *Error) Retry(after time.Duration) *Error {
	c := e.copy()
	c.RetryAfter = after
	return c
}

func (e *Error) copy() *Error {
	c := *e
	c.Fields = slices.Clone(e.Fields)
	c.Meta = maps.Clone(e.Meta)
	return &c
}

// From finds the Error inside err; anything else becomes Canceled or DeadlineExceeded for the context's errors, and
// Internal with err as its cause for the rest. From(nil) is nil: compare it before storing it in an error variable.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok && e != nil {
		return e
	}
	switch {
	case errors.Is(err, context.Canceled):
		return ErrCanceled.Because(err)
	case errors.Is(err, context.DeadlineExceeded):
		return ErrDeadline.Because(err)
	}
	return ErrInternal.Because(err)
}
