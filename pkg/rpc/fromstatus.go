package rpc

import (
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/classcode/maillage/pkg/errs"
)

var sentinels = map[codes.Code]*errs.Error{
	codes.InvalidArgument:    errs.ErrInvalid,
	codes.Unauthenticated:    errs.ErrUnauthenticated,
	codes.PermissionDenied:   errs.ErrDenied,
	codes.NotFound:           errs.ErrNotFound,
	codes.AlreadyExists:      errs.ErrExists,
	codes.FailedPrecondition: errs.New(errs.Precondition, "FAILED_PRECONDITION", errs.ErrInvalid.EN, errs.ErrInvalid.FR),
	codes.Aborted:            errs.ErrAborted,
	codes.ResourceExhausted:  errs.ErrExhausted,
	codes.Unavailable:        errs.ErrUnavailable,
	codes.DeadlineExceeded:   errs.ErrDeadline,
	codes.Canceled:           errs.ErrCanceled,
}

// FromStatus reads the answer of another service back into a house error, for a caller that decides on its reason or
// passes it on. Its text is in the language of the caller on whose behalf the call was made, under both EN and FR.
func FromStatus(err error) error {
	if err == nil {
		return nil
	}
	st, ok := status.FromError(err)
	sentinel := sentinels[st.Code()]
	if !ok || sentinel == nil {
		return errs.From(err)
	}
	e := *sentinel.Because(err)
	for _, detail := range st.Details() {
		read(&e, detail)
	}
	return &e
}

func read(e *errs.Error, detail any) {
	switch d := detail.(type) {
	case *errdetails.ErrorInfo:
		if d.GetDomain() != domain {
			return
		}
		e.Reason, e.Meta = d.GetReason(), d.GetMetadata()
		if e.Reason == errs.ErrStaleEtag.Reason {
			e.Kind = errs.Stale
		}
	case *errdetails.LocalizedMessage:
		e.EN, e.FR = d.GetMessage(), d.GetMessage()
	case *errdetails.BadRequest:
		for _, v := range d.GetFieldViolations() {
			e.Fields = append(e.Fields, errs.Field{
				Path: v.GetField(), EN: v.GetDescription(), FR: v.GetDescription(), Reason: v.GetReason(),
			})
		}
	case *errdetails.RetryInfo:
		e.RetryAfter = d.GetRetryDelay().AsDuration()
	}
}
