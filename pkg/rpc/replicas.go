package rpc

import (
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
)

// comeback is the longest time until a replica that was away is tried again; gRPC's own two minutes would outlast a restart.
const comeback = 3 * time.Second

// reach turns HOST:PORT,HOST:PORT into one target; a name stands for all the addresses that the DNS gives for it.
func reach(target string) (string, []grpc.DialOption) {
	waits := backoff.DefaultConfig
	waits.BaseDelay, waits.MaxDelay = 100*time.Millisecond, comeback
	options := []grpc.DialOption{grpc.WithConnectParams(grpc.ConnectParams{Backoff: waits, MinConnectTimeout: comeback})}
	if !strings.Contains(target, ",") {
		return target, options
	}
	var state resolver.State
	for address := range strings.SplitSeq(target, ",") {
		// Each is known by its own name, also to TLS.
		one := resolver.Address{Addr: address, ServerName: address}
		state.Endpoints = append(state.Endpoints, resolver.Endpoint{Addresses: []resolver.Address{one}})
	}
	replicas := manual.NewBuilderWithScheme("replicas")
	replicas.InitialState(state)
	return "replicas:///" + target, append(options, grpc.WithResolvers(replicas))
}
