package season

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// attest has the coordinator countersign each meeting, checks who received an attestation, and verifies one without the instance.
func (s *season) attest(ctx context.Context) error {
	if err := each(ctx, s.circles, func(ctx context.Context, c *circle) error {
		for _, g := range c.meetings {
			if err := s.countersign(ctx, c, g); err != nil {
				return fmt.Errorf("rencontre %s : %w", g.meeting.GetId(), err)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	issued := 0
	for _, c := range s.circles {
		for _, g := range c.meetings {
			issued += len(g.attestations)
		}
	}
	s.say("  %d attestations émises", issued)
	return s.verify(ctx)
}

func (s *season) countersign(ctx context.Context, c *circle, g *gathering) error {
	expected := map[string]bool{c.organiser.id: true} // organising is a part too, present as a learner or not
	for id := range g.present {
		expected[id] = true
	}
	answer := &meetingsv1.CountersignMeetingResponse{}
	path := "/v1/meetings/" + g.meeting.GetId()
	if err := s.post(ctx, s.coordinator, path+":countersign", &meetingsv1.CountersignMeetingRequest{}, answer); err != nil {
		return err
	}
	g.meeting = answer.GetMeeting()
	page := &meetingsv1.ListAttestationsResponse{}
	if err := s.get(ctx, s.coordinator, "/v1/attestations", url.Values{"meetingId": {g.meeting.GetId()}, "pageSize": {"100"}}, page); err != nil {
		return err
	}
	g.attestations = page.GetAttestations()
	for _, a := range g.attestations {
		if !expected[a.GetPersonId()] {
			return fmt.Errorf("une attestation pour %s, qui n'était pas là", a.GetPersonId())
		}
	}
	return errors.Join(
		expect("attestations annoncées", int(answer.GetAttestationCount()), len(expected)),
		expect("attestations émises", len(g.attestations), len(expected)))
}

// verify asks the instance about a credential and about a forged one, then does without the instance: the published key and
// the standard library are enough.
func (s *season) verify(ctx context.Context) error {
	sample := s.circles[0].meetings[0].attestations[0]
	verdict := &meetingsv1.VerifyAttestationResponse{}
	ask := func(credential string) error {
		return s.post(ctx, nil, "/v1/attestations:verify", &meetingsv1.VerifyAttestationRequest{Credential: credential}, verdict)
	}
	for _, form := range []string{sample.GetCredential(), sample.GetCredentialJson()} {
		if err := ask(form); err != nil {
			return err
		}
		if err := errors.Join(expect("attestation valide", verdict.GetValid(), true),
			expect("titulaire de l'attestation", verdict.GetClaims().GetPersonId(), sample.GetPersonId())); err != nil {
			return err
		}
	}
	for _, forged := range []string{forge(sample.GetCredential()), strings.Replace(sample.GetCredentialJson(), `"hours":"`, `"hours":"1`, 1)} {
		if err := ask(forged); err != nil {
			return err
		}
		if err := expect("attestation falsifiée valide", verdict.GetValid(), false); err != nil {
			return err
		}
	}
	keys := &meetingsv1.KeySet{}
	if err := s.get(ctx, nil, "/.well-known/jwks.json", nil, keys); err != nil {
		return err
	}
	if err := verifyOffline(sample.GetCredential(), keys); err != nil {
		return err
	}
	if verifyOffline(forge(sample.GetCredential()), keys) == nil {
		return errors.New("l'attestation falsifiée passe la vérification hors ligne")
	}
	s.say("  attestation %s : valide en ligne sous ses deux formes et hors ligne, falsifiée refusée", sample.GetId())
	return nil
}

// forge changes one letter of the payload.
func forge(credential string) string {
	parts := strings.Split(credential, ".")
	middle := []byte(parts[1])
	middle[len(middle)/2] ^= 1
	parts[1] = string(middle)
	return strings.Join(parts, ".")
}

func verifyOffline(credential string, keys *meetingsv1.KeySet) error {
	parts := strings.Split(credential, ".")
	if len(parts) != 3 {
		return errors.New("hors ligne : ce n'est pas un JWT")
	}
	var header struct{ Alg, Kid string }
	raw, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil || json.Unmarshal(raw, &header) != nil || header.Alg != "EdDSA" {
		return errors.New("hors ligne : en-tête inattendu")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return fmt.Errorf("hors ligne : signature : %w", err)
	}
	for _, k := range keys.GetKeys() {
		public, err := base64.RawURLEncoding.DecodeString(k.GetX())
		if err != nil || k.GetKid() != header.Kid || len(public) != ed25519.PublicKeySize {
			continue
		}
		if ed25519.Verify(public, []byte(parts[0]+"."+parts[1]), signature) {
			return nil
		}
	}
	return errors.New("hors ligne : aucune clé publiée ne vérifie la signature")
}
