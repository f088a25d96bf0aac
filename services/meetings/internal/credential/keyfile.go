package credential

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// block is the PEM type of a PKCS #8 key.
const block = "PRIVATE KEY"

// LoadOrCreateKey reads the Ed25519 key at path (PKCS #8, PEM), or creates it with mode 0600. Of several processes that start
// together one creates the key and all get the same one. Without a path the key is a new one each time.
func LoadOrCreateKey(path string) (ed25519.PrivateKey, error) {
	if path == "" {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	key, err := loadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := createKey(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("create signing key: %w", err)
	}
	return loadKey(path)
}

func loadKey(path string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read signing key: %w", err)
	}
	decoded, _ := pem.Decode(text)
	if decoded == nil || decoded.Type != block {
		return nil, fmt.Errorf("signing key %s: want a PEM block %q (PKCS #8), e.g. from: openssl genpkey -algorithm ed25519", path, block)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(decoded.Bytes)
	if err != nil {
		return nil, fmt.Errorf("signing key %s: %w", path, err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("signing key %s: a %T, not an Ed25519 key", path, parsed)
	}
	return key, nil
}

// createKey writes aside and links into place: a link fails when the name is taken, and a reader never sees half a key.
func createKey(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, ".signing-key-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	if err := errors.Join(writeKey(tmp), tmp.Close()); err != nil {
		return err
	}
	return os.Link(tmp.Name(), path)
}

func writeKey(f *os.File) error {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := pem.Encode(f, &pem.Block{Type: block, Bytes: der}); err != nil {
		return err
	}
	return f.Sync() // attestations are signed with it from now on
}
