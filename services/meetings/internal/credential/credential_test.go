package credential

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

var claims = domain.Claims{
	AttestationID: "0190a1b2-0000-7000-8000-000000000001", PersonID: "11111111-2222-4333-8444-555555555555", Role: domain.Participant,
	MeetingID: "0190a1b2-0000-7000-8000-000000000002", ModuleID: "0190a1b2-0000-7000-8000-000000000003", ModuleTitle: "#1 Programmation créative <&>",
	ModuleVersion: 3, Start: time.Date(2026, 11, 21, 17, 30, 0, 0, time.UTC), End: time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC),
	Attended: 150 * time.Minute, CommuneCode: "44109", Countersigned: domain.AsRelay, Status: domain.StatusEntry{List: 1, Index: 94567},
	IssueTime: time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC), Issuer: "did:web:classcode.example",
}

var (
	home    = domain.Issuer{URI: "did:web:classcode.example", Door: "https://classcode.example"}
	issuers = []domain.Issuer{{URI: "https://classcode.example"}, home}
)

func signer(t testing.TB) *Signer {
	t.Helper()
	key, err := LoadOrCreateKey("")
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(key, home)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sign(t testing.TB, s *Signer) domain.Signed {
	t.Helper()
	both, err := s.Sign(claims)
	if err != nil {
		t.Fatal(err)
	}
	return both
}

func part(t testing.TB, token string, n int) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[n])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Somebody else, with our published key and the standard library alone.
func TestElsewhere(t *testing.T) {
	s := signer(t)
	token, key := sign(t, s).JWT, s.Key()
	var header struct{ Alg, Typ, Kid string }
	if err := json.Unmarshal(part(t, token, 0), &header); err != nil {
		t.Fatal(err)
	}
	thumb := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + key.X + `"}`)) // RFC 7638, section 3.2
	if header.Alg != "EdDSA" || header.Typ != "vc+jwt" || header.Kid != key.ID || key.ID != base64.RawURLEncoding.EncodeToString(thumb[:]) {
		t.Fatalf("header %+v, key %+v", header, key)
	}
	public, err := base64.RawURLEncoding.DecodeString(key.X)
	if err != nil {
		t.Fatal(err)
	}
	signed := token[:strings.LastIndexByte(token, '.')]
	if !ed25519.Verify(public, []byte(signed), part(t, token, 2)) {
		t.Fatal("the signature does not verify with the published key")
	}
	const want = `{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",` +
		`"https://classcode.example/v1/credentials/context"],"id":"urn:uuid:0190a1b2-0000-7000-8000-000000000001",` +
		`"type":["VerifiableCredential","OpenBadgeCredential"],"name":"Attestation de participation : #1 Programmation créative \u003c\u0026\u003e",` +
		`"issuer":{"id":"did:web:classcode.example","type":["Profile"]},"validFrom":"2026-11-25T08:00:00Z",` +
		`"credentialSubject":{"id":"urn:uuid:11111111-2222-4333-8444-555555555555","type":["AchievementSubject"],"role":"LEARNER",` +
		`"achievement":{"id":"urn:uuid:0190a1b2-0000-7000-8000-000000000003","type":["Achievement"],"name":"#1 Programmation créative \u003c\u0026\u003e","version":"3",` +
		`"description":"Attestation de participation à un temps de rencontre.","criteria":{"narrative":"` + proven + `"}},` +
		`"meeting":{"id":"urn:uuid:0190a1b2-0000-7000-8000-000000000002","type":["Meeting"],"startTime":"2026-11-21T17:30:00Z",` +
		`"endTime":"2026-11-21T20:00:00Z","hours":"2.5","communeCode":"44109","countersignedBy":"RELAY"}},` +
		`"credentialStatus":{"id":"https://classcode.example/v1/credentials/status/1#94567","type":"BitstringStatusListEntry","statusPurpose":"revocation",` +
		`"statusListIndex":"94567","statusListCredential":"https://classcode.example/v1/credentials/status/1"},` +
		`"iss":"did:web:classcode.example","sub":"urn:uuid:11111111-2222-4333-8444-555555555555","jti":"urn:uuid:0190a1b2-0000-7000-8000-000000000001","iat":1795593600}`
	if got := string(part(t, token, 1)); got != want {
		t.Fatalf("payload\n%s\nwant\n%s", got, want)
	}
}

func seal(t testing.TB, s *Signer, payload string) string {
	t.Helper()
	token, err := s.jws.Sign([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	text, err := token.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestOpen(t *testing.T) {
	s, other := signer(t), signer(t)
	token := sign(t, s).JWT
	pieces := strings.Split(token, ".")
	encode := base64.RawURLEncoding.EncodeToString
	forged := func(header string) string {
		mac := hmac.New(sha256.New, s.public)
		head := encode([]byte(header)) + "." + pieces[1]
		mac.Write([]byte(head))
		return head + "." + encode(mac.Sum(nil))
	}
	elsewhere, err := New(s.key, domain.Issuer{URI: "did:web:elsewhere.example", Door: "https://elsewhere.example"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		credential string
		want       domain.InvalidReason
	}{
		"genuine":           {token, 0},
		"empty":             {"", domain.Malformed},
		"text":              {"not a credential", domain.Malformed},
		"two parts":         {pieces[0] + "." + pieces[1], domain.Malformed},
		"not base64":        {token + "!", domain.Malformed},
		"too large":         {token + strings.Repeat("A", largest), domain.Malformed},
		"JSON form":         {`{"payload":"` + pieces[1] + `","signatures":[]}`, domain.Malformed},
		"no algorithm":      {forged(`{"alg":"none","typ":"vc+jwt","kid":"` + s.id + `"}`), domain.Malformed},
		"public as secret":  {forged(`{"alg":"HS256","typ":"vc+jwt","kid":"` + s.id + `"}`), domain.Malformed},
		"another type":      {forged(`{"alg":"EdDSA","typ":"JWT","kid":"` + s.id + `"}`), domain.Malformed},
		"another statement": {seal(t, s, `{"type":["VerifiableCredential","Diploma"],"issuer":"`+home.URI+`"}`), domain.Malformed},
		"nobody's":          {seal(t, s, `{"type":["VerifiableCredential","OpenBadgeCredential"]}`), domain.Malformed},
		"foreign issuer":    {sign(t, elsewhere).JWT, domain.WrongIssuer},
		"other key":         {sign(t, other).JWT, domain.UnknownKey},
		"own key inside":    {forged(`{"alg":"EdDSA","typ":"vc+jwt","kid":"x","jwk":{"kty":"OKP","crv":"Ed25519","x":"` + other.Key().X + `"}}`), domain.UnknownKey},
		"no key named":      {forged(`{"alg":"EdDSA","typ":"vc+jwt"}`), domain.UnknownKey},
		"claims changed":    {pieces[0] + "." + encode(bytes.Replace(part(t, token, 1), []byte("LEARNER"), []byte("ORGANISER"), 1)) + "." + pieces[2], domain.BadSignature},
		"signature changed": {pieces[0] + "." + pieces[1] + "." + encode(make([]byte, ed25519.SignatureSize)), domain.BadSignature},
		"signed by another": {pieces[0] + "." + pieces[1] + "." + strings.Split(sign(t, other).JWT, ".")[2], domain.BadSignature},
	} {
		t.Run(name, func(t *testing.T) {
			got, reason := s.Open(c.credential, []domain.Key{signer(t).Key(), s.Key()}, issuers)
			if reason != c.want {
				t.Fatalf("reason %d; want %d", reason, c.want)
			}
			if reason == 0 && got != claims {
				t.Fatalf("read %+v; want %+v", got, claims)
			}
		})
	}
}

// What was issued before badges still says what it said.
func TestOpenFormer(t *testing.T) {
	s := signer(t)
	const payload = `{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:uuid:0190a1b2-0000-7000-8000-000000000001",` +
		`"type":["VerifiableCredential","MeetingAttestation"],"issuer":"https://classcode.example","validFrom":"2026-11-25T08:00:00Z",` +
		`"credentialSubject":{"id":"urn:uuid:11111111-2222-4333-8444-555555555555","role":"ORGANISER","meeting":` +
		`{"id":"urn:uuid:0190a1b2-0000-7000-8000-000000000002","moduleTitle":"#1 Programmation créative \u003c\u0026\u003e",` +
		`"startTime":"2026-11-21T17:30:00Z","communeCode":"44109","countersignedBy":"RELAY"}},"iss":"https://classcode.example",` +
		`"sub":"urn:uuid:11111111-2222-4333-8444-555555555555","jti":"urn:uuid:0190a1b2-0000-7000-8000-000000000001","iat":1795593600}`
	want := domain.Claims{
		AttestationID: claims.AttestationID, PersonID: claims.PersonID, Role: domain.Organiser, MeetingID: claims.MeetingID,
		ModuleTitle: claims.ModuleTitle, Start: claims.Start, CommuneCode: claims.CommuneCode, Countersigned: claims.Countersigned,
		IssueTime: claims.IssueTime, Issuer: "https://classcode.example",
	}
	if got, reason := s.Open(seal(t, s, payload), []domain.Key{s.Key()}, issuers); reason != 0 || got != want {
		t.Fatalf("reason %d, read %+v; want %+v", reason, got, want)
	}
	if _, reason := s.Open(seal(t, s, payload), []domain.Key{s.Key()}, []domain.Issuer{home}); reason != domain.WrongIssuer {
		t.Fatalf("issued in a name that was never ours: reason %d", reason)
	}
}

func FuzzOpen(f *testing.F) {
	s := signer(f)
	both := sign(f, s)
	f.Add(both.JWT)
	f.Add(both.JSON)
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		if got, reason := s.Open(text, []domain.Key{s.Key()}, issuers); reason == 0 && got != claims {
			t.Fatalf("%q says %+v", text, got)
		}
	})
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "signing.pem")
	keys := make([]ed25519.PrivateKey, 8)
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() {
			var err error
			if keys[i], err = LoadOrCreateKey(path); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, k := range keys {
		if !k.Equal(keys[0]) {
			t.Fatal("processes that start together have different keys")
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Fatalf("left %v, %v", left, err)
	}
}

func TestKeyFileRefused(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "text": "secret",
		"public": "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "key.pem")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := LoadOrCreateKey(path); err == nil || !strings.Contains(err.Error(), path) {
				t.Fatalf("%v; want an error that names the file", err)
			}
			if kept, err := os.ReadFile(path); err != nil || string(kept) != text {
				t.Fatalf("the file is now %q, %v", kept, err)
			}
		})
	}
}
