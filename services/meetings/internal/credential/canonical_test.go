package credential

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/piprate/json-gold/ld"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// loader gives a whole JSON-LD processor our contexts, as they are published.
type loader struct{}

func (loader) LoadDocument(url string) (*ld.RemoteDocument, error) {
	text := map[string][]byte{credentialsV2: credentialsTerms, badgesV3: badgesTerms}[url]
	if isMeetingContext(url) {
		text = meetingTerms
	}
	var known any
	err := json.Unmarshal(text, &known)
	return &ld.RemoteDocument{DocumentURL: url, Document: known}, err
}

// whole is the canonical form that a whole JSON-LD processor gives.
func whole(document any) (string, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return "", err
	}
	var plain map[string]any
	if err := json.Unmarshal(text, &plain); err != nil {
		return "", err
	}
	options := ld.NewJsonLdOptions("")
	options.ProcessingMode, options.Algorithm, options.Format = ld.JsonLd_1_1, ld.AlgorithmURDNA2015, "application/n-quads"
	options.DocumentLoader = loader{}
	quads, err := ld.NewJsonLdProcessor().Normalize(plain, options)
	return fmt.Sprint(quads), err
}

// What we write by ourselves is what a whole processor writes, whatever the titles, and whichever fields there are.
func TestCanonical(t *testing.T) {
	s, random := signer(t), rand.New(rand.NewPCG(1, 2))
	contexts := []string{credentialsV2, badgesV3, home.Door + contextPath}
	documents := map[string]any{
		"a status list": listDocument{
			Context: contexts[:1], ID: s.listURL(1), Type: []string{verifiable, "BitstringStatusListCredential"}, Issuer: s.issuer, ValidFrom: stamp(claims.IssueTime),
			Subject: listSubject{ID: s.listURL(1) + "#list", Type: "BitstringStatusList", Purpose: revocation, List: "uABC"},
		},
		"settings of a proof": proof{Context: contexts, Type: proofType, Cryptosuite: cryptosuite, Created: stamp(claims.IssueTime), Method: s.issuer + "#" + s.id, Purpose: purpose},
		"several blank nodes": map[string]any{"@context": contexts, "id": "urn:x", "criteria": []any{
			map[string]any{"narrative": "b"}, map[string]any{"narrative": "a"}, map[string]any{"narrative": []any{"c", "d", "c"}},
		}},
		"a node twice": map[string]any{"@context": contexts, "id": "urn:x", "issuer": map[string]any{"id": "urn:x", "name": "n"}, "name": "n"},
	}
	for i := range 300 {
		documents[fmt.Sprint("a credential ", i)] = s.write(anyClaims(random))
	}
	for name, document := range documents {
		want, err := whole(document)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := canonical(document); err != nil || string(got) != want || bytes.Count(got, []byte("\n")) < 2 {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, want)
		}
	}
}

// anyClaims are claims with texts of all kinds, and some of the fields that may be missing missing.
func anyClaims(random *rand.Rand) domain.Claims {
	c := claims
	alphabet := []rune("aéÉ\"\\'<>{}^`|_:\t\n\r\b\f\x00\x7f\u0085 \u2028💡عא\ufffd\U0010ffff.")
	text := func() string {
		runes := make([]rune, random.IntN(12))
		for i := range runes {
			runes[i] = alphabet[random.IntN(len(alphabet))]
		}
		return string(runes)
	}
	c.Title, c.ModuleTitle = text(), text()
	if random.IntN(3) == 0 {
		c.ModuleID, c.ModuleVersion = "", 0
	}
	if random.IntN(3) == 0 {
		c.Status = domain.StatusEntry{}
	}
	c.Competences = []string{"", "3.4", "1.1 3.4", "5.2 1.1 2.3"}[random.IntN(4)]
	c.Attended = time.Duration(random.IntN(1000)) * time.Minute
	c.Role = domain.AttestationRole(1 + random.IntN(3))
	c.AttestationID = uuid.NewString()
	c.End = c.Start.AddDate(0, 0, random.IntN(2))
	return c
}

// What could make the form say something else than the document seems to is refused, where a whole processor leaves it out.
func TestCanonicalRefuses(t *testing.T) {
	for name, document := range map[string]map[string]any{
		"a context from another host": {"@context": []string{"https://elsewhere.example/ns"}, "id": "urn:x", "name": "x"},
		"a file":                      {"@context": []string{"file:///etc/passwd"}, "id": "urn:x", "name": "x"},
		"no context":                  {"id": "urn:x", "name": "x"},
		"a context inside":            {"@context": []string{credentialsV2}, "id": "urn:x", "issuer": map[string]any{"@context": credentialsV2, "name": "x"}},
		"a term of nobody's":          {"@context": []string{credentialsV2}, "id": "urn:x", "title": "x"},
		"a type of nobody's":          {"@context": []string{credentialsV2}, "id": "urn:x", "type": "Title"},
		"another's term":              {"@context": []string{badgesV3}, "id": "urn:x", "validFrom": "2026-01-01T00:00:00Z"},
		"a name that ends early":      {"@context": []string{credentialsV2}, "id": "urn:x> <urn:y> <urn:z> .\n<urn:x", "name": "x"},
		"a blank node's name":         {"@context": []string{credentialsV2}, "id": "_:c14n0", "name": "x"},
		"a relative name":             {"@context": []string{credentialsV2}, "id": "x", "name": "x"},
		"an empty name":               {"@context": []string{credentialsV2}, "id": "", "name": "x"},
		"a number":                    {"@context": []string{credentialsV2}, "id": "urn:x", "name": 1},
		"a text that is a node":       {"@context": []string{credentialsV2}, "id": "urn:x", "issuer": "somebody"},
		"two nodes alike": {"@context": []string{badgesV3}, "id": "urn:x", "criteria": []any{
			map[string]any{"narrative": "a"}, map[string]any{"narrative": "a"},
		}},
	} {
		if text, err := canonical(document); err == nil {
			t.Errorf("%s: %q", name, text)
		}
	}
}
