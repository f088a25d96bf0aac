package rpc

import (
	"encoding/json"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// How the standard methods that only read are named; a command carries idempotency_level in the contract to be repeated.
var reads = []string{"Get", "List", "BatchGet", "Search"}

type methodName struct {
	Service string `json:"service"`
	Method  string `json:"method"`
}

type retryPolicy struct {
	MaxAttempts       int      `json:"maxAttempts"`
	InitialBackoff    string   `json:"initialBackoff"`
	MaxBackoff        string   `json:"maxBackoff"`
	BackoffMultiplier float64  `json:"backoffMultiplier"`
	Codes             []string `json:"retryableStatusCodes"`
}

type methodConfig struct {
	Name  []methodName `json:"name"`
	Retry retryPolicy  `json:"retryPolicy"`
}

// serviceConfig retries what may be repeated, in every service of ours that is linked in; gRPC knows no wildcard for
// methods. A call that never left is retried by gRPC itself, whatever it does.
func serviceConfig() string {
	var repeatable []methodName
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(file.Package()), "maillage.") {
			repeatable = append(repeatable, repeatableIn(file)...)
		}
		return true
	})
	config := map[string]any{
		// Calls are spread over the replicas that answer.
		"loadBalancingConfig": []any{map[string]any{"round_robin": map[string]any{}}},
		// When one answer in ten fails, retries stop: they would only add to the load.
		"retryThrottling": map[string]any{"maxTokens": 100, "tokenRatio": 0.1},
	}
	if len(repeatable) > 0 {
		config["methodConfig"] = []methodConfig{{Name: repeatable, Retry: retryPolicy{
			MaxAttempts: 3, InitialBackoff: "0.05s", MaxBackoff: "0.5s", BackoffMultiplier: 2, Codes: []string{"UNAVAILABLE"},
		}}}
	}
	text, err := json.Marshal(config)
	if err != nil {
		panic("rpc: service config: " + err.Error())
	}
	return string(text)
}

func repeatableIn(file protoreflect.FileDescriptor) []methodName {
	var names []methodName
	for i := range file.Services().Len() {
		service := file.Services().Get(i)
		for j := range service.Methods().Len() {
			if m := service.Methods().Get(j); idempotentMethod(m) {
				names = append(names, methodName{Service: string(service.FullName()), Method: string(m.Name())})
			}
		}
	}
	return names
}

func idempotentMethod(m protoreflect.MethodDescriptor) bool {
	o, ok := m.Options().(*descriptorpb.MethodOptions)
	if ok && o.GetIdempotencyLevel() != descriptorpb.MethodOptions_IDEMPOTENCY_UNKNOWN {
		return true
	}
	return slices.ContainsFunc(reads, func(verb string) bool { return strings.HasPrefix(string(m.Name()), verb) })
}
