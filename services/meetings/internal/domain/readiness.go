package domain

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/classcode/maillage/pkg/errs"
)

// ReadinessReads finds what makes a meeting ready.
type ReadinessReads interface {
	RequirementReads
	ChecklistReads
	ReferentReads
	ProblemReads
	ProblemRouteReads
	IncidentReads
	ThresholdReads
	// Above is what stands above a commune, itself included, as it was kept when something was planned there.
	Above(ctx context.Context, commune string) ([]string, error)
}

// ReadinessWrites changes what makes a meeting ready.
type ReadinessWrites interface {
	RequirementWrites
	ChecklistWrites
	ReferentWrites
	ProblemWrites
	ProblemRouteWrites
	IncidentWrites
	ThresholdWrites
}

// Rules are what holds where nobody has asked for anything else.
type Rules struct {
	Version      int
	Requirements []Requirement
	Thresholds   []Threshold
	Route        ProblemRoute
}

//go:embed readiness.json
var rulesFile []byte

// DefaultRules are the rules that ship with the program.
var DefaultRules = sync.OnceValue(func() Rules {
	rules, err := readRules(rulesFile)
	if err != nil {
		panic(fmt.Sprintf("readiness.json: %v", err)) // it is part of the program
	}
	return rules
})

type rulesText struct {
	Version      int
	Requirements []struct {
		Types                    []string
		Code, Domain, By, FR, EN string
		Required                 bool
		DueHours                 int
	}
	Thresholds []struct {
		Measure, Recommendation string
		Limit, Hours            int
	}
	Route struct {
		Charge        string
		PromisedHours int
	}
}

func readRules(file []byte) (Rules, error) {
	var text rulesText
	if err := json.Unmarshal(file, &text); err != nil {
		return Rules{}, err
	}
	rules := Rules{Version: text.Version, Route: ProblemRoute{
		Territory: country, Charge: Charge(number(chargeNames, text.Route.Charge)), Promised: hours(text.Route.PromisedHours), Version: text.Version,
	}}
	for _, r := range text.Requirements {
		for _, name := range r.Types {
			rules.Requirements = append(rules.Requirements, Requirement{
				Type: MeetingType(number(typeNames, name)), Code: r.Code, Domain: RequirementDomain(number(domainNames, r.Domain)),
				FR: r.FR, EN: r.EN, Required: r.Required, DueBefore: hours(r.DueHours), CheckedBy: Charge(number(chargeNames, r.By)), Version: text.Version,
			})
		}
	}
	for _, t := range text.Thresholds {
		for kind := InPersonMeeting; kind <= HybridMeeting; kind++ {
			rules.Thresholds = append(rules.Thresholds, Threshold{
				Type: kind, Measure: Measure(number(measureNames, t.Measure)), Limit: t.Limit, Before: hours(t.Hours),
				Recommendation: Recommendation(number(recommendationNames, t.Recommendation)), Version: text.Version,
			})
		}
	}
	return rules, nil
}

// The names of the contract, without their prefixes, at the numbers of the contract.
var (
	typeNames           = []string{"", "IN_PERSON", "REMOTE", "HYBRID"}
	domainNames         = []string{"", "PEOPLE", "EQUIPMENT", "NETWORK", "ROOM"}
	chargeNames         = []string{"", "ORGANISER", "REFERENT", "RELAY", "COORDINATOR", "PERSON"}
	measureNames        = []string{"", "REGISTRATIONS", "REQUIRED_MISSING", "SEVERE_PROBLEMS", "INCIDENTS"}
	recommendationNames = []string{"", "WARN", "POSTPONE"}
)

func number(names []string, name string) int { return max(0, slices.Index(names, name)) }

func hours(n int) time.Duration { return time.Duration(n) * time.Hour }

// country stands above every territory.
const country = "FR"

// The grids' kinds, from the smallest: a commune has no prefix. A territory lies in one of each at most.
var kinds = []string{"BAS-", "DEP-", "ACA-", "RAC-", "REG-", country}

// rank is lower for what is nearer to a commune; the defaults, which have no territory, come last.
func rank(territory string) int {
	if territory == "" {
		return len(kinds) + 1
	}
	return 1 + slices.IndexFunc(kinds, func(prefix string) bool { return strings.HasPrefix(territory, prefix) })
}

// nearest keeps, of the rules with the same key, the one whose territory is the nearest.
func nearest[T any, K comparable](rules []T, key func(T) K, territory func(T) string) []T {
	best := map[K]T{}
	for _, r := range rules {
		known, ok := best[key(r)]
		if !ok || cmp.Or(rank(territory(r))-rank(territory(known)), strings.Compare(territory(r), territory(known))) < 0 {
			best[key(r)] = r
		}
	}
	out := make([]T, 0, len(best))
	for _, r := range best {
		out = append(out, r)
	}
	return out
}

// written is what a person wrote, without the white space around it; it refuses a text in which there is nothing to see.
func written(text, path string) (string, error) {
	text = strings.TrimSpace(text)
	if strings.IndexFunc(text, visible) < 0 {
		return "", errs.ErrRequired.At(path)
	}
	return text, nil
}

func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r)
}
