// Package page makes and reads page tokens, and decides how long a page is.
//
// A token is base64url(version, truncated HMAC-SHA256, cursor). It hides nothing: the HMAC only makes sure that a token
// is used with the list that gave it, so a cursor from another method, filter, order or scope is refused and not
// half understood. Equal cursors give equal tokens, so that a list keeps its ETag.
package page

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"github.com/classcode/maillage/pkg/errs"
)

const (
	version = 1
	// 128 bits are far beyond guessing, and half of SHA-256 keeps a token short in an address bar.
	macSize = 16
	// maxToken leaves room for the longest sort keys; anything above it is not ours and is not worth decoding.
	maxToken = 2048

	defaultSize = 50
	maxSize     = 500
)

// Query is what a token belongs to; the same list asked by someone who sees more or less has another Scope.
type Query struct{ Method, Filter, Order, Scope string }

// Encode makes the token of the page after cursor, usually the sort keys and id of the last row; an empty cursor means
// that there is no next page and gives "". The cursor's texts must stay under 1 400 bytes together.
func (k Key) Encode(q Query, cursor []string) string {
	if len(cursor) == 0 {
		return ""
	}
	var body []byte
	for _, s := range cursor {
		body = appendText(body, s)
	}
	raw := append([]byte{version}, k.mac(q, body)...)
	return base64.RawURLEncoding.EncodeToString(append(raw, body...))
}

// Decode reads the cursor of a token made by Encode for the same query; "" is the first page and gives an empty cursor.
func (k Key) Decode(q Query, token string) ([]string, error) {
	if token == "" {
		return nil, nil
	}
	cursor, ok := k.decode(q, token)
	if !ok {
		return nil, errs.ErrPageToken.At("page_token")
	}
	return cursor, nil
}

func (k Key) decode(q Query, token string) ([]string, bool) {
	if len(token) > maxToken {
		return nil, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) <= 1+macSize || raw[0] != version {
		return nil, false
	}
	// Go's decoder skips line breaks: without this, one page would have many tokens.
	if base64.RawURLEncoding.EncodedLen(len(raw)) != len(token) {
		return nil, false
	}
	body := raw[1+macSize:]
	if !hmac.Equal(raw[1:1+macSize], k.mac(q, body)) {
		return nil, false
	}
	return texts(body)
}

func (k Key) mac(q Query, body []byte) []byte {
	h := hmac.New(sha256.New, k)
	// Lengths come first: else filter "a" with order "b" would sign like filter "ab" with none.
	head := []byte{version}
	for _, s := range []string{q.Method, q.Filter, q.Order, q.Scope} {
		head = appendText(head, s)
	}
	h.Write(head)
	h.Write(body)
	return h.Sum(nil)[:macSize]
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func texts(b []byte) ([]string, bool) {
	var out []string
	for len(b) > 0 {
		n, w := binary.Uvarint(b)
		if w <= 0 || n > uint64(len(b)-w) {
			return nil, false
		}
		end := w + int(n)
		out = append(out, string(b[w:end]))
		b = b[end:]
	}
	return out, true
}

// Size is the number of rows to return: 50 when none is asked, 500 at most (asking for more is not an error, AIP-158).
func Size(requested int32) (int, error) {
	switch {
	case requested < 0:
		return 0, errs.ErrPageSize.At("page_size")
	case requested == 0:
		return defaultSize, nil
	}
	return min(int(requested), maxSize), nil
}
