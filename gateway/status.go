package gateway

import (
	"context"
	"log/slog"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/classcode/maillage/pkg/errs"
)

// domain marks the errors that our services made on purpose; any other text may hold what the caller must not see.
const domain = "maillage"

// fromStatus turns what a service answered into a problem. ours is false for an error that no service wrote: the
// transport's, or grpc-gateway's.
func fromStatus(st *status.Status, lang tongue) (p problem, ours bool) {
	p = fromError(plain(st.Code()), lang)
	details := st.Details()
	for _, d := range details {
		if info, ok := d.(*errdetails.ErrorInfo); ok && info.GetDomain() == domain {
			p.Reason, p.Metadata, p.Message, ours = info.GetReason(), info.GetMetadata(), st.Message(), true
		}
	}
	if ours {
		p.detail(details, lang)
	}
	return p.classify(st.Code()), ours
}

// serviceProblem is what a failed call comes to; what no service wrote, no service has logged.
func serviceProblem(ctx context.Context, log *slog.Logger, err error, lang tongue) problem {
	st := status.Convert(err)
	p, ours := fromStatus(st, lang)
	if !ours {
		log.WarnContext(ctx, "a service could not be called", "code", st.Code().String(), "error", st.Message())
	}
	return p
}

func (p *problem) detail(details []any, lang tongue) {
	for _, d := range details {
		switch d := d.(type) {
		case *errdetails.LocalizedMessage:
			if lang.is(d.GetLocale()) {
				p.Message = d.GetMessage()
			}
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				p.Fields = append(p.Fields, fromViolation(v, lang))
			}
		case *errdetails.RetryInfo:
			p.retryAfter = d.GetRetryDelay().AsDuration()
		}
	}
}

func fromViolation(v *errdetails.BadRequest_FieldViolation, lang tongue) problemField {
	f := problemField{Field: jsonPath(v.GetField()), Reason: v.GetReason(), Message: v.GetDescription()}
	if m := v.GetLocalizedMessage(); lang.is(m.GetLocale()) {
		f.Message = m.GetMessage()
	}
	return f
}

// plain is what may be said of an error of which only the code can be trusted.
func plain(c codes.Code) *errs.Error {
	switch c {
	case codes.InvalidArgument, codes.OutOfRange:
		return errs.ErrInvalid
	case codes.Unauthenticated:
		return errs.ErrUnauthenticated
	case codes.PermissionDenied:
		return errs.ErrDenied
	case codes.NotFound:
		return errs.ErrNotFound
	case codes.AlreadyExists:
		return errs.ErrExists
	case codes.FailedPrecondition, codes.Aborted:
		return errs.ErrAborted
	case codes.ResourceExhausted:
		return errs.ErrExhausted
	case codes.Unavailable:
		return errs.ErrUnavailable
	case codes.DeadlineExceeded:
		return errs.ErrDeadline
	case codes.Canceled:
		return errs.ErrCanceled
	case codes.Unimplemented:
		return errUnimplemented
	}
	return errs.ErrInternal
}

// jsonPath writes a path of the contract ("place.commune_code") as JSON has it ("place.communeCode"); what stands in
// brackets (an index, a map's key) is the caller's own.
func jsonPath(path string) string {
	var b strings.Builder
	inside, up := false, false
	for _, r := range path {
		switch {
		case r == '[' || r == ']':
			inside = r == '['
		case r == '_' && !inside:
			up = true
			continue
		}
		if up && r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		up = false
		b.WriteRune(r)
	}
	return b.String()
}
