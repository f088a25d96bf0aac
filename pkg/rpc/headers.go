package rpc

import (
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// headerOverhead is what HTTP/2 counts for each header beside its text (RFC 9113, 6.5.2).
const headerOverhead = 32

// clean takes out the names that belong to the transport, and refuses what HTTP could not carry: who relies on it in one
// process would fail over the network.
func clean(md metadata.MD) error {
	size := 0
	for key, values := range md {
		if reserved(key) {
			delete(md, key)
			continue
		}
		if key == "" || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
			return status.Errorf(codes.Internal, "in process: the metadata key %q has characters outside [a-z0-9-_.]", key)
		}
		for _, v := range values {
			size += len(key) + len(v) + headerOverhead
			if !strings.HasSuffix(key, "-bin") && !printable(v) {
				return status.Errorf(codes.Internal, "in process: the metadata %q have characters that cannot be printed", key)
			}
		}
	}
	if size > maxHeaders {
		return status.Errorf(codes.Internal, "in process: metadata of %d bytes, at most %d", size, maxHeaders)
	}
	return nil
}

func reserved(key string) bool {
	switch key {
	case "content-type", "user-agent", "te", "grpc-message-type", "grpc-encoding", "grpc-message", "grpc-status", "grpc-timeout":
		return true
	}
	return strings.HasPrefix(key, ":")
}

// printable looks at bytes: a token is a thousand of them, on every call.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
