package page

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/classcode/maillage/pkg/errs"
)

var (
	key   = Key(bytes.Repeat([]byte{7}, keySize))
	query = Query{Method: "/maillage.mesh.v1.MeshService/ListPlaces", Filter: `kind="SCHOOL"`, Order: "name", Scope: "DEP-44"}
)

func TestRoundTrip(t *testing.T) {
	for _, cursor := range [][]string{
		{"a"}, {""}, {"", ""}, {"saint-herblain", "0190"}, {"l'haÿ", "\x00\xff"}, {strings.Repeat("é", 650), "id"},
	} {
		token := key.Encode(query, cursor)
		if token != key.Encode(query, cursor) {
			t.Fatal("tokens are not deterministic")
		}
		got, err := key.Decode(query, token)
		if err != nil || !slices.Equal(got, cursor) {
			t.Errorf("%q: got %q, %v", cursor, got, err)
		}
	}
	if got, err := key.Decode(query, ""); got != nil || err != nil {
		t.Errorf("first page: %q, %v", got, err)
	}
	if key.Encode(query, nil) != "" {
		t.Error("no cursor means no next page")
	}
}

func TestRefused(t *testing.T) {
	cursor := []string{"saint-herblain", "0190"}
	token := key.Encode(query, cursor)
	other := func(change func(*Query)) string {
		q := query
		change(&q)
		return key.Encode(q, cursor)
	}
	old, _ := base64.RawURLEncoding.DecodeString(token)
	old[0] = version + 1
	for name, bad := range map[string]string{
		"another method":    other(func(q *Query) { q.Method = "ListRooms" }),
		"another filter":    other(func(q *Query) { q.Filter = "" }),
		"another order":     other(func(q *Query) { q.Order = "name desc" }),
		"another scope":     other(func(q *Query) { q.Scope = "DEP-45" }),
		"moved border":      other(func(q *Query) { q.Filter, q.Order = q.Filter+q.Order[:1], q.Order[1:] }),
		"another key":       Key(bytes.Repeat([]byte{8}, keySize)).Encode(query, cursor),
		"another version":   base64.RawURLEncoding.EncodeToString(old),
		"padding":           token + "=",
		"line break":        token[:8] + "\n" + token[8:],
		"standard alphabet": token[:8] + "+/" + token[10:],
		"junk":              "!!!",
		"one byte":          "AQ",
		"2 kB and one":      strings.Repeat("A", maxToken+1),
		"10 kB":             strings.Repeat("A", 10_000),
	} {
		refuse(t, name, bad)
	}
	for i := range token {
		refuse(t, fmt.Sprintf("truncated at %d", i), token[:max(i, 1)])
		changed := []byte(token)
		changed[i] = map[bool]byte{true: 'B', false: 'A'}[changed[i] == 'A']
		refuse(t, fmt.Sprintf("changed at %d", i), string(changed))
	}
}

func refuse(t *testing.T, name, token string) {
	t.Helper()
	_, err := key.Decode(query, token)
	if !errors.Is(err, errs.ErrPageToken) {
		t.Errorf("%s: %v", name, err)
		return
	}
	if e := errs.From(err); e.Kind != errs.Invalid || e.Reason != "PAGE_TOKEN_INVALID" || e.Fields[0].Path != "page_token" {
		t.Errorf("%s: %+v", name, e)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(key.Encode(query, []string{"a", "b"}))
	f.Add("")
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, token string) {
		cursor, err := key.Decode(query, token)
		if err != nil {
			if !errors.Is(err, errs.ErrPageToken) {
				t.Fatalf("wrong error: %v", err)
			}
			return
		}
		if again := key.Encode(query, cursor); again != token {
			t.Fatalf("two tokens for one page: %q %q", token, again)
		}
	})
}

// FuzzTexts goes behind the HMAC, where random input never gets.
func FuzzTexts(f *testing.F) {
	f.Add([]byte{1, 'a'})
	f.Add(bytes.Repeat([]byte{0xff}, 12))
	f.Fuzz(func(t *testing.T, b []byte) {
		out, ok := texts(b)
		if n := len(strings.Join(out, "")); ok && n > len(b) {
			t.Fatalf("%d bytes out of %d", n, len(b))
		}
	})
}

func TestSize(t *testing.T) {
	for in, want := range map[int32]int{0: 50, 1: 1, 50: 50, 500: 500, 501: 500, math.MaxInt32: 500} {
		if got, err := Size(in); got != want || err != nil {
			t.Errorf("%d: %d, %v", in, got, err)
		}
	}
	for _, in := range []int32{-1, math.MinInt32} {
		if _, err := Size(in); !errors.Is(err, errs.ErrPageSize) || errs.From(err).Fields[0].Path != "page_size" {
			t.Errorf("%d: %v", in, err)
		}
	}
}

func TestParseKey(t *testing.T) {
	raw := bytes.Repeat([]byte{0xfb}, keySize)
	for name, text := range map[string]string{
		"hex":       fmt.Sprintf("%x\n", raw),
		"base64":    base64.StdEncoding.EncodeToString(raw),
		"base64url": base64.RawURLEncoding.EncodeToString(raw),
	} {
		if got, err := ParseKey(text); err != nil || !bytes.Equal(got, raw) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{"", "secret", strings.Repeat("0", 62), strings.Repeat("z", 64)} {
		if _, err := ParseKey(text); err == nil {
			t.Errorf("%q accepted", text)
		}
	}
	if s := fmt.Sprintf("%v %+v %#v %s", key, key, key, key); s != "*** *** *** ***" {
		t.Errorf("printed: %s", s)
	}
}

func TestLoadOrCreateKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "var", "page.key")
	keys := make([]Key, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			var err error
			if keys[i], err = LoadOrCreateKey(path); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, k := range keys {
		if len(k) != keySize || !bytes.Equal(k, keys[0]) {
			t.Fatal("processes that start together got different keys")
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	left, _ := os.ReadDir(filepath.Dir(path))
	if len(left) != 1 {
		t.Fatalf("left behind: %v", left)
	}
	if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadOrCreateKey(path); err == nil {
		t.Fatal("a damaged key was accepted or replaced")
	}
}
