package testkit

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
)

// The kernel takes ports for outgoing connections from 32768 up, and nobody's services are expected here.
const firstPort, lastPort = 20000, 32000

// lastGiven makes one process give no port twice before it has given all: of a score of ports drawn at random two are the same every
// seventieth time, and nobody listens yet on the first when the second is tried. Each process begins somewhere else.
var lastGiven = anywhere()

func anywhere() *atomic.Uint32 {
	var n atomic.Uint32
	n.Store(rand.Uint32N(lastPort - firstPort)) //nolint:gosec // not a secret
	return &n
}

// Address is a loopback address that nobody listens on, that was given to nobody else in this process, and that no outgoing
// connection takes while its program is away.
func Address(ctx context.Context) (string, error) {
	var config net.ListenConfig
	var last error
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", firstPort+lastGiven.Add(1)%(lastPort-firstPort))
		l, err := config.Listen(ctx, "tcp", address)
		if err == nil {
			return address, l.Close()
		}
		last = err
	}
	return "", fmt.Errorf("no free port: %w", last)
}
