package wire

import (
	"time"

	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

const metresPerKilometre = 1000

// WaitingLearner is somebody who waits, told to a day and a kilometre: no closer than an organiser needs to invite.
func WaitingLearner(w domain.NearWaiting) *meshv1.WaitingLearner {
	return &meshv1.WaitingLearner{
		InterestId: w.ID, CommuneCode: w.CommuneCode, ModuleId: w.ModuleID, Sphere: meshv1.Sphere(w.Sphere),
		DistanceKm: int32((w.Distance + metresPerKilometre - 1) / metresPerKilometre), WaitingSince: timestamp(w.CreateTime.UTC().Truncate(24 * time.Hour)),
	}
}

// Spheres is how many come from each sphere, in the contract's order.
func Spheres(counts map[int]int) (out []*meshv1.SphereCount) {
	for sphere := range len(meshv1.Sphere_name) {
		if n := counts[sphere]; n > 0 {
			out = append(out, &meshv1.SphereCount{Sphere: meshv1.Sphere(sphere), Count: int32(n)})
		}
	}
	return out
}
