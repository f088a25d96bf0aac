package rpc

import (
	"errors"
	"strings"
	"sync"

	"google.golang.org/grpc/metadata"
)

var errTooLate = errors.New("in process: the header has been sent")

// back is what a handler sends beside its reply, through grpc.SetHeader and its like.
type back struct {
	method string

	mu              sync.Mutex
	header, trailer metadata.MD
	sent, over      bool
}

// Method implements grpc.ServerTransportStream.
func (b *back) Method() string { return b.method }

// SetHeader implements grpc.ServerTransportStream.
func (b *back) SetHeader(md metadata.MD) error { return b.setHeader(md, false) }

// SendHeader implements grpc.ServerTransportStream; the caller reads it with the reply.
func (b *back) SendHeader(md metadata.MD) error { return b.setHeader(md, true) }

func (b *back) setHeader(md metadata.MD, last bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sent || b.over {
		return errTooLate
	}
	b.header, b.sent = appended(b.header, md), last
	return nil
}

// SetTrailer implements grpc.ServerTransportStream.
func (b *back) SetTrailer(md metadata.MD) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return errTooLate
	}
	b.trailer = appended(b.trailer, md)
	return nil
}

// end: the handler has returned, and what it left running changes nothing any more.
func (b *back) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
}

// ended is nothing until end.
func (b *back) ended() (header, trailer metadata.MD) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.over {
		return nil, nil
	}
	return b.header, b.trailer
}

// appended copies: the handler may go on with its own.
func appended(md, more metadata.MD) metadata.MD {
	if md == nil {
		md = metadata.MD{}
	}
	for key, values := range more {
		key = strings.ToLower(key)
		md[key] = append(md[key], values...)
	}
	return md
}
