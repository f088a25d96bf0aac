// Package link makes signed links: what a mail lets its receiver do without signing in. A link names one thing that one person may
// do to one record until an hour; whoever holds it may, so it stands in a mail to that person and nowhere else.
package link

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

const (
	// derivation keeps what this key signs apart from page tokens, which the same secret signs.
	derivation = "maillage link 1"
	keySize    = 32
	// macSize is half of SHA-256: nobody guesses 128 bits, and the link stays short enough for a mail.
	macSize = 16
	parts   = 4
)

// What a link may be refused for.
var (
	ErrInvalid = errs.New(errs.Denied, "LINK_INVALID",
		"This link is not one of ours, or was cut short; open it again from the mail.",
		"Ce lien n'est pas de nous, ou a été tronqué ; rouvrez-le depuis le courriel.")
	ErrExpired = errs.New(errs.Denied, "LINK_EXPIRED",
		"This link has expired; sign in instead.",
		"Ce lien a expiré ; connectez-vous plutôt.")
)

// Claim is what a link lets its holder do. None of its texts may hold a "|".
type Claim struct {
	Action   string    // e.g. "acceptOffer"
	Resource string    // id of the record that it is about
	PersonID string    // in whose name
	Expires  time.Time // to the second; at that instant it has expired
}

// Key signs links. All replicas of a service share one; changing it ends the links that were sent.
type Key []byte

// DeriveKey makes the key of links from a deployment's secret, which may serve elsewhere.
func DeriveKey(secret []byte) Key {
	key, err := hkdf.Key(sha256.New, secret, nil, derivation, keySize)
	if err != nil {
		panic(fmt.Sprintf("link: %v", err)) // only a length beyond SHA-256's is refused
	}
	return key
}

// String hides the key, also from fmt.
func (Key) String() string { return "***" }

// GoString hides the key from %#v.
func (Key) GoString() string { return "***" }

// Sign gives the token that stands in a link; the same claim has always the same token.
func (k Key) Sign(c Claim) string {
	text := strings.Join([]string{c.Action, c.Resource, c.PersonID, strconv.FormatInt(c.Expires.Unix(), 36)}, "|")
	return base64.RawURLEncoding.EncodeToString(append([]byte(text), k.mac(text)...))
}

// Open reads a token of one of the actions, or refuses it with ErrInvalid or ErrExpired.
func (k Key) Open(token string, now time.Time, actions ...string) (Claim, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) <= macSize {
		return Claim{}, ErrInvalid
	}
	text, mac := string(raw[:len(raw)-macSize]), raw[len(raw)-macSize:]
	if !hmac.Equal(mac, k.mac(text)) {
		return Claim{}, ErrInvalid
	}
	part := strings.Split(text, "|")
	if len(part) != parts {
		return Claim{}, ErrInvalid
	}
	seconds, err := strconv.ParseInt(part[3], 36, 64)
	if err != nil {
		return Claim{}, ErrInvalid
	}
	c := Claim{Action: part[0], Resource: part[1], PersonID: part[2], Expires: time.Unix(seconds, 0).UTC()}
	for _, action := range actions {
		switch {
		case c.Action != action:
		case !now.Before(c.Expires):
			return Claim{}, ErrExpired
		default:
			return c, nil
		}
	}
	return Claim{}, ErrInvalid
}

// ActionOf is what a token says that it is for, unchecked: enough to choose who opens it. It is empty for what is no token.
func ActionOf(token string) string {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return ""
	}
	action, _, found := strings.Cut(string(raw), "|")
	if !found {
		return ""
	}
	return action
}

func (k Key) mac(text string) []byte {
	h := hmac.New(sha256.New, k)
	_, _ = h.Write([]byte(text)) // never fails
	return h.Sum(nil)[:macSize]
}
