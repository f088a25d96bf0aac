package telemetry

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// Register adds a collector to reg (nil: to none), or finds the one that another service of the same process registered under its
// name. It panics only for a name that is taken by another kind of collector: a mistake in a program's code.
func Register[C prometheus.Collector](reg prometheus.Registerer, c C) C {
	if reg == nil {
		return c
	}
	err := reg.Register(c)
	if twice, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		return twice.ExistingCollector.(C)
	}
	if err != nil {
		panic(err)
	}
	return c
}
