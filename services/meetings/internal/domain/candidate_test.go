package domain_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

var evening = time.Date(2026, 12, 1, 17, 0, 0, 0, time.UTC) // 18:00 in Paris

func need(tags ...string) domain.Need {
	return domain.Need{
		Meeting: domain.Meeting{ID: "m", ModuleID: "module", Start: evening, End: evening.Add(2 * time.Hour), TimeZone: "Europe/Paris"}, Tags: tags,
	}
}

func engagement(person, meeting string, hours int) domain.Booking {
	begin := evening.Add(time.Duration(hours) * time.Hour)
	return domain.Booking{Kind: domain.ResourceProfessional, ResourceID: person, MeetingID: meeting, Start: begin, End: begin.Add(2 * time.Hour)}
}

func TestRank(t *testing.T) {
	ideal := domain.Profile{PersonID: "p", InReach: true, ModuleIDs: []string{"module"}, Tags: []string{"thymio", "C++"}, Free: domain.FreeYes}
	for name, c := range map[string]struct {
		edit    func(*domain.Profile)
		engaged []domain.Booking
		score   int
		part    domain.ScoreKind
		text    string
	}{
		"ideal":                {func(*domain.Profile) {}, nil, 110, domain.ScoreSkills, "Connaît ce module. Connaît aussi : Thymio."},
		"next door":            {func(*domain.Profile) {}, nil, 110, domain.ScoreDistance, "À moins d'un kilomètre."},
		"25 km":                {func(p *domain.Profile) { p.Metres = 25_000 }, nil, 100, domain.ScoreDistance, "À 25 km."},
		"as far as it gets":    {func(p *domain.Profile) { p.Metres = 900_000 }, nil, 70, domain.ScoreDistance, "À 900 km."},
		"remote":               {func(p *domain.Profile) { p.Metres, p.InReach, p.Remote = 60_000, false, true }, nil, 70, domain.ScoreDistance, "À 60 km, plus loin que ses déplacements ; peut participer à distance."},
		"away":                 {func(p *domain.Profile) { p.Free = domain.FreeAway }, nil, 80, domain.ScoreAvailability, "En absence ce jour-là."},
		"outside of the hours": {func(p *domain.Profile) { p.Free = domain.FreeOutsideHours }, nil, 80, domain.ScoreAvailability, "En dehors de ses heures habituelles."},
		"hours unknown":        {func(p *domain.Profile) { p.Free = domain.FreeUnknown }, nil, 95, domain.ScoreAvailability, "Heures de disponibilité inconnues."},
		"another module":       {func(p *domain.Profile) { p.ModuleIDs = nil }, nil, 90, domain.ScoreSkills, "N'a pas indiqué ce module. Connaît aussi : Thymio."},
		"no tag":               {func(p *domain.Profile) { p.Tags = nil }, nil, 100, domain.ScoreSkills, "Connaît ce module. N'a pas indiqué : Thymio."},
		"one meeting more":     {func(*domain.Profile) {}, []domain.Booking{engagement("p", "o", 48)}, 108, domain.ScoreLoad, "Une autre rencontre dans les 30 jours autour."},
		"at the limit":         {func(p *domain.Profile) { p.MonthlyLimit = 1 }, []domain.Booking{engagement("p", "o", 48)}, 70, domain.ScoreLoad, "Une autre rencontre dans les 30 jours autour. C'est déjà sa limite de 1."},
		"someone else's":       {func(*domain.Profile) {}, []domain.Booking{engagement("q", "o", 0)}, 110, domain.ScoreConflict, "Pas d'autre engagement à ce moment."},
		"this very meeting's":  {func(*domain.Profile) {}, []domain.Booking{engagement("p", "m", 0)}, 110, domain.ScoreLoad, "Aucune autre rencontre dans les 30 jours autour."},
		"right after":          {func(*domain.Profile) {}, []domain.Booking{engagement("p", "o", 2)}, 108, domain.ScoreConflict, "Pas d'autre engagement à ce moment."},
		"at the same time":     {func(*domain.Profile) {}, []domain.Booking{engagement("p", "o", 1)}, 8, domain.ScoreConflict, "En engagement ailleurs du 01/12/2026 à 19:00 au 01/12/2026 à 21:00."},
	} {
		p := ideal
		c.edit(&p)
		got := domain.Rank(need("Thymio"), []domain.Profile{p}, c.engaged)[0]
		part := got.Parts[c.part-1]
		if got.Score != c.score || part.Kind != c.part || part.FR != c.text || part.EN == "" {
			t.Errorf("%s: %d, %+v; want %d, %q", name, got.Score, got.Parts, c.score, c.text)
		}
	}
}

// profiles draws some professionals.
func profiles() *rapid.Generator[domain.Profile] {
	return rapid.Custom(func(t *rapid.T) domain.Profile {
		return domain.Profile{
			PersonID: rapid.StringMatching("[a-e]").Draw(t, "person"), Metres: rapid.IntRange(0, 300_000).Draw(t, "metres"),
			InReach: rapid.Bool().Draw(t, "in reach"), Remote: rapid.Bool().Draw(t, "remote"),
			ModuleIDs: rapid.SliceOf(rapid.SampledFrom([]string{"module", "other"})).Draw(t, "modules"),
			Tags:      rapid.SliceOf(rapid.SampledFrom([]string{"a", "B", "é", "x"})).Draw(t, "tags"),
			Free:      domain.Free(rapid.IntRange(1, 4).Draw(t, "free")), MonthlyLimit: rapid.IntRange(0, 5).Draw(t, "limit"),
		}
	})
}

func engagements() *rapid.Generator[[]domain.Booking] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) domain.Booking {
		return engagement(rapid.StringMatching("[a-e]").Draw(t, "person"), rapid.SampledFrom([]string{"m", "o"}).Draw(t, "meeting"), rapid.IntRange(-300, 300).Draw(t, "hours"))
	}), 0, 8)
}

// What makes a professional fitter never lowers the score; what keeps them busier never raises it.
func TestRankIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := need(rapid.SliceOfDistinct(rapid.SampledFrom([]string{"A", "b", "É", "y"}), func(s string) string { return s }).Draw(t, "wanted")...)
		p, busy := profiles().Draw(t, "profile"), engagements().Draw(t, "engagements")
		score := func(p domain.Profile, busy []domain.Booking) int {
			return domain.Rank(n, []domain.Profile{p}, busy)[0].Score
		}
		before := score(p, busy)
		for what, edit := range map[string]func(*domain.Profile){
			"nearer":   func(p *domain.Profile) { p.Metres -= rapid.IntRange(0, p.Metres).Draw(t, "nearer") },
			"in reach": func(p *domain.Profile) { p.InReach = true },
			"a module": func(p *domain.Profile) { p.ModuleIDs = append(slices.Clone(p.ModuleIDs), "module") },
			"a tag": func(p *domain.Profile) {
				p.Tags = append(slices.Clone(p.Tags), rapid.SampledFrom(append(n.Tags, "z")).Draw(t, "tag"))
			},
			"free":     func(p *domain.Profile) { p.Free = domain.FreeYes },
			"no limit": func(p *domain.Profile) { p.MonthlyLimit = 0 },
		} {
			better := p
			edit(&better)
			if after := score(better, busy); after < before {
				t.Fatalf("%s: from %d to %d", what, before, after)
			}
		}
		more := append(slices.Clone(busy), engagement(p.PersonID, "another", rapid.IntRange(-300, 300).Draw(t, "hours")))
		if after := score(p, more); after > before {
			t.Fatalf("busier: from %d to %d", before, after)
		}
	})
}

// The order depends on nothing but what is ranked, and each score is the sum of its explained parts.
func TestRankIsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfNDistinct(profiles(), 0, 5, func(p domain.Profile) string { return p.PersonID }).Draw(t, "profiles")
		busy := engagements().Draw(t, "engagements")
		ranked := domain.Rank(need("a"), all, busy)
		shuffled := rapid.Permutation(all).Draw(t, "order")
		if again := domain.Rank(need("a"), shuffled, busy); !reflect.DeepEqual(ranked, again) {
			t.Fatalf("%+v\n%+v", ranked, again)
		}
		for i, c := range ranked {
			sum, kinds := 0, ""
			for _, p := range c.Parts {
				sum, kinds = sum+p.Points, kinds+fmt.Sprint(p.Kind)
				if !strings.HasSuffix(p.FR, ".") || !strings.HasSuffix(p.EN, ".") {
					t.Fatalf("no sentence: %+v", p)
				}
			}
			if sum != c.Score || kinds != "12345" || i > 0 && (ranked[i-1].Score < c.Score || ranked[i-1].Score == c.Score && ranked[i-1].PersonID >= c.PersonID) {
				t.Fatalf("%d: %+v after %+v", sum, c, ranked[max(0, i-1)])
			}
		}
	})
}
