package jobs

import (
	"errors"
	"math/rand/v2"
	"time"
)

const (
	firstPause = 5 * time.Second
	maxPause   = 30 * time.Minute
)

// Permanent marks an error that trying again cannot heal: the job is dead at once.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

type permanentError struct{ cause error }

func (e *permanentError) Error() string { return e.cause.Error() }
func (e *permanentError) Unwrap() error { return e.cause }

// Later puts a job off until at, which is no failure and counts as no attempt.
func Later(at time.Time) error { return laterError{at} }

// ErrFinished is what a handler returns that has marked its job as done by itself, with Finish.
var ErrFinished = errors.New("finished")

type laterError struct{ at time.Time }

func (e laterError) Error() string { return "not before " + e.at.UTC().Format(time.RFC3339) }

func permanent(err error) bool {
	_, is := errors.AsType[*permanentError](err)
	return is
}

// pause is how long a job waits after its n-th attempt has failed: doubled up to half an hour, of which the half is drawn, so that
// what failed together does not come back together.
func pause(attempt int) time.Duration {
	d := maxPause
	if shift := max(attempt, 1) - 1; shift < 9 { // 5 s × 2⁹ is beyond the most
		d = min(firstPause<<shift, maxPause)
	}
	return d/2 + rand.N(d/2)
}
