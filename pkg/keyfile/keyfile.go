// Package keyfile keeps a key in a file that is made once and outlives restarts.
package keyfile

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

// LoadOrCreate reads the file at path, or creates it, with mode 0600, from what generate returns. Of several processes that start
// together one creates it and all get the same content.
func LoadOrCreate(path string, generate func() ([]byte, error)) ([]byte, error) {
	content, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return content, err
	}
	if err := create(path, generate); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("create %s: %w", path, err)
	}
	return os.ReadFile(path)
}

// create writes aside and links into place: a link fails when the name is taken, and a reader never sees half a key.
func create(path string, generate func() ([]byte, error)) error {
	content, err := generate()
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(content)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Link(tmp.Name(), path)
}

// block is the PEM type of a PKCS #8 key.
const block = "PRIVATE KEY"

// Ed25519 reads the Ed25519 key at path (PKCS #8, PEM), or creates it.
func Ed25519(path string) (ed25519.PrivateKey, error) {
	text, err := LoadOrCreate(path, generateEd25519)
	if err != nil {
		return nil, err
	}
	decoded, _ := pem.Decode(text)
	if decoded == nil || decoded.Type != block {
		return nil, fmt.Errorf("%s: want a PEM block %q (PKCS #8), e.g. from: openssl genpkey -algorithm ed25519", path, block)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(decoded.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s: a %T, not an Ed25519 key", path, parsed)
	}
	return key, nil
}

func generateEd25519() ([]byte, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: block, Bytes: der}), nil
}
