package domain

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// opened is a credential that says this, whoever asks.
type opened struct {
	Credentials
	claims Claims
	reason InvalidReason
}

func (o opened) Open(string, []Key, []Issuer) (Claims, InvalidReason) { return o.claims, o.reason }

var shownClaims = Claims{
	AttestationID: "the-id", PersonID: "the-person", Role: Organiser, MeetingID: "the-meeting", Title: "the-title", ModuleID: "the-module",
	ModuleTitle: "the-module-title", ModuleVersion: 7777, Start: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), End: time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC),
	Attended: 3*time.Hour + 31*time.Minute, Competences: "3.4", CommuneCode: "97411", Countersigned: AsRelay,
	Status: StatusEntry{List: 1, Index: 54321}, IssueTime: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), Issuer: "the-issuer",
}

// wordsOf are those by which each field is known in an answer.
var wordsOf = map[ShownField][]string{
	ShownTitle: {"the-title", "the-module-title", "7777"}, ShownDates: {"2026-11-21", "2026-11-22", "2026-11-23"},
	ShownHours: {"3h31m"}, ShownCompetences: {"3.4", "Programmer"}, ShownCommune: {"97411"},
}

// never are those that no share tells but by the whole credential.
var never = []string{"the-id", "the-person", "the-meeting", "54321", "who-revoked"}

// leaks is what an answer tells of what is hidden, and what it does not tell of what is shown.
func leaks(answer any, wordsOf map[ShownField][]string, fields ShownFields) (wrong []string) {
	text := fmt.Sprintf("%+v", answer)
	for field, words := range wordsOf {
		for _, word := range words {
			if strings.Contains(text, word) != fields.Has(field) {
				wrong = append(wrong, word)
			}
		}
	}
	for _, word := range never {
		if strings.Contains(text, word) {
			wrong = append(wrong, word)
		}
	}
	if strings.Contains(text, "the-jwt") != (fields == Everything) {
		wrong = append(wrong, "the-jwt")
	}
	if _, ok := answer.(ShownAttestation); ok && strings.Contains(text, "Indian/Reunion") != (fields.Has(ShownDates) && fields.Has(ShownCommune)) {
		wrong = append(wrong, "Indian/Reunion")
	}
	return wrong
}

// Whatever is hidden is in no answer, for every choice; the control forgets to hide one field, and is found out.
func TestShowEverySubset(t *testing.T) {
	a := SharedCredential{ID: "the-id", JWT: "the-jwt", TimeZone: "Indian/Reunion"}
	for _, a.Revoked = range []Revocation{{}, {Time: time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC), PersonID: "who-revoked", Reason: "an error"}} {
		judge := Judge{Credentials: opened{claims: shownClaims}, Now: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)}
		for fields := ShownFields(0); fields <= Everything; fields += 1 << ShownName {
			got := judge.Show(a, fields)
			if wrong := leaks(got, wordsOf, fields); wrong != nil {
				t.Fatalf("%v shown: wrong are %q", fields.Fields(), wrong)
			}
			if revoked := a.Revoked.Time; got.Role != Organiser || got.Countersigned != AsRelay || (got.Reason == Revoked) != !revoked.IsZero() || got.Revoked.Time != revoked {
				t.Fatalf("%+v", got)
			}
			for field := ShownTitle; field <= ShownCommune; field++ {
				if !fields.Has(field) && leaks(judge.Show(a, fields|1<<field), wordsOf, fields) == nil {
					t.Fatalf("field %d told although hidden, and nobody noticed", field)
				}
			}
		}
	}
}

var badgeClaims = Claims{
	AttestationID: "the-id", PersonID: "the-person", Badge: BadgeClaimed{Standing{Technique, LevelMultiplier}, 2},
	Status: StatusEntry{List: 1, Index: 54321}, IssueTime: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), Issuer: "the-issuer",
}

// As with attestations: of a badge, dates are all that can be hidden, and the credential, which says them too.
func TestShowBadgeEverySubset(t *testing.T) {
	words := map[ShownField][]string{ShownDates: {"2026-11-23"}}
	b := SharedCredential{ID: "the-id", IsBadge: true, JWT: "the-jwt"}
	for _, b.Revoked = range []Revocation{{}, {Time: time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC), PersonID: "who-revoked", Reason: "an error"}} {
		judge := Judge{Credentials: opened{claims: badgeClaims}, Now: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)}
		for fields := ShownFields(0); fields <= Everything; fields += 1 << ShownName {
			got := judge.ShowBadge(b, fields)
			if wrong := leaks(got, words, fields); wrong != nil {
				t.Fatalf("%v shown: wrong are %q", fields.Fields(), wrong)
			}
			if got.Standing != badgeClaims.Badge.Standing || got.Peers != 2 || got.Issuer != "the-issuer" || got.Revoked.Reason != b.Revoked.Reason ||
				(got.Reason == Revoked) != !b.Revoked.Time.IsZero() || got.Revoked.Time != b.Revoked.Time {
				t.Fatalf("%+v", got)
			}
			if !fields.Has(ShownDates) && leaks(judge.ShowBadge(b, fields|1<<ShownDates), words, fields) == nil {
				t.Fatal("dates told although hidden, and nobody noticed")
			}
		}
	}
}

// What is not signed by us, or is put in another's place, says nothing but that.
func TestShowForged(t *testing.T) {
	for name, c := range map[string]struct {
		claims Claims
		reason InvalidReason
		row    SharedCredential
		want   InvalidReason
	}{
		"attestation, not signed":            {shownClaims, BadSignature, SharedCredential{ID: "the-id"}, BadSignature},
		"attestation, another's text":        {shownClaims, 0, SharedCredential{ID: "another"}, UnknownAttestation},
		"attestation, the text of a badge":   {badgeClaims, 0, SharedCredential{ID: "the-id"}, UnknownAttestation},
		"badge, not signed":                  {badgeClaims, BadSignature, SharedCredential{ID: "the-id", IsBadge: true}, BadSignature},
		"badge, another's text":              {badgeClaims, 0, SharedCredential{ID: "another", IsBadge: true}, UnknownAttestation},
		"badge, the text of an attestation":  {shownClaims, 0, SharedCredential{ID: "the-id", IsBadge: true}, UnknownAttestation},
		"attestation, genuine (the control)": {shownClaims, 0, SharedCredential{ID: "the-id"}, 0},
		"badge, genuine (the control)":       {badgeClaims, 0, SharedCredential{ID: "the-id", IsBadge: true}, 0},
	} {
		judge := Judge{Credentials: opened{claims: c.claims, reason: c.reason}}
		got, bare := fmt.Sprint(judge.Show(c.row, Everything)), fmt.Sprint(ShownAttestation{Reason: c.want})
		if c.row.IsBadge {
			got, bare = fmt.Sprint(judge.ShowBadge(c.row, Everything)), fmt.Sprint(ShownBadge{Reason: c.want})
		}
		if (got == bare) != (c.want != 0) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestShareServes(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		share AttestationShare
		want  bool
	}{
		"open":            {AttestationShare{ExpireTime: now.Add(1)}, true},
		"at its end":      {AttestationShare{ExpireTime: now}, false},
		"hidden":          {AttestationShare{ExpireTime: now.Add(1), HideTime: now.Add(-1)}, false},
		"past and hidden": {AttestationShare{ExpireTime: now.Add(-1), HideTime: now}, false},
	} {
		if got := c.share.Serves(now); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
