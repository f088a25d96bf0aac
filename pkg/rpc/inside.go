package rpc

import "sync"

// inside counts the calls in process that are at work; gRPC counts those of the network.
type inside struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // made by stop; closed when nothing is at work
}

func (i *inside) enter() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.idle != nil {
		return false
	}
	i.n++
	return true
}

func (i *inside) leave() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.n--; i.n == 0 && i.idle != nil {
		close(i.idle)
	}
}

// stop refuses further calls; what it returns is closed when the last one has left.
func (i *inside) stop() <-chan struct{} {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.idle == nil {
		i.idle = make(chan struct{})
		if i.n == 0 {
			close(i.idle)
		}
	}
	return i.idle
}
