package access

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// A token that was verified is believed again for at most this long: a key that its issuer withdraws stops working then.
	believed = time.Minute
	// About 2 MB; more callers than one replica serves in a minute.
	believedTokens = 10_000
)

// remembered keeps the identities of tokens that were just verified: a signature costs more than most requests. It holds
// digests, never tokens.
type remembered struct {
	mu     sync.RWMutex
	tokens map[[sha256.Size]byte]proof
}

type proof struct {
	identity Identity
	until    time.Time
}

func (r *remembered) get(token string, now time.Time) (Identity, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	p, known := r.tokens[sha256.Sum256([]byte(token))]
	return p.identity, known && now.Before(p.until)
}

// put forgets everything when it is full: to verify again costs less than to keep an order of use on every request.
func (r *remembered) put(token string, identity Identity, now, expiry time.Time) {
	until := now.Add(believed)
	if expiry.Before(until) {
		until = expiry
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tokens == nil || len(r.tokens) >= believedTokens {
		r.tokens = make(map[[sha256.Size]byte]proof)
	}
	r.tokens[sha256.Sum256([]byte(token))] = proof{identity, until}
}
