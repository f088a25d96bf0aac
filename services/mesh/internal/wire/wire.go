// Package wire turns the mesh's nouns into their form in the contract, for answers and for events alike.
package wire

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// timestamp is absent for the zero time.
func timestamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func position(p domain.Position) *meshv1.Position {
	return &meshv1.Position{Latitude: p.Latitude, Longitude: p.Longitude}
}
