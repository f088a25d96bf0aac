package domain

import (
	"strings"

	"github.com/classcode/maillage/pkg/errs"
)

// CancelCause is why a meeting is called off or postponed; the numbers are the contract's. What people are told follows it.
type CancelCause int

// The causes.
const (
	OrganiserAway CancelCause = iota + 1
	PlaceUnavailable
	TooFewRegistrations
	NoProfessional
	WeatherOrTransport
	HealthRisk
	OtherCause
)

// Reason is a cause with what the organiser adds to it.
type Reason struct {
	Cause CancelCause // 0 when nobody said
	Note  string
}

// given refuses a reason that is missing, or that says "other" and no more.
func (r Reason) given(causePath, notePath string) (Reason, error) {
	r.Note = strings.TrimSpace(r.Note)
	switch {
	case r.Cause == 0:
		return r, errs.ErrRequired.At(causePath)
	case r.Cause == OtherCause && r.Note == "":
		return r, errs.ErrRequired.At(notePath)
	}
	return r, nil
}
