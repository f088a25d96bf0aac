package refdata

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	uuidV5    = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	kindNames = regexp.MustCompile(`^[A-Z][A-Z_]+$`)
)

func TestPlaces(t *testing.T) {
	communes, seen := communesByCode(t), map[string]bool{}
	for _, p := range must(t, Places) {
		if _, known := communes[p.Commune]; !known {
			t.Errorf("place %s: commune %q does not exist", p.SourceID, p.Commune)
		}
		if !uuidV5.MatchString(p.ID) || seen[p.ID] || seen["source "+p.SourceID] {
			t.Errorf("place %s: id %q is not a UUID, or not unique", p.SourceID, p.ID)
		}
		seen[p.ID], seen["source "+p.SourceID] = true, true
		if p.Name == "" || p.Name != strings.Join(strings.Fields(p.Name), " ") {
			t.Errorf("place %s: name %q", p.SourceID, p.Name)
		}
		if p.Lat < 41.3 || p.Lat > 51.2 || p.Lon < -5.3 || p.Lon > 9.7 {
			t.Errorf("place %s is at %v %v", p.SourceID, p.Lat, p.Lon)
		}
		if len(p.Kinds) == 0 || slices.ContainsFunc(p.Kinds, func(k string) bool { return !kindNames.MatchString(k) }) {
			t.Errorf("place %s: kinds %v", p.SourceID, p.Kinds)
		}
	}
	for _, r := range must(t, RejectedPlaces) {
		if !kindNames.MatchString(r.ReasonCode) || r.Reason == "" || seen["source "+r.SourceID] {
			t.Errorf("rejected place %+v has no reason, or is also kept", r)
		}
	}
}

func TestPlacesHoldNoPersonalContact(t *testing.T) {
	contacts := regexp.MustCompile(`[\w.+-]+@[\w-]+\.[a-z]{2,}|(?:\+33 ?|\b0)[1-9](?:[ .-]?\d{2}){4}\b`)
	for _, sample := range []string{"contact@example.fr", "+33479613068", "04 79 61 30 68"} {
		if !contacts.MatchString(sample) {
			t.Fatalf("the pattern misses %q", sample)
		}
	}
	for _, name := range []string{"places.csv", "places_rejected.csv"} {
		content, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := contacts.FindAll(content, -1); found != nil {
			t.Errorf("%s holds %q", name, found)
		}
	}
}
