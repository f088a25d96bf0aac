package e2e

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// held is an attestation in its two forms.
type held struct {
	ID       string
	Token    string
	Document json.RawMessage
	person   string
}

// Attestations of a real season verify with the libraries of others and with the script of the docs, where the door has a name and
// where it has none; what was changed, revoked, signed with another key or by others does not, for the right reason.
func TestCredentialsElsewhere(t *testing.T) {
	command(t, "../scripts/bootstrap", "node")
	command(t, "npm", "--prefix", "credential", "ci", "--loglevel=error")
	p := install(t)
	const named = "https://classcode.example"
	p.start("--public-url", named)
	p.await()
	report := p.season(40)
	issued := p.held(report.Groups[0].Meetings[0].ID)
	genuine, revoked := issued[0], issued[1]
	p.revokeAttestation(revoked.ID)
	badge := p.badge(genuine)
	p.verifiedElsewhere(named, "did:web:classcode.example", genuine, revoked, badge)
	p.verifiedOffline(genuine)

	// Another key, then another name: what was signed before is still ours.
	p.stop()
	if err := os.Remove(filepath.Join(p.dir, "var", "attestation-key.pem")); err != nil {
		t.Fatal(err)
	}
	p.start("--public-url", named)
	p.await()
	p.verifiedElsewhere(named, "did:web:classcode.example", genuine, revoked, badge)
	if keys := p.publishedKeys(); len(keys) != 2 {
		t.Fatalf("%d keys; want the retired one too", len(keys))
	}
	p.stop()
	p.start()
	p.await()
	for _, form := range []string{genuine.Token, string(genuine.Document)} {
		if verdict := p.verdict(form); verdict["valid"] != true {
			t.Fatalf("issued in the name that the door had: %v", verdict)
		}
	}
	local := p.held(p.season(40).Groups[0].Meetings[0].ID)
	p.revokeAttestation(local[1].ID)
	p.verifiedElsewhere(p.url(), "urn:maillage:local", local[0], local[1], p.badge(local[0]))
	p.stop()
}

func command(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil { //nolint:gosec // the test's own
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// held gives the attestations of a meeting, as the territory's coordinator sees them.
func (p *program) held(meeting string) (all []held) {
	p.t.Helper()
	_, answer := p.ask(http.MethodGet, "/v1/attestations?meetingId="+meeting, p.attester(), "")
	var page struct {
		Attestations []struct{ ID, PersonID, Credential, CredentialJSON, Role string }
	}
	if err := json.Unmarshal([]byte(answer), &page); err != nil || len(page.Attestations) < 3 {
		p.t.Fatalf("%v in %s", err, answer)
	}
	for _, a := range page.Attestations {
		if a.Role == "ATTESTATION_ROLE_PARTICIPANT" {
			all = append(all, held{a.ID, a.Credential, json.RawMessage(a.CredentialJSON), a.PersonID})
		}
	}
	return all
}

// badge has the holder of an attestation position themselves at the first level, on the strength of it.
func (p *program) badge(a held) held {
	p.t.Helper()
	tables := p.store.open(p.t, false)
	defer tables.close()
	var subject string
	if err := tables.QueryRowContext(p.t.Context(), `SELECT subject FROM mesh.identities WHERE person_id = $1`, a.person).Scan(&subject); err != nil {
		p.t.Fatal(err)
	}
	holder := p.token("learner", subject)
	code, answer := p.ask(http.MethodPost, "/v1/badgeClaims", holder, `{"category":"BADGE_CATEGORY_EVENTS","level":"BADGE_LEVEL_PARTICIPANT","words":"J'étais là","attestationIds":["`+a.ID+`"]}`)
	if code != http.StatusOK {
		p.t.Fatalf("%d %s", code, answer)
	}
	_, answer = p.ask(http.MethodGet, "/v1/badges/"+field(p.t, answer, "badgeId"), holder, "")
	return held{field(p.t, answer, "id"), field(p.t, answer, "credential"), json.RawMessage(field(p.t, answer, "credentialJson")), a.person}
}

func (p *program) attester() string { return p.token("coordinator", "attests") }

func (p *program) revokeAttestation(id string) {
	p.t.Helper()
	code, answer := p.ask(http.MethodPost, "/v1/attestations/"+id+":revoke", p.attester(), `{"reason":"Délivrée par erreur"}`)
	if code != http.StatusOK {
		p.t.Fatalf("%d %s", code, answer)
	}
}

func (p *program) verdict(credential string) map[string]any {
	p.t.Helper()
	body, err := json.Marshal(map[string]string{"credential": credential})
	if err != nil {
		p.t.Fatal(err)
	}
	code, answer := p.ask(http.MethodPost, "/v1/attestations:verify", "", string(body))
	var out map[string]any
	if err := json.Unmarshal([]byte(answer), &out); err != nil || code != http.StatusOK {
		p.t.Fatalf("%d %s", code, answer)
	}
	return out
}

func (p *program) publishedKeys() []json.RawMessage {
	p.t.Helper()
	_, answer := p.ask(http.MethodGet, "/.well-known/jwks.json", "", "")
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal([]byte(answer), &set); err != nil {
		p.t.Fatal(err)
	}
	return set.Keys
}

// verifiedElsewhere asks the libraries of others, and this door for the same.
func (p *program) verifiedElsewhere(door, issuer string, genuine, revoked, badge held) {
	p.t.Helper()
	in, err := json.Marshal(map[string]any{
		"door": door, "url": p.url(),
		"genuine": map[string]any{"token": genuine.Token, "document": genuine.Document},
		"revoked": map[string]any{"token": revoked.Token, "document": revoked.Document},
		"badge":   map[string]any{"token": badge.Token, "document": badge.Document},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	node := exec.CommandContext(p.t.Context(), "node", "credential/verify.mjs")
	node.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	node.Stderr = &stderr
	out, err := node.Output()
	if err != nil {
		p.t.Fatalf("%v\n%s", err, &stderr)
	}
	got := map[string]string{}
	if err := json.Unmarshal(out, &got); err != nil {
		p.t.Fatalf("%v in %s", err, out)
	}
	want := map[string]string{
		"document, genuine": "valid", "document, changed": "signature", "document, revoked": "revoked", "document, wrong key": "key", "document, foreign": "issuer",
		"token, genuine": "valid", "token, changed": "signature", "token, revoked": "revoked", "token, wrong key": "signature", "token, unknown key": "key",
		"token, foreign": "issuer", "issuer": issuer,
		"badge, document": "valid", "badge, token": "valid", "badge, promoted": "signature",
	}
	if !maps.Equal(got, want) {
		p.t.Fatalf("elsewhere %v\nwant %v", got, want)
	}
	for _, form := range []string{revoked.Token, string(revoked.Document)} {
		if verdict := p.verdict(form); verdict["reason"] != "INVALID_REASON_REVOKED" || verdict["revokeReason"] != "Délivrée par erreur" {
			p.t.Fatalf("here %v", verdict)
		}
	}
}

// verifiedOffline runs the script of the docs with the published keys only.
func (p *program) verifiedOffline(genuine held) {
	p.t.Helper()
	_, published := p.ask(http.MethodGet, "/.well-known/jwks.json", "", "")
	run := func(keys, token string) (string, error) {
		dir := p.t.TempDir()
		for name, text := range map[string]string{"jwks.json": keys, "attestation.jwt": token} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				p.t.Fatal(err)
			}
		}
		out, err := exec.CommandContext(p.t.Context(), "node", "../docs/verify-attestation.mjs", filepath.Join(dir, "jwks.json"), filepath.Join(dir, "attestation.jwt")).CombinedOutput() //nolint:gosec // the test's own
		return string(out), err
	}
	if out, err := run(published, genuine.Token); err != nil || !strings.Contains(out, `"role": "LEARNER"`) {
		p.t.Fatalf("%v\n%s", err, out)
	}
	parts := strings.Split(genuine.Token, ".")
	middle := []byte(parts[1])
	middle[len(middle)/2] ^= 1
	for why, c := range map[string][2]string{
		"la signature ne convient pas":        {published, strings.Join([]string{parts[0], string(middle), parts[2]}, ".")},
		"la clé n'est pas publiée":            {`{"keys":[]}`, genuine.Token},
		"ce n'est pas une attestation signée": {published, "eyJhbGciOiJub25lIiwidHlwIjoidmMrand0In0." + parts[1] + "."},
	} {
		if out, err := run(c[0], c[1]); err == nil || !strings.Contains(out, why) {
			p.t.Errorf("want %q: %v\n%s", why, err, out)
		}
	}
}
