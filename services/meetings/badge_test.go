package meetings_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	teaching    = meetingsv1.BadgeCategory_BADGE_CATEGORY_PEDAGOGY
	participant = meetingsv1.BadgeLevel_BADGE_LEVEL_PARTICIPANT
	contributor = meetingsv1.BadgeLevel_BADGE_LEVEL_CONTRIBUTOR
)

func (w *world) claimOf(person string, level meetingsv1.BadgeLevel, edit ...func(*meetingsv1.ClaimBadgeRequest)) (*meetingsv1.BadgeClaim, error) {
	in := &meetingsv1.ClaimBadgeRequest{Category: teaching, Level: level, Words: "J'ai mené un atelier débranché avec ma classe."}
	for _, a := range must[*meetingsv1.ListAttestationsResponse](w)(w.ListAttestations(w.as(person), &meetingsv1.ListAttestationsRequest{})).GetAttestations() {
		in.AttestationIds = append(in.AttestationIds, a.GetId())
	}
	for _, e := range edit {
		e(in)
	}
	return w.ClaimBadge(w.as(person), in)
}

func (w *world) recognise(peer, claim string) (*meetingsv1.RecognisableClaim, error) {
	return w.RecogniseBadgeClaim(w.as(peer), &meetingsv1.RecogniseBadgeClaimRequest{Id: claim, Sentence: "Elle a aidé tout le monde."})
}

func (w *world) seenBy(peer string) []*meetingsv1.RecognisableClaim {
	w.Helper()
	return must[*meetingsv1.ListRecognisableClaimsResponse](w)(w.ListRecognisableClaims(w.as(peer), &meetingsv1.ListRecognisableClaimsRequest{})).GetClaims()
}

// From an attestation to a badge that anyone verifies: what the claimant, a peer, a stranger and the coordinator see of it.
func TestBadges(t *testing.T) {
	w := newWorld(t)
	w.deps.Contacts = &contacts{english: map[string]bool{}}
	w.serve(w.service())
	m := w.attested()
	alone := must[*meetingsv1.BadgeClaim](w)(w.claimOf("came", participant))
	if alone.GetState() != meetingsv1.BadgeClaimState_BADGE_CLAIM_STATE_ISSUED || alone.GetBadgeId() == "" || len(w.seenBy("organiser")) != 0 {
		t.Fatalf("%v", alone)
	}
	shared := func(in *meetingsv1.ClaimBadgeRequest) { in.NameShared, in.RequestId = true, uuid.NewString() }
	claim := must[*meetingsv1.BadgeClaim](w)(w.claimOf("came", contributor, shared))
	if claim.GetMissingCount() != 1 || claim.GetExperiencedMissing() || claim.GetBadgeId() != "" {
		t.Fatalf("%v", claim)
	}
	seen := w.seenBy("organiser")
	if len(seen) != 1 || seen[0].GetClaimId() != claim.GetId() || seen[0].GetMeetingId() != m.GetId() || seen[0].GetPersonName() != "CAME" || seen[0].GetRecognition() != nil {
		t.Fatalf("%v", seen)
	}
	if strings.Contains(seen[0].String(), `"came"`) {
		t.Fatalf("a peer is told who it is: %v", seen[0])
	}
	silent := must[*meetingsv1.BadgeClaim](w)(w.claimOf("came", participant, func(in *meetingsv1.ClaimBadgeRequest) {
		in.Category = meetingsv1.BadgeCategory_BADGE_CATEGORY_EVENTS
	}))
	silent = must[*meetingsv1.BadgeClaim](w)(w.claimOf("came", contributor, func(in *meetingsv1.ClaimBadgeRequest) { in.Category = silent.GetCategory() }))
	for _, s := range w.seenBy("organiser") {
		if (s.GetPersonName() == "") != (s.GetClaimId() == silent.GetId()) {
			t.Fatalf("named with a claim that keeps the name back: %v", s)
		}
	}
	for _, who := range []string{"came", "away", "coordinator", "national"} {
		if all := w.seenBy(who); len(all) != 0 {
			t.Fatalf("%s, who was not there with the claimant, sees %v", who, all)
		}
		if who != "came" {
			_, err := w.GetBadgeClaim(w.as(who), &meetingsv1.GetBadgeClaimRequest{Id: claim.GetId()})
			w.refused(err, errs.NotFound, "NOT_FOUND", "")
			_, err = w.GetBadge(w.as(who), &meetingsv1.GetBadgeRequest{Id: alone.GetBadgeId()})
			w.refused(err, errs.NotFound, "NOT_FOUND", "id")
		}
	}
	must[*meetingsv1.RecognisableClaim](w)(w.recognise("organiser", claim.GetId()))
	done := must[*meetingsv1.BadgeClaim](w)(w.GetBadgeClaim(w.as("came"), &meetingsv1.GetBadgeClaimRequest{Id: claim.GetId()}))
	if said := done.GetRecognitions(); len(said) != 1 || said[0].GetSentence() != "Elle a aidé tout le monde." || said[0].GetMeetingId() != m.GetId() || strings.Contains(done.String(), "organiser") {
		t.Fatalf("%v", done)
	}
	all := must[*meetingsv1.ListBadgesResponse](w)(w.ListBadges(w.as("came"), &meetingsv1.ListBadgesRequest{})).GetBadges()
	all = slices.DeleteFunc(all, func(b *meetingsv1.Badge) bool { return b.GetCategory() != teaching })
	if len(all) != 2 || all[1].GetLevel() != contributor || all[1].GetPeerCount() != 1 || all[1].GetId() != done.GetBadgeId() {
		t.Fatalf("%v", all)
	}
	for _, form := range []string{all[1].GetCredential(), all[1].GetCredentialJson()} {
		v := w.verify(form)
		b := v.GetBadge()
		if !v.GetValid() || v.GetClaims() != nil || b.GetBadgeId() != all[1].GetId() || b.GetCategory() != teaching || b.GetLevel() != contributor || b.GetPeerCount() != 1 || b.GetPersonId() != "came" {
			t.Fatalf("%v", v)
		}
	}
	revoke := func(who string) error {
		_, err := w.RevokeBadge(w.as(who), &meetingsv1.RevokeBadgeRequest{Id: all[1].GetId(), Reason: "Délivré par erreur"})
		return err
	}
	for _, who := range []string{"came", "organiser", "elsewhere", "national"} {
		if err := revoke(who); err == nil {
			t.Fatalf("%s has revoked it", who)
		}
	}
	if err := revoke("coordinator"); err != nil {
		t.Fatal(err)
	}
	w.refused(revoke("coordinator"), errs.Precondition, "BADGE_REVOKED", "")
	if v := w.verify(all[1].GetCredentialJson()); v.GetValid() || v.GetReason() != meetingsv1.InvalidReason_INVALID_REASON_REVOKED || v.GetRevokeReason() != "Délivré par erreur" || v.GetBadge() == nil {
		t.Fatalf("%v", v)
	}
	if v := w.verify(all[0].GetCredentialJson()); !v.GetValid() {
		t.Fatalf("the level before: %v", v)
	}
}

// What is not one's own, not said, said twice or too late is refused, and nothing has changed.
func TestBadgeRefusals(t *testing.T) {
	w := newWorld(t)
	w.attested()
	must[*meetingsv1.BadgeClaim](w)(w.claimOf("came", participant))
	retry := uuid.NewString()
	var claim *meetingsv1.BadgeClaim
	for range 2 { // the same request
		again := must[*meetingsv1.BadgeClaim](w)(w.claimOf("came", contributor, func(in *meetingsv1.ClaimBadgeRequest) { in.RequestId = retry }))
		if claim != nil && claim.GetId() != again.GetId() {
			t.Fatalf("%v, then %v", claim, again)
		}
		claim = again
	}
	wrong := func(person string, level meetingsv1.BadgeLevel, edit func(*meetingsv1.ClaimBadgeRequest)) func() error {
		return func() error {
			_, err := w.claimOf(person, level, edit)
			return err
		}
	}
	say := func(peer, id, sentence string) func() error {
		return func() error {
			_, err := w.RecogniseBadgeClaim(w.as(peer), &meetingsv1.RecogniseBadgeClaimRequest{Id: id, Sentence: sentence})
			return err
		}
	}
	foreign := w.own("organiser").GetId()
	none := func(*meetingsv1.ClaimBadgeRequest) {}
	w.refuses(map[string]refusal{
		"no category":      {wrong("came", participant, func(in *meetingsv1.ClaimBadgeRequest) { in.Category = 0 }), errs.Invalid, "ENUM_NOT_IN", "category"},
		"a fifth level":    {wrong("came", 5, none), errs.Invalid, "ENUM_DEFINED_ONLY", "level"},
		"no words":         {wrong("came", contributor, func(in *meetingsv1.ClaimBadgeRequest) { in.Words = "" }), errs.Invalid, "STRING_MIN_LEN", "words"},
		"blank words":      {wrong("came", contributor, func(in *meetingsv1.ClaimBadgeRequest) { in.Words = " \u200b " }), errs.Invalid, "FIELD_REQUIRED", "words"},
		"too many words":   {wrong("came", contributor, func(in *meetingsv1.ClaimBadgeRequest) { in.Words = strings.Repeat("é", 1001) }), errs.Invalid, "STRING_MAX_LEN", "words"},
		"NUL":              {wrong("came", contributor, func(in *meetingsv1.ClaimBadgeRequest) { in.Words = "a\x00" }), errs.Invalid, "NUL_CHARACTER", "words"},
		"nothing shows it": {wrong("came", contributor, func(in *meetingsv1.ClaimBadgeRequest) { in.AttestationIds = nil }), errs.Invalid, "REPEATED_MIN_ITEMS", "attestation_ids"},
		"another's attestation": {wrong("came", meetingsv1.BadgeLevel_BADGE_LEVEL_PARTICIPANT, func(in *meetingsv1.ClaimBadgeRequest) {
			in.Category, in.AttestationIds = meetingsv1.BadgeCategory_BADGE_CATEGORY_EVENTS, []string{foreign}
		}), errs.Precondition, "BADGE_EVIDENCE", "attestation_ids"},
		"two levels at once": {wrong("came", meetingsv1.BadgeLevel_BADGE_LEVEL_MULTIPLIER, none), errs.Precondition, "BADGE_LEVEL_BEFORE", "level"},
		"held":               {wrong("came", participant, none), errs.Precondition, "BADGE_HELD", "level"},
		"claimed":            {wrong("came", contributor, none), errs.Precondition, "BADGE_CLAIM_OPEN", ""},
		"oneself":            {say("came", claim.GetId(), "Moi"), errs.Denied, "BADGE_OWN_CLAIM", "id"},
		"an absent person":   {say("away", claim.GetId(), "J'y étais"), errs.NotFound, "NOT_FOUND", ""},
		"nothing":            {say("organiser", claim.GetId(), "\u00a0"), errs.Invalid, "FIELD_REQUIRED", "sentence"},
		"of nobody":          {say("organiser", uuid.NewString(), "J'y étais"), errs.NotFound, "NOT_FOUND", ""},
	})
	if seen := w.seenBy("organiser"); len(seen) != 1 || seen[0].GetPersonName() != "" {
		t.Fatalf("the name is not shared: %v", seen)
	}
	must[*meetingsv1.BadgeClaim](w)(w.WithdrawBadgeClaim(w.as("came"), &meetingsv1.WithdrawBadgeClaimRequest{Id: claim.GetId()}))
	w.refused(say("organiser", claim.GetId(), "J'y étais")(), errs.Precondition, "BADGE_CLAIM_OVER", "id")
	states := []meetingsv1.BadgeClaimState{}
	for _, c := range must[*meetingsv1.ListBadgeClaimsResponse](w)(w.ListBadgeClaims(w.as("came"), &meetingsv1.ListBadgeClaimsRequest{})).GetClaims() {
		states = append(states, c.GetState())
	}
	if !slices.Equal(states, []meetingsv1.BadgeClaimState{2, 3}) {
		t.Fatalf("%v", states)
	}
}

// Until the badge is issued a peer may take back what was said; the third level waits for somebody experienced.
func TestRecognitionsOfTheThirdLevel(t *testing.T) {
	w := newWorld(t)
	m := w.held(4, 1)
	must[*meetingsv1.CountersignMeetingResponse](w)(w.CountersignMeeting(w.as("relay"), &meetingsv1.CountersignMeetingRequest{Id: m.GetId()}))
	w.clock.Advance(time.Hour)
	must[*meetingsv1.BadgeClaim](w)(w.claimOf("guest-0", participant))
	second := must[*meetingsv1.BadgeClaim](w)(w.claimOf("guest-0", contributor))
	must[*meetingsv1.RecognisableClaim](w)(w.recognise("guest-1", second.GetId()))
	third := must[*meetingsv1.BadgeClaim](w)(w.claimOf("guest-0", meetingsv1.BadgeLevel_BADGE_LEVEL_MULTIPLIER))
	if third.GetMissingCount() != 2 || !third.GetExperiencedMissing() {
		t.Fatalf("%v", third)
	}
	must[*meetingsv1.RecognisableClaim](w)(w.recognise("guest-1", third.GetId()))
	must[*meetingsv1.RecognisableClaim](w)(w.recognise("guest-2", third.GetId()))
	back := must[*meetingsv1.RecognisableClaim](w)(w.WithdrawRecognition(w.as("guest-2"), &meetingsv1.WithdrawRecognitionRequest{Id: third.GetId()}))
	if back.GetRecognition() != nil {
		t.Fatalf("%v", back)
	}
	_, err := w.WithdrawRecognition(w.as("guest-2"), &meetingsv1.WithdrawRecognitionRequest{Id: third.GetId()})
	w.refused(err, errs.NotFound, "NOT_FOUND", "id")
	if c := must[*meetingsv1.BadgeClaim](w)(w.GetBadgeClaim(w.as("guest-0"), &meetingsv1.GetBadgeClaimRequest{Id: third.GetId()})); c.GetMissingCount() != 1 || len(c.GetRecognitions()) != 1 {
		t.Fatalf("%v", c)
	}
	done := must[*meetingsv1.RecognisableClaim](w)(w.recognise("organiser", third.GetId()))
	if done.GetState() != meetingsv1.BadgeClaimState_BADGE_CLAIM_STATE_ISSUED {
		t.Fatalf("%v", done)
	}
}

// Who is recognised by peers is written to; who positions themselves alone is not.
func TestMailOfABadge(t *testing.T) {
	o := newOffice(t)
	o.attested()
	before := len(o.sink.Mails())
	must[*meetingsv1.BadgeClaim](o.world)(o.claimOf("came", participant))
	claim := must[*meetingsv1.BadgeClaim](o.world)(o.claimOf("came", contributor))
	must[*meetingsv1.RecognisableClaim](o.world)(o.recognise("organiser", claim.GetId()))
	o.clock.Set(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)) // not at night
	badges := func() (all []string) {
		for _, mail := range o.sink.Mails()[before:] {
			l, err := mail.Read()
			if err != nil {
				t.Fatal(err)
			}
			if subject := strings.ReplaceAll(l.Subject, "\u00a0", " "); strings.HasPrefix(subject, "Votre badge") {
				all = append(all, mail.To+" "+subject)
			}
		}
		return all
	}
	testkit.Poll(t, awaited, func() bool { return len(badges()) > 0 }, "the claimant to hear of it")
	if got := badges(); len(got) != 1 || got[0] != "came@example.org Votre badge : Pédagogie, niveau 2" {
		t.Fatalf("%q", got)
	}
}
