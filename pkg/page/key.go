package page

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

const keySize = 32

// Key signs page tokens. All replicas of a service share one; changing it ends the listings under way, nothing else.
type Key []byte

// String hides the key, also from fmt.
func (Key) String() string { return "***" }

// GoString hides the key from %#v.
func (Key) GoString() string { return "***" }

// LogValue hides the key from slog.
func (Key) LogValue() slog.Value { return slog.StringValue("***") }

// ParseKey reads a key of 32 bytes written in hexadecimal or in base64.
func ParseKey(text string) (Key, error) {
	text = strings.TrimSpace(text)
	for _, decode := range []func(string) ([]byte, error){
		hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
	} {
		if b, err := decode(text); err == nil && len(b) == keySize {
			return b, nil
		}
	}
	return nil, errors.New("page key: want 32 bytes in hexadecimal or base64, e.g. from: openssl rand -hex 32")
}

// LoadOrCreateKey reads the key at path, or creates it with mode 0600. Of several processes that start together one
// creates the key and all get the same one.
func LoadOrCreateKey(path string) (Key, error) {
	key, err := loadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := createKey(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("create page key: %w", err)
	}
	return loadKey(path)
}

func loadKey(path string) (Key, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read page key: %w", err)
	}
	key, err := ParseKey(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

// createKey writes aside and links into place: a link fails when the name is taken, and a reader never sees half a key.
func createKey(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, ".page-key-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	if err := writeKey(tmp); err != nil {
		return err
	}
	return os.Link(tmp.Name(), path)
}

func writeKey(f *os.File) error {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails: it ends the process instead
	_, err := fmt.Fprintln(f, hex.EncodeToString(key))
	return errors.Join(err, f.Sync(), f.Close())
}
