package testkit

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
)

// The kernel takes ports for outgoing connections from 32768 up, and nobody's services are expected here.
const firstPort, lastPort = 20000, 32000

// Address is a loopback address that nobody listens on, and that no outgoing connection takes while its program is away.
func Address(ctx context.Context) (string, error) {
	var config net.ListenConfig
	var last error
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", firstPort+rand.IntN(lastPort-firstPort)) //nolint:gosec // not a secret
		l, err := config.Listen(ctx, "tcp", address)
		if err == nil {
			return address, l.Close()
		}
		last = err
	}
	return "", fmt.Errorf("no free port: %w", last)
}
