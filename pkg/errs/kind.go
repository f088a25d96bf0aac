package errs

import "strconv"

// Kind is the class of an error: rpc turns it into a gRPC code, the gateway into an HTTP status.
type Kind uint8

// The kinds, with the HTTP status each becomes. Internal is the zero value: an error nobody classified is our fault.
const (
	Internal         Kind = iota // 500
	Invalid                      // 400
	Unauthenticated              // 401
	Denied                       // 403
	NotFound                     // 404, also for what the caller may not see
	AlreadyExists                // 409
	Precondition                 // 409: the state refuses, and the same call later may pass
	Stale                        // 412: the caller's etag is old
	Aborted                      // 409: lost against another call, try again
	Exhausted                    // 429
	Unavailable                  // 503
	DeadlineExceeded             // 504
	Canceled                     // 499: the caller left
)

var kindNames = [...]string{
	"Internal", "Invalid", "Unauthenticated", "Denied", "NotFound", "AlreadyExists", "Precondition",
	"Stale", "Aborted", "Exhausted", "Unavailable", "DeadlineExceeded", "Canceled",
}

// String is the kind's name, for logs and tests.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}
