package credential

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"

	"github.com/classcode/maillage/pkg/keyfile"
)

// LoadOrCreateKey reads the Ed25519 key at path (PKCS #8, PEM), or creates it with mode 0600. Without a path the key is a new one
// each time.
func LoadOrCreateKey(path string) (ed25519.PrivateKey, error) {
	if path == "" {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	key, err := keyfile.Ed25519(path)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return key, nil
}
