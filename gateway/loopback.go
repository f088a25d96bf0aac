package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// CheckLoopback says whether only this machine can reach all of the addresses (HOST:PORT): nil when it is so. A name
// must resolve to loopback addresses only; no host means every interface.
func CheckLoopback(ctx context.Context, addrs ...string) error {
	if len(addrs) == 0 {
		return errors.New("no listener is known, so none is known to be loopback")
	}
	for _, addr := range addrs {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			return fmt.Errorf("listener %q: %w", addr, err)
		}
		if host == "" {
			return fmt.Errorf("listener %q: every interface, not only loopback", addr)
		}
		ips, err := net.DefaultResolver.LookupIPAddr(ctx, host)
		if err != nil {
			return fmt.Errorf("listener %q: %w", addr, err)
		}
		for _, ip := range ips {
			if !ip.IP.IsLoopback() {
				return fmt.Errorf("listener %q: %s is not loopback", addr, ip)
			}
		}
	}
	return nil
}
