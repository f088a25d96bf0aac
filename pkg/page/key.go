package page

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/classcode/maillage/pkg/keyfile"
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

// LoadOrCreateKey reads the key at path, or creates it with mode 0600.
func LoadOrCreateKey(path string) (Key, error) {
	text, err := keyfile.LoadOrCreate(path, func() ([]byte, error) {
		key := make([]byte, keySize)
		_, _ = rand.Read(key) // never fails: it ends the process instead
		return []byte(hex.EncodeToString(key) + "\n"), nil
	})
	if err != nil {
		return nil, fmt.Errorf("page key: %w", err)
	}
	key, err := ParseKey(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}
