// Package wire turns the nouns of meetings into their form in the contract, for answers and for events alike.
package wire

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"
)

// timestamp is absent for the zero time.
func timestamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
