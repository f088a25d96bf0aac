package rpc

import (
	"maps"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/classcode/maillage/pkg/errs"
)

const (
	// domain says whose reasons these are, in google.rpc.ErrorInfo.
	domain = "maillage"
	// Details travel in the trailer; a form has fewer fields than this, and the first ones are enough to start with.
	maxFields = 50
	// What "try again shortly" means when nobody said better.
	retryShortly = time.Second
)

var kindCodes = map[errs.Kind]codes.Code{
	errs.Invalid:          codes.InvalidArgument,
	errs.Unauthenticated:  codes.Unauthenticated,
	errs.Denied:           codes.PermissionDenied,
	errs.NotFound:         codes.NotFound,
	errs.AlreadyExists:    codes.AlreadyExists,
	errs.Precondition:     codes.FailedPrecondition,
	errs.Stale:            codes.Aborted,
	errs.Aborted:          codes.Aborted,
	errs.Exhausted:        codes.ResourceExhausted,
	errs.Unavailable:      codes.Unavailable,
	errs.DeadlineExceeded: codes.DeadlineExceeded,
	errs.Canceled:         codes.Canceled,
	errs.Internal:         codes.Internal,
}

// toStatus builds the answer from the error's own texts and never from its cause. The message is English, for
// developers; the localised one is for people.
func toStatus(e *errs.Error, lang string) *status.Status {
	c, ok := kindCodes[e.Kind]
	if !ok {
		c = codes.Internal
	}
	bare := status.New(c, e.EN)
	details := []protoadapt.MessageV1{
		protoadapt.MessageV1Of(&errdetails.ErrorInfo{Reason: e.Reason, Domain: domain, Metadata: readable(e.Meta)}),
		protoadapt.MessageV1Of(&errdetails.LocalizedMessage{Locale: lang, Message: inLanguage(lang, e.EN, e.FR)}),
	}
	if len(e.Fields) > 0 {
		details = append(details, protoadapt.MessageV1Of(badRequest(e.Fields, lang)))
	}
	if after := retryAfter(e); after > 0 {
		details = append(details, protoadapt.MessageV1Of(&errdetails.RetryInfo{RetryDelay: durationpb.New(after)}))
	}
	full, err := bare.WithDetails(details...)
	if err != nil { // a text that is not UTF-8
		return bare
	}
	return full
}

func badRequest(fields []errs.Field, lang string) *errdetails.BadRequest {
	bad := &errdetails.BadRequest{}
	for _, f := range fields[:min(len(fields), maxFields)] {
		text := inLanguage(lang, f.EN, f.FR)
		bad.FieldViolations = append(bad.FieldViolations, &errdetails.BadRequest_FieldViolation{
			Field: f.Path, Description: text, Reason: f.Reason,
			LocalizedMessage: &errdetails.LocalizedMessage{Locale: lang, Message: text},
		})
	}
	return bad
}

func retryAfter(e *errs.Error) time.Duration {
	if e.RetryAfter == 0 && (e.Kind == errs.Exhausted || e.Kind == errs.Unavailable) {
		return retryShortly
	}
	return e.RetryAfter
}

// readable replaces what is not UTF-8: metadata may repeat what the caller sent.
func readable(meta map[string]string) map[string]string {
	clean := maps.Clone(meta)
	for k, v := range clean {
		clean[k] = strings.ToValidUTF8(v, "\uFFFD")
	}
	return clean
}

// codeName is a code as in the contract, e.g. NOT_FOUND.
func codeName(c codes.Code) string { return code.Code(c).String() }
