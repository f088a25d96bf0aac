package gateway

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/codes"

	"github.com/classcode/maillage/pkg/errs"
)

// problem is the one shape of an error, whoever found it.
type problem struct {
	Status    string            `json:"status"`
	Code      int               `json:"code"`
	Reason    string            `json:"reason"`
	Message   string            `json:"message"`
	Fields    []problemField    `json:"fields"`
	Metadata  map[string]string `json:"metadata"`
	RequestID string            `json:"requestId,omitempty"`

	retryAfter time.Duration
}

// problemField names a part of the request as the caller wrote it.
type problemField struct {
	Field   string `json:"field"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// refuse answers with an error of the door's own; its cause is for the log only.
func refuse(w http.ResponseWriter, r *http.Request, e *errs.Error) {
	exchangeFrom(r.Context()).cause = e.Unwrap()
	fromError(e, speaks(r)).write(w, r)
}

func fromError(e *errs.Error, lang tongue) problem {
	p := problem{
		Reason:     e.Reason,
		Message:    lang.choose(e.EN, e.FR),
		Fields:     make([]problemField, 0, len(e.Fields)),
		Metadata:   e.Meta,
		retryAfter: e.RetryAfter,
	}
	for _, f := range e.Fields {
		p.Fields = append(p.Fields, problemField{Field: f.Path, Reason: f.Reason, Message: lang.choose(f.EN, f.FR)})
	}
	return p.classify(codeOf(e.Kind))
}

// classify sets both codes; some reasons have an HTTP status that no gRPC code stands for.
func (p problem) classify(c codes.Code) problem {
	p.Status = code.Code(c).String()
	switch p.Reason {
	case errs.ErrStaleEtag.Reason:
		p.Code = http.StatusPreconditionFailed
	case errBodyTooLarge.Reason:
		p.Code = http.StatusRequestEntityTooLarge
	case errMediaType.Reason:
		p.Code = http.StatusUnsupportedMediaType
	case errMethod.Reason:
		p.Code = http.StatusMethodNotAllowed
	default:
		p.Code = httpCode(c)
	}
	return p
}

func httpCode(c codes.Code) int {
	if c == codes.FailedPrecondition {
		return http.StatusConflict // 412 is kept for etags
	}
	return runtime.HTTPStatusFromCode(c)
}

// codeOf knows the kinds of the door's own errors; a service's error brings its code along.
func codeOf(k errs.Kind) codes.Code {
	switch k {
	case errs.Invalid:
		return codes.InvalidArgument
	case errs.NotFound:
		return codes.NotFound
	case errs.Denied:
		return codes.PermissionDenied
	}
	return codes.Internal
}

func (p problem) write(w http.ResponseWriter, r *http.Request) {
	if span := trace.SpanContextFromContext(r.Context()); span.HasTraceID() {
		p.RequestID = span.TraceID().String()
	}
	if p.Metadata == nil {
		p.Metadata = map[string]string{}
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Language", string(speaks(r)))
	h.Add("Vary", "Accept-Language")
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64((p.retryAfter+time.Second-1)/time.Second), 10))
	}
	if p.Code == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="maillage"`)
	}
	w.WriteHeader(p.Code)
	// A caller who has left does not read the answer: nothing to do about that here.
	_ = json.NewEncoder(w).Encode(map[string]problem{"error": p})
}
