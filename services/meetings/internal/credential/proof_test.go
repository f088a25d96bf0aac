package credential

import (
	"crypto/ed25519"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

func TestOpenProven(t *testing.T) {
	s, other := signer(t), signer(t)
	text := sign(t, s).JSON
	bare, _, _ := strings.Cut(text, `,"proof"`)
	elsewhere, err := New(s.key, domain.Issuer{URI: "did:web:elsewhere.example", Door: "https://elsewhere.example"})
	if err != nil {
		t.Fatal(err)
	}
	changed := func(from, to string) string {
		out := strings.Replace(text, from, to, 1)
		if out == text {
			t.Fatalf("%q is not in %s", from, text)
		}
		return out
	}
	for name, c := range map[string]struct {
		credential string
		want       domain.InvalidReason
	}{
		"genuine":               {text, 0},
		"written otherwise":     {" " + changed(`,"type"`, ` , "type"`) + "\n", 0},
		"no proof":              {bare + "}", domain.Malformed},
		"a byte of the subject": {changed("LEARNER", "LEARNEQ"), domain.Malformed},
		"another part":          {changed("LEARNER", "ORGANISER"), domain.BadSignature},
		"more hours":            {changed(`"2.5"`, `"9.5"`), domain.BadSignature},
		"another place in list": {changed("94567\",\"type", "94568\",\"type"), domain.BadSignature},
		"a byte of the proof":   {changed(`"proofValue":"z`, `"proofValue":"z1`), domain.BadSignature},
		"a proof in no base":    {changed(`"proofValue":"z`, `"proofValue":"z0`), domain.Malformed},
		"a long proof":          {changed(`"proofValue":"z`, `"proofValue":"z`+strings.Repeat("1", 10_000)), domain.Malformed},
		"another time of proof": {changed(`"created":"2026`, `"created":"2025`), domain.BadSignature},
		"another purpose":       {changed("assertionMethod", "authentication"), domain.Malformed},
		"another suite":         {changed(cryptosuite, "ecdsa-rdfc-2019"), domain.Malformed},
		"the other key":         {sign(t, other).JSON, domain.UnknownKey},
		"a foreign key's name":  {changed(home.URI+"#", "did:web:elsewhere.example#"), domain.UnknownKey},
		"a foreign issuer":      {sign(t, elsewhere).JSON, domain.WrongIssuer},
		"a context more":        {changed(`/context"],"id"`, `/context","`+credentialsV2+`"],"id"`), domain.Malformed},
		"a context less":        {changed(`"`+badgesV3+`",`, ""), domain.Malformed},
		"a foreign context":     {changed("https://classcode.example/v1", "https://elsewhere.example/v1"), domain.Malformed},
		"an unknown context":    {changed(credentialsV2, "https://elsewhere.example/ns"), domain.Malformed},
		"a term of nobody's":    {changed(`"role"`, `"x":1,"role"`), domain.Malformed},
		"said twice":            {changed(`"role":"LEARNER"`, `"role":"LEARNER","role":"ORGANISER"`), domain.BadSignature},
		"claims of a JWT":       {changed(`"proof"`, `"iss":"x","proof"`), domain.Malformed},
		"something after":       {text + "{}", domain.Malformed},
		"cut":                   {text[:len(text)-1], domain.Malformed},
		"deep":                  {strings.Repeat(`{"a":[`, 5_000), domain.Malformed},
		"deep and whole":        {strings.Repeat(`{"a":`, 5_000) + "1" + strings.Repeat("}", 5_000), domain.Malformed},
		"too large":             {text + strings.Repeat(" ", largest), domain.Malformed},
		"a list":                {`{"issuer":[]}`, domain.Malformed},
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

// Everything that a credential may leave out, and characters that have several forms, are read back in both forms.
func TestOpenOthers(t *testing.T) {
	s := signer(t)
	for name, edit := range map[string]func(*domain.Claims){
		"no module": func(c *domain.Claims) {
			c.ModuleID, c.ModuleTitle, c.ModuleVersion, c.Title = "", "", 0, "Café « débranché »"
		},
		"both titles":        func(c *domain.Claims) { c.Title = "Chez les Ŵéñ — 💡 \"à\\b\" 'c'" },
		"half of a long day": func(c *domain.Claims) { c.End, c.Attended = c.Start.Add(310*time.Minute), 155*time.Minute },
		"competences":        func(c *domain.Claims) { c.Competences = "1.1 2.3 3.4" },
		"one competence":     func(c *domain.Claims) { c.Competences = "3.4" },
		"no place":           func(c *domain.Claims) { c.CommuneCode = "" },
		"no list":            func(c *domain.Claims) { c.Status = domain.StatusEntry{} },
		"for a time":         func(c *domain.Claims) { c.ValidUntil = c.IssueTime.AddDate(3, 0, 0) },
		"facilitator":        func(c *domain.Claims) { c.Role = domain.Facilitator },
	} {
		t.Run(name, func(t *testing.T) {
			want := claims
			edit(&want)
			both, err := s.Sign(want)
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range []string{both.JWT, both.JSON} {
				if got, reason := s.Open(text, []domain.Key{s.Key()}, issuers); reason != 0 || got != want {
					t.Errorf("reason %d, read %+v; want %+v", reason, got, want)
				}
			}
		})
	}
	control := claims
	control.Title = "a\tb\x7fc"
	both, err := s.Sign(control)
	if err != nil {
		t.Fatal(err)
	}
	if got, reason := s.Open(both.JSON, []domain.Key{s.Key()}, issuers); reason != 0 || got.Title != "a b c" {
		t.Errorf("control characters: reason %d, %q", reason, got.Title)
	}
}

func TestMultibase(t *testing.T) {
	for hexed, want := range map[string]string{ // the first from draft-msporny-base58, section 5
		"48656c6c6f20576f726c6421": "z2NEpo7TZRRrLZSi2U", "0000287fb4cd": "z11233QC4", "": "z", "00": "z1",
	} {
		b, err := hex.DecodeString(hexed)
		if err != nil {
			t.Fatal(err)
		}
		if got := encodeMultibase(b); got != want {
			t.Errorf("%s: %s; want %s", hexed, got, want)
		}
		if back, err := decodeMultibase(want); err != nil || hex.EncodeToString(back) != hexed {
			t.Errorf("%s: %x, %v", want, back, err)
		}
	}
	for _, wrong := range []string{"", "2NEpo7", "zO", "z!", "mSGVsbG8"} {
		if b, err := decodeMultibase(wrong); err == nil {
			t.Errorf("%q is %x", wrong, b)
		}
	}
}

func TestIssuerAt(t *testing.T) {
	for _, c := range []struct{ named, door, want string }{
		{"", "http://localhost:8080", "urn:maillage:local"},
		{"urn:maillage:local", "https://classcode.example/", "did:web:classcode.example"},
		{"", "https://classcode.example:8443", "did:web:classcode.example%3A8443"},
		{"", "https://classcode.example/maillage", "urn:maillage:local"},
		{"https://other.example/id", "https://classcode.example", "https://other.example/id"},
	} {
		if got := IssuerAt(c.named, c.door); got.URI != c.want || strings.HasSuffix(got.Door, "/") {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	s := signer(b)
	b.Run("both forms", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Sign(claims); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Ed25519 alone", func(b *testing.B) {
		text := []byte(sign(b, s).JSON)
		for b.Loop() {
			ed25519.Sign(s.key, text)
		}
	})
}
