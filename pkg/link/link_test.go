package link_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/link"
)

var (
	now   = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	key   = link.DeriveKey([]byte("a secret of this deployment"))
	claim = link.Claim{Action: "acceptOffer", Resource: "r-1", PersonID: "p-1", Expires: now.Add(time.Hour)}
)

func TestWhatWasSignedIsReadBack(t *testing.T) {
	got, err := key.Open(key.Sign(claim), now, "declineOffer", "acceptOffer")
	if err != nil || got != claim {
		t.Fatalf("%+v, %v", got, err)
	}
	if again := key.Sign(claim); again != key.Sign(claim) {
		t.Fatal("the same claim has two tokens")
	}
	if shown := fmt.Sprintf("%v %#v %s", key, key, key); shown != "*** *** ***" {
		t.Fatal("the key is shown:", shown)
	}
}

func TestActionIsReadWithoutTheKey(t *testing.T) {
	token := key.Sign(claim)
	for given, want := range map[string]string{token: "acceptOffer", token[:20]: "acceptOffer", "": "", "%%%": "", "YWJj": "", token + "=": ""} {
		if got := link.ActionOf(given); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	token := key.Sign(claim)
	foreign := link.DeriveKey([]byte("another secret")).Sign(claim)
	bar := claim
	bar.Resource = "r|1"
	for name, c := range map[string]struct {
		token string
		now   time.Time
		want  error
	}{
		"at its last instant": {token, claim.Expires.Add(-time.Second), nil},
		"at its deadline":     {token, claim.Expires, link.ErrExpired},
		"foreign":             {foreign, now, link.ErrInvalid},
		"empty":               {"", now, link.ErrInvalid},
		"cut":                 {token[:len(token)-1], now, link.ErrInvalid},
		"junk":                {"%%%", now, link.ErrInvalid},
		"a bar in a text":     {key.Sign(bar), now, link.ErrInvalid},
		"another action":      {key.Sign(link.Claim{Action: "other", Expires: claim.Expires}), now, link.ErrInvalid},
	} {
		if _, err := key.Open(c.token, c.now, "acceptOffer"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestNoBitMayChange(t *testing.T) {
	raw, err := base64.RawURLEncoding.DecodeString(key.Sign(claim))
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		raw[i] ^= 1
		if _, err := key.Open(base64.RawURLEncoding.EncodeToString(raw), now, "acceptOffer"); !errors.Is(err, link.ErrInvalid) {
			t.Errorf("byte %d changed: %v", i, err)
		}
		raw[i] ^= 1
	}
}
