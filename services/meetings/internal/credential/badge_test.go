package credential

import (
	"strings"
	"testing"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

func badgeOf(category domain.BadgeCategory, level domain.BadgeLevel, peers int) domain.Claims {
	return domain.Claims{
		AttestationID: claims.AttestationID, PersonID: claims.PersonID, Status: claims.Status, IssueTime: claims.IssueTime, Issuer: claims.Issuer,
		Badge: domain.BadgeClaimed{Standing: domain.Standing{Category: category, Level: level}, Peers: peers},
	}
}

// Every category and level is read back in both forms, and says in French what it asks for.
func TestBadges(t *testing.T) {
	s := signer(t)
	for category := domain.Pedagogy; category <= domain.Technique; category++ {
		for level := domain.LevelParticipant; level <= domain.LevelReferent; level++ {
			want := badgeOf(category, level, 2*int(level-domain.LevelParticipant))
			both, err := s.Sign(want)
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range []string{both.JWT, both.JSON} {
				if got, reason := s.Open(text, []domain.Key{s.Key()}, issuers); reason != 0 || got != want {
					t.Errorf("reason %d, read %+v; want %+v", reason, got, want)
				}
			}
			if strings.Contains(both.JSON, `"meeting"`) || strings.Contains(both.JSON, `"role"`) || !strings.Contains(both.JSON, `"type":["Evidence"]`) {
				t.Error(both.JSON)
			}
		}
	}
}

// What is neither an attestation nor a badge of ours, or is changed, is refused in both forms.
func TestBadgesRefused(t *testing.T) {
	s := signer(t)
	both, err := s.Sign(badgeOf(domain.Pedagogy, domain.LevelContributor, 1))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		from, to string
		want     domain.InvalidReason
	}{
		"another level":     {badgeURN + "PEDAGOGY:2", badgeURN + "PEDAGOGY:3", domain.BadSignature},
		"no such level":     {badgeURN + "PEDAGOGY:2", badgeURN + "PEDAGOGY:5", domain.Malformed},
		"no such category":  {badgeURN + "PEDAGOGY:2", badgeURN + "MAGIC:2", domain.Malformed},
		"more peers":        {`"narrative":"1 personne`, `"narrative":"9 personne`, domain.BadSignature},
		"with a role":       {`"type":["AchievementSubject"]`, `"type":["AchievementSubject"],"role":"LEARNER"`, domain.Malformed},
		"without evidence":  {`"evidence"`, `"evidenced"`, domain.Malformed},
		"of somebody else":  {claims.PersonID, claims.MeetingID, domain.BadSignature},
		"as it was (valid)": {"", "", 0},
	} {
		changed := strings.Replace(both.JSON, c.from, c.to, 1)
		if name != "as it was (valid)" && changed == both.JSON {
			t.Fatalf("%s: nothing was changed in %s", name, both.JSON)
		}
		if _, reason := s.Open(changed, []domain.Key{s.Key()}, issuers); reason != c.want {
			t.Errorf("%s: reason %d; want %d", name, reason, c.want)
		}
	}
}
